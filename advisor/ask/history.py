"""Answers from a rule that is over or was replaced: said first, shown as history, with what came after it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from advisor.ask.ended import still_open
from advisor.ask.ground import Ground
from advisor.ask.lines import with_sentences
from advisor.ask.order import AMONG
from advisor.ask.sentences import Candidate, SentenceChooser, is_not_known
from advisor.model import Answer, Document, Hit, Query, Statement
from advisor.text import fold, quantities
from advisor.wording import say

_HISTORY = 3  # sentences told of what is over


def superseded(
    ground: Ground, query: Query, document: Document, candidates: Sequence[Candidate], chooser: SentenceChooser
) -> Answer:
    """The rule asked for is history: say so, quote it, and give what replaced it."""
    old = [c for c in candidates if c.passage.document == document.id]
    replaced = replaced_sentence(ground, document, query)
    statements = [replaced.quoted()] if replaced else []
    statements += [c.quoted() for c in old[:2] if replaced is None or c.text != replaced.text]
    successor = ground.generation.documents.get(document.superseded_by or "")
    if successor:
        passages = ground.generation.by_document.get((successor.id, query.language), ())
        new = chooser.candidates([Hit(p, 1.0, i + 1) for i, p in enumerate(passages)])
        new = [c for c in new if not is_not_known(c.passage)]
        statements[1:1] = [c.quoted() for c in new[:2]]
    return ground.answered(query, statements, successor or document)


def replaced_sentence(ground: Ground, document: Document, query: Query) -> Candidate | None:
    chooser = ground.chooser(query)
    passages = ground.generation.by_document.get((document.id, query.language), ())
    every = chooser.candidates([Hit(p, 1.0, i + 1) for i, p in enumerate(passages)])
    return min((c for c in every if _REPLACED.search(c.text)), key=lambda c: c.start, default=None)


def successor_found(ground: Ground, document: Document, candidates: Sequence[Candidate]) -> Document | None:
    """What replaced a rule, where it was found, too, and says as much of it."""
    successor = document.superseded_by or ""
    near = (c for c in candidates[:AMONG] if c.passage.document == successor)
    return ground.generation.documents[successor] if any(near) else None


def means_edition(ground: Ground, query: Query, document: Document) -> bool:
    """Whether a question means this edition: by name, by its year, or by figures that stand in it."""
    asked = {q.value for q in quantities(fold(query.text)) if q.kind == "number"}
    stated = {q.value for q in quantities(fold(document.texts.get(query.language, "")))}
    of_the_year = str(document.issued)[:4] in map(str, query.years)
    return document.id in query.named or of_the_year or bool(asked and asked <= stated)


def expired(
    ground: Ground,
    query: Query,
    document: Document,
    head: list[Statement],
    candidates: Sequence[Candidate],
    chooser: SentenceChooser,
) -> Answer:
    """Only history speaks to it: say so, show it as such."""
    notice = Statement(say("refusal.expired", query.language, title=document.title.get(query.language)), "notice")
    closing = still_open(ground, query, document, candidates) if query.plan.type != "status" else []
    closing = [s for s in closing if s not in head]
    if document.id in query.dwelt and query.plan.type != "status":
        return _expired_as_known(ground, query, document, [notice, *head], closing, candidates, chooser)
    rest = with_sentences(ground, query, document, [*closing, *head], candidates, chooser)[:4]
    # The day it closed is what was asked for; without it the notice has to say that it is over.
    told = [*rest[:1]] if closing or (head and query.plan.type == "status") else []
    history = [s for s in rest if s not in told]
    told += [s for s in _what_follows(ground, query, document, chooser) if s not in history]
    told += [notice, *history] if history or not told else []
    return Answer("abstained", tuple(told), "expired", followups=ground.followups(query, document, rest))


def _expired_as_known(
    ground: Ground,
    query: Query,
    document: Document,
    head: list[Statement],
    closing: list[Statement],
    candidates: Sequence[Candidate],
    chooser: SentenceChooser,
) -> Answer:
    """Who asks on about what the last answer quoted wants the answer first, and its end again only where it was not told."""
    told = with_sentences(ground, query, document, head, candidates, chooser)[: _HISTORY + len(head)]
    fresh = [s for s in closing if s.citations[0].quote not in query.told and s not in told]
    return Answer("abstained", (*told, *fresh), "expired", followups=ground.followups(query, document, told))


def _what_follows(ground: Ground, query: Query, document: Document, chooser: SentenceChooser) -> list[Statement]:
    """What a document about something that is over says of what came after it, where it does not know."""
    passages = ground.generation.by_document.get((document.id, query.language), ())
    open_ = [Hit(p, 1.0, i + 1) for i, p in enumerate(passages) if is_not_known(p)]
    told = [c for c in chooser.candidates(open_) if is_not_known(c.passage)] if open_ else []
    return [c.quoted() for c in told if _GOES_ON_AS.search(c.text)][:1]


_GOES_ON_AS = re.compile(
    r"接续|接替|后续|之后|新一轮|继续|是否(?:已经|还|仍)|现行|\b(?:success\w+|replac\w+|new round|after|still|reopen\w*|continu\w+|goes? on)\b",
    re.I,
)
_REPLACED = re.compile(r"取代|替代|代替|废止|superseded|replaced|succeeded", re.I)
