"""Write a new generation, prove it, switch the pointer. Nothing that is current is ever written to."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from advisor.errors import Busy, IndexFault
from advisor.generation import DOCUMENTS, FORMAT, NAMED, PASSAGES, READING, Generation, Layout, question_rows
from advisor.ingest.basis import SOURCES, VECTORS, Basis
from advisor.ingest.read import Corpus
from advisor.model import Document, Passage, context
from advisor.ports import (
    Earlier,
    Embedder,
    GrowingLexicalEngine,
    GrowingVectorEngine,
    GrowingVectorIndex,
    LexicalEngine,
    VectorEngine,
    VectorIndex,
    Vectors,
)
from advisor.reading import Reading

_SELF_QUERIES = 200
_SELF_QUERY_BAR = 0.99
_WAIT_S = 1.0
_TOGETHER = 4096
_SAMPLE = 1000  # kept vectors that are read back where a generation began as a copy


@contextmanager
def writer_lock(layout: Layout) -> Iterator[None]:
    """One writer at a time; a second is refused at once with the holder's name. The system frees a dead holder's lock."""
    layout.home.mkdir(parents=True, exist_ok=True)
    holder = layout.lock.with_suffix(".holder")
    lock = FileLock(layout.lock)
    try:
        lock.acquire(timeout=_WAIT_S)
    except Timeout as error:
        who = holder.read_text("utf-8") if holder.exists() else "?"
        raise Busy("locked", str(layout.home), holder=who) from error
    try:
        holder.write_text(f"{socket.gethostname()}, process {os.getpid()}", "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def write_generation(
    directory: Path,
    corpus: Corpus,
    passages: Sequence[Passage],
    vectors: Vectors,
    question_vectors: Vectors,
    reading: Reading,
    manifest: Mapping[str, Any],
    lexical: LexicalEngine,
    vector: VectorEngine,
    basis: Basis | None = None,
    unchanged: frozenset[str] = frozenset(),
) -> None:
    """Everything a reader needs, in an empty folder; the manifest comes last, so a torn folder has none.

    With a basis, engines that can start from it do; its passages named as unchanged are the same in the new generation.
    """
    documents: dict[str, Document] = {d.id: d for d in corpus.documents}
    directory.mkdir(parents=True)
    (directory / "documents.json").write_bytes(DOCUMENTS.dump_json(list(corpus.documents)))
    (directory / "passages.json").write_bytes(PASSAGES.dump_json(list(passages)))
    (directory / "places.json").write_bytes(NAMED.dump_json(list(corpus.places.entries.values())))
    (directory / "industries.json").write_bytes(NAMED.dump_json(list(corpus.industries.entries.values())))
    (directory / SOURCES).write_text(json.dumps(corpus.sources), "utf-8")
    rows = ((p.id, indexed_text(documents[p.document], p)) for p in passages)
    if basis and isinstance(lexical, GrowingLexicalEngine):
        lexical.extend(directory / "lexical", list(rows), Earlier(basis.directory / "lexical", unchanged))
    else:
        lexical.build(directory / "lexical", list(rows))
    ids = [p.id for p in passages]
    if basis and isinstance(vector, GrowingVectorEngine):
        vector.extend(directory / "vector", ids, vectors, Earlier(basis.directory / "vector", unchanged))
    else:
        vector.build(directory / "vector", ids, vectors)
    np.save(directory / VECTORS, vectors)
    asked = question_rows(corpus.documents)
    if asked:
        lexical.build(directory / "questions", [(str(i), text) for i, (*_, text) in enumerate(asked)])
    np.save(directory / "questions.npy", question_vectors)
    reading.save(directory / READING)
    whole = {"format": FORMAT, **manifest, "files": _digests(directory)}
    (directory / "manifest.json").write_text(json.dumps(whole, ensure_ascii=False), "utf-8")


def _digests(directory: Path) -> dict[str, str]:
    """Of every file that only we write; the vector engine may touch its own when it opens them."""
    files = [p for p in sorted(directory.rglob("*")) if p.is_file() and p.name != "manifest.json"]
    names = [(p, p.relative_to(directory).as_posix()) for p in files]
    return {n: hashlib.sha256(p.read_bytes()).hexdigest() for p, n in names if not n.startswith("vector/")}


def indexed_text(document: Document, passage: Passage) -> str:
    return f"{context(document, passage)}\n{passage.text}"


def verify_generation(
    directory: Path,
    passages: Sequence[Passage],
    vectors: Vectors,
    reading: Reading,
    lexical: LexicalEngine,
    vector: VectorEngine,
) -> None:
    """Hold a written generation against what was computed for it. Raises IndexFault."""
    generation = Generation(directory, lexical, vector)
    try:
        prove(generation, [p.id for p in passages], vectors)
        if not generation.reading.same(reading):
            raise IndexFault("index_damaged", directory.name)
    finally:
        generation.retire()


def verify_difference(
    directory: Path,
    corpus: Corpus,
    passages: Sequence[Passage],
    vectors: Vectors,
    reading: Reading,
    lexical: LexicalEngine,
    vector: VectorEngine,
    unchanged: frozenset[str],
) -> None:
    """The same for one that began as a proved one: all ids, whatever is new, and a sample. Raises IndexFault.

    The next ingest looks at all. Documents and passages are not parsed a second time: their files hold what was dumped, and
    what is new of them comes back equal.
    """
    fresh = [p for p in passages if p.id not in unchanged]
    new = {p.document for p in fresh}
    added = [d for d in corpus.documents if d.id in new]
    whole = {
        "documents.json": DOCUMENTS.dump_json(list(corpus.documents)),
        "passages.json": PASSAGES.dump_json(list(passages)),
    }
    if any((directory / name).read_bytes() != content for name, content in whole.items()):
        raise IndexFault("index_damaged", directory.name)
    if DOCUMENTS.validate_json(DOCUMENTS.dump_json(added)) != added or (
        PASSAGES.validate_json(PASSAGES.dump_json(fresh)) != fresh
    ):
        raise IndexFault("index_damaged", directory.name)
    try:
        whole_reading = Reading.load(directory / READING).same(reading)
        lexical.open(directory / "lexical")
        index = vector.open(directory / "vector")
    except Exception as error:  # whatever a damaged file makes a vendor raise
        raise IndexFault("index_damaged", directory.name) from error
    if not whole_reading:
        raise IndexFault("index_damaged", directory.name)
    try:
        prove_vectors(directory.name, index, [p.id for p in passages], vectors, unchanged)
    finally:
        index.close()


def intact(directory: Path, lexical: LexicalEngine, vector: VectorEngine) -> Generation | None:
    """The generation, open, where it still is what was written; None where anything of it was lost or altered."""
    try:
        generation = Generation(directory, lexical, vector)
    except IndexFault:
        return None
    try:
        if generation.manifest["files"] != _digests(directory):
            raise IndexFault("index_damaged", directory.name)
        prove(generation, list(generation.passages), np.load(directory / VECTORS))
    except Exception:  # whatever a damaged file makes a vendor raise
        generation.retire()
        return None
    return generation


def prove(generation: Generation, expected: Sequence[str], vectors: Vectors) -> None:
    """Complete, not just readable: ids, every stored vector, and a sample that must find itself. Raises IndexFault."""
    if list(generation.passages) != list(expected):
        raise IndexFault("index_incomplete", generation.name)
    if len(generation.reading) != len(expected):
        raise IndexFault("index_incomplete", generation.name)
    if len(generation.question_vectors.rows) != len(question_rows(generation.documents.values())):
        raise IndexFault("index_incomplete", generation.name)
    prove_vectors(generation.name, generation.vector, expected, vectors)


def prove_vectors(
    name: str, index: VectorIndex, expected: Sequence[str], vectors: Vectors, unchanged: frozenset[str] = frozenset()
) -> None:
    """Of vectors that a copy of a proved index brought along, a sample is looked at. Raises IndexFault."""
    ids, pairs, stored = _looked_at(index, expected, unchanged)
    if sorted(ids) != sorted(expected):
        raise IndexFault("index_incomplete", name)
    # Piece by piece: comparing all at once would take the memory of the vectors five times over.
    for at in range(0, len(pairs), _TOGETHER):
        of_stored, of_computed = pairs[at : at + _TOGETHER].T
        if not np.allclose(stored[of_stored], vectors[of_computed], atol=1e-5):
            raise IndexFault("index_vectors_differ", name)
    fresh = [i for i, id in enumerate(expected) if id not in unchanged]
    sample = sorted({*_some(range(len(expected)), _SELF_QUERIES), *_some(fresh, _SELF_QUERIES)})
    if isinstance(index, GrowingVectorIndex):
        hits = index.search_many(vectors[sample], 3) if sample else []
    else:
        hits = [index.search(vectors[i], 3) for i in sample]
    found = sum(_is_among(expected[i], row) for i, row in zip(sample, hits, strict=True))
    if sample and found < _SELF_QUERY_BAR * len(sample):
        raise IndexFault("index_self_query", name, found=found, asked=len(sample))


def _is_among(id: str, hits: Sequence[tuple[str, float]]) -> bool:
    # Passages with equal vectors are equally good finds.
    return any(i == id for i, _ in hits) or bool(hits and hits[-1][1] >= 1 - 1e-6)


def _looked_at(
    index: VectorIndex, expected: Sequence[str], unchanged: frozenset[str]
) -> tuple[list[str], npt.NDArray[np.intp], Vectors]:
    """(all ids that are stored, which read-back row belongs to which computed one, the rows read back)."""
    if unchanged and isinstance(index, GrowingVectorIndex):
        ids = index.ids()
        held = set(ids)
        kept = [i for i, id in enumerate(expected) if id in unchanged and id in held]
        fresh = [i for i, id in enumerate(expected) if id not in unchanged and id in held]
        rows = [*fresh, *_some(kept, _SAMPLE)]
        return ids, np.array(list(enumerate(rows)), dtype=np.intp), index.vectors_of([expected[i] for i in rows])
    ids, stored = index.vectors()
    if len(ids) != len(expected):
        return ids, np.zeros((0, 2), dtype=np.intp), stored
    return (
        ids,
        np.column_stack([np.argsort(np.array(ids, dtype=str)), np.argsort(np.array(expected, dtype=str))]),
        stored,
    )


def _some(positions: Sequence[int], most: int) -> list[int]:
    return random.Random(0).sample(positions, min(most, len(positions)))


def switch(layout: Layout, name: str) -> None:
    """Atomic: a reader sees the old pointer or the new one. Only the current and the previous generation stay."""
    before = layout.current()
    previous = before if before != name else layout.previous()
    draft = layout.pointer.with_suffix(".tmp")
    with draft.open("w", encoding="utf-8") as file:
        json.dump({"generation": name, "previous": previous}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, layout.pointer)
    sweep(layout)


def sweep(layout: Layout) -> None:
    """Remove old generations and what a killed ingest left; only a holder of the lock may, so nothing is anybody's draft."""
    layout.generations.mkdir(parents=True, exist_ok=True)
    keep = {layout.current(), layout.previous()}
    for folder in layout.generations.iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)


