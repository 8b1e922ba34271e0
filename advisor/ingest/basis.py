"""What of the current generation the next one may start from: only what the same code made, and only while little changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from advisor.generation import Generation
from advisor.model import Document, Passage
from advisor.ports import Vectors

SOURCES = "sources.json"  # document → digest of its files as they lay on the disk
VECTORS = "vectors.npy"  # as computed: what the stored ones are held against whenever an ingest begins
_MOST = 0.1  # of the passages may come or go after a full build; then everything is built and proved anew
_MAKERS = ("chromadb", "numpy", "opencc", "pydantic", "pypdf", "pyyaml", "snowballstemmer", "tokenizers")


@cache
def made_by() -> str:
    """Changes with our own code and with the packages that read, split or index; a generation of another maker is no basis."""
    package = Path(__file__).resolve().parents[1]
    code = [*package.glob("*.py"), *(package / "ingest").glob("*.py"), *(package / "adapters").glob("*.py")]
    digest = hashlib.sha256()
    for path in sorted(code):
        digest.update(path.name.encode() + path.read_bytes())
    for name in _MAKERS:
        digest.update(f"{name} {_version(name)}".encode())
    return digest.hexdigest()[:16]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


@dataclass(frozen=True)
class Basis:
    """A proved generation that the same code made."""

    generation: Generation
    directory: Path
    sources: Mapping[str, str]

    def documents(self) -> dict[str, tuple[str, Document]]:
        """Those that need not be read again as long as their files have this digest."""
        held = self.generation.documents
        return {id: (source, held[id]) for id, source in self.sources.items() if id in held}

    def digest(self, document: Document) -> str | None:
        """The digest of a document that is this generation's own object, and so was not read again."""
        same = self.generation.documents.get(document.id) is document
        return str(self.generation.manifest["documents"][document.id]) if same else None

    @cached_property
    def passages(self) -> Mapping[str, list[Passage]]:
        """By document, in the order of their making."""
        grouped: dict[str, list[Passage]] = {}
        for passage in self.generation.passages.values():
            grouped.setdefault(passage.document, []).append(passage)
        return grouped

    def vectors_of(self, passages: Sequence[Passage]) -> Vectors:
        """Rows of passages that are in this generation."""
        position = {id: at for at, id in enumerate(self.generation.passages)}
        stored = np.load(self.directory / VECTORS, mmap_mode="r")
        rows: Vectors = stored[[position[p.id] for p in passages]]
        return rows

    def changes(self, passages: Sequence[Passage], unchanged: frozenset[str]) -> int:
        """How many passages came or went since the last full build."""
        before = int(self.generation.manifest.get("changes", 0))
        return before + len(passages) + len(self.generation.passages) - 2 * len(unchanged)

    def carries(self, passages: Sequence[Passage], unchanged: frozenset[str]) -> bool:
        """Whether so little changed that a copy with the difference is as good as a new index."""
        return self.changes(passages, unchanged) <= _MOST * len(passages)
