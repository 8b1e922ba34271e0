"""Whether a further turn goes on with the last one or begins anew: who changes the subject seldom says so.

A line over signs of the two readings decides; where it leaves doubt, and there is a cross-encoder, another line also sees
the best sentence that each of them leads to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from advisor.ask.lexicon import Lexicon
from advisor.ask.query import ASKS, CORRECTS, POINTS_BACK, understand
from advisor.ask.sentences import Candidate, SentenceChooser, asked_words, words_of
from advisor.generation import Generation
from advisor.model import Query, Question
from advisor.ports import Embedder
from advisor.text import fold

SIGNS = (
    "alone", "joined", "gain", "same_document", "words", "points_back", "begins_anew", "own_place", "own_trade", "own_term", "own_figure", "close", "short", "corrects", "new_term",
    "held", "asks", "tells_of_us",
)  # fmt: skip
# Of the best sentence that the turn leads to alone, and with those before it: log-odds and score, and how far the first is ahead.
LOOKED = ("odds_ahead", "odds_alone", "odds_joined", "score_ahead", "score_alone", "score_joined", "best_same_document")
_BEGINS = re.compile(r"^\s*(?:那|那么|还有|and\b|but\b|so\b|then\b|what about|how about|ok\b)", re.I)

_US = re.compile(r"我们|咱们?|我[厂家这]|俺|\b(?:we|we're|our|i'm|my|us)\b", re.I)


@dataclass(frozen=True, slots=True)
class Best:
    """What one reading leads to: the highest log-odds of an answer among the sentences that were read, the score of the
    first of them and its document."""

    odds: float
    score: float
    document: str


Look = Callable[[Query], Best]
_NOWHERE = Best(-9.0, -9.0, "")


def best_of(candidates: Sequence[Candidate]) -> Best:
    """Of sentences in their order; the worst there is where nothing was found."""
    if not candidates:
        return _NOWHERE
    read = [c.odds for c in candidates if c.odds is not None]
    return Best(max(read, default=_NOWHERE.odds), candidates[0].score, candidates[0].passage.document)


def understood(
    question: Question,
    lexicon: Lexicon,
    generation: Generation,
    embedder: Embedder,
    as_of: date,
    look: Look | None = None,
) -> Query:
    """The question as it is meant: with the turns before it, or without them where it stands alone; raises ModelFault
    where `look` does."""
    query = understand(question, lexicon, as_of)
    if not query.previous or query.command:
        return query
    alone = understand(replace(question, history=()), lexicon, as_of)
    row = signs(query, alone, generation, lexicon, embedder)
    if look and in_doubt(row):
        return alone if begins_anew((*row, *compared(look(alone), look(query)))) else query
    return alone if stands_alone(row) else query


def compared(alone: Best, joined: Best) -> tuple[float, ...]:
    """In the order of LOOKED."""
    return (
        alone.odds - joined.odds,
        alone.odds,
        joined.odds,
        alone.score - joined.score,
        alone.score,
        joined.score,
        float(alone.document == joined.document),
    )


def signs(
    query: Query, alone: Query, generation: Generation, lexicon: Lexicon, embedder: Embedder
) -> tuple[float, ...]:
    """In the order of SIGNS, of one turn read with those before it and without."""
    chooser = SentenceChooser(alone, generation, lexicon, embedder)
    by_itself = chooser.known.best[:1]
    together = SentenceChooser(query, generation, lexicon, embedder).known.best[:1]
    a, b = (best[0].score if best else 0.0 for best in (by_itself, together))
    vectors = lexicon.sentence_vectors([query.text, query.previous or ""], embedder)
    words = len(asked_words(query.text))
    asks = bool(ASKS.search(query.text) or "?" in fold(query.text))
    spoken_of = lexicon.find_terms(f"{query.previous} {query.told}")
    return (
        a,
        b,
        b - a,
        float(bool(by_itself and together and by_itself[0].document == together[0].document)),
        min(words, 20) / 20,
        float(bool(POINTS_BACK.search(query.text))),
        float(bool(_BEGINS.search(query.text))),
        float(alone.places_from == "question"),
        float(bool(lexicon.industries.find(query.text))),
        float(bool(alone.terms)),
        float(bool(alone.levels or alone.years)),
        float(vectors[0] @ vectors[1]),
        float(words < 5),
        float(bool(CORRECTS.search(query.text))),
        float(bool(set(alone.terms) - set(spoken_of))),
        chooser.coverage(_words_of_what_was_quoted(query, generation)),
        float(asks),
        float(not asks and bool(_US.search(query.text))),
    )


def _words_of_what_was_quoted(query: Query, generation: Generation) -> frozenset[str]:
    """The words of the documents that the last answer quoted: a change of subject has few of them."""
    texts = (t for d in query.dwelt for t in generation.documents[d].texts.values())
    return frozenset().union(*map(words_of, texts))


def stands_alone(row: tuple[float, ...]) -> bool:
    """What training taught; a turn is read with the ones before it unless that is clearly wrong."""
    return _odds("line", SIGNS, row) > 0


def in_doubt(row: tuple[float, ...]) -> bool:
    """Whether it is worth looking at what both readings lead to: hardly any change of subject lies below."""
    return _odds("line", SIGNS, row) > float(learned()["doubt"])


def begins_anew(row: tuple[float, ...]) -> bool:
    """The same as stands_alone, of SIGNS and LOOKED together."""
    return _odds("looked", (*SIGNS, *LOOKED), row) > 0


def _odds(line: str, names: tuple[str, ...], row: tuple[float, ...]) -> float:
    stored = learned()[line]
    weights = np.array([stored["weights"][name] for name in names])
    return float(np.dot(row, weights)) + float(stored["bias"])


@cache
def learned() -> Any:
    """Two lines, each with its weights and its bias less the bar, and the odds from which there is doubt; trained by
    scripts/train_turns.py."""
    return json.loads((resources.files("advisor") / "models" / "turns.json").read_text("utf-8"))
