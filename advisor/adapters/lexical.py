"""bm25s: BM25 over our own tokens, stored beside the vectors of a generation."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from advisor.text import tokens


class Bm25Index:
    def __init__(self, directory: Path) -> None:
        import bm25s

        self._ids: list[str] = json.loads((directory / "ids.json").read_text("utf-8"))
        self._bm25 = bm25s.BM25.load(directory, load_corpus=False) if self._ids else None
        self._frequency: dict[str, int] = json.loads((directory / "frequency.json").read_text("utf-8"))

    def search(self, parts: Sequence[tuple[str, float]], k: int) -> list[tuple[str, float]]:
        if self._bm25 is None:
            return []
        scores = np.zeros(len(self._ids), dtype=np.float32)
        weights: dict[str, float] = {}
        for text, weight in parts:
            for token in dict.fromkeys(tokens(text)):
                weights[token] = weights.get(token, 0.0) + weight
        # Straight over the postings: one pass per part over all passages would cost more than the words themselves.
        held = self._bm25.scores
        for token, weight in weights.items():
            if weight and (row := self._bm25.vocab_dict.get(token)) is not None:
                span = slice(held["indptr"][row], held["indptr"][row + 1])
                scores[held["indices"][span]] += weight * held["data"][span]
        k = min(k, len(scores))
        best = np.argpartition(-scores, k - 1)[:k]
        # Equal scores are ordered by position, so that two runs give the same list.
        best = best[np.lexsort((best, -scores[best]))]
        return [(self._ids[i], float(scores[i])) for i in best if scores[i] > 0]

    def idf(self, token: str) -> float:
        return self._idf(self._frequency.get(token, 0))

    @lru_cache(maxsize=4096)  # noqa: B019 - lives as long as the generation
    def _idf(self, frequency: int) -> float:
        return math.log(1 + (len(self._ids) - frequency + 0.5) / (frequency + 0.5))


class Bm25Engine:
    def build(self, directory: Path, rows: Sequence[tuple[str, str]]) -> None:
        import bm25s

        directory.mkdir(parents=True)
        tokenised = [tokens(text) for _, text in rows]
        frequency = Counter(t for row in tokenised for t in set(row))
        (directory / "ids.json").write_text(json.dumps([i for i, _ in rows]), "utf-8")
        (directory / "frequency.json").write_text(json.dumps(frequency, ensure_ascii=False), "utf-8")
        if rows:
            bm25 = bm25s.BM25(method="lucene", k1=1.2, b=0.6)
            bm25.index(tokenised, show_progress=False)
            bm25.save(directory)

    def open(self, directory: Path) -> Bm25Index:
        return Bm25Index(directory)
