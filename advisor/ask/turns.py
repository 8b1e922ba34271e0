"""Whether a further turn goes on with the last one or begins anew: who changes the subject seldom says so."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from functools import cache
from importlib import resources

import numpy as np

from advisor.ask.lexicon import Lexicon
from advisor.ask.nearness import Floats
from advisor.ask.query import CORRECTS, POINTS_BACK, understand
from advisor.ask.sentences import SentenceChooser, asked_words
from advisor.generation import Generation
from advisor.model import Query, Question
from advisor.ports import Embedder

SIGNS = (
    "alone", "joined", "gain", "same_document", "words", "points_back", "begins_anew", "own_place", "own_trade", "own_term", "own_figure", "close", "short", "corrects", "new_term",
)  # fmt: skip
_BEGINS = re.compile(r"^\s*(?:那|那么|还有|and\b|but\b|so\b|then\b|what about|how about|ok\b)", re.I)


def understood(question: Question, lexicon: Lexicon, generation: Generation, embedder: Embedder, as_of: date) -> Query:
    """The question as it is meant: with the turns before it, or without them where it stands alone."""
    query = understand(question, lexicon, as_of)
    if not query.previous or query.command:
        return query
    alone = understand(replace(question, history=()), lexicon, as_of)
    row = signs(query, alone, generation, lexicon, embedder)
    return alone if stands_alone(row) else query


def signs(
    query: Query, alone: Query, generation: Generation, lexicon: Lexicon, embedder: Embedder
) -> tuple[float, ...]:
    """In the order of SIGNS, of one turn read with those before it and without."""
    by_itself = SentenceChooser(alone, generation, lexicon, embedder).known.best[:1]
    together = SentenceChooser(query, generation, lexicon, embedder).known.best[:1]
    a, b = (best[0].score if best else 0.0 for best in (by_itself, together))
    vectors = lexicon.sentence_vectors([query.text, query.previous or ""], embedder)
    words = len(asked_words(query.text))
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
    )


def stands_alone(row: tuple[float, ...]) -> bool:
    """What training taught; a turn is read with the ones before it unless that is clearly wrong."""
    weights, bias = learned()
    return float(np.dot(row, weights)) + bias > 0


@cache
def learned() -> tuple[Floats, float]:
    """(weights in the order of SIGNS, bias less the bar), trained by scripts/train_turns.py."""
    stored = json.loads((resources.files("advisor") / "models" / "turns.json").read_text("utf-8"))
    return np.array([stored["weights"][name] for name in SIGNS]), float(stored["bias"])
