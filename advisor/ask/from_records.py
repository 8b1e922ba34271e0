"""Statements worded from records: the field, and the sentence of our text that carries it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from advisor.ask.circumstances import told_of_the_firm
from advisor.generation import Generation
from advisor.model import Citation, Document, Language, Passage, Query, Statement
from advisor.records import Condition, Figure, Funding, Indicator, Words, records_of
from advisor.text import tokens
from advisor.wording import say

Outcome = bool | None  # meets · does not meet · cannot tell


def cite(words: Words, document: Document, generation: Generation, language: Language) -> Citation | None:
    """The citation of a `said` sentence in the asked language, or in the other where that version is missing."""
    other: Language = "en" if language == "zh" else "zh"
    for chosen in (language, other):
        text = document.texts.get(chosen)
        quote = words.get(chosen)
        start = text.find(quote) if text else -1
        if start >= 0:
            passage = _holding(generation.by_document.get((document.id, chosen), ()), start)
            if passage:
                return Citation(document.id, chosen, passage.id, quote, start, start + len(quote), passage.at)
    return None


def _holding(passages: Sequence[Passage], start: int) -> Passage | None:
    return next((p for p in passages if p.start <= start < p.end), None)


# --- figures in words ---------------------------------------------------------------------------


def money(value: float, currency: str | None, language: Language) -> str:
    """250000 CNY → 25万元 · 250,000 yuan; other currencies by code in English, by name in Chinese."""
    if language == "zh":
        number = f"{value / 1e8:g}亿" if value >= 1e8 else f"{value / 1e4:g}万" if value >= 1e4 else f"{value:,g}"
        return number + _ZH_CURRENCY.get(currency or "CNY", currency or "")
    number = f"{value / 1e6:,.12g} million" if value >= 1e6 else f"{value:,.12g}"
    return f"{number} yuan" if currency in (None, "CNY") else f"{currency} {number}"


_ZH_CURRENCY = {
    "CNY": "元", "EUR": "欧元", "USD": "美元", "GBP": "英镑", "SGD": "新加坡元", "HKD": "港元", "MOP": "澳门元", "JPY": "日元",
    "KRW": "韩元", "MYR": "令吉",
}  # fmt: skip


def share(figure: Figure, language: Language) -> str:
    gap = "" if language == "zh" else " "
    if figure.value is not None:
        return f"{figure.value * 100:.4g}{gap}%"
    if figure.min is None or figure.max is None:
        only = figure.max if figure.min is None else figure.min
        return say(
            "record.up_to" if figure.min is None else "record.at_least",
            language,
            share=f"{(only or 0) * 100:.4g}{gap}%",
        )
    low, high = figure.min * 100, figure.max * 100
    return f"{low:.4g}{gap}%—{high:.4g}%" if language == "zh" else f"{low:.4g} % to {high:.4g} %"


# --- choosing rows ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What we know of the firm from question and profile, for the conditions of a record."""

    level: int | None = None
    employees: int | None = None
    revenue: float | None = None

    @classmethod
    def of(cls, query: Query) -> Facts:
        firm = told_of_the_firm(query)
        people = firm.get("people")
        level = query.levels[0] if query.levels else query.profile.level
        sold = firm.get("turnover")
        return cls(level, int(people.value) if people else None, sold.value if sold else None)


def holds(condition: Condition, facts: Facts) -> Outcome:
    """Whether a clause is met; None where the fact is unknown or only the authority can tell."""
    known: Mapping[str, float | int | None] = {
        "level": facts.level,
        "employees": facts.employees,
        "revenue": facts.revenue,
    }
    have = known.get(condition.field)
    if have is None or not isinstance(condition.value, int | float):
        return None
    want = float(condition.value)
    return {
        "eq": have == want, "ne": have != want, "lt": have < want, "le": have <= want, "gt": have > want, "ge": have >= want, "in": have == want,
    }[condition.op]  # fmt: skip


def fitting(rows: Sequence[Funding], query: Query) -> list[Funding]:
    """Rows that no known fact rules out; with a level asked, the rows of that level where there are any, else those
    without a level, else those of the highest level below it."""
    facts = Facts.of(query)
    rows = current([r for r in rows if r.rate or r.cap or r.amount], query.as_of)
    if facts.level is not None:
        exact = [r for r in rows if r.level == facts.level]
        below = [r.level for r in rows if r.level is not None and r.level < facts.level]
        reached = [r for r in rows if below and r.level == max(below)]  # who is at level 3 has reached level 2
        rows = exact or [r for r in rows if r.level is None] or reached
    kept = [r for r in rows if all(holds(c, facts) is not False for c in r.conditions if c.field != "level")]
    return _nearest_segment(kept, query)


def current(rows: Sequence[Funding], as_of: date) -> list[Funding]:
    """Rows that are open, where any is; rows whose window is over only where nothing else is held."""
    live = [r for r in rows if not (r.window and r.window.to and r.window.to < as_of) and r.status != "closed"]
    opened = [r for r in live if r.status == "open"]
    recent = [r for r in live if not (r.window and r.window.from_ and r.window.from_.year < as_of.year - 3)]
    return opened or recent or (list(rows) if not live else [])


