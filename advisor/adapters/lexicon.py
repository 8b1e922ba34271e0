"""Words of one language → index terms of the other, from the lexicon built by scripts/build_lexicon.py."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from advisor.model import Language
from advisor.text import CJK, STOP_ZH, fold, tokens

LEXICON = Path(__file__).resolve().parents[1] / "models" / "lexicon" / "lexicon.json.gz"
_LONGEST_WORD = 8
_HAN = re.compile(f"[{CJK}]+")

Links = dict[str, list[tuple[str, int]]]


@cache
def _links(path: Path = LEXICON) -> dict[str, Links]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        stored: dict[str, Links] = json.load(file)
    return stored


def _chinese_words(run: str, known: Links, longest: int = _LONGEST_WORD) -> Iterator[tuple[str, float]]:
    """Longest words of the lexicon from left to right, each long word followed at half weight by the words inside it."""
    at = 0
    while at < len(run):
        size = next((n for n in range(min(longest, len(run) - at), 0, -1) if run[at : at + n] in known), 1)
        word = run[at : at + size]
        yield word, 1.0
        if size >= 4:
            yield from ((part, 0.5 * weight) for part, weight in _chinese_words(word, known, size - 1) if len(part) > 1)
        at += size


def _source_words(text: str, source: Language, known: Links) -> Iterator[tuple[str, float]]:
    if source == "zh":
        for run in _HAN.findall(fold(text)):
            yield from ((word, weight) for word, weight in _chinese_words(run, known) if word not in STOP_ZH)
    else:
        yield from ((stem, 1.0) for stem in tokens(_HAN.sub(" ", text)))


def translate(text: str, into: Language) -> list[tuple[str, float]]:
    """Likely terms of the other language with weights, strongest first: English stems, or Chinese words of two characters or more.

    Each word of the text shares a weight of one among its translations, a word inside a longer one half of that.
    """
    return list(_translated(text, into))


@lru_cache(maxsize=1024)
def _translated(text: str, into: Language) -> tuple[tuple[str, float], ...]:
    """Remembered, for a question is translated at every step."""
    source: Language = "en" if into == "zh" else "zh"
    known = _links()[source]
    words: dict[str, float] = {}
    for word, weight in _source_words(text, source, known):
        words[word] = max(weight, words.get(word, 0.0))
    weights: dict[str, float] = {}
    for word, weight in words.items():
        links = known.get(word, [])
        total = sum(percent for _, percent in links)
        for term, percent in links:
            weights[term] = weights.get(term, 0.0) + weight * percent / total
    return tuple(sorted(weights.items(), key=lambda item: (-item[1], item[0])))
