"""What a document admits not to tell: where it is what was asked for, it is told, and the answer is a part."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from advisor.ask.answerable import in_field
from advisor.ask.asks import wants
from advisor.ask.elsewhere import home_of, wants_aid
from advisor.ask.features import speaks_of_itself
from advisor.ask.ground import WIDER, Ground
from advisor.ask.order import AMONG, FAR, NEAR, NEARLY, has_a_figure, is_guide, is_history, is_rule_of, odds_of
from advisor.ask.plan import asks_for_aid
from advisor.ask.refuse import LIKELY_MEANT, known_answers, not_known
from advisor.ask.sentences import Candidate, is_not_known
from advisor.model import Answer, Query, Statement
from advisor.text import fold, quantities

_DOUBTFUL = 1.2  # log-odds below the bar of refusal down to which a document that admits a gap may still tell the rest
_BESIDE_A_GAP = 3  # sentences shown with what is not known
_SPEAKS_TO_IT = 0.25  # share of a question's words from which an admitted gap is about it
_BY_FAR = 1.0  # log-odds of the reading by which a gap must read better than what is told to lead
_OVERWHELMS = 3.0  # the same, where what leads holds a figure of the asked kind


def left_open(ground: Ground, query: Query, candidates: Sequence[Candidate], sure: float) -> Answer | None:
    """Where a document admits what it lacks and tells nearly as much: both, and that it is only a part."""
    gap = next((c for c in candidates[:AMONG] if is_not_known(c.passage) and _of_that_place(ground, query, c)), None)
    if gap is None or not in_field(query):
        return None
    others = max((odds_of(c) for c in candidates[:AMONG] if not is_not_known(c.passage)), default=-math.inf)
    just_that = gap == candidates[0] and gap.score > FAR and odds_of(gap) > others + _BY_FAR
    if sure < -_DOUBTFUL and not just_that:
        return None
    told = [
        c
        for c in candidates[:AMONG]
        if not is_not_known(c.passage)
        and not ground.tells_of_elsewhere(query, c.text)
        and not speaks_of_itself(c.text)
        and not ground.stale(query, c.passage.document)
        and not (query.plan.type == "amount" and is_history(c.text, query))
        and c.score > gap.score - NEAR
        and (c.passage.document == gap.passage.document or is_guide(ground, c))
    ]
    if not told:
        return not_known(ground, query, gap) if just_that else None
    shown = sorted((gap, *told[:_BESIDE_A_GAP]), key=lambda c: -c.score)
    answer = ground.answered(query, [c.quoted() for c in shown], ground.generation.documents[gap.passage.document])
    return _behind(query, answer) if shown[0] == gap else partial(answer)


def with_gap(ground: Ground, query: Query, answer: Answer, candidates: Sequence[Candidate]) -> Answer:
    """What the same document admits not to tell comes second where it reads nearly as much like the answer as what leads, and
    first, as a part that is missing, where it does by far more: farther where what leads has a figure of the asked kind."""
    lead = next((c for s in answer.statements for c in s.citations), None)
    read = {c.text: c for c in candidates[:AMONG] if c.odds is not None}
    if answer.status != "answered" or lead is None or lead.quote not in read:
        return answer
    gaps = [c for c in read.values() if c.passage.document == lead.document and is_not_known(c.passage)]
    gap = max(gaps, key=odds_of, default=None)
    told = odds_of(read[lead.quote])
    if gap is None or odds_of(gap) < told - NEARLY:
        return answer
    rest = [s for s in answer.statements if s.text != gap.text]
    worded = answer.statements[0].kind == "record"  # "it is still valid" answers whether it is
    if told < 0.0 and odds_of(gap) > told + _OVERWHELMS and not worded and not query.parts:
        return not_known(ground, query, gap)
    least = _OVERWHELMS if told > 0.0 and has_a_figure(wants(query.text), lead.quote) else _BY_FAR
    if odds_of(gap) > told + least and not worded:
        return _behind(query, replace(answer, statements=(gap.quoted(), *rest)))
    return replace(answer, statements=(*rest[:1], gap.quoted(), *rest[1:]))


def with_money_unsaid(ground: Ground, query: Query, answer: Answer, candidates: Sequence[Candidate]) -> Answer:
    """What the rule of the asked place does not say of its money comes second where other money leads, and first where
    none does."""
    if query.plan.type != "amount" or query.places_from != "question" or not wants_aid(query):
        return answer
    quoted = {c.document for s in answer.statements for c in s.citations}
    gaps = (c for c in candidates[:AMONG] if c.passage.document not in quoted and is_not_known(c.passage))
    gap = next((c for c in gaps if is_rule_of(ground, query, c) and _PER_FIRM.search(c.text)), None)
    if answer.status != "answered" or gap is None:
        return answer
    at = 1 if _holds_a_sum(answer.statements[0].text) else 0
    told = answer.statements
    return partial(replace(answer, statements=(*told[:at], gap.quoted(), *told[at:])))


_PER_FIRM = re.compile(r"比例|上限|每家|单个企业|\b(?:share|cap|per firm|rates?)\b", re.I)


def _of_that_place(ground: Ground, query: Query, candidate: Candidate) -> bool:
    """Whether a document may tell what it lacks: the rule of a town to who spoke of it, and of money there no other document."""
    document = ground.generation.documents[candidate.passage.document]
    if not query.places:
        return not ground.nobody_spoke_of(query, document)
    return document.jurisdiction not in (None, *WIDER) or not wants_aid(query)


def known_gap(ground: Ground, query: Query) -> Candidate | None:
    """What a document says that it does not know, where one of the likeliest known questions leads to it."""
    gaps = (c for c in known_answers(ground, query, LIKELY_MEANT) if is_not_known(c.passage))
    return next((c for c in gaps if _of_that_place(ground, query, c)), None)


def left_unsaid(ground: Ground, query: Query, candidates: Sequence[Candidate]) -> Candidate | None:
    """What a document near the question says that it does not know, where that is what was asked."""
    gaps = (c for c in candidates[:AMONG] if is_not_known(c.passage) and speaks_to(ground, query, c))
    return next(gaps, None)


def speaks_to(ground: Ground, query: Query, gap: Candidate) -> bool:
    """Whether what is not known is what was asked: by its words, of the very system that was named, or the money of the
    asked place."""
    named = ground.lexicon.things(query.text) & ground.things_of(gap.passage)
    of_money = wants_aid(query) and asks_for_aid(gap.text) and is_rule_of(ground, query, gap)
    return gap.coverage >= _SPEAKS_TO_IT or bool(named) or of_money


def tells_of_no_aid(ground: Ground, query: Query, statements: Sequence[Statement]) -> bool:
    """Whether help is asked for in a place without a rule of its own, and what was told says nothing of money or help."""
    kinds = {q.plan.type for q in (query, *query.parts)}
    if query.places_from != "question" or not kinds & {"amount", "list"} or not asks_for_aid(query.text):
        return False
    if any(home_of(p, ground) == p for p in query.places):
        return False
    told = [s for s in statements if s.citations and not admits(ground, s) and not _LACKS.search(s.text)]
    helps = (s.kind == "record" or asks_for_aid(s.text) or _FUND.search(s.text) or _holds_a_sum(s.text) for s in told)
    return bool(told) and not any(helps)


_FUND = re.compile(r"资金|\bfunds?\b", re.I)
_LACKS = re.compile(
    r"没有(?:写明|给出|出现|列出|公布)|\b(?:does|do) not (?:give|say|show|name)\b|\b(?:gives?|shows?|names?) no\b"
)


def _holds_a_sum(text: str) -> bool:
    return any(q.kind == "money" for q in quantities(fold(text)))


def admits(ground: Ground, statement: Statement) -> bool:
    """Whether a document says there what it does not know."""
    return is_not_known(ground.generation.passages[statement.citations[0].passage])


def _behind(query: Query, answer: Answer) -> Answer:
    """What is not known leads: a part where a figure of the asked kind that was not told yet stands behind it, else nothing."""
    wished = {*wants(query.text), *({"money"} if query.plan.type == "amount" else ())}
    fresh = (s.text for s in answer.statements[1:] if s.text not in query.told)
    return partial(answer) if any(has_a_figure(wished, t) for t in fresh) else all_missing(query, answer)


def all_missing(query: Query, answer: Answer) -> Answer:
    """Nothing that was asked is answered, unless more was asked than this: what is told is only the nearest."""
    return partial(answer) if query.parts else replace(answer, status="abstained", reason="nothing_found")


def partial(answer: Answer) -> Answer:
    return replace(answer, status="partial", reason="nothing_found")
