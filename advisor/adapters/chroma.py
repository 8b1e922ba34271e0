"""Embedded Chroma as the vector leg: written once into a fresh folder, or into a copy of an earlier one, then only read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from advisor.errors import IndexFault
from advisor.ports import Earlier, Vectors

_COLLECTION = "passages"
_BATCH = 4000  # Chroma refuses more than 5,461 rows at once
# Recall@10 of questions against exact search over 60,000 passages, by ef_search: 200 .953, 400 .988, 600 .995 (docs/adr/17).
_GRAPH = {"ef_construction": 200, "ef_search": 600, "max_neighbors": 32}
_PAGE = 500  # read back in small pages: a row arrives as a list of Python numbers, ten times its size


def _client(directory: Path) -> Any:
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(
        path=str(directory), settings=Settings(anonymized_telemetry=False, is_persistent=True)
    )


class ChromaIndex:
    def __init__(self, directory: Path) -> None:
        self._client = _client(directory)
        self._collection = self._client.get_collection(_COLLECTION, embedding_function=None)
        self._count = self._collection.count()

    def search(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        return self.search_many(vector[None, :], k)[0] if self._count else []

    def search_many(self, vectors: Vectors, k: int) -> list[list[tuple[str, float]]]:
        found = self._collection.query(
            query_embeddings=vectors.tolist(), n_results=min(k, self._count), include=["distances"]
        )
        # Chroma returns cosine distance; everywhere else we speak similarity.
        rows = [
            [(i, 1.0 - d) for i, d in zip(ids, distances, strict=True)]
            for ids, distances in zip(found["ids"], found["distances"], strict=True)
        ]
        return [sorted(row, key=lambda r: (-r[1], r[0])) for row in rows]

    def vectors(self) -> tuple[list[str], Vectors]:
        ids: list[str] = []
        rows: list[Any] = []
        for offset in range(0, self._count, _PAGE):
            page = self._collection.get(include=["embeddings"], limit=_PAGE, offset=offset)
            ids += page["ids"]
            rows.append(np.asarray(page["embeddings"], dtype=np.float32))
        return ids, np.vstack(rows) if rows else np.zeros((0, 0), dtype=np.float32)

    def ids(self) -> list[str]:
        return list(self._collection.get(include=[])["ids"])

    def vectors_of(self, ids: Sequence[str]) -> Vectors:
        found: dict[str, Any] = {}
        for at in range(0, len(ids), _PAGE):
            page = self._collection.get(ids=list(ids[at : at + _PAGE]), include=["embeddings"])
            found.update(zip(page["ids"], np.asarray(page["embeddings"], dtype=np.float32), strict=True))
        return np.stack([found[i] for i in ids]) if ids else np.zeros((0, 0), dtype=np.float32)

    def close(self) -> None:
        """Clients on one path are shared within a process; the last close frees them."""
        close = getattr(self._client, "close", None)
        if close:
            close()


class ChromaEngine:
    def build(self, directory: Path, ids: Sequence[str], vectors: Vectors) -> None:
        directory.mkdir(parents=True)
        with _writing(directory) as client:
            collection = client.create_collection(
                _COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine", **_GRAPH}}
            )
            _add(collection, ids, vectors)

    def extend(self, directory: Path, ids: Sequence[str], vectors: Vectors, earlier: Earlier) -> None:
        """Only the copy is written to: building the graph anew is most of what an ingest costs."""
        shutil.copytree(earlier.directory, directory)
        with _writing(directory) as client:
            collection = client.get_collection(_COLLECTION, embedding_function=None)
            gone = [i for i in collection.get(include=[])["ids"] if i not in earlier.unchanged]
            for at in range(0, len(gone), _BATCH):
                collection.delete(ids=gone[at : at + _BATCH])
            fresh = [at for at, id in enumerate(ids) if id not in earlier.unchanged]
            _add(collection, [ids[i] for i in fresh], vectors[fresh])

    def open(self, directory: Path) -> ChromaIndex:
        return ChromaIndex(directory)


@contextmanager
def _writing(directory: Path) -> Iterator[Any]:
    client = _client(directory)
    try:
        yield client
    except Exception as error:  # Chroma's own errors share no class; a full disk is among them
        raise IndexFault(
            "index_not_written", str(directory), problem=f"{type(error).__name__}: {error}"[:200]
        ) from error
    finally:
        client.close()


def _add(collection: Any, ids: Sequence[str], vectors: Vectors) -> None:
    for at in range(0, len(ids), _BATCH):
        collection.add(ids=list(ids[at : at + _BATCH]), embeddings=vectors[at : at + _BATCH])
