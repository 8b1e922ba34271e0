"""Which sentences are shown and in which order: the best first, then what adds to it and cannot be taken for it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from advisor.ask.circumstances import fit, told_of_the_firm
from advisor.ask.ended import of_the_past
from advisor.ask.features import speaks_of_itself
from advisor.ask.ground import ABOUT_MONEY, PLACE_BOUND, WIDER, Ground
from advisor.ask.known import RESEMBLES
from advisor.ask.of_the_year import meant_years, years_in
from advisor.ask.order import (
    FAR,
    NEAR,
    NEARLY,
    READS_SO,
    asks_for_a_meaning,
    batches_in,
    defines,
    is_guide,
    odds_of,
    of_the_levels,
    read_with,
    step_of,
)
from advisor.ask.sentences import Candidate, SentenceChooser, is_not_known, shares_words
from advisor.ask.told_once import is_told, says_the_same
from advisor.model import Document, Query, Statement
from advisor.text import Kind, fold, quantities

_SIBLING = 0.5
_SAME_FORM = 0.25  # share of words from which two sentences of a document may say the same of two classes
_NAMED_CLASS = 0.08  # share of the question's words that only the first holds, from which it is the one asked for
_SUMS = {"money", "percent", "number"}
_OF_ONE_RULE = ("amount", "eligibility", "procedure", "deadline", "status", "fact", "assessment")
_OF_ONE_CLASS = ("amount", "fact", "deadline", "eligibility")
_POOL = 40
_SEVERAL_STEPS = 3
_NEW_WORDS = 1.6


def with_sentences(
    ground: Ground,
    query: Query,
    first: Document,
    head: list[Statement],
    candidates: Sequence[Candidate],
    chooser: SentenceChooser,
) -> list[Statement]:
    """The head, then sentences one by one: each the best by itself plus what it adds of the question's words."""
    room = max(query.plan.statements - len(head), 1)
    chosen = list(head)
    documents = dict.fromkeys(c.document for s in head for c in s.citations)
    told: frozenset[str] = frozenset(t for c in candidates if c.passage.document in documents for t in c.speaks_of)
    candidates = of_the_levels(query, candidates)
    pool = [
        c for c in candidates[:_POOL] if not is_not_known(c.passage) and not ground.tells_of_elsewhere(query, c.text)
    ]
    pool = [c for c in pool if not speaks_of_itself(c.text)] or pool
    pool = without_definitions(ground, query, _of_today(ground, query, first, pool))
    best = pool[0].score if pool else 0.0
    while pool and len(chosen) - len(head) < room:
        new = _NEW_WORDS if chosen else 0.0  # the best by itself leads
        value = {c: c.score + new * chooser.share(c.speaks_of - told) for c in pool}
        advises = query.plan.type == "how_to" and not chosen and pool[0].passage.document not in query.dwelt
        guides = _guides(ground, pool, best) if advises else []
        top = max(guides or pool, key=lambda c: (value[c], -c.start))
        pool.remove(top)
        if chosen and value[top] < best - (math.inf if query.command == "more" else FAR):
            break
        if is_told(ground, top.quoted(), chosen) or not _adds(ground, query, top, documents, told, chooser):
            continue
        documents[top.passage.document] = None
        told |= top.speaks_of
        chosen.append(top.quoted())
        if len(chosen) == 1:
            if query.plan.type in _OF_ONE_CLASS:
                pool = [c for c in pool if not is_of_another_class(c, top, chooser)]
            others = read_together(top, candidates, chooser) or siblings(top, pool)
            for other in [c for c in others if c.text not in query.told][: room - 1]:
                pool = [c for c in pool if c is not other]
                chosen.append(other.quoted())
    return in_step_order(ground, chosen)


