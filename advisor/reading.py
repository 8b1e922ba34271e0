"""Sentences of passages read once, at ingest: where each stands, its words, letters, figures and pieces, column by column."""

from __future__ import annotations

import re
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from advisor.model import Document, Language, Passage, context
from advisor.offers import listed, signs_in
from advisor.ports import Embedder, PieceEmbedder, Ragged
from advisor.text import CJK, fold, quantities, sentences, tokens, tokens_of_folded

Integers = npt.NDArray[np.intp]

KINDS = ("money", "percent", "date", "level", "number")  # a bit each in `kinds`, in this order
_STANDS_ALONE = re.compile(r"[。.！？!?；;:：]$|\d")
_CHARACTER = re.compile(f"[{CJK}]")
_LONG_WORD = re.compile(r"[a-z]{4,}")
_TRIGRAMS = 0xA000  # where numbers of letter trigrams begin, between the blocks of Chinese characters
_TOGETHER = 512  # texts cut into pieces at once


def number_of(word: str) -> int:
    """An index term as a number: a question's words are compared with millions, and two of those are hardly ever the same."""
    return zlib.crc32(word.encode())


def numbers(words: Iterable[str]) -> npt.NDArray[np.uint32]:
    return np.array([number_of(w) for w in words], dtype=np.uint32)


def letters(text: str) -> npt.NDArray[np.uint16]:
    """Single Chinese characters, and letter trigrams of English words: words that differ by a typo or a suffix still meet."""
    return np.array(sorted(_letters(fold(text))), dtype=np.uint16)


def _letters(folded: str) -> set[int]:
    found = {ord(c) for c in _CHARACTER.findall(folded)}
    for word in _LONG_WORD.findall(folded):
        at = [ord(c) - 97 for c in word]
        found.update(_TRIGRAMS + (a * 26 + b) * 26 + c for a, b, c in zip(at, at[1:], at[2:], strict=False))
    return found


def spoken(passage: Passage) -> list[tuple[int, int]]:
    """Where in the document's text the sentences of a passage stand that can stand alone: a heading or a stub cannot."""
    found = []
    for a, b in sentences(passage.text):
        text = passage.text[a:b]
        if len(text) >= 25 or _STANDS_ALONE.search(text):
            found.append((passage.start + a, passage.start + b))
    return found


@dataclass(frozen=True)
class Reading:
    """Sentences in the order of their passages. Offsets count in the document's text, twins are those of the other language."""

    first: npt.NDArray[np.int64]  # (passages + 1,): sentences of passage i are rows first[i] to first[i + 1]
    about: Ragged  # a row a passage: numbers of the words of its title, names and headings
    headings: Ragged  # a row a passage: pieces of its last heading; empty where the embedder has none
    heading_lengths: npt.NDArray[np.float32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    twin_start: npt.NDArray[np.int32]  # equal to twin_end where there is no twin
    twin_end: npt.NDArray[np.int32]
    kinds: npt.NDArray[np.uint8]
    levels: npt.NDArray[np.uint16]  # bit n for level n
    signs: npt.NDArray[np.uint16]  # a bit each of offers.SIGNS
    listed: npt.NDArray[np.uint8]
    years: Ragged
    words: Ragged
    letters: Ragged
    twin_words: Ragged
    pieces: Ragged
    lengths: npt.NDArray[np.float32]  # of the sum of the pieces' vectors
    twins: Ragged
    twin_lengths: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.first) - 1

    @cached_property
    def passage(self) -> Integers:
        """(sentences,): which passage each stands in."""
        return np.repeat(np.arange(len(self)), np.diff(self.first))

    def of(self, passages: Sequence[int] | Integers) -> Reading:
        """The reading of these passages, in that order."""
        at = np.asarray(passages, dtype=np.intp)
        rows = Ragged(np.arange(len(self.start)), self.first).of(at)
        by_passage: dict[str, Any] = {
            n: getattr(self, n)[at] if n.endswith("lengths") else getattr(self, n).of(at) for n in _BY_PASSAGE
        }
        by_sentence: dict[str, Any] = {
            n: column.of(rows.values) if isinstance(column := getattr(self, n), Ragged) else column[rows.values]
            for n in _BY_SENTENCE
        }
        return Reading(first=rows.begins, **by_passage, **by_sentence)

    def save(self, directory: Path) -> None:
        directory.mkdir(parents=True)
        for name, column in self._columns():
            np.save(directory / f"{name}.npy", column)

    @classmethod
    def load(cls, directory: Path) -> Reading:
        def column(name: str) -> Any:
            if (directory / f"{name}.npy").exists():
                return np.load(directory / f"{name}.npy")
            return Ragged(*(np.load(directory / f"{name}-{part}.npy") for part in ("values", "begins")))

        return cls(**{f.name: column(f.name) for f in fields(cls)})

    def _columns(self) -> Iterable[tuple[str, npt.NDArray[Any]]]:
        for field in fields(self):
            column = getattr(self, field.name)
            if isinstance(column, Ragged):
                yield f"{field.name}-values", column.values
                yield f"{field.name}-begins", column.begins
            else:
                yield field.name, column

    def same(self, other: Reading) -> bool:
        pairs = zip(self._columns(), other._columns(), strict=True)
        return all(np.array_equal(a, b) for (_, a), (_, b) in pairs)


_BY_PASSAGE = ("about", "headings", "heading_lengths")
_BY_SENTENCE = tuple(f.name for f in fields(Reading) if f.name not in ("first", *_BY_PASSAGE))


