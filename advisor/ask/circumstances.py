"""What the asker tells of the firm (its people, turnover, points), beside the limits that a sentence sets to firms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from advisor.ask.figures import figures
from advisor.model import Query
from advisor.text import Quantity, chinese_number, fold, quantities

Measure = Literal["people", "turnover", "points"]
_PEOPLE = re.compile(
    r"\s*(?:多|来|余)?\s*(?:个|名|号|位)?(?:人(?!次|民|均)|员工|职工|工人)|[\s-]*(?:staff?\b|emplo[a-z]+|peop[a-z]+|ppl\b|workers?|persons?|heads?|man\b|men\b|strong\b|of us\b)|\s*名"
)
# People as they are counted aloud: 六十来号人.
_ALOUD = re.compile(
    r"([一二两三四五六七八九十百千]+)(?:多|来|余|几)*(?:个|名|号|位|口子?)?(?=人(?!次|民|均)|员工|职工|工人|师傅)"
)
_POINTS = re.compile(r"\s*(?:分(?![之析类级钟别厂公成行布配店])|points?\b(?! ?of))")
_TEAM = re.compile(r"\b(?:shop|office|firm|team|company|business|staff|crew) of $")
_TURNOVER = re.compile(
    r"营业收入|营业额|营收|年收入|产值|销售额|年销|(?:去年|一年|每年|年)[^，,。]{0,3}(?:卖|做)了?|turnover|revenue|sales\b|\boutput\b|"
    r"\bwe(?:'ve)? (?:do|did|done|make|made|sell|sold|turn(?:ed)? over|take in|took in)\b"
)
_CEILING = re.compile(
    r"(?:不足|不超过|不多于|不高于|未超过|少于|低于|小于|至多|最多|fewer than|less than|under|below|up to|at most|(?:no|not) more than|not exceed\w*)\D{0,8}$"
)
_FLOOR = re.compile(
    r"(?:超过|高于|大于|多于|至少|不少于|不低于|more than|over|above|at least|exceed\w*|(?:no|not) (?:less|fewer) than)\D{0,8}$"
)
_CEILING_AFTER = re.compile(r"^\D{0,6}(?:以下|以内|or (?:fewer|less|under)|and under)")
_FLOOR_AFTER = re.compile(r"^\D{0,6}(?:以上|起|or (?:more|over|above)|and (?:above|over))")
_TO = re.compile(r"\s*(?:-|–|~|至|到|to)\s*([\d,]+)")  # after the first number of a range
_FROM = re.compile(r"\d\s*(?:-|–|~|至|到|to)\s*$")  # before its second
_AND_UP_TO = re.compile(
    r"(?:\s*[人元]?\s*以上)?\s*[、，,]?\s*(?:and|but)?\s*(?:up to|at most|(?:not|no) more than|不超过|未达)\s*(?:[a-z]{3} )?",
    re.I,
)  # between the two numbers of a range told at length
_SOLD = re.compile(r"卖[了到]?$|\b(?:sells?|sold)\b[^.?!;]{0,40}$")
_ROUGHLY = re.compile(r"(?<=[\d一二两三四五六七八九十百千])(?:个|多|来|余)+(?=[万亿])")  # 3个亿, 三千多万
_LEAST_TURNOVER = 10_000
_MOST_POINTS = 100
_SCORED = re.compile(r"(?:\bscored?|\bgot|总分|得了?)(?: (?:of|was|is))?\s*$")
_NO_NOUN = re.compile(r"\s*(?:$|[,.;，。?？!]|(?:on|in|at|this|last|for)\b)")


class Told(NamedTuple):
    """What is known of a firm: so many people or points, or so much turnover in that currency where one was named."""

    value: float
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """From `low` to `high`, both counted in."""

    measure: Measure
    low: float
    high: float
    currency: str | None = None


def told_of_the_firm(query: Query) -> dict[Measure, Told]:
    """People and turnover as the question tells them, else as the turns before it do, else the profile."""
    told = {**dict(_told(query.previous or "")), **told_now(query)}
    known: dict[Measure, float | int | None] = {"people": query.profile.employees, "turnover": query.profile.revenue}
    return {**{m: Told(float(v)) for m, v in known.items() if v}, **told}


def told_now(query: Query) -> dict[Measure, Told]:
    """The same as this turn tells it, in words or by a lone figure."""
    return {**_told_again(query), **dict(_told(query.text))}


def _told_again(query: Query) -> dict[Measure, Told]:
    """A lone figure after a turn that told one of the firm: "and at 120 million?"."""
    before = _told(query.previous or "")
    if len(before) != 1:
        return {}
    measure, earlier = before[0]
    figures = [f for f in _numbers(fold(query.text)) if f.kind != "percent" and _as_told(f).value != earlier.value]
    if len(figures) != 1 or not _could_be(measure, again := _as_told(figures[0])):
        return {}
    return {measure: Told(again.value, again.currency or earlier.currency)}


def _could_be(measure: Measure, told: Told) -> bool:
    if measure == "points":
        return told.value <= _MOST_POINTS
    return (measure == "people") == (told.value < _LEAST_TURNOVER)


# Trades that standards of size call industry.
MAKES = re.compile(r"工业(?!互联网|软件)|制造|工厂|\bindustrial (?:firm|company|business)|\bmanufactur", re.I)


@lru_cache(maxsize=256)
def _told(question: str) -> tuple[tuple[Measure, Told], ...]:
    text = _in_digits(_ROUGHLY.sub("", fold(question)))
    return tuple((m, _as_told(q)) for q in _numbers(text) if (m := _measure(q, text)))


def _as_told(figure: Quantity) -> Told:
    return Told(float(figure.value), figure.unit if figure.kind == "money" else None)  # type: ignore[arg-type]


def _in_digits(folded: str) -> str:
    """The same with the people of the firm in digits, however they were counted.

    >>> _in_digits("六十来号人的公司"), _in_digits("a shop of two dozen people")
    ('60人的公司', 'a shop of 24 people')
    """
    text = _ALOUD.sub(lambda m: f"{chinese_number(m[1]) or 0:g}", folded)
    for figure in reversed(figures(text)):
        end = figure.start + len(figure.shown)
        if not figure.shown[0].isdigit() and isinstance(figure.values[0], float) and _PEOPLE.match(text, end):
            text = f"{text[: figure.start]}{figure.values[0]:g}{text[end:]}"
    return text


def own_numbers(question: str) -> frozenset[str]:
    """The digits that only say how many people the firm has: no sentence is about them."""
    text = fold(question)
    return frozenset(text[q.start : q.end].strip() for q in _numbers(text) if _measure(q, text) == "people")


@lru_cache(maxsize=20_000)
def limits(sentence: str) -> tuple[Limit, ...]:
    """What numbers of people, or what turnover, a sentence speaks of with a bound.

    >>> limits("Segment I is for firms of 10 to 49 employees.")
    (Limit(measure='people', low=10.0, high=49.0, currency=None),)
    >>> limits("Sales above 50 million and up to 200 million yuan need 4 %.")
    (Limit(measure='turnover', low=50000000.0, high=200000000.0, currency='CNY'),)
    >>> limits("从业人员不足20人或者营业收入不足300万元的，是微型企业。")[0].high < 20
    True
    """
    text = fold(sentence)
    figures, found, told = _numbers(text), [], -1
    for i, (figure, following) in enumerate(zip(figures, [*figures[1:], None], strict=False)):
        measure = _measure(figure, text)
        if i == told or measure is None:
            continue  # told with the one before it, or of something else
        if following and _AND_UP_TO.fullmatch(text[figure.end : following.start]):
            told = i + 1
            low, high = _as_told(figure), _as_told(following)
            found.append(Limit(measure, low.value, high.value, low.currency or high.currency))
        elif bounded := _bounded(figure, measure, text):
            found.append(replace(bounded, currency=_as_told(figure).currency))
    return tuple(found)


def fit(firm: Mapping[Measure, Told], sentence: str) -> tuple[float, float]:
    """(share of the limits on what is known of the firm that let it in, share that shut it out).

    "Up to 1,000" lets in nearly everybody and counts half of what "from 20" or "10 to 49" does; a limit in another
    currency is no limit on it.
    """
    told = [b for b in limits(sentence) if b.measure in firm and not _of_other_money(b, firm[b.measure])]
    within = [b for b in told if b.low <= firm[b.measure].value <= b.high]
    if not told:
        return 0.0, 0.0
    return sum(1.0 if b.low else 0.5 for b in within) / len(told), 1 - len(within) / len(told)


def _of_other_money(limit: Limit, told: Told) -> bool:
    return bool(limit.currency and told.currency and limit.currency != told.currency)


def _numbers(folded: str) -> list[Quantity]:
    return [q for q in quantities(folded) if q.kind in ("number", "money", "percent")]


def _measure(figure: Quantity, text: str) -> Measure | None:
    after, before = text[figure.end : figure.end + 12], text[max(0, figure.start - 16) : figure.start]
    if figure.kind == "number" and (_PEOPLE.match(after) or _TEAM.search(before) or _joined(figure, text, _PEOPLE)):
        return "people"
    if figure.kind == "number" and float(figure.value) <= _MOST_POINTS:  # type: ignore[arg-type]
        scored = _SCORED.search(before) and _NO_NOUN.match(after)
        if _POINTS.match(after) or scored or _joined(figure, text, _POINTS):
            return "points"
    if figure.kind == "percent" or float(figure.value) < _LEAST_TURNOVER:  # type: ignore[arg-type]
        return None
    near = text[max(0, figure.start - 24) : figure.end + 14]
    return "turnover" if _TURNOVER.search(near) or _SOLD.search(text[: figure.start]) else None


def _joined(figure: Quantity, text: str, unit: re.Pattern[str]) -> bool:
    """The first number of "10 to 49 employees"."""
    rest = _TO.match(text[figure.end :])
    return bool(rest and unit.match(text[figure.end + rest.end() :]))


def _bounded(figure: Quantity, measure: Measure, text: str) -> Limit | None:
    value = float(figure.value)  # type: ignore[arg-type]
    before, after = text[max(0, figure.start - 18) : figure.start], text[figure.end : figure.end + 18]
    if joined := _TO.match(text[figure.end :]):
        return Limit(measure, value, float(joined[1].replace(",", "")))
    if _FROM.search(before):
        return None  # told with the first number of the range
    if _CEILING.search(before) or _CEILING_AFTER.match(after):
        strictly = re.search(r"不足|少于|低于|小于|fewer|less|under|below", before)
        return Limit(measure, 0.0, value - (1e-6 * value if strictly else 0.0))
    if _FLOOR.search(before) or _FLOOR_AFTER.match(after):
        return Limit(measure, value, float("inf"))
    return None
