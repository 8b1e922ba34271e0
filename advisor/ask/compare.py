"""Two or more places or levels side by side, from their funding records; the arithmetic is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from advisor.ask.from_records import fitting, funding_rows, funding_statement, money, nearest
from advisor.ask.lexicon import Lexicon
from advisor.ask.plan import asks_for_money
from advisor.generation import Generation
from advisor.model import Document, Hit, Query, Statement
from advisor.records import Funding
from advisor.wording import say


def statements(query: Query, hits: Sequence[Hit], generation: Generation, lexicon: Lexicon) -> list[Statement]:
    """One record statement a side, led by a derived statement where two caps can be compared; else fewer than two."""
    sides = _sides(query, hits, generation, lexicon)
    if len(sides) < 2 or not asks_for_money(query):
        return []
    worded = [(row, d, funding_statement(row, d, generation, query.language)) for d, row in sides]
    shown = [(row, d, s) for row, d, s in worded if s]
    if len(shown) < 2:
        return []
    rows = [s for _, _, s in shown]
    derived = _derived(shown[0], shown[1], query, lexicon) if len(shown) == 2 else None
    return [derived, *rows] if derived else rows


def _sides(
    query: Query, hits: Sequence[Hit], generation: Generation, lexicon: Lexicon
) -> list[tuple[Document, Funding]]:
    """For each place asked, its best document's row; for one place and several levels, a row a level."""
    ranked = [generation.documents[i] for i in dict.fromkeys(h.passage.document for h in hits)]
    paying = [d for d in ranked if funding_rows(d)]
    if len(query.places) > 1:
        found = []
        for place in query.places:
            document = next(
                (d for d in paying if d.jurisdiction and lexicon.places.covers(place, d.jurisdiction)), None
            )
            document = document or _any_paying(place, generation, lexicon)
            rows = fitting(funding_rows(document), query) if document else []
            if document and rows:
                found.append((document, nearest(rows, query)))
        return found
    if len(query.levels) > 1 and paying:
        by_level = [(lv, fitting(funding_rows(paying[0]), replace(query, levels=(lv,)))) for lv in query.levels]
        return [(paying[0], rows[0]) for _, rows in by_level if rows]
    return []


def _any_paying(place: str, generation: Generation, lexicon: Lexicon) -> Document | None:
    return next(
        (
            d
            for d in generation.documents.values()
            if d.jurisdiction and lexicon.places.covers(place, d.jurisdiction) and funding_rows(d)
        ),
        None,
    )


def _derived(
    one: tuple[Funding, Document, Statement],
    two: tuple[Funding, Document, Statement],
    query: Query,
    lexicon: Lexicon,
) -> Statement | None:
    """Which cap is higher, and up to which spending the higher share pays more: cap of one ÷ share of the other."""
    (a, da, sa), (b, db, sb) = one, two
    if not (a.cap and b.cap) or a.currency != b.currency or a.cap.highest == b.cap.highest:
        return None
    if a.cap.highest < b.cap.highest:
        (a, da, sa), (b, db, sb) = (b, db, sb), (a, da, sa)
    if not (a.cap and b.cap):
        return None
    language = query.language

    def name(document: Document, row: Funding) -> str:
        if da.id == db.id and row.level is not None:
            return say(
                "record.level", language, level="一二三四五六七八九"[row.level - 1] if language == "zh" else row.level
            )
        return lexicon.places.name(document.jurisdiction or "").get(language)

    high, low = money(a.cap.highest, a.currency, language), money(b.cap.highest, b.currency, language)
    text = say("compare.cap", language, a=name(da, a), b=name(db, b), high=high, low=low)
    formula = f"{high} > {low}"
    if a.rate and b.rate and a.rate.value and b.rate.value and b.rate.value > a.rate.value:
        crossing = b.cap.highest / a.rate.value
        text += say("compare.crossing", language, a=name(da, a), b=name(db, b), at=money(round(crossing, -3), a.currency, language),
                    high=f"{b.rate.value * 100:g}", low=f"{a.rate.value * 100:g}")  # fmt: skip
        formula += f"; {low} ÷ {a.rate.value * 100:g} % ≈ {money(round(crossing, -3), a.currency, language)}"
    return Statement(text, "derived", (*sa.citations, *sb.citations), formula)
