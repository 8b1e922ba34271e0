"""The product's own retrieval over a foreign BEIR folder, for the whole pipeline and for each leg alone."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from advisor.adapters.lexicon import translate
from advisor.ask.lexicon import Lexicon
from advisor.ask.query import understand
from advisor.ask.retrieve import retrieve
from advisor.gazetteer import Gazetteer
from advisor.generation import Generation
from advisor.ingest import publish
from advisor.ingest.read import Corpus
from advisor.ingest.split import split
from advisor.model import Bilingual, Document, Passage, Query, Question
from advisor.ports import Embedder, LexicalEngine, Reranker, VectorEngine
from advisor.reading import read
from advisor.text import detect_language
from eval import metrics
from eval.errors import EvalError, read_rows, read_text

_PASSAGES = 60  # passages asked for, so that ten documents are left when several passages are of one
AS_OF = date(2026, 11, 24)  # foreign texts carry no dates of force; a fixed day keeps two runs equal

Qrels = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Beir:
    """A folder in BEIR's layout: documents, and the queries that have judgements."""

    documents: tuple[Document, ...]
    queries: tuple[tuple[str, str], ...]
    qrels: Qrels
    unjudged: int


def load_beir(folder: Path) -> Beir:
    """Read `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`; raises EvalError naming file and line."""
    documents = _documents(folder / "corpus.jsonl")
    texts: dict[str, str] = {}
    for where, row in read_rows(folder / "queries.jsonl"):
        id = _id(where, row, texts)
        texts[id] = str(row.get("text") or "")
    qrels = _qrels(folder / "qrels" / "test.tsv", {d.id for d in documents}, texts)
    asked = tuple((i, t) for i, t in texts.items() if i in qrels)
    return Beir(documents, asked, qrels, len(texts) - len(asked))


def _id(where: str, row: Mapping[str, Any], known: Iterable[str]) -> str:
    if row.get("_id") is None or str(row["_id"]) == "":
        raise EvalError("no_id", where, "this row has no _id.")
    id = str(row["_id"])
    if id in known:
        raise EvalError("duplicate_id", where, f"the _id {id} occurs twice.")
    return id


def _documents(path: Path) -> tuple[Document, ...]:
    found: dict[str, Document] = {}
    for where, row in read_rows(path):
        id = _id(where, row, found)
        title, text = str(row.get("title") or ""), str(row.get("text") or "")
        body = (text if text.strip() else title).replace("\r\n", "\n").replace("\r", "\n")
        language = detect_language(body)
        name = Bilingual(zh=title or None) if language == "zh" else Bilingual(en=title or None)
        found[id] = Document(id=id, title=name, kind="guide", text_origin="original", texts={language: body})
    if not found:
        raise EvalError("empty", str(path), "holds no documents.")
    return tuple(found.values())


def _qrels(path: Path, documents: set[str], queries: Mapping[str, str]) -> Qrels:
    """Query id → {document id: relevance above 0}; only queries with something relevant can be scored."""
    qrels: dict[str, dict[str, int]] = {}
    for number, line in enumerate(read_text(path).splitlines(), 1):
        parts = line.split("\t")
        if not line.strip() or (number == 1 and parts[-1].strip().lower() == "score"):
            continue
        where = f"{path}:{number}"
        try:
            query, document, relevance = parts[0].strip(), parts[-2].strip(), int(parts[-1])
        except (IndexError, ValueError):
            raise EvalError(
                "qrels_broken", where, "a row needs query-id, corpus-id and an integer score, with tabs."
            ) from None
        if query not in queries:
            raise EvalError("unknown_query", where, f"the query {query} is not in queries.jsonl.")
        if document not in documents:
            raise EvalError("unknown_document", where, f"the document {document} is not in corpus.jsonl.")
        if relevance > 0:
            qrels.setdefault(query, {})[document] = relevance
    if not qrels:
        raise EvalError("empty", str(path), "judges no document relevant to any query.")
    return qrels


def build(
    documents: Sequence[Document], directory: Path, embedder: Embedder, lexical: LexicalEngine, vector: VectorEngine
) -> Generation:
    """One index generation over the documents, written and opened by the product's own code."""
    passages = [p for d in documents for p in split(d)]
    by_id = {d.id: d for d in documents}
    texts = [publish.indexed_text(by_id[p.document], p) for p in passages]
    batches = [embedder.embed_passages(texts[i : i + 256]) for i in range(0, len(texts), 256)]
    vectors = np.vstack(batches) if batches else np.zeros((0, embedder.dimension), dtype=np.float32)
    corpus = Corpus(tuple(documents), (), Gazetteer(), Gazetteer())
    manifest = {"embedder": embedder.fingerprint}
    reading = read(passages, by_id, embedder)
    publish.write_generation(directory, corpus, passages, vectors, vectors[:0], reading, manifest, lexical, vector)
    return Generation(directory, lexical, vector)