def without_definitions(ground: Ground, query: Query, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The same; where no meaning is asked for, a definition stands only where it is the best that was found."""
    meaning = asks_for_a_meaning(query)
    return [c for i, c in enumerate(candidates) if i == 0 or meaning or not defines(ground, c)]


def _of_today(ground: Ground, query: Query, first: Document, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The same; sums of a rule that is over do not fill in for what the rule in force leaves open."""
    if query.plan.type not in ABOUT_MONEY or ground.stale(query, first.id) or of_the_past(query, first):
        return list(candidates)
    return [c for c in candidates if c.passage.document in query.named or not ground.stale(query, c.passage.document)]


def _guides(ground: Ground, candidates: Sequence[Candidate], best: float) -> list[Candidate]:
    """Sentences of guides that answer nearly as well as the best: who asks what to do gets advice before facts."""
    return [c for c in candidates if is_guide(ground, c) and c.score > best - NEAR]


def _adds(
    ground: Ground,
    query: Query,
    candidate: Candidate,
    documents: dict[str, None],
    told: frozenset[str],
    chooser: SentenceChooser,
) -> bool:
    """A further document only where it brings words of the question, or the plan wants several."""
    document = candidate.passage.document
    if not documents or document in documents:
        return True
    if ground.stale(query, document) or is_not_known(candidate.passage):
        return False
    kinds = [ground.generation.documents[d].kind for d in documents]
    if query.plan.type in _OF_ONE_RULE and _is_of_another_rule(ground, next(iter(documents)), document, query):
        return False
    if is_guide(ground, candidate) and kinds[0] in PLACE_BOUND and query.plan.type in ABOUT_MONEY:
        return False  # what a rule says is not made clearer by advice of our own on something near it
    brings = chooser.share(candidate.speaks_of - told)
    return len(documents) < (3 if brings > 0.12 else query.plan.documents)


def _is_of_another_rule(ground: Ground, first: str, other: str, query: Query) -> bool:
    """Whether a rule leads and this is one of other places, or counts what firms do: neither adds to it, unless named."""
    lead, more = ground.generation.documents[first], ground.generation.documents[other]
    if lead.kind not in _RULES or lead.jurisdiction is None or more.id in query.named:
        return False
    if more.kind == "statistics":
        return True
    covers, home = ground.lexicon.places.covers, more.jurisdiction
    asked = (lead.jurisdiction, *query.places)
    near = home is not None and any(covers(home, p) or covers(p, home) for p in asked)
    return more.kind in _RULES and home is not None and not near


def in_step_order(ground: Ground, statements: list[Statement]) -> list[Statement]:
    """The same, with the numbered steps of each document in the order in which they are taken, where several are told."""
    passages = ground.generation.passages
    steps: dict[str, list[int]] = {}
    for i, s in enumerate(statements):
        if s.citations and step_of(passages[s.citations[0].passage], s.text):
            steps.setdefault(s.citations[0].document, []).append(i)
    ordered = list(statements)
    for places in steps.values():
        if len(places) < _SEVERAL_STEPS:
            continue  # the one that answers leads
        taken = sorted((statements[i] for i in places), key=lambda s: s.citations[0].start)
        for i, step_ in zip(places, taken, strict=True):
            ordered[i] = step_
    return ordered


def of_what_is_asked(
    ground: Ground, query: Query, statements: list[Statement], candidates: Sequence[Candidate]
) -> list[Statement]:
    """The same without figures of something else: where what leads reads as the answer, a further line with a figure of its
    kind, or of another rule, must read nearly as much like it, or the one would be taken for the other; and what is for
    firms of another size goes."""
    found = {c.text: c for c in candidates}
    lead, *more = [found.get(s.text) for s in statements if s.kind == "quoted"] or [None]
    if not ground.cross_encoder or query.plan.type not in _OF_ONE_RULE or lead is None or odds_of(lead) < READS_SO:
        return statements
    kinds = _kinds_of_figures(lead)
    alike = [c for c in more if c and (kinds & _kinds_of_figures(c) or _tells_another_rule(ground, query, lead, c))]
    unread = [c for c in alike if c.odds is None]
    odds = {c.text: odds_of(c) for c in alike}
    if unread:
        odds |= zip((c.text for c in unread), read_with(ground.cross_encoder, query, unread).tolist(), strict=True)
    firm = told_of_the_firm(query)
    of_the_firm = fit(firm, lead.text)[0] > 0
    other = {c.text for c in alike if odds[c.text] < odds_of(lead) - NEARLY}
    if batch := (batches_in(query.text) or batches_in(query.previous or "")) & batches_in(lead.text):
        other |= {c.text for c in alike if (of := batches_in(c.text)) and not of & batch}
    if (told := years_in(lead.text)) and told <= meant_years(query):
        other |= {c.text for c in alike if (years := years_in(c.text)) and not years & told}
    other |= {c.text for c in alike if of_the_firm and fit(firm, c.text)[1] == 1.0}
    return [s for s in statements if s.text not in other]


def _tells_another_rule(ground: Ground, query: Query, lead: Candidate, other: Candidate) -> bool:
    """Whether both are rules, and the other was not named."""
    one, two = (ground.generation.documents[c.passage.document] for c in (lead, other))
    rules = one.kind in _RULES and two.kind in _RULES
    return rules and one.id != two.id and two.id not in query.named


_RULES = (*PLACE_BOUND, "standard")


def of_each_named(
    ground: Ground, query: Query, statements: list[Statement], candidates: Sequence[Candidate]
) -> list[Statement]:
    """The same; of two documents called by two names, the one that got no line gets its best as the second."""
    cited = {c.document for s in statements for c in s.citations}
    text = fold(query.text)
    called = {d: ground.lexicon.names_in(d, text) for d in query.named}
    told = frozenset(n for d in cited & {*called} for n in called[d])
    unheard = [d for d, names in called.items() if names and told and not names & told and d not in cited]
    best = [
        next((c for c in candidates if c.passage.document == d and not is_not_known(c.passage)), None) for d in unheard
    ]
    return [*statements[:1], *(c.quoted() for c in best[:1] if c), *statements[1:]]


def of_each_place(
    ground: Ground, query: Query, statements: list[Statement], candidates: Sequence[Candidate]
) -> list[Statement]:
    """The same; of two places that were named, the one of which nothing is told gets its best as the second."""
    if len(query.places) < 2 or query.places_from != "question" or not statements:
        return statements
    told = {p for s in statements for c in s.citations for p in _places_of(ground, query, c.quote)}
    of_one = [
        (c, of[0])
        for c in candidates[:_POOL]
        if len(of := _places_of(ground, query, c.text)) == 1
        and not is_not_known(c.passage)
        and not speaks_of_itself(c.text)
    ]
    best = (next((c for c, p in of_one if p == place), None) for place in query.places if told and place not in told)
    return [*statements[:1], *(c.quoted() for c in best if c), *statements[1:]]


def _places_of(ground: Ground, query: Query, text: str) -> list[str]:
    """Those of the named places that a sentence is about: it names them, or what they lie in below a union or all China."""
    named = {m.id for m in ground.lexicon.places.find(text)} - {*WIDER}
    return [p for p in query.places if any(ground.lexicon.places.covers(n, p) for n in named)]


def with_condition(
    ground: Ground, query: Query, statements: list[Statement], candidates: Sequence[Candidate]
) -> list[Statement]:
    """A rule that pays comes with the clause that limits it: who may have it, and what comes first."""
    if query.plan.type not in ("amount", "eligibility", "procedure") or not statements:
        return statements
    cited = [c for s in statements for c in s.citations]
    home = ground.generation.documents[cited[0].document] if cited else None
    if home is None or home.kind not in PLACE_BOUND or any(_LIMITS.search(c.quote) for c in cited):
        return statements
    quotes = {c.quote for c in cited}
    limits = [
        c
        for c in candidates
        if c.passage.document == home.id
        and _LIMITS.search(c.text)
        and _FOR_WHOM.search(c.passage.heading.rpartition(" › ")[2])
        and c.text not in quotes
        and not ground.tells_of_elsewhere(query, c.text)
    ]
    return [*statements, *(c.quoted() for c in limits[:1])]


def siblings(first: Candidate, pool: Sequence[Candidate]) -> list[Candidate]:
    """Sentences that say the same of another level, size or date: where we do not know which is asked, all are shown."""
    return [
        c
        for c in pool
        if c.passage.document == first.passage.document
        and shares_words(c.text, first.text) > _SIBLING
        and not says_the_same(c.text, first.text)
        and c.score > first.score - FAR
    ]


def is_of_another_class(other: Candidate, first: Candidate, chooser: SentenceChooser) -> bool:
    """Whether a sentence says of another level, size or trade what the first says of the one that was asked for by name: its
    figure, shown beside, would only be taken for the asked one."""
    if other.passage.document != first.passage.document or shares_words(other.text, first.text) < _SAME_FORM:
        return False
    one, two = (quantities(fold(c.text)) for c in (first, other))
    if {q.value for q in one if q.kind == "level"} != {q.value for q in two if q.kind == "level"}:
        return False  # a level is asked for by its number, and all are told where it is not
    named = chooser.share(first.speaks_of - other.speaks_of)
    in_other_words = 2 * chooser.share(other.speaks_of - first.speaks_of)
    return bool({q.kind for q in one} & {q.kind for q in two} & _SUMS) and named > _NAMED_CLASS + in_other_words


def read_together(first: Candidate, candidates: Sequence[Candidate], chooser: SentenceChooser) -> list[Candidate]:
    """What whoever wrote down the question that this resembles put after its first sentence: its condition, the next step."""
    home = first.passage.document
    for match in (m for m in chooser.known.best if m.document == home and m.score >= RESEMBLES):
        spans = chooser.known.answers(match, first.passage.language)
        (start, end), *rest = spans or ((0, 0),)
        if start <= first.start < end:
            here = [c for c in candidates if c.passage.document == home]
            told = [c for a, b in rest for c in here if a <= c.start < b and not speaks_of_itself(c.text)]
            return [c for c in told if not says_the_same(c.text, first.text)]
    return []


def _kinds_of_figures(candidate: Candidate) -> set[Kind]:
    return {q.kind for q in quantities(fold(candidate.text)) if q.kind != "level"}


_LIMITS = re.compile(
    r"只有|只发|只给|仅限|仅|必须|须|不得|不能|不予|之前|以前|清单|\bonly\b|\bmust\b|\bbefore\b|may not|cannot|not eligible|at most|fewer than|no more than",
    re.I,
)
_FOR_WHOM = re.compile(r"适用于谁|怎么申请|要求|条件|who it is for|how to apply|requires|conditions", re.I)
