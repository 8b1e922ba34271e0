"""Where in a passage the words stand that a model says it used: offsets are computed, never believed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from advisor.model import Citation, Passage
from advisor.text import detect_language, sentences, tokens

_LEAST_EXACT = 4  # letters of a quote that must agree to count as found
_LEAST_LIKE = 0.55  # share of a quote's words that one sentence must hold to be what was meant
_LEAST_TEXT = 0.3  # the same, where the model gave no quote and its own words stand for one
_ELLIPSIS = re.compile(r"…+|\.{3,}|⋯+")


def locate(text: str, quotes: Sequence[str], passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """Whole sentences of these passages that hold the quotes; () where a quote stands in none of them."""
    pieces = [p for q in quotes for p in _ELLIPSIS.split(q) if len(_letters(p)) >= _LEAST_EXACT]
    if not pieces:
        return _merged([c for p in passages if (c := _likest(text, p, _LEAST_TEXT))])
    found: list[Citation] = []
    for piece in pieces:
        here = next((c for p in passages if (c := _verbatim(piece, p))), None)
        here = here or max(
            (c for p in passages if (c := _likest(piece, p, _LEAST_LIKE))),
            key=lambda c: _share(piece, c.quote),
            default=None,
        )
        if here is None:
            return ()
        found.append(here)
    return _merged(found)


def _merged(found: Sequence[Citation]) -> tuple[Citation, ...]:
    return tuple({(c.passage, c.start, c.end): c for c in found}.values())


def cite(passage: Passage, start: int, end: int) -> Citation:
    """`start` and `end` count in the passage; the citation counts in its document."""
    return Citation(
        passage.document,
        passage.language,
        passage.id,
        passage.text[start:end],
        passage.start + start,
        passage.start + end,
        passage.at,
    )


def _verbatim(quote: str, passage: Passage) -> Citation | None:
    """The sentences that a quote runs through, compared by letters and digits alone."""
    letters, places = _squashed(passage.text)
    wanted = _letters(quote)
    at = letters.find(wanted)
    if at < 0:
        return None
    first, last = places[at], places[at + len(wanted) - 1]
    spans = [(a, b) for a, b in sentences(passage.text) if a <= last and b > first]
    return cite(passage, spans[0][0], spans[-1][1]) if spans else None


def _likest(words: str, passage: Passage, least: float) -> Citation | None:
    best, score = None, 0.0
    for a, b in sentences(passage.text):
        share = _share(words, passage.text[a:b])
        if share > score:
            best, score = (a, b), share
    return cite(passage, *best) if best and score >= least else None


def _share(words: str, sentence: str) -> float:
    """Share of the words that the sentence holds."""
    own, there = set(tokens(words)), set(tokens(sentence))
    return len(own & there) / len(own) if own else 0.0


def longest_new_run(text: str, quotes: Sequence[str], names: Iterable[str]) -> int:
    """Index terms in a row that stand neither in the quotes nor in the names of their documents; 0 across languages."""
    if all(detect_language(q) != detect_language(text) for q in quotes):
        return 0
    held = {t for words in (*quotes, *names) for t in tokens(words)}
    longest = run = 0
    for token in tokens(text):
        run = 0 if token in held or token.startswith("=") else run + 1
        longest = max(longest, run)
    return longest


@lru_cache(maxsize=4_000)
def _squashed(text: str) -> tuple[str, tuple[int, ...]]:
    """Letters and digits of a text, and where each stands in it."""
    letters: list[str] = []
    places: list[int] = []
    for i, char in enumerate(text):
        for c in unicodedata.normalize("NFKC", char).lower():
            if c.isalnum():
                letters.append(c)
                places.append(i)
    return "".join(letters), tuple(places)


def _letters(text: str) -> str:
    return _squashed(text)[0]


__all__ = ["cite", "locate", "longest_new_run"]
