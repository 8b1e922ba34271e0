"""Fakes that implement the ports: the smallest honest embedder, lexical engine, vector engine and reader."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from advisor.errors import CorpusError
from advisor.ports import Extracted, Vectors
from advisor.text import detect_language, tokens


class HashingEmbedder:
    """Every token is a fixed random direction; a text is the mean of its tokens."""

    dimension = 64

    def __init__(self, salt: str = "") -> None:
        self._salt = salt
        self.embedded = 0

    @property
    def fingerprint(self) -> str:
        return f"hashing-{self.dimension}{self._salt}"

    def _direction(self, token: str) -> Vectors:
        seed = int.from_bytes(hashlib.sha256(f"{self._salt}{token}".encode()).digest()[:8], "big")
        return np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for i, text in enumerate(texts):
            row = sum((self._direction(t) for t in tokens(text) or ["(nothing)"]), np.zeros(self.dimension, np.float32))
            rows[i] = row / np.linalg.norm(row)
        return rows

    def embed_question(self, text: str) -> Vectors:
        row: Vectors = self.embed_passages([text])[0]
        return row

    def nearest_words(self, question: str, texts: Sequence[str]) -> tuple[tuple[str, ...], Vectors]:
        words = tuple(dict.fromkeys(tokens(question)))
        held = [set(tokens(t)) for t in texts]
        return words, np.array([[float(w in h) for w in words] for h in held], dtype=np.float32).reshape(len(texts), -1)


class ListVectorIndex:
    def __init__(self, directory: Path) -> None:
        stored = np.load(directory / "vectors.npz")
        self._ids = [str(i) for i in stored["ids"]]
        self._rows = stored["rows"]

    def search(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        scored = zip(self._ids, (self._rows @ vector).tolist(), strict=True) if self._ids else []
        return sorted(scored, key=lambda row: (-row[1], row[0]))[:k]

    def vectors(self) -> tuple[list[str], Vectors]:
        return list(self._ids), self._rows.copy()

    def close(self) -> None:
        """Nothing is held open."""


class ListVectorEngine:
    def build(self, directory: Path, ids: Sequence[str], vectors: Vectors) -> None:
        directory.mkdir(parents=True)
        np.savez(directory / "vectors.npz", ids=np.array(list(ids), dtype=str), rows=vectors)

    def open(self, directory: Path) -> ListVectorIndex:
        return ListVectorIndex(directory)


class ListLexicalIndex:
    def __init__(self, directory: Path) -> None:
        self._rows = [(i, Counter(t)) for i, t in json.loads((directory / "rows.json").read_text("utf-8"))]

    def search(self, parts: Sequence[tuple[str, float]], k: int) -> list[tuple[str, float]]:
        def score(words: Counter[str]) -> float:
            return sum(
                weight * self.idf(t) * words[t] / (words[t] + 1)
                for text, weight in parts
                for t in dict.fromkeys(tokens(text))
                if words[t]
            )

        scored = [(id, score(words)) for id, words in self._rows]
        return [row for row in sorted(scored, key=lambda row: (-row[1], row[0])) if row[1] > 0][:k]

    def idf(self, token: str) -> float:
        frequency = sum(token in words for _, words in self._rows)
        return math.log(1 + (len(self._rows) - frequency + 0.5) / (frequency + 0.5))


class ListLexicalEngine:
    def build(self, directory: Path, rows: Sequence[tuple[str, str]]) -> None:
        directory.mkdir(parents=True)
        (directory / "rows.json").write_text(json.dumps([(i, tokens(t)) for i, t in rows]), "utf-8")

    def open(self, directory: Path) -> ListLexicalIndex:
        return ListLexicalIndex(directory)


class PlainReader:
    """Text files only, one page a form feed."""

    def read(self, path: Path) -> Extracted:
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise CorpusError("encoding_unknown", str(path)) from error
        if not text.strip():
            raise CorpusError("no_text_layer", str(path))
        return Extracted(text, detect_language(text), (), "plain")
