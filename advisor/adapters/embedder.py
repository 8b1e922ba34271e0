"""Embedders: our own static bilingual model without torch, or any sentence-transformers model by name."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from advisor.errors import ModelFault
from advisor.ports import Ragged, Vectors


def _unit(rows: Vectors) -> Vectors:
    unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    return unit


@dataclass(frozen=True)
class _Table:
    """A row per token as it is stored; rows become float32 only when asked for, which saves 80 MB."""

    rows: npt.NDArray[Any]
    row_of: npt.NDArray[Any] | None = None  # model2vec's layout: tokens share byte rows …
    scale: npt.NDArray[Any] | None = None  # … each with a scale of its own

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> _Table:
        if "embedding.weight" in stored:  # sentence-transformers' layout
            return cls(stored["embedding.weight"])
        return cls(stored["embeddings"], stored.get("mapping"), stored.get("weights"))

    def __getitem__(self, ids: Sequence[int] | npt.NDArray[Any]) -> Vectors:
        at = np.asarray(ids, dtype=np.intp)  # no ids at all would be floats
        return self._scaled(at, self._as_stored(at))

    def times(self, ids: npt.NDArray[np.intp], columns: Vectors) -> Vectors:
        """(n ids, m): each token's vector times m columns, scaled where there are fewer numbers to scale."""
        return self._scaled(ids, self._as_stored(ids) @ columns)

    def _as_stored(self, at: npt.NDArray[np.intp]) -> Vectors:
        return self.rows.take(at if self.row_of is None else self.row_of[at], axis=0).astype(np.float32)

    def _scaled(self, at: npt.NDArray[np.intp], rows: Vectors) -> Vectors:
        if self.scale is not None:
            rows *= self.scale[at, None]
        return rows


