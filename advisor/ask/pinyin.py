"""Chinese typed in Latin letters without tones, read back into characters by what the corpus and its known questions write."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from advisor.ask.lexicon import Lexicon
from advisor.text import CJK, fold

_WORD = re.compile(r"[A-Za-zÜü]+")
_LEAST_WORDS = 4
_LEAST_PINYIN = 0.8  # share of the words that are syllables; of 8,000 English questions none came to more than .72
_LONGEST = 6  # letters of a syllable
_BEAM = 60
_LIKE_A_PERSON = 4  # what a question counts beside a sentence of a document
_TRIPLE, _PAIR = 0.6, 0.35  # what is believed of three and of two characters in a row; the rest of one alone


def read_back(text: str, lexicon: Lexicon) -> str:
    """The same text, in characters where nearly all of it is typed by sound; names in Latin letters stay.

    >>> read_back("What does Longyan pay?", None)
    'What does Longyan pay?'
    """
    words = [m[0] for m in _WORD.finditer(text)]
    spelled = sum(bool(syllables(w)) for w in words)
    if len(words) < _LEAST_WORDS or spelled < _LEAST_PINYIN * len(words) or re.search(f"[{CJK}]", text):
        return text
    return "".join(_characters(run, lexicon) if by_sound else run for run, by_sound in _runs(text))


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """(piece, whether it is typed by sound): such words in a row are one piece, without the blanks between them."""
    run = ""
    at = 0
    for word in _WORD.finditer(text):
        between = text[at : word.start()]
        if run and between.strip():
            yield run, True
            run = ""
        if not run and between:
            yield between, False
        if syllables(word[0]):
            run += f" {word[0]}"
        else:
            if run:
                yield run, True
                run = ""
            yield word[0], False
        at = word.end()
    if run:
        yield run, True
    yield text[at:], False


@lru_cache(maxsize=4096)
def syllables(word: str) -> tuple[str, ...]:
    """The fewest syllables that a word falls into; () where it does not.

    >>> syllables("gaizao"), syllables("qipei"), syllables("Zhongshan"), syllables("plant")
    (('gai', 'zao'), ('qi', 'pei'), ('zhong', 'shan'), ())
    """
    low = word.lower().replace("ü", "v")
    best: list[tuple[str, ...] | None] = [()] + [None] * len(low)
    for end in range(1, len(low) + 1):
        for start in range(max(0, end - _LONGEST), end):
            before, piece = best[start], low[start:end]
            if before is None or piece not in _sounds():
                continue
            here = best[end]
            if here is None or len(before) + 1 < len(here):
                best[end] = (*before, piece)
    return best[-1] or ()


@cache
def _sounds() -> dict[str, str]:
    """Syllable → the characters that are read so."""
    read, also = readings("read"), readings("also")
    return {s.replace("ü", "v"): read.get(s, "") + also.get(s, "") for s in {*read, *also}}


@cache
def readings(kind: Literal["read", "also"]) -> Mapping[str, str]:
    """Syllable → the characters that are mostly read so, or `also`: the table of scripts/build_pinyin.py."""
    path = resources.files("advisor") / "models" / "pinyin.json"
    found: dict[str, str] = json.loads(path.read_text("utf-8"))[kind]
    return found


def _characters(run: str, lexicon: Lexicon) -> str:
    """The likeliest characters of these syllables, by a beam over rows of three."""
    counts, total = _written(lexicon)
    beam: list[tuple[float, str]] = [(0.0, "")]
    for sound in (s for word in run.split() for s in syllables(word)):
        grown = [
            (odds + _likely(so_far[-2:], c, counts, total), so_far + c)
            for odds, so_far in beam
            for c in _sounds()[sound]
        ]
        beam = sorted(grown, reverse=True)[:_BEAM]
    return beam[0][1]


def _likely(before: str, character: str, counts: Counter[str], total: int) -> float:
    """Log of the chance of a character after these two, from rows of three, two and one."""
    chance = (1 - _TRIPLE - _PAIR) * (counts[character] + 0.01) / total
    if before:
        chance += _PAIR * counts[before[-1] + character] / (counts[before[-1]] or 1)
    if len(before) == 2:  # noqa: PLR2004
        chance += _TRIPLE * counts[before + character] / (counts[before] or 1)
    return math.log(chance)


@lru_cache(maxsize=2)
def _written(lexicon: Lexicon) -> tuple[Counter[str], int]:
    """How often one, two and three characters stand in a row, and how many there are; counted with the first such question."""
    counts: Counter[str] = Counter()
    total = 0
    for text, weight in _texts(lexicon):
        for run in re.findall(f"[{CJK}]+", fold(text)):
            total += weight * len(run)
            for n in (1, 2, 3):
                for i in range(len(run) - n + 1):
                    counts[run[i : i + n]] += weight
    return counts, total


def _texts(lexicon: Lexicon) -> Iterable[tuple[str, int]]:
    for document in lexicon.documents.values():
        yield document.texts.get("zh", ""), 1
        for question in document.questions:
            for wording in question.asked.get("zh", ()):
                yield wording, _LIKE_A_PERSON
