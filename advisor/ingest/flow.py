"""documents ─ read ─ split ─ index: the whole way from corpus folders to a switched generation."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from advisor.errors import AdvisorError
from advisor.generation import FORMAT, Generation, Layout
from advisor.ingest import publish
from advisor.ingest.add import mend
from advisor.ingest.read import Corpus, digest_of, read_corpus
from advisor.ingest.split import VERSION, split
from advisor.ports import Embedder, LexicalEngine, OriginalReader, VectorEngine

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
            corpus = read_corpus(self.roots, self.reader)
            progress("read", len(corpus.documents), len(corpus.documents))
            digests = {d.id: digest_of(d) for d in corpus.documents}
            current = None if force else self._healthy()
            before: dict[str, str] = dict(current.manifest["documents"]) if current else {}
            fingerprint = self._fingerprint(corpus, digests)
            if current and current.manifest["fingerprint"] == fingerprint:
                name, built, passages = current.name, False, len(current.passages)
            else:
                name, passages = self._build(corpus, digests, fingerprint, progress)
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

    def _fingerprint(self, corpus: Corpus, digests: dict[str, str]) -> str:
        parts = (FORMAT, VERSION, self.embedder.fingerprint, sorted(digests.items()), corpus.places, corpus.industries)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _build(self, corpus: Corpus, digests: dict[str, str], fingerprint: str, progress: Progress) -> tuple[str, int]:
        passages = [p for d in corpus.documents for p in split(d)]
        documents = {d.id: d for d in corpus.documents}
        done = 0

        def embedded(count: int) -> None:
            nonlocal done
            done += count
            progress("embed", done, len(passages))

        texts = [publish.indexed_text(documents[p.document], p) for p in passages]
        vectors = publish.EmbeddingCache(self.layout.cache).embed(self.embedder, texts, embedded)
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
        }
        progress("index", 0, 1)
        try:
            publish.write_generation(draft, corpus, passages, vectors, manifest, self.lexical, self.vector)
            progress("verify", 0, 1)
            publish.verify_generation(draft, passages, vectors, self.lexical, self.vector)
            os.replace(draft, self.layout.generations / name)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        publish.switch(self.layout, name)
        progress("verify", 1, 1)
        return name, len(passages)

    def _free_name(self, fingerprint: str) -> str:
        """The fingerprint's start; a number follows where a damaged generation holds the name."""
        base = f"g-{fingerprint[:12]}"
        names = (base, *(f"{base}-{n}" for n in range(2, 1000)))
        return next(n for n in names if not (self.layout.generations / n).exists())
