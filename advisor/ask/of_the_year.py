"""A figure of another year is no answer to who asks for that of a year, however well the rest fits."""

from __future__ import annotations

import re
from dataclasses import replace

from advisor.ask.asks import wants
from advisor.ask.gaps import all_missing
from advisor.ask.ground import Ground
from advisor.model import Answer, Query, Statement
from advisor.text import fold, quantities
from advisor.wording import say

_KINDS = ("amount", "fact", "list")
_FIGURES = {"money": "money", "percent": "percent", "count": "number"}  # what is asked for → the kind of quantity
# A year that begins, ends or dates a rule is not the one year of which a sentence tells.
_DATES_A_RULE = re.compile(
    r"自|起|以?[前后来]|之间|期间|截止|印发|发布|公布|公告|施行|实施|生效|"
    r"\d{4}年?\s*[-–—~～]\s*\d{4}|\b(?:since|until|till|between|before|after|through|issued|published|adopted|launched|started|began|entered)\b",
    re.I,
)
# What is counted by a year, or from one to another, is of these years; a sum may be paid up to one.
_UP_TO = re.compile(r"从|至|到|\b(?:from|by|to \d{4})\b", re.I)


def of_the_asked_year(ground: Ground, query: Query, answer: Answer) -> Answer:
    """The same; where the figure of a year is asked for and all that is told is of other years, a line says so first: these are
    only the nearest, and all that was asked for is missing, or a part where more was asked."""
    asked = years_in(query.text)
    kinds = [_FIGURES[w] for w in sorted(wants(query.text)) if w in _FIGURES]
    if answer.status != "answered" or not asked or not kinds or query.plan.type not in _KINDS:
        return answer
    told = [s for s in answer.statements if s.citations and any(q.kind in kinds for q in quantities(fold(s.text)))]
    titles = {c.document: years_in(_title(ground, query, c.document)) for s in told for c in s.citations}
    if not told or any(asked & of for of in titles.values()) or _DATES_A_RULE.search(told[0].text):
        return answer
    if "money" in kinds and _UP_TO.search(told[0].text):
        return answer
    if any(not (years := years_in(s.text) or titles[s.citations[0].document]) or asked & years for s in told):
        return answer
    notice = Statement(say("partial.other_year", query.language, year=max(asked)), "notice")
    return all_missing(query, replace(answer, statements=(notice, *answer.statements)))


def meant_years(query: Query) -> frozenset[int]:
    """The years that a question names, by number or as this, last or next year.

    A firm that asks "去年" on 24 November 2026 means 2025.
    """
    now, text = query.as_of.year, fold(query.text)
    return frozenset(years_in(text)) | {now + k for k, said in _FROM_TODAY.items() if said.search(text)}


_FROM_TODAY = {
    0: re.compile(r"今年|本年|\bthis year"),
    -1: re.compile(r"去年|上年|\blast year"),
    -2: re.compile(r"前年|\bthe year before last"),
    1: re.compile(r"明年|来年|\bnext year"),
}


def _title(ground: Ground, query: Query, document: str) -> str | None:
    return ground.generation.documents[document].title.get(query.language)


def years_in(text: str | None) -> set[int]:
    dates = (q.value for q in quantities(fold(text or "")) if q.kind == "date" and isinstance(q.value, tuple))
    return {d[0] for d in dates if d[0]}
