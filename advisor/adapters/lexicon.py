"""Words of one language → index terms of the other, from the lexicon built by scripts/build_lexicon.py."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
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


def _chinese_words(text: str, known: Links) -> Iterator[str]:
    """Longest words of the lexicon from left to right; characters that it does not know are passed over."""
    for run in _HAN.findall(fold(text)):
        at = 0
        while at < len(run):
            size = next((n for n in range(min(_LONGEST_WORD, len(run) - at), 0, -1) if run[at : at + n] in known), 1)
            yield run[at : at + size]
            at += size


def translate(text: str, into: Language) -> list[tuple[str, float]]:
    """Likely terms of the other language with weights, strongest first: English stems, or Chinese words of two characters or more.

    Each word of the text has a weight of one to share among its translations.
    """
    source = "en" if into == "zh" else "zh"
    known = _links()[source]
    words = [w for w in _chinese_words(text, known) if w not in STOP_ZH] if source == "zh" else tokens(_HAN.sub(" ", text))
    weights: dict[str, float] = {}
    for word in dict.fromkeys(words):
        links = known.get(word, [])
        total = sum(percent for _, percent in links)
        for term, percent in links:
            weights[term] = weights.get(term, 0.0) + percent / total
    return sorted(weights.items(), key=lambda item: (-item[1], item[0]))
