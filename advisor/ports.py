"""What the rooms need from the outside world; adapters implement these, tests fake them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from advisor.model import Answer, Hit, Language, PageStart, Query

Vectors = npt.NDArray[np.float32]
# Words of one language → index terms of the other with weights.
Translate = Callable[[str, Language], list[tuple[str, float]]]


class Embedder(Protocol):
    """Texts → unit vectors. `fingerprint` changes whenever the vectors would."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """(n texts) → float32 (n, dimension), rows of length 1."""
        ...

    def embed_question(self, text: str) -> Vectors:
        """→ float32 (dimension,), of length 1."""
        ...

    def nearest_words(self, question: str, texts: Sequence[str]) -> tuple[tuple[str, ...], Vectors]:
        """The question's m words as the model cuts them, and float32 (n texts, m): the cosine of each word's nearest in each text."""
        ...


@dataclass(frozen=True)
class Ragged:
    """Rows of unequal length, one after the other: row i is values[begins[i] : begins[i + 1]]."""

    values: npt.NDArray[Any]
    begins: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.begins) - 1

    @cached_property
    def row(self) -> npt.NDArray[np.intp]:
        """The row of each value."""
        return np.repeat(np.arange(len(self)), np.diff(self.begins))

    def of(self, rows: npt.NDArray[np.intp]) -> Ragged:
        """These rows, in that order."""
        if not len(self.values):  # twins where a corpus has one language
            return Ragged(self.values, np.zeros(len(rows) + 1, dtype=np.int64))
        sizes = self.begins[rows + 1] - self.begins[rows]
        begins = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
        at = np.repeat(self.begins[rows] - begins[:-1], sizes) + np.arange(begins[-1])
        return Ragged(self.values.take(at), begins)


@runtime_checkable
class PieceEmbedder(Embedder, Protocol):
    """One whose text vectors are sums of its pieces' vectors: a text that was cut once need not be read again."""

    def cut(self, texts: Sequence[str]) -> tuple[Ragged, Vectors]:
        """(a row of pieces a text, length of the sum of their vectors)."""
        ...

    def compare(
        self, question: str, directions: Vectors, pieces: Ragged, lengths: Vectors
    ) -> tuple[tuple[str, ...], Vectors, Vectors]:
        """Of texts cut before: what `nearest_words` gives, and each text's vector times each of k directions, (n, k)."""
        ...


class Reranker(Protocol):
    """A second opinion on what retrieval found."""

    @property
    def name(self) -> str: ...

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One a text, higher for a better answer; only their order counts. Raises ModelFault."""
        ...


class CrossEncoder(Protocol):
    """Which of the sentences that were found answers: question and sentence are read together."""

    @property
    def name(self) -> str: ...

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """float32 (n texts,): log-odds of each as the answer, against none being one."""
        ...


class LexicalIndex(Protocol):
    """Words → passages; immutable once built."""

    def search(self, parts: Sequence[tuple[str, float]], k: int) -> list[tuple[str, float]]:
        """At most k (passage id, score), best first: the weighted sum of each part's score."""
        ...

    def idf(self, token: str) -> float:
        """Inverse document frequency of an index term; unknown terms get the highest."""
        ...


class VectorIndex(Protocol):
    """Vectors → passages; immutable once built."""

    def search(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """At most k (passage id, cosine similarity), best first."""
        ...

    def vectors(self) -> tuple[list[str], Vectors]:
        """Every id with its stored vector, as read back from disk."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Earlier:
    """An index of an earlier generation to start from: the rows of these ids are the same in the new one."""

    directory: Path
    unchanged: frozenset[str]


class LexicalEngine(Protocol):
    def build(self, directory: Path, rows: Sequence[tuple[str, str]]) -> None:
        """Write an index of (passage id, text) rows into an empty folder."""
        ...

    def open(self, directory: Path) -> LexicalIndex: ...


@runtime_checkable
class GrowingLexicalEngine(LexicalEngine, Protocol):
    """One that need not begin anew."""

    def extend(self, directory: Path, rows: Sequence[tuple[str, str]], earlier: Earlier) -> None:
        """What `build` would write, made from an earlier index, which stays as it is."""
        ...


class VectorEngine(Protocol):
    def build(self, directory: Path, ids: Sequence[str], vectors: Vectors) -> None:
        """Write an index of unit vectors (n, dimension) into an empty folder."""
        ...

    def open(self, directory: Path) -> VectorIndex: ...


@runtime_checkable
class GrowingVectorIndex(VectorIndex, Protocol):
    """One of which single vectors can be looked at."""

    def ids(self) -> list[str]: ...

    def vectors_of(self, ids: Sequence[str]) -> Vectors:
        """As read back from disk, in the order asked for; KeyError for an id without one."""
        ...

    def search_many(self, vectors: Vectors, k: int) -> list[list[tuple[str, float]]]:
        """What `search` gives for each row."""
        ...


@runtime_checkable
class GrowingVectorEngine(VectorEngine, Protocol):
    """One that need not begin anew."""

    def extend(self, directory: Path, ids: Sequence[str], vectors: Vectors, earlier: Earlier) -> None:
        """An index that finds what one made by `build` finds, made from an earlier one, which stays as it is."""
        ...

    def open(self, directory: Path) -> GrowingVectorIndex: ...


class Answerer(Protocol):
    """query + hits → answer; never retrieves, never verifies."""

    def answer(self, query: Query, hits: Sequence[Hit]) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Message:
    """`form` is the JSON schema of the reply, for servers that can hold a model to it; the text asks for it as well."""

    role: Literal["system", "user"]
    text: str
    form: str | None = None


class ChatModel(Protocol):
    @property
    def name(self) -> str: ...

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply as they come, "" while nothing is new; closing it ends the request. Raises ModelFault."""
        ...


class Entailment(Protocol):
    @property
    def name(self) -> str: ...

    def score(self, premise: str, statement: str) -> float:
        """How likely it is that the statement follows from the premise, 0 to 1. Raises ModelFault."""
        ...


@dataclass(frozen=True, slots=True)
class Extracted:
    """Text of an original with the offsets where its pages, sheets or slides begin."""

    text: str
    language: Language
    pages: tuple[PageStart, ...]
    extractor: str
    warnings: tuple[str, ...] = ()
    title: str | None = None


class OriginalReader(Protocol):
    def read(self, path: Path) -> Extracted:
        """Raises CorpusError with a reason code (encrypted, no_text_layer, malformed …)."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address on the web gave; `url` is the last one after redirects."""

    url: str
    media_type: str
    charset: str | None
    content: bytes


class Fetcher(Protocol):
    def fetch(self, url: str) -> Fetched:
        """Raises UserError with a reason code (url_not_public, url_slow, url_large …)."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """The words of a web page as Markdown."""

    title: str | None
    text: str
    extractor: str


class PageReader(Protocol):
    def __call__(self, html: bytes, url: str) -> Page: ...


__all__ = [
    "Answerer",
    "ChatModel",
    "CrossEncoder",
    "Earlier",
    "Embedder",
    "Entailment",
    "Extracted",
    "Fetched",
    "Fetcher",
    "GrowingLexicalEngine",
    "GrowingVectorEngine",
    "GrowingVectorIndex",
    "LexicalEngine",
    "LexicalIndex",
    "Message",
    "OriginalReader",
    "Page",
    "PageReader",
    "PieceEmbedder",
    "Ragged",
    "Reranker",
    "Translate",
    "VectorEngine",
    "VectorIndex",
    "Vectors",
]