def joined(earlier: Reading, later: Reading) -> Reading:
    """The passages of both, one after the other."""
    columns: dict[str, Any] = {}
    for field in fields(Reading):
        a, b = getattr(earlier, field.name), getattr(later, field.name)
        if field.name == "first":
            columns["first"] = np.concatenate([a, b[1:] + a[-1]])
        elif isinstance(a, Ragged):
            columns[field.name] = Ragged(
                np.concatenate([a.values, b.values]), np.concatenate([a.begins, b.begins[1:] + a.begins[-1]])
            )
        else:
            columns[field.name] = np.concatenate([a, b])
    return Reading(**columns)


class _Rows:
    """A ragged column in the making; lists of lists would take ten times the memory."""

    def __init__(self, code: str) -> None:
        self._values, self._begins = array(code), array("q", [0])

    def add(self, values: Iterable[int]) -> None:
        self._values.extend(values)
        self._begins.append(len(self._values))

    def done(self) -> Ragged:
        return Ragged(np.array(self._values), np.array(self._begins, dtype=np.int64))


def read(passages: Sequence[Passage], documents: Mapping[str, Document], embedder: Embedder) -> Reading:
    """Every sentence of the passages, once."""
    first, about, years, words, letters_of, twin_words = (_Rows(c) for c in "qIHIHI")
    spans: list[tuple[int, int, int, int]] = []
    shown: list[tuple[int, int, int, int]] = []
    said: list[str] = []
    twins: list[str] = []
    aligned: dict[tuple[str, Language], dict[int, tuple[int, int]]] = {}
    for passage in passages:
        document = documents[passage.document]
        key = (document.id, passage.language)
        if key not in aligned:
            aligned[key] = alike_in_both(document, passage.language)
        about.add(sorted({number_of(t) for t in tokens(context(document, passage))}))
        for a, b in spoken(passage):
            text = passage.text[a - passage.start : b - passage.start]
            folded = fold(text)
            found = quantities(folded)
            c, d = aligned[key].get(a, (0, 0))
            twin = document.texts[other_language(passage.language)][c:d] if d else ""
            spans.append((a, b, c, d))
            shown.append((_kinds({q.kind for q in found}), _levels(found), signs_in(text), listed(text)))
            years.add(sorted({q.value[0] for q in found if q.kind == "date" and isinstance(q.value, tuple)}))
            words.add(sorted({number_of(t) for t in tokens_of_folded(folded)}))
            letters_of.add(sorted(_letters(folded)))
            twin_words.add(sorted({number_of(t) for t in tokens(twin)}))
            said.append(text)
            twins.append(twin)
        first.add([len(said)])
    quantities.cache_clear()  # it remembers the figures of questions
    pieces, lengths = _pieces(said, embedder)
    of_twins, twin_lengths = _pieces(twins, embedder)
    of_headings, heading_lengths = _pieces([last_heading(p) for p in passages], embedder)
    start, end, twin_start, twin_end = np.array(spans, dtype=np.int32).reshape(-1, 4).T
    kinds, levels, signs, listing = np.array(shown, dtype=np.uint16).reshape(-1, 4).T
    return Reading(
        first=np.concatenate([[0], first.done().values]).astype(np.int64),
        about=about.done(),
        headings=of_headings,
        heading_lengths=heading_lengths,
        start=start,
        end=end,
        twin_start=twin_start,
        twin_end=twin_end,
        kinds=kinds.astype(np.uint8),
        levels=levels,
        signs=signs,
        listed=listing.astype(np.uint8),
        years=years.done(),
        words=words.done(),
        letters=letters_of.done(),
        twin_words=twin_words.done(),
        pieces=pieces,
        lengths=lengths,
        twins=of_twins,
        twin_lengths=twin_lengths,
    )


def last_heading(passage: Passage) -> str:
    return passage.heading.rpartition(" › ")[2]


def under_its_heading(passage: Passage, text: str) -> str:
    """A sentence as the cross-encoder reads it: behind the heading that it stands under."""
    heading = last_heading(passage)
    return f"{heading}{'：' if passage.language == 'zh' else ': '}{text}" if heading else text


def other_language(language: Language) -> Language:
    return "en" if language == "zh" else "zh"


def alike_in_both(document: Document, language: Language) -> dict[int, tuple[int, int]]:
    """Start of a sentence → where the same one stands in the other language; our digests say one fact a line in both.

    Versions of unequal length are left alone.
    """
    other = other_language(language)
    if language not in document.texts or other not in document.texts:
        return {}
    own, twin = sentences(document.texts[language]), sentences(document.texts[other])
    return {a: there for (a, _), there in zip(own, twin, strict=True)} if len(own) == len(twin) else {}


def _kinds(found: set[str]) -> int:
    return sum(1 << i for i, kind in enumerate(KINDS) if kind in found)


def _levels(found: Iterable[Any]) -> int:
    levels = {int(q.value) for q in found if q.kind == "level" and not isinstance(q.value, tuple)}
    return sum(1 << n for n in levels if n < 16)


def _pieces(texts: Sequence[str], embedder: Embedder) -> tuple[Ragged, npt.NDArray[np.float32]]:
    """(pieces, length of their vectors' sum) of each text; none where the embedder's vectors are no sums of pieces'."""
    if not isinstance(embedder, PieceEmbedder):
        return Ragged(np.zeros(0, np.int32), np.zeros(len(texts) + 1, np.int64)), np.zeros(len(texts), np.float32)
    parts = [embedder.cut(texts[at : at + _TOGETHER]) for at in range(0, len(texts), _TOGETHER)] or [embedder.cut([])]
    ends = [0, *np.cumsum([len(cut.values) for cut, _ in parts]).tolist()]
    begins = [cut.begins[:-1] + at for (cut, _), at in zip(parts, ends[:-1], strict=True)]
    values = np.concatenate([cut.values for cut, _ in parts])
    return Ragged(values, np.concatenate([*begins, ends[-1:]])), np.concatenate([lengths for _, lengths in parts])
