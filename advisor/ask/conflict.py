"""Two current documents that give different figures for the same thing are shown side by side, never averaged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from advisor.ask.compare import class_of
from advisor.ask.features import is_not_known
from advisor.ask.from_records import current, funding_rows, funding_statement
from advisor.ask.ground import PLACE_BOUND, Ground
from advisor.ask.locate import cite
from advisor.ask.sentences import words_of
from advisor.model import Answer, Document, Hit, Query, Statement
from advisor.records import Figure, Funding
from advisor.text import fold, quantities, sentences
from advisor.wording import say

_SAME_THING = 0.6  # share of their words, figures aside, in which two sentences must agree
_COUNTED = ("money", "percent")


def with_conflict(ground: Ground, query: Query, hits: Sequence[Hit], answer: Answer) -> Answer:
    """The answer; where another document in force says otherwise of its first figure, that too, and that they differ."""
    if answer.status not in ("answered", "partial") or query.plan.type == "comparison":
        return answer
    first = next((s for s in answer.statements if s.citations), None)
    if first is None or first.kind not in ("record", "quoted"):
        return answer
    home = ground.generation.documents[first.citations[0].document]
    if home.kind not in PLACE_BOUND or not _current(home, query):
        return answer
    other = _other_row(ground, query, home, first) or _other_sentence(ground, query, hits, home, first)
    if other is None:
        return answer
    there = ground.generation.documents[other.citations[0].document]
    names = {"a": _named(home, query), "b": _named(there, query)}
    notice = Statement(say("conflict.differ", query.language, **names), "notice")
    said = {c.quote for c in other.citations}
    at = answer.statements.index(first)
    rest = [s for s in answer.statements[at + 1 :] if not s.citations or {c.quote for c in s.citations} - said]
    return replace(answer, statements=(*answer.statements[:at], first, other, notice, *rest))


def _current(document: Document, query: Query) -> bool:
    return document.validity(query.as_of) in ("in_force", "unknown")


def _named(document: Document, query: Query) -> str:
    title = document.title.get(query.language)
    return say("conflict.named", query.language, title=title, date=document.issued or "—")


def _rivals(ground: Ground, query: Query, home: Document) -> list[Document]:
    """Other current rules of the same place and for the same trades."""
    return [
        d
        for d in ground.generation.documents.values()
        if d.id != home.id
        and d.kind in PLACE_BOUND
        and d.jurisdiction == home.jurisdiction
        and set(d.industries) == set(home.industries)
        and _current(d, query)
        and d.id not in (*home.supersedes, home.superseded_by)
    ]


# --- records ------------------------------------------------------------------------------------


def _other_row(ground: Ground, query: Query, home: Document, first: Statement) -> Statement | None:
    """A row of the same scheme, level, class and segment with another rate, cap or amount."""
    rows = [r for r in funding_rows(home) if _states(r, first)]
    for document in _rivals(ground, query, home) if rows else ():
        for row in current(funding_rows(document), query.as_of):
            if any(_same_scheme(row, r) and _differ(row, r) for r in rows):
                return funding_statement(row, document, ground.generation, query.language)
    return None


def _states(row: Funding, statement: Statement) -> bool:
    quotes = {c.quote for c in statement.citations}
    said = [f.said for f in (row.rate, row.cap, row.amount) if f]
    return any(words.zh in quotes or words.en in quotes for words in said)


def _same_scheme(one: Funding, two: Funding) -> bool:
    def plain(row: Funding) -> tuple[str, ...]:
        words = (row.scheme.zh, row.segment.zh if row.segment else "")
        return tuple(re.sub(r"[（(].*?[）)]|20\d\d年?版?|\s", "", fold(w)) for w in words)

    return plain(one) == plain(two) and one.level == two.level and class_of(one) == class_of(two)


def _differ(one: Funding, two: Funding) -> bool:
    def apart(a: Figure | None, b: Figure | None) -> bool:
        return bool(a and b) and (a.value, a.min, a.max) != (b.value, b.min, b.max) if a and b else False

    return one.currency == two.currency and (
        apart(one.rate, two.rate) or apart(one.cap, two.cap) or apart(one.amount, two.amount)
    )


# --- sentences ----------------------------------------------------------------------------------


def _other_sentence(
    ground: Ground, query: Query, hits: Sequence[Hit], home: Document, first: Statement
) -> Statement | None:
    """A sentence of a rival that says the same with other sums or shares, of the same level and years."""
    quote = next((c.quote for c in first.citations if _figures(c.quote)), None)
    if quote is None:
        return None
    found = {h.passage.document for h in hits}
    for document in (d for d in _rivals(ground, query, home) if d.id in found):
        for passage in ground.generation.by_document.get((document.id, query.language), ()):
            for start, end in sentences(passage.text) if not is_not_known(passage) else ():
                if _contradict(quote, passage.text[start:end]):
                    return Statement(passage.text[start:end], "quoted", (cite(passage, start, end),))
    return None


def _figures(text: str) -> frozenset[tuple[str, object]]:
    return frozenset((q.kind, q.value) for q in quantities(fold(text)) if q.kind in _COUNTED)


def _frame(text: str) -> frozenset[tuple[str, object]]:
    """Levels and counts in which two statements must agree to be of the same thing."""
    return frozenset((q.kind, q.value) for q in quantities(fold(text)) if q.kind not in (*_COUNTED, "date"))


def _contradict(one: str, two: str) -> bool:
    a, b = _figures(one), _figures(two)
    if not a or not b or a & b or {k for k, _ in a} != {k for k, _ in b} or _frame(one) != _frame(two):
        return False
    x, y = (words_of(re.sub(r"20\d\d ?年?版?|\d[\d.,]*", " ", fold(t))) for t in (one, two))
    return len(x & y) / (len(x | y) or 1) >= _SAME_THING
