"""A figure of another year is no answer to who asks for that of a year, however well the rest fits."""

from __future__ import annotations

import re
from dataclasses import replace

from advisor.ask.asks import wants
from advisor.ask.ground import Ground
from advisor.model import Answer, Query, Statement
from advisor.text import fold, quantities
from advisor.wording import say

_KINDS = ("amount", "fact", "list")
_FIGURES = {"money": "money", "percent": "percent", "count": "number"}  # what is asked for → the kind of quantity
# A year that begins, ends or dates a rule is not the one year of which a sentence tells.
_NOT_THE_YEAR_ITSELF = re.compile(
    r"自|从|起|以?[前后来]|之间|期间|至|到|截止|印发|发布|公布|公告|施行|实施|生效|"
    r"\d{4}年?\s*[-–—~～]\s*\d{4}|\b(?:since|from|until|till|between|to \d{4}|by|before|after|through|issued|published|adopted|launched|started|began|entered)\b",
    re.I,
)


def of_the_asked_year(ground: Ground, query: Query, answer: Answer) -> Answer:
    """The same; where the figure of a year is asked for and all that is told is of other years, a line says so first and the
    answer is a part."""
    asked = _years(query.text)
    kinds = [_FIGURES[w] for w in sorted(wants(query.text)) if w in _FIGURES]
    if answer.status != "answered" or not asked or not kinds or query.plan.type not in _KINDS:
        return answer
    told = [s for s in answer.statements if any(q.kind in kinds for q in quantities(fold(s.text)))]
    homes = (ground.generation.documents[c.document] for s in told for c in s.citations)
    named = {y for d in homes for y in _years(d.title.get(query.language))}
    if not told or asked & named or _NOT_THE_YEAR_ITSELF.search(told[0].text):
        return answer
    if any(not (years := _years(s.text)) or asked & years for s in told):
        return answer
    notice = Statement(say("partial.other_year", query.language, year=max(asked)), "notice")
    return replace(answer, status="partial", reason="nothing_found", statements=(notice, *answer.statements))


def _years(text: str | None) -> set[int]:
    dates = (q.value for q in quantities(fold(text or "")) if q.kind == "date" and isinstance(q.value, tuple))
    return {d[0] for d in dates if d[0]}