def documents_of(ranked: Iterable[str], passages: Mapping[str, Passage]) -> list[str]:
    """Passage ids best first → document ids by their best passage."""
    return list(dict.fromkeys(passages[i].document for i in ranked))


def measure(
    beir: Beir, embedder: Embedder, lexical: LexicalEngine, vector: VectorEngine, reranker: Reranker | None = None
) -> dict[str, Any]:
    """Index and ask; every judged query counts, one that finds nothing scores zero."""
    with tempfile.TemporaryDirectory(prefix="advisor-eval-", ignore_cleanup_errors=True) as folder:
        embedder.embed_question("warm")  # loading the model is no part of indexing
        began = time.perf_counter()
        generation = build(beir.documents, Path(folder) / "g-beir", embedder, lexical, vector)
        index_s = time.perf_counter() - began
        with generation:
            rankings, milliseconds = _ask(beir, generation, embedder, reranker)
        passages = len(generation.passages)
        generation.retire()
    whole = figures(rankings["pipeline"], beir.qrels)
    legs = {leg: figures(rankings[leg], beir.qrels) for leg in ("lexical", "dense")}
    return {
        **whole,
        "legs": legs,
        # Above 0, a leg alone puts the right document first more often than the whole.
        "fusion_regret": round(max(leg["recall@1"] for leg in legs.values()) - whole["recall@1"], 4),
        "index_s": round(index_s, 3),
        "query_ms_p50": round(float(np.percentile(milliseconds, 50)), 3),
        "query_ms_p95": round(float(np.percentile(milliseconds, 95)), 3),
        "queries": len(beir.queries),
        "queries_without_judgement": beir.unjudged,
        "documents": len(beir.documents),
        "passages": passages,
        "embedder": embedder.fingerprint,
        "reranker": reranker.name if reranker else None,
    }


def _ask(
    beir: Beir, generation: Generation, embedder: Embedder, reranker: Reranker | None
) -> tuple[dict[str, dict[str, list[str]]], list[float]]:
    lexicon = Lexicon(generation, translate)
    rankings: dict[str, dict[str, list[str]]] = {"pipeline": {}, "lexical": {}, "dense": {}}
    milliseconds = []
    legs: dict[str, Callable[[Query], list[tuple[str, float]]]] = {
        "lexical": lambda q: generation.lexical.search(q.lexical, _PASSAGES),
        "dense": lambda q: generation.vector.search(embedder.embed_question(q.semantic), _PASSAGES),
    }
    for id, text in beir.queries:
        began = time.perf_counter()
        query = understand(Question(text), lexicon, AS_OF)
        hits = retrieve(query, generation, lexicon, embedder, _PASSAGES, reranker=reranker)
        milliseconds.append(1000 * (time.perf_counter() - began))
        rankings["pipeline"][id] = list(dict.fromkeys(h.passage.document for h in hits))
        for leg, search in legs.items():
            rankings[leg][id] = documents_of((i for i, _ in search(query)), generation.passages)
    return rankings, milliseconds


def figures(rankings: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, float]:
    """Means over all judged queries."""
    wanted: dict[str, Callable[[Sequence[str], Mapping[str, int]], float]] = {
        "recall@1": lambda r, g: metrics.recall_at(r, g, 1),
        "recall@5": lambda r, g: metrics.recall_at(r, g, 5),
        "recall@10": lambda r, g: metrics.recall_at(r, g, 10),
        "ndcg@5": lambda r, g: metrics.ndcg_at(r, g, 5),
        "ndcg@10": lambda r, g: metrics.ndcg_at(r, g, 10),
        "mrr@10": lambda r, g: metrics.reciprocal_rank(r, g, 10),
    }
    return {name: round(fmean(f(rankings.get(q, ()), g) for q, g in qrels.items()), 4) for name, f in wanted.items()}


def table(result: Mapping[str, Any]) -> str:
    """The figures for people, with their denominator."""
    names = ("recall@1", "recall@5", "recall@10", "ndcg@5", "ndcg@10", "mrr@10")
    rows = [
        ("whole pipeline", result),
        ("lexical leg", result["legs"]["lexical"]),
        ("dense leg", result["legs"]["dense"]),
    ]
    lines = [f"{'':16}" + "".join(f"{n:>11}" for n in names)]
    lines += [f"{label:16}" + "".join(f"{row[n]:11.3f}" for n in names) for label, row in rows]
    lines.append(
        f"fusion regret at 1: {100 * result['fusion_regret']:+.1f} points\n"
        f"over {result['queries']} queries and {result['documents']} documents ({result['passages']} passages); "
        f"indexed in {result['index_s']:.1f} s, a query takes {result['query_ms_p50']:.1f} ms (p95 {result['query_ms_p95']:.1f})"
    )
    return "\n".join(lines)
