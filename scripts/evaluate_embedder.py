"""Recall of an embedder folder on BEIR folders: python scripts/evaluate_embedder.py --model advisor/models/embedder FOLDER …"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from advisor.adapters.embedder import StaticEmbedder
from advisor.ports import Vectors


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
    found = [len({documents[i] for i in row} & relevant[q]) / len(relevant[q]) for q, row in zip(queries, best, strict=True)]
    return float(np.mean(found))


def evaluate(embedder: StaticEmbedder, folder: Path) -> dict[str, float]:
    relevant = read_relevant(folder)
    documents, questions = read_texts(folder / "corpus.jsonl"), read_texts(folder / "queries.jsonl")
    asked = [q for q in questions if q in relevant]
    scores = embedder.embed_passages([questions[q] for q in asked]) @ embedder.embed_passages(list(documents.values())).T
    return {f"recall@{k}": recall(scores, asked, list(documents), relevant, k) for k in (1, 5)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("advisor/models/embedder"))
    parser.add_argument("folders", type=Path, nargs="+")
    given = parser.parse_args()
    embedder = StaticEmbedder(given.model)
    for folder in given.folders:
        figures = evaluate(embedder, folder)
        print(folder.name, " ".join(f"{name} {value:.3f}" for name, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
