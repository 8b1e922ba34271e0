"""Our retrieval beside what LangChain, LlamaIndex and Haystack do by default, on our corpus and the dev questions.

    make bench-peers

Two environments, one run: this file, run by ours, asks our own questions and hands texts and questions to itself in the
peers' environment, which never enters the product. Everybody gets the same texts (title and body of both languages), the
same questions as typed, and our embedder; a document's rank is that of its best passage. Questions whose evidence has a
language version hidden are asked on texts without it. What the peers do not do is left out for them too: no history.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / ".venv-peers" / "bin" / "python"
MODEL = ROOT / "advisor" / "models" / "embedder"
_PASSAGES = 60  # asked of everybody, so that ten documents are left when several passages are of one
_SHOWN = ("recall@1", "recall@5", "mrr@10")
sys.path.insert(0, str(ROOT))


@dataclass(frozen=True)
class Row:
    """Rankings of documents by question, seconds to index the whole corpus, milliseconds of each question."""

    name: str
    rankings: dict[str, list[str]]
    index_s: float
    milliseconds: list[float]


# --- ours ----------------------------------------------------------------------------------------


def hand_out() -> tuple[list[dict[str, Any]], list[Row], dict[str, Any]]:
    """(views of the corpus with their questions, our own rows, the questions by id)."""
    from advisor import Settings
    from advisor.adapters.exact import VectorsBySize
    from advisor.adapters.lexical import Bm25Engine
    from eval.load import GOLD, load_gold
    from eval.retrieval import build
    from eval.run import desk

    asked = [p.item for p in load_gold(GOLD, ["dev"])]
    items = [i for i in asked if i.answerable and i.evidence and not i.history]
    views: list[dict[str, Any]] = []
    ours, bm25 = Row("advisor", {}, 0.0, []), Row("advisor, BM25 leg alone", {}, 0.0, [])
    seconds = 0.0
    for hide in (None, "zh", "en"):
        mine = [i for i in items if i.hide == hide]
        with desk(Settings.load(), hide, mine) as where:
            documents = list(where.generation.documents.values())
            views.append({"texts": list(texts(documents)), "questions": [[i.id, i.question] for i in mine]})
            _ask_ours(mine, where, ours, bm25)
            if hide is None:
                with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                    began = time.perf_counter()
                    built = build(documents, Path(folder) / "g", where.advisor.embedder, Bm25Engine(), VectorsBySize())
                    seconds = time.perf_counter() - began
                    built.retire()
    rows = [Row(r.name, r.rankings, seconds, r.milliseconds) for r in (ours, bm25)]
    return views, rows, {i.id: i for i in items}


def texts(documents: Sequence[Any]) -> Iterator[list[str]]:
    """[document, language, title and body] of every language version."""
    for document in documents:
        for language, text in document.texts.items():
            yield [document.id, language, f"{document.title.get(language)}\n\n{text}"]


def _ask_ours(items: Sequence[Any], where: Any, ours: Row, bm25: Row) -> None:
    from advisor.ask.lexicon import Lexicon
    from advisor.ask.query import understand
    from advisor.ask.retrieve import retrieve
    from eval.retrieval import documents_of

    lexicon, generation = Lexicon(generation=where.generation), where.generation
    where.advisor.warm()
    for item in items:
        question = item.asked()
        began = time.perf_counter()
        query = understand(question, lexicon, question.as_of)
        hits = retrieve(query, generation, lexicon, where.advisor.embedder, _PASSAGES)
        ours.milliseconds.append(1000 * (time.perf_counter() - began))
        ours.rankings[item.id] = list(dict.fromkeys(h.passage.document for h in hits))
        began = time.perf_counter()
        found = generation.lexical.search([(item.question, 1.0)], _PASSAGES)
        bm25.milliseconds.append(1000 * (time.perf_counter() - began))
        bm25.rankings[item.id] = documents_of((id for id, _ in found), generation.passages)


# --- the peers (these functions run in their environment) -----------------------------------------

Search = Callable[[str], list[str]]


def langchain(texts: Sequence[Sequence[str]], embedder: Any) -> Search:
    """The quickstart: recursive splitter 1000/200, Chroma in memory, similarity search."""
    import chromadb
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    class Wrapped(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return embedder.embed_passages(texts).tolist()

        def embed_query(self, text: str) -> list[float]:
            return embedder.embed_question(text).tolist()

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    parts = splitter.split_documents([Document(t, metadata={"document": id}) for id, _, t in texts])
    client = chromadb.EphemeralClient(chromadb.Settings(anonymized_telemetry=False))
    store = Chroma(collection_name=f"c{len(texts)}-{time.time_ns()}", embedding_function=Wrapped(), client=client)
    for i in range(0, len(parts), 2000):
        store.add_documents(parts[i : i + 2000])
    return lambda question: [d.metadata["document"] for d in store.similarity_search(question, k=_PASSAGES)]


def llamaindex(texts: Sequence[Sequence[str]], embedder: Any) -> Search:
    """The default: VectorStoreIndex over the default sentence splitter (1024/200 tokens), its retriever."""
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding
    from llama_index.core.node_parser import SentenceSplitter

    class Wrapped(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return embedder.embed_passages([text])[0].tolist()

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return embedder.embed_passages(texts).tolist()

        def _get_query_embedding(self, query: str) -> list[float]:
            return embedder.embed_question(query).tolist()

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    documents = [
        Document(text=t, metadata={"document": id}, excluded_embed_metadata_keys=["document"]) for id, _, t in texts
    ]
    index = VectorStoreIndex.from_documents(documents, embed_model=Wrapped(), transformations=[SentenceSplitter()])
    retriever = index.as_retriever(similarity_top_k=_PASSAGES)
    return lambda question: [n.node.metadata["document"] for n in retriever.retrieve(question)]


def haystack(texts: Sequence[Sequence[str]], embedder: Any) -> Search:
    """The hybrid tutorial without its ranker model: split, BM25 and embedding retrievers in memory, reciprocal rank fusion."""
    from haystack import Document
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    splitter = DocumentSplitter(split_by="word", split_length=200, split_overlap=20)
    splitter.warm_up()
    parts = splitter.run(
        [Document(content=t, meta={"document": id, "language": language}) for id, language, t in texts]
    )["documents"]
    vectors = embedder.embed_passages([p.content for p in parts]).tolist()
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(
        [Document(content=p.content, meta=p.meta, embedding=v) for p, v in zip(parts, vectors, strict=True)]
    )
    words = InMemoryBM25Retriever(store, top_k=_PASSAGES)
    dense = InMemoryEmbeddingRetriever(store, top_k=_PASSAGES)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=_PASSAGES)

    def search(question: str) -> list[str]:
        found = [
            words.run(query=question)["documents"],
            dense.run(query_embedding=embedder.embed_question(question).tolist())["documents"],
        ]
        return [d.meta["document"] for d in joiner.run(documents=found)["documents"]]

    return search


def peers(views: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every peer over every view; seconds are of the whole corpus, which is the first view."""
    from advisor.adapters.embedder import StaticEmbedder

    embedder = StaticEmbedder(MODEL)
    embedder.embed_question("warm")
    rows = []
    for name, start in (
        ("LangChain quickstart", langchain), ("LlamaIndex default", llamaindex), ("Haystack hybrid", haystack),
    ):  # fmt: skip
        start([["warm", "en", "warm"]], embedder)("warm")  # importing is no part of indexing
        row: dict[str, Any] = {"name": name, "rankings": {}, "index_s": None, "milliseconds": []}
        for view in views:
            began = time.perf_counter()
            search = start(view["texts"], embedder)
            row["index_s"] = row["index_s"] or time.perf_counter() - began
            for id, question in view["questions"]:
                began = time.perf_counter()
                found = search(question)
                row["milliseconds"].append(1000 * (time.perf_counter() - began))
                row["rankings"][id] = list(dict.fromkeys(found))
        rows.append(row)
    return rows


