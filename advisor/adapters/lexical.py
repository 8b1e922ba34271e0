"""BM25 over our own tokens as numpy arrays, stored beside the vectors of a generation.

The formula is Lucene's, as bm25s has it and a test holds ours against it. What is stored are counts, not scores: a later
index starts from them, and only new passages are split into words.
"""

from __future__ import annotations

import json
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from advisor.nearest import highest
from advisor.ports import Earlier
from advisor.text import quantities, terms, tokens

_K1, _B = 1.2, 0.6

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class _Postings:
    """How often which term stands in which passage: rows sorted by term, then passage."""

    ids: list[str]
    terms: list[str]
    begins: npt.NDArray[np.int64]  # rows of term t: begins[t] to begins[t + 1]
    passages: Ints
    counts: Ints
    lengths: Ints  # tokens of each passage

    def save(self, directory: Path) -> None:
        directory.mkdir(parents=True)
        for name in ("ids", "terms"):
            (directory / f"{name}.json").write_text(json.dumps(getattr(self, name), ensure_ascii=False), "utf-8")
        for name in ("begins", "passages", "counts", "lengths"):
            np.save(directory / f"{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, directory: Path) -> _Postings:
        lists = (json.loads((directory / f"{name}.json").read_text("utf-8")) for name in ("ids", "terms"))
        arrays: Any = (np.load(directory / f"{name}.npy") for name in ("begins", "passages", "counts", "lengths"))
        return cls(*lists, *arrays)

    def scores(self) -> npt.NDArray[np.float32]:
        """What each row adds to a question that holds its term once."""
        if not self.ids:
            return np.zeros(0, dtype=np.float32)
        frequency = np.diff(self.begins)
        idf = np.log(1 + (len(self.ids) - frequency + 0.5) / (frequency + 0.5))
        norm = _K1 * (1 - _B + _B * self.lengths / (self.lengths.mean() or 1.0))
        scores = self.counts / (norm[self.passages] + self.counts)
        scores *= np.repeat(
            idf.astype(np.float32), frequency
        )  # rounded as bm25s rounds: the same scores to the last bit
        return scores.astype(np.float32)


class Bm25Index:
    def __init__(self, directory: Path) -> None:
        held = _Postings.load(directory)
        self._ids, self._begins, self._passages, self._scores = held.ids, held.begins, held.passages, held.scores()
        self._row = {term: row for row, term in enumerate(held.terms)}

    def search(self, parts: Sequence[tuple[str, float]], k: int) -> list[tuple[str, float]]:
        if not self._ids:
            return []
        scores = np.zeros(len(self._ids), dtype=np.float32)
        weights: dict[str, float] = {}
        for text, weight in parts:
            for token in dict.fromkeys(terms(text)):
                weights[token] = weights.get(token, 0.0) + weight
        # Straight over the postings: one pass per part over all passages would cost more than the words themselves.
        for token, weight in weights.items():
            if weight and (row := self._row.get(token)) is not None:
                span = slice(self._begins[row], self._begins[row + 1])
                scores[self._passages[span]] += weight * self._scores[span]
        k = min(k, len(scores))
        best = highest(scores, k)
        # Equal scores are ordered by position, so that two runs give the same list.
        best = best[np.lexsort((best, -scores[best]))]
        return [(self._ids[i], float(scores[i])) for i in best if scores[i] > 0]

    def idf(self, token: str) -> float:
        row = self._row.get(token)
        return self._idf(0 if row is None else int(self._begins[row + 1] - self._begins[row]))

    @lru_cache(maxsize=4096)  # noqa: B019 - lives as long as the generation
    def _idf(self, frequency: int) -> float:
        return math.log(1 + (len(self._ids) - frequency + 0.5) / (frequency + 0.5))


class Bm25Engine:
    def build(self, directory: Path, rows: Sequence[tuple[str, str]]) -> None:
        _counted(rows).save(directory)

    def extend(self, directory: Path, rows: Sequence[tuple[str, str]], earlier: Earlier) -> None:
        """The same files as `build` writes, with the counts of what did not change taken from the earlier index."""
        before = _Postings.load(earlier.directory)
        fresh = _counted([row for row in rows if row[0] not in earlier.unchanged])
        _merged([id for id, _ in rows], [before, fresh], earlier.unchanged).save(directory)

    def open(self, directory: Path) -> Bm25Index:
        return Bm25Index(directory)


def _counted(rows: Iterable[tuple[str, str]]) -> _Postings:
    """One passage after the other, so that no list of all words is ever held."""
    known: dict[str, int] = {}
    ids: list[str] = []
    terms, passages, counts, lengths = (array("i") for _ in range(4))
    for at, (id, text) in enumerate(rows):
        words = Counter(tokens(text))
        ids.append(id)
        lengths.append(words.total())
        for word, count in words.items():
            terms.append(known.setdefault(word, len(known)))
            passages.append(at)
            counts.append(count)
    quantities.cache_clear()  # it remembers the figures of questions; those of the last passages only fill the memory
    return _sorted(ids, list(known), *(np.asarray(a, dtype=np.int32) for a in (terms, passages, counts, lengths)))


def _sorted(ids: list[str], names: list[str], terms: Ints, passages: Ints, counts: Ints, lengths: Ints) -> _Postings:
    """Terms in order of their letters, whatever the order of reading: equal passages give equal files."""
    order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), dtype=np.int32)
    place[order] = np.arange(len(names), dtype=np.int32)
    terms = place[terms]
    by_term = np.lexsort((passages, terms))
    begins = np.searchsorted(terms[by_term], np.arange(len(names) + 1)).astype(np.int64)
    return _Postings(ids, [names[i] for i in order], begins, passages[by_term], counts[by_term], lengths)


def _merged(ids: list[str], indexes: Sequence[_Postings], from_first: frozenset[str]) -> _Postings:
    """Of the first index the passages named, of the second all, in the order of `ids`."""
    position = {id: at for at, id in enumerate(ids)}
    names: dict[str, int] = {}
    lengths = np.zeros(len(ids), dtype=np.int32)
    columns: list[tuple[Ints, Ints, Ints]] = []
    for index, wanted in zip(indexes, (from_first, position.keys()), strict=True):
        to = np.array([position.get(id, -1) if id in wanted else -1 for id in index.ids], dtype=np.int32)
        lengths[to[to >= 0]] = index.lengths[to >= 0]
        passages = to[index.passages] if len(to) else index.passages
        kept = passages >= 0
        terms = np.repeat(np.arange(len(index.terms), dtype=np.int32), np.diff(index.begins))[kept]
        row = np.full(len(index.terms), -1, dtype=np.int32)
        for term in np.unique(terms):
            row[term] = names.setdefault(index.terms[term], len(names))
        columns.append((row[terms], passages[kept], index.counts[kept]))
    terms, passages, counts = (np.concatenate(c) for c in zip(*columns, strict=True))
    return _sorted(ids, list(names), terms, passages, counts, lengths)
