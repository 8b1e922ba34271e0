"""One fact is told once: what two documents say alike is one statement, cited from both."""

from __future__ import annotations

from dataclasses import replace

from advisor.ask.ground import PLACE_BOUND, Ground
from advisor.ask.sentences import shares_words
from advisor.model import Citation, Statement
from advisor.text import fold, quantities

_SAME_WORDS = 0.6  # share of their words
_SAME, _NEARLY_THE_SAME = 0.9, 0.7  # cosine
_TELLING = 2  # figures from which two sentences that share them all are likely to tell one fact


def is_told(ground: Ground, statement: Statement, chosen: list[Statement]) -> bool:
    """Whether one of these tells it already; a quotation of another document that says all of that is cited with it."""
    for i, earlier in enumerate(chosen):
        again = next((c for c in statement.citations if any(_repeats(ground, c, t) for t in earlier.citations)), None)
        if again is None:
            continue
        if again.document in {c.document for c in earlier.citations}:
            return True
        if statement.kind == earlier.kind == "quoted" and _figures(earlier.text) <= _figures(again.quote):
            chosen[i] = replace(earlier, citations=(*earlier.citations, again))
            return True
    return False


def says_the_same(a: str, b: str) -> bool:
    """Nearly the same words with the same figures; other figures make it another fact."""
    return shares_words(a, b) > _SAME_WORDS and _figures(a) == _figures(b)


def _repeats(ground: Ground, one: Citation, other: Citation) -> bool:
    """Nearly the same words, or no other figures in a sentence that means the same or, from two figures on, nearly so."""
    if one.document != other.document and not _may_tell_one_fact(ground, one, other):
        return False
    if says_the_same(one.quote, other.quote):
        return True
    told, again = _figures(one.quote), _figures(other.quote)
    shared = len(told & again)
    if not shared or not (again <= told or told <= again) or one.language != other.language:
        return False
    if one.document != other.document and shared < _TELLING:
        return False
    a, b = ground.lexicon.sentence_vectors([one.quote, other.quote], ground.embedder)
    return float(a @ b) > (_NEARLY_THE_SAME if shared >= _TELLING else _SAME)


def _may_tell_one_fact(ground: Ground, one: Citation, other: Citation) -> bool:
    """Of two rules each speaks of itself, and two places are two places."""
    if all(ground.generation.documents[c.document].kind in PLACE_BOUND for c in (one, other)):
        return False
    a, b = ({m.id for m in ground.lexicon.places.find(c.quote)} for c in (one, other))
    return a <= b or b <= a


def _figures(text: str) -> set[object]:
    return {q.key for q in quantities(fold(text))}
