"""Vector search with numpy, for indexes in which a graph would miss neighbours; Chroma's below (docs/adr/17)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from advisor.adapters.chroma import ChromaEngine
from advisor.nearest import Nearest
from advisor.ports import Earlier, GrowingVectorIndex, Vectors

_ROWS = "rows.npy"


class ExactIndex:
    def __init__(self, directory: Path) -> None:
        self._ids: list[str] = json.loads((directory / "ids.json").read_text("utf-8"))
        self._nearest = Nearest(np.load(directory / _ROWS))

    def search(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        best, scores = self._nearest.search(vector, k)
        found = ((self._ids[i], float(s)) for i, s in zip(best, scores, strict=True))
        return sorted(found, key=lambda row: (-row[1], row[0]))

    def search_many(self, vectors: Vectors, k: int) -> list[list[tuple[str, float]]]:
        return [self.search(v, k) for v in vectors]

    def vectors(self) -> tuple[list[str], Vectors]:
        return self.ids(), self._nearest.rows

    def ids(self) -> list[str]:
        return list(self._ids)

    def vectors_of(self, ids: Sequence[str]) -> Vectors:
        at = {id: row for row, id in enumerate(self._ids)}
        rows: Vectors = self._nearest.rows[[at[id] for id in ids]]
        return rows

    def close(self) -> None:
        """Nothing is held open."""


class ExactEngine:
    def build(self, directory: Path, ids: Sequence[str], vectors: Vectors) -> None:
        directory.mkdir(parents=True)
        (directory / "ids.json").write_text(json.dumps(list(ids), ensure_ascii=False), "utf-8")
        np.save(directory / _ROWS, np.ascontiguousarray(vectors, dtype=np.float32))

    def extend(self, directory: Path, ids: Sequence[str], vectors: Vectors, earlier: Earlier) -> None:
        """Writing all rows takes less time than telling which changed."""
        self.build(directory, ids, vectors)

    def open(self, directory: Path) -> ExactIndex:
        return ExactIndex(directory)


class VectorsBySize:
    """Chroma up to `most` passages, where its graph finds what exact search finds; every row looked at above."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._exact, self._graph = ExactEngine(), ChromaEngine()

    def build(self, directory: Path, ids: Sequence[str], vectors: Vectors) -> None:
        self._for(len(ids)).build(directory, ids, vectors)

    def extend(self, directory: Path, ids: Sequence[str], vectors: Vectors, earlier: Earlier) -> None:
        engine = self._for(len(ids))
        if engine is self._of(earlier.directory):
            engine.extend(directory, ids, vectors, earlier)
        else:
            engine.build(directory, ids, vectors)

    def open(self, directory: Path) -> GrowingVectorIndex:
        return self._of(directory).open(directory)

    def _for(self, count: int) -> ExactEngine | ChromaEngine:
        return self._graph if count <= self._most else self._exact

    def _of(self, directory: Path) -> ExactEngine | ChromaEngine:
        return self._exact if (directory / _ROWS).exists() else self._graph