class StaticEmbedder:
    """A sentence-transformers `StaticEmbedding` folder served with numpy: mean of token vectors, normalised."""

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        inner = next((p.parent for p in sorted(folder.rglob("model.safetensors"))), None)
        if inner is None:
            raise ModelFault("embedder_missing", str(folder))
        self._tokenizer = Tokenizer.from_file(str(inner / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._table = _Table.of(load_file(str(inner / "model.safetensors")))
        self._ids: dict[str, npt.NDArray[np.int32]] = {}
        # Every step asks again for the same questions.
        self._questions = lru_cache(maxsize=_ASKED)(self._embedded)
        self._words = lru_cache(maxsize=_ASKED)(self._words_of)
        self._digest = hashlib.sha256()
        for name in ("model.safetensors", "tokenizer.json"):
            self._digest.update((inner / name).read_bytes())

    @property
    def fingerprint(self) -> str:
        return f"static-{self._digest.hexdigest()[:12]}"

    @property
    def dimension(self) -> int:
        return int(self._table.rows.shape[1])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for i, ids in enumerate(self._ids_of(texts)):
            if len(ids):
                rows[i] = self._table[ids].mean(axis=0)
        return _unit(rows)

    def embed_question(self, text: str) -> Vectors:
        return self._questions(text)

    def nearest_words(self, question: str, texts: Sequence[str]) -> tuple[tuple[str, ...], Vectors]:
        asked, words = self._words(question)
        ids = self._ids_of(texts, keep=True)
        if not len(words) or not any(len(i) for i in ids):
            return asked, np.zeros((len(texts), len(words)), dtype=np.float32)
        distinct, at = _distinct(np.concatenate(ids), self._tokenizer.get_vocab_size())
        close = self._table.times(distinct, words.T) / self._norms[distinct]
        return asked, _highest(close.take(at, axis=0), np.cumsum([0, *map(len, ids)]))

    def _embedded(self, text: str) -> Vectors:
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        row = _unit(self._table[ids].mean(axis=0) if ids else np.zeros(self.dimension, dtype=np.float32))
        row.setflags(write=False)
        return row

    def _words_of(self, question: str) -> tuple[tuple[str, ...], Vectors]:
        """The words of a question as the model cuts them, and their vectors, of length 1."""
        asked = self._tokenizer.encode(question, add_special_tokens=False)
        return _words(asked.tokens), _unit(self._table[asked.ids])

    @cached_property
    def _norms(self) -> Vectors:
        """(pieces, 1): the length of each piece's vector."""
        every = np.arange(self._tokenizer.get_vocab_size())
        parts = (self._table[every[at : at + _TOGETHER]] for at in range(0, len(every), _TOGETHER))
        return np.concatenate([np.maximum(np.linalg.norm(p, axis=1, keepdims=True), 1e-12) for p in parts])

    def cut(self, texts: Sequence[str]) -> tuple[Ragged, Vectors]:
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        begins = np.cumsum([0, *(len(e.ids) for e in encoded)], dtype=np.int64)
        pieces = Ragged(np.array([i for e in encoded for i in e.ids], dtype=np.int32), begins)
        distinct, at = _distinct(pieces.values, self._tokenizer.get_vocab_size())
        return pieces, np.linalg.norm(_sums(self._table[distinct][at], begins), axis=1)

    def compare(
        self, question: str, directions: Vectors, pieces: Ragged, lengths: Vectors
    ) -> tuple[tuple[str, ...], Vectors, Vectors]:
        asked, words = self._words(question)
        distinct, at = _distinct(pieces.values, self._tokenizer.get_vocab_size())
        close = self._table.times(distinct, np.concatenate([words, directions]).T)
        near, along = close[:, : len(words)] / self._norms[distinct], close[:, len(words) :]
        sums = _sums(along.take(at, axis=0), pieces.begins)
        products = np.asarray(sums / np.maximum(lengths, 1e-12)[:, None], dtype=np.float32)
        return asked, _highest(near.take(at, axis=0), pieces.begins), products

    def _ids_of(self, texts: Sequence[str], keep: bool = False) -> list[npt.NDArray[np.int32]]:
        """Token ids of each text; kept of sentences, for the same ones are looked at again and again."""
        if len(self._ids) > _KEPT:
            self._ids = {}
        known = self._ids
        fresh = [t for t in dict.fromkeys(texts) if t not in known]
        encoded = self._tokenizer.encode_batch_fast(fresh, add_special_tokens=False)
        read = {t: np.array(e.ids, dtype=np.int32) for t, e in zip(fresh, encoded, strict=True)}
        found = [read[t] if t in read else known[t] for t in texts]
        if keep:
            known.update(read)
        return found


_TOGETHER = 4096  # pieces looked at at once
_KEPT = 80_000  # texts; about 8 MB
_ASKED = 64  # questions


def _distinct(ids: npt.NDArray[np.int32], size: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """(the distinct ids in order, where each of `ids` stands among them); without sorting, for ids lie below `size`."""
    seen = np.zeros(size, dtype=bool)
    seen[ids] = True
    distinct = np.flatnonzero(seen)
    place = np.empty(size, dtype=np.intp)
    place[distinct] = np.arange(len(distinct))
    return distinct, place[ids]


def _words(tokens: Sequence[str]) -> tuple[str, ...]:
    return tuple(t.lstrip("▁ ").strip() for t in tokens)


def _highest(close: Vectors, begins: npt.NDArray[Any]) -> Vectors:
    """Rows (words of all texts in one block, m) → (n texts, m) highest of each text; a text without words is 0 near to all."""
    return _by_text(np.maximum, close, begins)


def _sums(rows: Vectors, begins: npt.NDArray[Any]) -> Vectors:
    return _by_text(np.add, rows, begins)


def _by_text(taken: np.ufunc, rows: Vectors, begins: npt.NDArray[Any]) -> Vectors:
    """Rows of all texts in one block, text i from begins[i] on, taken together text by text; 0 for a text without any."""
    together = np.zeros((len(begins) - 1, rows.shape[1]), dtype=np.float32)
    filled = np.flatnonzero(np.diff(begins))
    if len(filled):
        together[filled] = taken.reduceat(rows, begins[filled], axis=0)
    return together


_INSTRUCT = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
# What models want before a question and before a passage where their own configuration does not say; first match counts.
_KNOWN = (
    (r"e5-.*instruct|e5-mistral|qwen3?-embedding|gte-qwen", (_INSTRUCT, "")),
    (r"(?:^|-)e5-", ("query: ", "passage: ")),
    (r"bge-.*-zh", ("为这个句子生成表示以用于检索相关文章：", "")),
    (
        r"bge-.*-en|mxbai-embed|arctic-embed-(?:xs|s|m|l)$",
        ("Represent this sentence for searching relevant passages: ", ""),
    ),
    (r"nomic-embed", ("search_query: ", "search_document: ")),
)
_OF_QUESTIONS = ("query", "search_query", "s2p_query", "retrieval.query", "web_search_query")
_OF_PASSAGES = ("document", "passage", "search_document", "retrieval.passage")


def prefixes(name: str, prompts: Mapping[str, str]) -> tuple[str, str]:
    """(before a question, before a passage): the model's own prompts, else those its family is known to want.

    >>> prefixes("intfloat/multilingual-e5-small", {})
    ('query: ', 'passage: ')
    >>> prefixes("BAAI/bge-m3", {})
    ('', '')
    """
    own = tuple(next((prompts[n] for n in names if prompts.get(n)), "") for names in (_OF_QUESTIONS, _OF_PASSAGES))
    if any(own):
        return own[0], own[1]
    model = name.rstrip("/").replace("\\", "/").rpartition("/")[2].lower()
    return next((known for pattern, known in _KNOWN if re.search(pattern, model)), ("", ""))


def _state_of(name: str) -> list[tuple[str, int, int]]:
    """Of a model in a folder: other weights under the same name give other vectors."""
    files = [p for p in sorted(Path(name).rglob("*")) if p.is_file()] if Path(name).is_dir() else []
    return [(p.relative_to(name).as_posix(), p.stat().st_size, p.stat().st_mtime_ns) for p in files]


class SentenceTransformerEmbedder:
    """Any model of the sentence-transformers world, with the instructions it wants before questions and passages."""

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _model(self) -> Any:
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(self._name, device="cpu")
        except Exception as error:
            raise ModelFault("embedder_unreachable", self._name) from error

    @cached_property
    def _prefixes(self) -> tuple[str, str]:
        return prefixes(self._name, self._model.prompts)

    @cached_property
    def fingerprint(self) -> str:
        config = json.dumps([self._prefixes, _state_of(self._name)])
        return f"{self._name}-{hashlib.sha256(config.encode()).hexdigest()[:8]}"

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension())

    def _encode(self, texts: Sequence[str], prefix: str) -> Vectors:
        encoded = self._model.encode(
            list(texts), prompt=prefix, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(encoded, dtype=np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, self._prefixes[1]) if texts else np.zeros((0, self.dimension), dtype=np.float32)

    def embed_question(self, text: str) -> Vectors:
        row: Vectors = self._encode([text], self._prefixes[0])[0]
        return row

    def nearest_words(self, question: str, texts: Sequence[str]) -> tuple[tuple[str, ...], Vectors]:
        encoded = self._model.encode([question, *texts], output_value="token_embeddings", convert_to_numpy=False)
        rows = [_unit(np.asarray(e.cpu(), dtype=np.float32)) for e in encoded]
        words = self._model.tokenizer.convert_ids_to_tokens(
            self._model.tokenizer(question, truncation=True)["input_ids"]
        )
        asked = rows[0][: len(words)]
        held = np.concatenate(rows[1:]) if texts else rows[0][:0]
        return _words(words[: len(asked)]), _highest(held @ asked.T, np.cumsum([0, *map(len, rows[1:])]))
