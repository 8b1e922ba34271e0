"""What a word means, by the term base; and when a definition is no answer to what was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from advisor.ask.from_records import cite
from advisor.ask.ground import Ground
from advisor.ask.order import AMONG, ANSWERS, asks_for_a_meaning, defines, odds_of
from advisor.ask.sentences import Candidate, SentenceChooser, asked_words, is_not_known
from advisor.model import Answer, Hit, Query, Statement
from advisor.text import fold, tokens

_RARE = 4.5  # idf above which a word is none that everybody here uses: ERP has 3.4, OEE 6.3
_MOST_BESIDE_A_TERM = 0.4  # share of the question's words from which a term in it is not what it asks about


def definition(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> Answer | None:
    """The term base answers exactly; what other documents say of it follows."""
    best = next(iter(chooser.candidates(hits)), None)
    defined = {id: ground.lexicon.terms[id][1].definition for id in query.terms}
    leads = [id for id, d in defined.items() if best and d and d.get(query.language) == best.text]
    for id in dict.fromkeys((*leads, *query.terms)):
        home, term = ground.lexicon.terms[id]
        document = ground.generation.documents[home]
        if _asks_of_more(ground, query, home, term.names(query.language), chooser):
            continue
        if term.definition and (citation := cite(term.definition, document, ground.generation, query.language)):
            head = [Statement(citation.quote, "quoted", (citation,))]
            more = [
                c
                for c in chooser.candidates([h for h in hits if h.passage.document != home])
                if c.coverage > 0.6 and not is_not_known(c.passage) and not ground.stale(query, c.passage.document)
            ]
            extra = [c.quoted() for c in more[:2]]
            return ground.answered(query, [*head, *extra], document)
    return None


def _asks_of_more(ground: Ground, query: Query, home: str, names: Sequence[str], chooser: SentenceChooser) -> bool:
    """Whether a term is only part of what is asked about: "the plan for intelligent manufacturing" is none of it."""
    if any(_PLAN_FOR_IT.search(fold(query.text).partition(fold(n))[2]) for n in names):
        return True
    other = query.named and home not in query.named
    own = frozenset(t for n in names for t in tokens(n))
    clauses = [c for c in _PAUSE.split(query.text) if any(fold(n) in fold(c) for n in names)]
    asked = frozenset(asked_words(clauses[0])) if clauses else frozenset(chooser.weights)
    asked = frozenset(t for t in asked if t in own or not chooser.unknown(t))
    whole = chooser.share(asked)
    rest = chooser.share(asked - own) / whole if whole else 0.0
    return bool(other) and rest > _MOST_BESIDE_A_TERM


def explained(
    ground: Ground, query: Query, hits: Sequence[Hit], candidates: Sequence[Candidate], chooser: SentenceChooser
) -> Answer | None:
    """The definition of a rare word of the question, where it reads as the answer: "the boss keeps talking of OEE"."""
    first = next(iter(candidates), None)
    told = [ground.lexicon.terms[id][1] for id in query.terms]
    meant = [t for t in told if first and t.definition and t.definition.get(query.language) == first.text]
    said = {w for t in meant for n in t.names(query.language) for w in tokens(n)} & {*tokens(query.text)}
    rarest = max(map(ground.generation.lexical.idf, said), default=0.0)
    reads = first is not None and rarest > _RARE and odds_of(first) > ANSWERS
    return definition(ground, query, hits, chooser) if reads else None


def leads_with_a_definition(ground: Ground, query: Query, statements: Sequence[Statement]) -> bool:
    """Whether nobody asked for a meaning and a definition is the best that was found."""
    first = next((c for s in statements for c in s.citations), None)
    return (
        first is not None
        and ground.generation.documents[first.document].kind == "term"
        and not asks_for_a_meaning(query)
    )


def without_a_definition_first(
    ground: Ground, query: Query, statements: Sequence[Statement], candidates: Sequence[Candidate]
) -> list[Statement]:
    """The same, where little is sure: a definition that nobody asked for makes way for what reads as the answer; where nothing
    does, and a definition is among the best, nothing is left."""
    if leads_with_a_definition(ground, query, statements):
        others = [s for s in statements if not leads_with_a_definition(ground, query, [s])]
        answers = any(odds_of(c) > ANSWERS for c in candidates[:AMONG] if c.text in {s.text for s in others})
        statements = others if answers else []
    return [] if _reads_like_none(ground, query, candidates) else list(statements)


def _reads_like_none(ground: Ground, query: Query, candidates: Sequence[Candidate]) -> bool:
    """Whether nobody asked for a meaning, a definition is among the best, and nothing that was read answers."""
    read = [c for c in candidates[:AMONG] if c.odds is not None]
    if not read or asks_for_a_meaning(query) or max(map(odds_of, read)) > 0.0:
        return False
    return any(defines(ground, c) for c in read)


_PAUSE = re.compile(r"[,，。;；.]\s*")
_PLAN_FOR_IT = re.compile(
    r"^(?:发展|转型)?(?:规划|计划|方案|行动|政策|办法|补贴|补助|试点)|^ (?:plans?|program(?:me)?s?|grants?|subsid(?:y|ies)|action|polic(?:y|ies)|schemes?|pilots?)\b"
)