# --- the table -----------------------------------------------------------------------------------


def figures(row: Row, items: Sequence[Any]) -> dict[str, float]:
    """Means over all these questions by document; one without a ranking counts zero."""
    from eval import metrics

    def mean(of: Callable[[list[str], set[str]], float]) -> float:
        return float(np.mean([of(row.rankings.get(i.id, []), {e.document for e in i.evidence}) for i in items]))

    return {
        "recall@1": mean(lambda r, w: metrics.recall_at(r, w, 1)),
        "recall@5": mean(lambda r, w: metrics.recall_at(r, w, 5)),
        "mrr@10": mean(lambda r, w: metrics.reciprocal_rank(r, w, 10)),
    }


def table(rows: Sequence[Row], items: Sequence[Any]) -> str:
    slices = {
        "all": items,
        "zh": [i for i in items if i.language == "zh" and not i.hide],
        "en": [i for i in items if i.language == "en" and not i.hide],
        "across languages": [i for i in items if i.hide],
    }
    lines = []
    for name, chosen in slices.items():
        lines.append(f"\n{name}: {len(chosen)} answerable dev questions, by document")
        more = f"{'index s':>10}{'query ms p50':>14}{'p95':>8}" if name == "all" else ""
        lines.append(f"{'':26}" + "".join(f"{n:>11}" for n in _SHOWN) + more)
        for row in rows:
            found = figures(row, chosen)
            cells = f"{row.name:26}" + "".join(f"{found[n]:11.3f}" for n in _SHOWN)
            if name == "all":
                p50, p95 = np.percentile(row.milliseconds, [50, 95])
                cells += f"{row.index_s:10.2f}{p50:14.1f}{p95:8.1f}"
            lines.append(cells)
    return "\n".join(lines).strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", nargs=2, type=Path, metavar=("IN", "OUT"), help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, help="write figures and rankings here too")
    args = parser.parse_args()
    if args.peers:
        views = json.loads(args.peers[0].read_text("utf-8"))
        args.peers[1].write_text(json.dumps(peers(views)), "utf-8")
        return 0
    if not any(MODEL.rglob("model.safetensors")):
        print(
            f"skipped: the embedder is not in {MODEL.relative_to(ROOT)}; train it with make embedder", file=sys.stderr
        )
        return 0
    if not PEERS.exists():
        print("the peers' environment is missing: run make bench-peers", file=sys.stderr)
        return 1
    views, rows, items = hand_out()
    with tempfile.TemporaryDirectory() as folder:
        given, back = Path(folder) / "in.json", Path(folder) / "out.json"
        given.write_text(json.dumps(views, ensure_ascii=False), "utf-8")
        subprocess.run([str(PEERS), __file__, "--peers", str(given), str(back)], check=True)
        rows += [Row(**row) for row in json.loads(back.read_text("utf-8"))]
    print(table(rows, list(items.values())))
    if args.json:
        wanted = {
            r.name: {**figures(r, list(items.values())), "index_s": r.index_s, "rankings": r.rankings} for r in rows
        }
        args.json.write_text(json.dumps(wanted, ensure_ascii=False, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
