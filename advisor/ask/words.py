"""How rare words are and which may stand for one another, from the table of scripts/build_words.py."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

from advisor.ask.figures import figures, folded
from advisor.text import CJK, STOP_EN, STOP_ZH, stem, tokens

_RUN = re.compile(f"[{CJK}]+|[^{CJK}]+")
_CHINESE = re.compile(f"[{CJK}]")
_LATIN = re.compile(r"[a-z0-9]+(?:[.&/+'-][a-z0-9]+)*")
_PLACED = re.compile(rf"[{CJK}]+|[a-z0-9]+")
_LONGEST = 4
_UNSEEN = 9.0  # rarity of a word the table does not have
# Likeness from which a word counts as said in other words, and from which as fully so.
_LEAST, _FULL = 0.22, 0.5


@cache
def _lines() -> dict[str, str]:
    packed = (resources.files("advisor") / "models" / "support_words.txt.gz").read_bytes()
    rows = (line.partition("\t") for line in gzip.decompress(packed).decode().splitlines())
    return {word: rest for word, _, rest in rows}


def is_word(english: str) -> bool:
    """Whether the table has an English word, in any of its forms."""
    return stem(english) in _lines()


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    rarity: float
    near: Mapping[str, float] = field(hash=False, compare=False)


@lru_cache(maxsize=20_000)
def _word(text: str) -> Word:
    line = _lines().get(text)
    if line is None:
        return Word(text, _UNSEEN if len(text) > 1 else 5.0, {})
    rarity, *near = line.split("\t")
    pairs = zip(near[::2], near[1::2], strict=True)
    return Word(text, min(int(rarity) / 10, _UNSEEN), {w: int(p) / 100 for w, p in pairs})


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[Word, ...]:
    """The words that carry meaning, in order: Chinese ones by the longest entry, English ones as stems; figures left out."""
    text = folded(text)
    for figure in reversed(figures(text)):
        text = text[: figure.start] + " " + text[figure.start + len(figure.shown) :]
    return tuple(_word(w) for run in _RUN.findall(text) for w in _split(run))


@lru_cache(maxsize=50_000)
def _stems(word: str) -> tuple[str, ...]:
    return tuple(t for t in tokens(word) if t not in STOP_EN and not t.startswith("="))


def _split(run: str) -> Iterator[str]:
    if not _CHINESE.match(run):
        for word in _LATIN.findall(run):
            yield from _stems(word)
        return
    known, at = _lines(), 0
    while at < len(run):
        size = next((n for n in range(min(_LONGEST, len(run) - at), 1, -1) if run[at : at + n] in known), 1)
        word = run[at : at + size]
        at += size
        if all(c in STOP_ZH for c in word):
            continue
        # 绿色工厂 and 智能工厂 are alike only by half: a compound is compared part by part.
        halves = (word[:2], word[2:])
        yield from halves if size == 4 and all(h in known for h in halves) else (word,)


@lru_cache(maxsize=4096)
def beside(text: str) -> tuple[tuple[Word, Word], ...]:
    """Pairs of words with nothing between them but a blank, a hyphen or a possessive."""
    pairs: list[tuple[Word, Word]] = []
    last: tuple[Word, int] | None = None
    for word, start, end in _placed(folded(text)):
        if last and re.fullmatch(r"(?:'s|’s)?[ -]?", folded(text)[last[1] : start]):
            pairs.append((last[0], word))
        last = (word, end)
    return tuple(pairs)


def _placed(text: str) -> Iterator[tuple[Word, int, int]]:
    for match in _PLACED.finditer(text):
        at = match.start()
        if _CHINESE.match(match[0]):
            for part in _split(match[0]):
                at = text.index(part, at)
                yield _word(part), at, at + len(part)
                at += len(part)
        elif match[0] not in STOP_EN:
            for part in _stems(match[0])[:1]:
                yield _word(part), match.start(), match.end()


@dataclass(frozen=True, eq=False)
class Held:
    """Words to compare with: what they are, and all their letters; looked up by identity, `held` gives one a text."""

    words: frozenset[str]
    letters: str

    @classmethod
    def of(cls, text: str) -> Held:
        return cls(frozenset(w.text for w in words(text)), folded(text))


@lru_cache(maxsize=4096)
def held(text: str) -> Held:
    return Held.of(text)


@lru_cache(maxsize=50_000)
def likeness(word: Word, other: Held) -> float:
    """0 to 1: whether the other text has the word, a part of it, or one that may stand for it."""
    if word.text in other.words:
        return 1.0
    best = max((p for w, p in word.near.items() if w in other.words), default=0.0)
    likely = min(1.0, max(0.0, best - _LEAST) / (_FULL - _LEAST))
    if not _CHINESE.match(word.text):
        return likely
    if word.text in other.letters:
        return 1.0
    return max(likely, max((_shared(word.text, w) for w in other.words), default=0.0))


def _shared(word: str, other: str) -> float:
    """How far two Chinese words have characters in common: 员工 and 职工 half."""
    both = len(set(word) & set(other))
    return 0.7 * both / max(len(word), len(other)) if both else 0.0


def is_common(word: str) -> bool:
    """Whether the table has it, in which words that are mostly names do not stand."""
    return word.lower() in STOP_EN or any(t in _lines() for t in tokens(word))