def overlap(row: Funding, query: Query) -> int:
    """How many of the question's words name this row's segment, scheme or cost."""
    words = " ".join(w.get(query.language) for w in (row.segment, row.scheme, row.eligible_cost) if w)
    return len(set(tokens(query.text)) & set(tokens(words)))


def nearest(rows: Sequence[Funding], query: Query) -> Funding:
    """The row that the question's words fit best; the first of equals."""
    return max(rows, key=lambda r: overlap(r, query))


def _nearest_segment(rows: list[Funding], query: Query) -> list[Funding]:
    """Where the question's own words pick one segment or scheme out, only that one."""
    if len(rows) < 2:
        return rows
    scores = [overlap(r, query) for r in rows]
    best = max(scores)
    distinct = [r for r, s in zip(rows, scores, strict=True) if s == best]
    return distinct if best > min(scores) + 1 else rows


# --- wording ------------------------------------------------------------------------------------


def funding_statement(
    row: Funding, document: Document, generation: Generation, language: Language, short: bool = False
) -> Statement | None:
    """One row as one sentence: at most so much, at such a share; None where its sentences cannot be cited."""
    parts = []
    said = []
    if row.rate:
        named = row.eligible_cost.get(language) if row.eligible_cost else ""
        cost = named if _IS_A_SUM.search(named) and len(named) < 40 else say("record.cost", language)
        key = "record.rate" if row.instrument in ("grant", "reward", "voucher") else "record.rate_of"
        parts.append(say(key, language, rate=told_rate(row.rate, language), cost=cost))
        said.append(row.rate.said)
    if row.cap:
        parts.append(say("record.cap", language, cap=_range(row.cap, row.currency, language)))
        said.append(row.cap.said)
    if row.amount:
        parts.append(say("record.amount", language, amount=_range(row.amount, row.currency, language)))
        said.append(row.amount.said)
    citations = [c for c in (cite(w, document, generation, language) for w in dict.fromkeys(said)) if c]
    if not parts or len(citations) < len(set(said)):
        return None
    label = _label(row, language, short)
    text = say("record.funding", language, label=label, parts=say("record.comma", language).join(parts))
    return Statement(text, "record", tuple(citations))


_UP_TO = re.compile(
    r"(?:不超过|不高于|最高|至多|最多|\bup to|\bat most|\bno more than|\bmaximum(?: of)?)[^\d，。；;]{0,24}(\d[\d.]*) ?%"
)


def told_rate(rate: Figure, language: Language) -> str:
    """The share; "up to" also where only its sentence says so."""
    told = share(rate, language)
    limits = {float(m.rstrip(".")) for m in _UP_TO.findall(rate.said.get(language))}
    if rate.value is not None and round(rate.value * 100, 4) in limits:
        return say("record.up_to", language, share=told)
    return told


# A list of things bought is no sum that a share could be of.
_IS_A_SUM = re.compile(
    r"支出|投入|投资|费用|金额|总额|本金|利息|开支|interest|spending|cost|investment|expenditure|price|invoice|fee",
    re.I,
)


def _range(figure: Figure, currency: str | None, language: Language) -> str:
    currency = figure.currency or currency
    if figure.value is not None:
        return money(figure.value, currency, language)
    return say(
        "record.range",
        language,
        low=money(figure.min or 0, currency, language),
        high=money(figure.max or 0, currency, language),
    )


def _label(row: Funding, language: Language, short: bool) -> str:
    details = []
    if row.level is not None:
        details.append(
            say("record.level", language, level="一二三四五六七八九"[row.level - 1] if language == "zh" else row.level)
        )
    if row.segment:
        details.append(row.segment.get(language))
    scheme = row.scheme.get(language)
    if short:
        return say("record.comma", language).join(details) or scheme
    return (
        say("record.label", language, scheme=scheme, details=say("record.comma", language).join(details))
        if details
        else scheme
    )


def funding_rows(document: Document) -> tuple[Funding, ...]:
    return records_of(document).funding


# --- levels of an assessment ------------------------------------------------------------------------

_SCORE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:分(?![之析类级钟])|points?\b)", re.I)
_WHICH_LEVEL = re.compile(
    r"几级|哪一?级|(?:哪个|什么|啥)(?:等级|级别|水平|档)|\bwhich (?:level|one|tier|grade)\b|\bwhat level\b", re.I
)


def score_told(text: str) -> float | None:
    """The score of somebody who asks which level it makes.

    >>> score_told("自测得了58分，算几级？")
    58.0
    >>> score_told("二级要40分吗？")
    """
    found = _SCORE.search(text)
    return float(found[1]) if found and _WHICH_LEVEL.search(text) else None


def level_reached(score: float, rows: Sequence[Indicator]) -> int | None:
    """The highest level whose lowest score this is or exceeds."""
    reached = [r.level for r in rows if r.level and r.points and r.points.value and r.points.value <= score]
    return max(reached, default=None)
