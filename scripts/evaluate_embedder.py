"""Recall of an embedder folder on BEIR folders: python scripts/evaluate_embedder.py --model advisor/models/embedder FOLDER …

With --fused also of BM25 over the question and its terms in the documents' language, alone and fused with the vectors.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from advisor.adapters.embedder import StaticEmbedder
from advisor.adapters.lexical import Bm25Engine, Bm25Index
from advisor.adapters.lexicon import translate
from advisor.model import Language
from advisor.ports import Vectors
from advisor.text import detect_language


def read_texts(path: Path) -> dict[str, str]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {r["_id"]: f"{r.get('title', '')} {r['text']}".strip() for r in rows}


def read_relevant(folder: Path) -> dict[str, set[str]]:
    relevant: dict[str, set[str]] = defaultdict(set)
    for row in csv.DictReader((folder / "qrels" / "test.tsv").read_text("utf-8").splitlines(), delimiter="\t"):
        if int(row["score"]) > 0:
            relevant[row["query-id"]].add(row["corpus-id"])
    return dict(relevant)


def recall(scores: Vectors, queries: list[str], documents: list[str], relevant: dict[str, set[str]], k: int) -> float:
    """Mean share of the relevant documents among the k best."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    found = [
        len({documents[i] for i in row} & relevant[q]) / len(relevant[q]) for q, row in zip(queries, best, strict=True)
    ]
    return float(np.mean(found))


def evaluate(embedder: StaticEmbedder, folder: Path) -> dict[str, float]:
    relevant = read_relevant(folder)
    documents, questions = read_texts(folder / "corpus.jsonl"), read_texts(folder / "queries.jsonl")
    asked = [q for q in questions if q in relevant]
    scores = (
        embedder.embed_passages([questions[q] for q in asked]) @ embedder.embed_passages(list(documents.values())).T
    )
    return {f"recall@{k}": recall(scores, asked, list(documents), relevant, k) for k in (1, 5)}


def lexical_scores(questions: list[str], documents: list[str]) -> dict[str, Vectors]:
    """BM25 of the questions as they are, and with their translated terms added at several weights."""
    into: Language = Counter(detect_language(d) for d in documents).most_common(1)[0][0]
    with tempfile.TemporaryDirectory() as folder:
        Bm25Engine().build(Path(folder) / "index", [(str(i), d) for i, d in enumerate(documents)])
        index = Bm25Index(Path(folder) / "index")

    def scores(parts: list[tuple[str, float]]) -> Vectors:
        row = np.zeros(len(documents), dtype=np.float32)
        for number, score in index.search(parts, len(documents)):
            row[int(number)] = score
        return row

    table = {"bm25": np.stack([scores([(q, 1.0)]) for q in questions])}
    translated = np.stack([scores([(term, weight) for term, weight in translate(q, into)]) for q in questions])
    return (
        table
        | {f"bm25+{w}*translated": table["bm25"] + w * translated for w in (1.0, 1.5)}
        | {"translated": translated}
    )


def reciprocal_ranks(scores: Vectors) -> Vectors:
    order = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    return np.asarray(1.0 / (60 + 1 + order), dtype=np.float32)


def spread(scores: Vectors, pool: int = 100) -> Vectors:
    """From 0 at the worst of the question's pool to 1 at its best, as the product's fusion scales the dense leg."""
    best = scores.max(axis=1, keepdims=True)
    floor = -np.partition(-scores, pool, axis=1)[:, pool : pool + 1]
    return np.asarray(np.maximum(0.0, scores - floor) / np.maximum(best - floor, 1e-9), dtype=np.float32)


def share(scores: Vectors) -> Vectors:
    return np.asarray(scores / np.maximum(scores.max(axis=1, keepdims=True), 1e-9), dtype=np.float32)


def evaluate_fused(embedder: StaticEmbedder, folder: Path) -> dict[str, dict[str, float]]:
    relevant = read_relevant(folder)
    documents, questions = read_texts(folder / "corpus.jsonl"), read_texts(folder / "queries.jsonl")
    asked = [q for q in questions if q in relevant]
    dense = embedder.embed_passages([questions[q] for q in asked]) @ embedder.embed_passages(list(documents.values())).T
    table = lexical_scores([questions[q] for q in asked], list(documents.values()))
    for name, lexical in list(table.items()):
        for weight in (0.35, 0.8, 1.5):
            table[f"{name} + {weight} dense"] = share(lexical) + weight * spread(dense)
        table[f"{name} + dense by rank"] = reciprocal_ranks(lexical) + reciprocal_ranks(dense)
    table["dense"] = dense
    return {
        name: {f"recall@{k}": recall(s, asked, list(documents), relevant, k) for k in (1, 5)}
        for name, s in table.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("advisor/models/embedder"))
    parser.add_argument("--fused", action="store_true")
    parser.add_argument("folders", type=Path, nargs="+")
    given = parser.parse_args()
    embedder = StaticEmbedder(given.model)
    for folder in given.folders:
        table = evaluate_fused(embedder, folder) if given.fused else {"dense": evaluate(embedder, folder)}
        for leg, figures in table.items():
            print(folder.name, leg, " ".join(f"{name} {value:.3f}" for name, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
