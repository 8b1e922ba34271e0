"""One index generation on disk, and the pointer that says which is current. Reading only: `ingest.publish` writes them."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from advisor.errors import IndexFault
from advisor.gazetteer import Gazetteer, Named
from advisor.model import LANGUAGES, Document, Language, Passage
from advisor.nearest import Nearest
from advisor.offers import DIGEST
from advisor.ports import LexicalEngine, LexicalIndex, VectorEngine, VectorIndex
from advisor.reading import Reading

FORMAT = f"6.{DIGEST}"  # what sentences offer is stored, and stale where the patterns changed
READING = "reading"

DOCUMENTS: TypeAdapter[list[Document]] = TypeAdapter(list[Document])
PASSAGES: TypeAdapter[list[Passage]] = TypeAdapter(list[Passage])
NAMED: TypeAdapter[list[Named]] = TypeAdapter(list[Named])


@dataclass(frozen=True)
class Layout:
    """Where things live under ADVISOR_HOME."""

    home: Path

    @property
    def generations(self) -> Path:
        return self.home / "generations"

    @property
    def pointer(self) -> Path:
        return self.home / "current.json"

    @property
    def overlay(self) -> Path:
        return self.home / "corpus"

    @property
    def lock(self) -> Path:
        return self.home / "writer.lock"

    @property
    def cache(self) -> Path:
        return self.home / "embeddings.sqlite"

    def current(self) -> str | None:
        """Name of the current generation, or None; a torn pointer counts as none."""
        try:
            name = json.loads(self.pointer.read_text("utf-8"))["generation"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return str(name)

    def outdated(self) -> bool:
        """Whether the current generation was written by a release whose files this one does not read."""
        try:
            manifest = json.loads((self.generations / str(self.current()) / "manifest.json").read_text("utf-8"))
            return bool(manifest["format"] != FORMAT)
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def previous(self) -> str | None:
        try:
            name = json.loads(self.pointer.read_text("utf-8")).get("previous")
        except (OSError, ValueError, AttributeError):
            return None
        return str(name) if name else None


def question_rows(documents: Iterable[Document]) -> list[tuple[str, int, Language, str]]:
    """(document, which of its known questions, language, wording), in the order of their index and vectors."""
    return [
        (d.id, i, language, text)
        for d in documents
        for i, question in enumerate(d.questions)
        for language in LANGUAGES
        for text in question.asked[language]
    ]


class Generation:
    """An open generation: documents, passages and both legs, all from one moment."""

    def __init__(self, directory: Path, lexical: LexicalEngine, vector: VectorEngine) -> None:
        self.name = directory.name
        try:
            self.manifest: Mapping[str, Any] = json.loads((directory / "manifest.json").read_text("utf-8"))
            documents = DOCUMENTS.validate_json((directory / "documents.json").read_bytes())
            passages = PASSAGES.validate_json((directory / "passages.json").read_bytes())
            self.places = Gazetteer.of(NAMED.validate_json((directory / "places.json").read_bytes()))
            self.industries = Gazetteer.of(NAMED.validate_json((directory / "industries.json").read_bytes()))
            self.lexical: LexicalIndex = lexical.open(directory / "lexical")
            self.vector: VectorIndex = vector.open(directory / "vector")
            asked = directory / "questions"
            self.questions: LexicalIndex | None = lexical.open(asked) if asked.is_dir() else None
            self.reading = Reading.load(directory / READING)
            self.question_vectors = Nearest(np.load(directory / "questions.npy"))
        except Exception as error:  # whatever a damaged file makes a vendor raise
            raise IndexFault("index_damaged", directory.name) from error
        self.documents: Mapping[str, Document] = {d.id: d for d in documents}
        self.passages: Mapping[str, Passage] = {p.id: p for p in passages}
        self._readers = 0
        self._retired = False
        self._mutex = threading.Lock()

    @cached_property
    def _position(self) -> Mapping[str, int]:
        return {id: at for at, id in enumerate(self.passages)}

    def read(self, passages: Iterable[Passage]) -> Reading:
        """The sentences of these passages, as they were read at ingest."""
        return self.reading.of([self._position[p.id] for p in passages])

    @cached_property
    def languages(self) -> frozenset[str]:
        """Languages in which there are passages."""
        return frozenset(language for _, language in self.by_document)

    @cached_property
    def by_document(self) -> Mapping[tuple[str, str], tuple[Passage, ...]]:
        grouped: dict[tuple[str, str], list[Passage]] = {}
        for passage in self.passages.values():
            grouped.setdefault((passage.document, passage.language), []).append(passage)
        return {k: tuple(v) for k, v in grouped.items()}

    @cached_property
    def rules_of(self) -> Mapping[str, tuple[Document, ...]]:
        """Policies and notices by the place they are of."""
        grouped: dict[str, list[Document]] = {}
        for document in self.documents.values():
            if document.jurisdiction and document.kind in ("policy", "notice"):
                grouped.setdefault(document.jurisdiction, []).append(document)
        return {k: tuple(v) for k, v in grouped.items()}

    def __enter__(self) -> Generation:
        with self._mutex:
            self._readers += 1
        return self

    def __exit__(self, *_: object) -> None:
        with self._mutex:
            self._readers -= 1
            idle = self._retired and self._readers == 0
        if idle:
            self.vector.close()

    def retire(self) -> None:
        """Close now, or with the last reader."""
        with self._mutex:
            self._retired = True
            idle = self._readers == 0
        if idle:
            self.vector.close()


class Shelf:
    """Hands out the current generation; looks at the pointer each time and moves over when it changed."""

    def __init__(self, layout: Layout, lexical: LexicalEngine, vector: VectorEngine) -> None:
        self._layout, self._lexical, self._vector = layout, lexical, vector
        self._open: Generation | None = None
        self._mutex = threading.Lock()

    def current(self) -> Generation:
        """Raises IndexFault where there is none, or where the current one is damaged."""
        with self._mutex:
            name = self._layout.current()
            if self._open is not None and self._open.name == name:
                return self._open
            if name is None:
                raise IndexFault("index_missing", str(self._layout.home))
            fresh = Generation(self._layout.generations / name, self._lexical, self._vector)
            if self._open is not None:
                self._open.retire()
            self._open = fresh
            return fresh

    def open_named(self, name: str) -> Generation:
        """An older generation by name, for replay; raises IndexFault where it is gone."""
        directory = self._layout.generations / os.path.basename(name)
        if not directory.is_dir():
            raise IndexFault("generation_gone", name)
        return Generation(directory, self._lexical, self._vector)

    def close(self) -> None:
        with self._mutex:
            if self._open is not None:
                self._open.retire()
                self._open = None
