"""Whether a scheme still runs: what its rule and its dates say of its end, and where in an answer that stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from advisor.ask.ground import ABOUT_MONEY, PLACE_BOUND, Ground
from advisor.ask.order import FAR
from advisor.ask.plan import asks_for_aid, asks_of_the_past
from advisor.ask.sentences import Candidate, is_not_known
from advisor.model import Answer, Document, Hit, Query, Statement
from advisor.offers import tells_status
from advisor.text import fold, quantities
from advisor.wording import say

_FIRST = 3  # documents found first, one of which may be the rule that is meant


def rule_behind(ground: Ground, query: Query, document: Document, candidates: Sequence[Candidate]) -> Document:
    """Whether a scheme still runs, and how to apply, is told by its rule, where that was found or named beside a case of it."""
    of_the_rule = query.plan.type in ("status", "procedure") or bool(_APPLIES.search(query.text))
    if not of_the_rule or document.kind != "case":
        return document
    told = list(dict.fromkeys(c.passage.document for c in candidates))
    near = (ground.generation.documents[i] for i in (*told[:_FIRST], *query.named))
    return next((d for d in near if d.kind in PLACE_BOUND and d.jurisdiction == document.jurisdiction), document)


def wants_what_is_over(ground: Ground, query: Query, rule: Document, candidates: Sequence[Candidate]) -> bool:
    """Whether a rule that has ended is meant, or leads, and is asked for what only one that runs could give."""
    if rule.validity(query.as_of) != "expired" or rule.kind not in PLACE_BOUND or of_the_past(query, rule):
        return False
    first = not candidates or candidates[0].passage.document == rule.id
    leads = first and not ground.nobody_spoke_of(query, rule)  # a town's call that closed answers no other town
    applies = bool(_APPLIES.search(query.text))
    gives = {"amount", "procedure", "eligibility", "deadline"}
    gives |= {"fact", "list"} if applies or asks_for_aid(query.text) else set()
    gives |= {"how_to"} if applies else set()
    asked = {query.plan.type, *(p.plan.type for p in query.parts)}
    return (leads or ground.is_the_rule_meant(query, rule)) and bool(gives & asked)


def still_open(ground: Ground, query: Query, document: Document, candidates: Sequence[Candidate]) -> list[Statement]:
    """Yes or no first, worded from the document's dates, with the sentence that carries them."""
    validity = document.validity(query.as_of)
    if validity == "in_force" and _ALREADY.search(query.text):
        return []  # who has signed or paid asks whether that shuts him out, not whether the scheme runs
    dated = [c for c in candidates if c.passage.document == document.id and _has_date(c.text)]
    if not dated or validity not in ("in_force", "expired"):
        return []
    end = document.in_force_to
    exact = [c for c in dated if end and (end.year, end.month, end.day) in _dates(c.text)]
    exact.sort(key=lambda c: is_not_known(c.passage))
    near = [c for c in dated if c.score > candidates[0].score - FAR]
    telling = [c for c in dated if _CLOSED.search(c.text)] if validity == "expired" else near
    best = next(iter([*exact, *telling]), None)
    if best is None:
        return []
    lead = _lead(ground, query, document, best.text)
    return [Statement(f"{lead}{best.text}", "record", (best.citation(),))]


def _lead(ground: Ground, query: Query, document: Document, text: str) -> str:
    """ "Valid" only where a row is open and the sentence says nothing of an end; "ended" where the dates say so."""
    if _CLOSED.search(text):
        return ""
    if document.validity(query.as_of) == "expired":
        return say("status.closed", query.language)
    opened = any(r.status == "open" for r in ground.records(document).funding)
    return say("status.open", query.language) if opened else ""


def with_end(ground: Ground, query: Query, statements: list[Statement]) -> list[Statement]:
    """Where the text of a rule says that it is over, that sentence comes second."""
    cited = next((c for s in statements for c in s.citations), None)
    if cited is None or query.plan.type not in (*ABOUT_MONEY, "fact", "list"):
        return statements
    over = end_of(ground, query, ground.generation.documents[cited.document], statements)
    return [*statements[:1], *([over] if over else []), *statements[1:]]


def with_ends(ground: Ground, query: Query, answer: Answer) -> Answer:
    """The same of each rule of a comparison, at its end."""
    homes = dict.fromkeys(c.document for s in answer.statements for c in s.citations)
    over = [end_of(ground, query, ground.generation.documents[d], answer.statements) for d in homes]
    return replace(answer, statements=(*answer.statements, *(s for s in over if s)))


def over_first(ground: Ground, query: Query, answer: Answer) -> Answer:
    """The same; where what leads is of a rule that is over, and tells what is not known or what only a rule that runs could
    give, its end comes before, unless history is asked for or the end was told already."""
    cited = next((c for s in answer.statements for c in s.citations), None)
    if cited is None or answer.reason == "expired":
        return answer
    home = ground.generation.documents[cited.document]
    unknown = is_not_known(ground.generation.passages[cited.passage])
    gone = home.validity(query.as_of) in (("expired",) if unknown else ("expired", "superseded"))
    if not gone or home.kind not in PLACE_BOUND or of_the_past(query, home):
        return answer
    if not unknown and not wants_it_now(query):
        return answer
    own = [s for s in answer.statements if any(c.document == home.id for c in s.citations)]
    said = next((s for s in own if _CLOSED.search(s.text) or is_over(s.text, query.as_of)), None)
    over = said or end_of(ground, query, home, answer.statements)
    if over is None or over == own[0] or over.text in query.told:
        return answer
    return replace(answer, statements=(over, *(s for s in answer.statements if s != over)))