class EmbeddingCache:
    """Vectors by (model fingerprint, text), so that a rebuild embeds only what changed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def embed(self, embedder: Embedder, texts: Sequence[str], progress: Callable[[int], None]) -> Vectors:
        """(n texts) → (n, dimension); a broken cache file is dropped, one that cannot be written is done without."""
        for _ in range(2):
            with suppress(sqlite3.DatabaseError):
                return self._embed(embedder, texts, progress)
            with suppress(OSError):
                self._path.unlink()
        return embedder.embed_passages(texts)

    def _embed(self, embedder: Embedder, texts: Sequence[str], progress: Callable[[int], None]) -> Vectors:
        keys = [hashlib.sha256(f"{embedder.fingerprint}\0{t}".encode()).digest() for t in texts]
        rows = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
        with closing(sqlite3.connect(self._path)) as store, store:
            store.execute("create table if not exists vectors (key blob primary key, vector blob)")
            known = self._known(store, keys)
            missing = [i for i, key in enumerate(keys) if key not in known]
            for i, key in enumerate(keys):
                if key in known:
                    rows[i] = np.frombuffer(known[key], dtype=np.float32)
            progress(len(texts) - len(missing))
            for at in range(0, len(missing), 256):
                batch = missing[at : at + 256]
                rows[batch] = embedder.embed_passages([texts[i] for i in batch])
                store.executemany(
                    "insert or replace into vectors values (?, ?)", [(keys[i], rows[i].tobytes()) for i in batch]
                )
                progress(len(batch))
        return rows

    @staticmethod
    def _known(store: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        known: dict[bytes, bytes] = {}
        for at in range(0, len(keys), 500):
            part = keys[at : at + 500]
            marks = ",".join("?" * len(part))
            known |= dict(store.execute(f"select key, vector from vectors where key in ({marks})", part))
        return known
