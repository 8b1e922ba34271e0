"""documents ─ read ─ split ─ index: the whole way from corpus folders to a switched generation."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from advisor.errors import AdvisorError
from advisor.generation import FORMAT, Generation, Layout, question_rows
from advisor.ingest import publish
from advisor.ingest.add import mend
from advisor.ingest.basis import SOURCES, Basis, made_by
from advisor.ingest.read import Corpus, digest_of, read_corpus
from advisor.ingest.split import VERSION, split
from advisor.model import Document, Passage
from advisor.ports import Embedder, LexicalEngine, OriginalReader, VectorEngine, Vectors
from advisor.reading import Reading, joined, read

Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """The progress reporter of callers that show none."""


@dataclass(frozen=True)
class Report:
    """What an ingest did, for a maintainer."""

    generation: str
    built: bool
    documents: int
    passages: int
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    quarantined: tuple[AdvisorError, ...] = field(default=())

    def as_dict(self, language: str = "en") -> dict[str, Any]:
        return {
            "generation": self.generation,
            "built": self.built,
            "documents": self.documents,
            "passages": self.passages,
            "added": list(self.added),
            "changed": list(self.changed),
            "removed": list(self.removed),
            "quarantined": [e.as_dict(language) for e in self.quarantined],
        }


@dataclass(frozen=True)
class Ingestor:
    """Everything an ingest needs; `run` may be called again and again."""

    roots: Sequence[Path]
    layout: Layout
    embedder: Embedder
    lexical: LexicalEngine
    vector: VectorEngine
    reader: OriginalReader

    def run(self, progress: Progress = silent, force: bool = False) -> Report:
        """Read, split, embed, index, verify, switch; does almost nothing where nothing changed.

        Raises CorpusError where no corpus is found, Busy where another writer holds the lock,
        IndexFault where the new generation fails its proof (the current one then stays).
        """
        with publish.writer_lock(self.layout):
            publish.sweep(self.layout)
            mend(self.layout.overlay)
            current = None if force else self._healthy()
            basis = self._basis(current)
            corpus = read_corpus(self.roots, self.reader, basis.documents() if basis else None)
            progress("read", len(corpus.documents), len(corpus.documents))
            digests = {d.id: (basis and basis.digest(d)) or digest_of(d) for d in corpus.documents}
            before: dict[str, str] = dict(current.manifest["documents"]) if current else {}
            fingerprint = self._fingerprint(corpus, digests)
            if current and current.manifest["fingerprint"] == fingerprint:
                name, built, passages = current.name, False, len(current.passages)
            else:
                name, passages = self._build(corpus, digests, fingerprint, basis, progress)
                built = True
            if current:
                current.retire()
            return Report(
                generation=name,
                built=built,
                documents=len(corpus.documents),
                passages=passages,
                added=tuple(sorted(set(digests) - set(before))),
                changed=tuple(sorted(i for i in set(digests) & set(before) if digests[i] != before[i])),
                removed=tuple(sorted(set(before) - set(digests))),
                quarantined=corpus.quarantined,
            )

    def _healthy(self) -> Generation | None:
        """The current generation where it opens and is complete."""
        name = self.layout.current()
        return publish.intact(self.layout.generations / name, self.lexical, self.vector) if name else None

    def _basis(self, current: Generation | None) -> Basis | None:
        """The current generation where the next one may start from it."""
        if not current or current.manifest.get("made_by") != made_by():
            return None
        directory = self.layout.generations / current.name
        return Basis(current, directory, json.loads((directory / SOURCES).read_text("utf-8")))

    def _fingerprint(self, corpus: Corpus, digests: dict[str, str]) -> str:
        parts = (FORMAT, VERSION, self.embedder.fingerprint, sorted(digests.items()), corpus.places, corpus.industries)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _build(
        self, corpus: Corpus, digests: dict[str, str], fingerprint: str, basis: Basis | None, progress: Progress
    ) -> tuple[str, int]:
        if basis and basis.generation.manifest["embedder"] != self.embedder.fingerprint:
            basis = None
        passages, unchanged = _passages(corpus.documents, basis)
        if basis and not basis.carries(passages, unchanged):
            basis, unchanged = None, frozenset()
        vectors = self._vectors(corpus, passages, basis, unchanged, progress)
        name = self._free_name(fingerprint)
        draft = self.layout.generations / f".{name}.{os.getpid()}"
        manifest = {
            "fingerprint": fingerprint,
            "splitter": VERSION,
            "embedder": self.embedder.fingerprint,
            "dimension": self.embedder.dimension,
            "corpus": hashlib.sha256(repr(sorted(digests.items())).encode()).hexdigest()[:16],
            "documents": digests,
            "passages": len(passages),
            "made_by": made_by(),
            "changes": basis.changes(passages, unchanged) if basis else 0,  # since the last full build
        }
        asked = self._question_vectors(corpus)
        reading = self._reading(corpus, passages, basis, unchanged)
        progress("index", 0, 1)
        try:
            publish.write_generation(
                draft, corpus, passages, vectors, asked, reading, manifest, self.lexical, self.vector, basis, unchanged
            )
            progress("verify", 0, 1)
            if basis:
                publish.verify_difference(
                    draft, corpus, passages, vectors, reading, self.lexical, self.vector, unchanged
                )
            else:
                publish.verify_generation(draft, passages, vectors, reading, self.lexical, self.vector)
            os.replace(draft, self.layout.generations / name)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        publish.switch(self.layout, name)
        progress("verify", 1, 1)
        return name, len(passages)

    def _vectors(
        self,
        corpus: Corpus,
        passages: Sequence[Passage],
        basis: Basis | None,
        unchanged: frozenset[str],
        progress: Progress,
    ) -> Vectors:
        """A row a passage: from the basis, from the cache, or embedded."""
        documents = {d.id: d for d in corpus.documents}
        done = 0

        def embedded(count: int) -> None:
            nonlocal done
            done += count
            progress("embed", done, len(passages))

        fresh = [i for i, p in enumerate(passages) if p.id not in unchanged]
        kept = [i for i, p in enumerate(passages) if p.id in unchanged]
        rows = np.zeros((len(passages), self.embedder.dimension), dtype=np.float32)
        if basis and kept:
            rows[kept] = basis.vectors_of([passages[i] for i in kept])
            embedded(len(kept))
        texts = [publish.indexed_text(documents[passages[i].document], passages[i]) for i in fresh]
        rows[fresh] = publish.EmbeddingCache(self.layout.cache).embed(self.embedder, texts, embedded)
        return rows

    def _reading(
        self, corpus: Corpus, passages: Sequence[Passage], basis: Basis | None, unchanged: frozenset[str]
    ) -> Reading:
        """The sentences of all passages, those of the basis as they were read for it."""
        documents = {d.id: d for d in corpus.documents}
        fresh = [p for p in passages if p.id not in unchanged]
        found = read(fresh, documents, self.embedder)
        if basis is None:
            return found
        kept = [p for p in passages if p.id in unchanged]
        position = {p.id: at for at, p in enumerate((*kept, *fresh))}
        return joined(basis.generation.read(kept), found).of([position[p.id] for p in passages])

    def _question_vectors(self, corpus: Corpus) -> Vectors:
        texts = [text for *_, text in question_rows(corpus.documents)]
        return publish.EmbeddingCache(self.layout.cache).embed(self.embedder, texts, lambda count: None)

    def _free_name(self, fingerprint: str) -> str:
        """The fingerprint's start; a number follows where a damaged generation holds the name."""
        base = f"g-{fingerprint[:12]}"
        names = (base, *(f"{base}-{n}" for n in range(2, 1000)))
        return next(n for n in names if not (self.layout.generations / n).exists())


def _passages(documents: Sequence[Document], basis: Basis | None) -> tuple[list[Passage], frozenset[str]]:
    """All passages in order, and the ids of those that the basis has; a document not read again is not split again."""
    passages: list[Passage] = []
    unchanged: list[str] = []
    for document in documents:
        if basis and basis.digest(document):
            kept = basis.passages.get(document.id, [])
            passages += kept
            unchanged += [p.id for p in kept]
        else:
            passages += split(document)
    return passages, frozenset(unchanged)