def wants_it_now(query: Query) -> bool:
    """Whether a question, or one of several, is whether and how to get it."""
    asked = {query.plan.type, *(p.plan.type for p in query.parts)}
    return bool(asked & {"status", "procedure"}) or bool(_APPLIES.search(query.text) or _FOR_ME.search(query.text))


def end_of(ground: Ground, query: Query, home: Document, statements: Sequence[Statement]) -> Statement | None:
    """The sentence of a rule that says it is over, where none of these of the same rule does."""
    ended = home.validity(query.as_of)
    own = [s for s in statements if any(c.document == home.id for c in s.citations)]
    if home.kind not in PLACE_BOUND or ended not in ("unknown", "expired", "superseded"):
        return None
    if any(is_over(s.text, query.as_of) or _CLOSED.search(s.text) for s in own):
        return None
    passages = ground.generation.by_document.get((home.id, query.language), ())
    every = ground.chooser(query).candidates([Hit(p, 1.0, i + 1) for i, p in enumerate(passages)])
    told = [c for c in every if c.passage.document == home.id]
    over = [c for c in told if (is_over(c.text, query.as_of) if ended == "unknown" else _CLOSED.search(c.text))]
    day = home.in_force_to
    dated = [c for c in over if day and (day.year, day.month, day.day) in _dates(fold(c.text))]
    best = next(iter([*dated, *(c for c in over if _OVER.search(c.text)), *over]), None)
    return best.quoted() if best else None


def of_the_past(query: Query, document: Document) -> bool:
    """Whether history is what was asked for: past tense, or the very years in which the scheme ran."""
    if asks_of_the_past(query.text):
        return True
    end = document.in_force_to.year if document.in_force_to else query.as_of.year - 1
    called = document.title.get(query.language)
    said = _FOUNDED.sub(" ", query.text)
    years = [y for y in query.years if str(y) in said or str(y) not in query.text]
    return bool(years) and all(y <= end or str(y) in called for y in years)


def tells_the_end(statements: Iterable[Statement]) -> bool:
    """Whether a date, an end or a beginning is told: what "is it still open" wants to know."""
    return any(_has_date(s.text) or tells_status(s.text) for s in statements)


def is_over(text: str, day: date) -> bool:
    """Whether a sentence says that something has ended, or names last days that have all passed."""
    if _OVER.search(text):
        return True
    days = [d for d in _dates(fold(text)) if all(d)]
    return bool(days and _LAST_DAY.search(text)) and max(days) < (day.year, day.month, day.day)


def _dates(text: str) -> set[tuple[int, int, int]]:
    return {q.value for q in quantities(text) if q.kind == "date" and isinstance(q.value, tuple)}


def _has_date(text: str) -> bool:
    return bool(_dates(text))


_CLOSED = re.compile(
    r"截止|关闭|结束|停止|不能再|不再|closed|ended|\b(?:is|are|was|were|now|already) over\b|no longer|cannot apply|stopped (?:taking|accepting)|no new applications",
    re.I,
)
_OVER = re.compile(
    r"目标期已过|\b(?:date|deadline|period) has passed\b|(?:已经|已|现已)(?:结束|截止|关闭|停止|期满)|\b(?:is|are) over\b|\b(?:has|have) (?:ended|closed|expired)\b|\b(?:stopped|ceased) (?:taking|accepting) (?:new )?applications\b",
    re.I,
)
_ALREADY = re.compile(
    r"已经?(?:签|买|付|下单|订|开工|动工|装|做完|交)|(?:签|买|付|订|装|做)(?:完|好|过)?了|\balready\b|\b(?:have|had|we|i) (?:\w+ )?(?:signed|ordered|bought|paid|begun|started|installed)\b|\bdeposit\b",
    re.I,
)
_APPLIES = re.compile(
    r"申请|申报|报名|想报(?!销|告)|怎么报|[入递交填]表|\bi want (?:that|those|my|the) (?:\d|money|grant|subsidy|voucher)|\bappl(?:y|ying|ications?)\b|\b(?:sign|get) (?:up|in)\b|\bforms?\b|\bhow do (?:we|i) get\b",
    re.I,
)
_FOUNDED = re.compile(
    r"\b(?:founded|established|set up|in business since|registered)(?: in)? \d{4}|\d{4}年?(?:才)?(?:成立|创办|开业|注册|建厂|开厂)",
    re.I,
)
_FOR_ME = re.compile(
    r"我们?(?:厂|公司)?(?:还)?(?:能|可以)(?:不能|不可以)?(?:再)?(?:领|拿|用|申|报|享)|\bpays? (?:me|us)\b|"
    r"\b(?:can|could|may|do|would|will) (?:we|i) (?:still )?(?:take|get|have|claim|use|receive)\b",
    re.I,
)
_LAST_DAY = re.compile(r"截止|为止|\bdeadlines?\b|\bclos(?:es?|ing)\b", re.I)
