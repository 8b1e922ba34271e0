"""Is the gold itself well made? Format, corpus, the split by document, copied words, and how easy it is."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from advisor import Advisor, Settings
from advisor.adapters.lexical import Bm25Engine
from advisor.adapters.originals import FileReader
from advisor.ingest.publish import indexed_text
from advisor.ingest.read import read_corpus
from advisor.ingest.split import split
from advisor.model import Document
from advisor.text import CJK, fold
from eval.errors import EvalError, read_rows
from eval.load import SPLITS, Placed, against_corpus, parse, shared_documents

_RUN_EN = 6
_RUN_ZH = 8
_TOO_EASY = 0.80


def check(folder: Path, settings: Settings) -> dict[str, Any]:
    """Every fault, not just the first; raises EvalError where there is nothing to check."""
    rows, faults = _rows(folder)
    corpus = read_corpus(Advisor(settings).roots, FileReader())
    documents = {d.id: d for d in corpus.documents}
    faults += against_corpus(rows, documents)
    found = _bm25_first(rows, corpus.documents)
    faults += shared_documents(rows)
    copied = list(copies(rows))
    return {
        "questions": len(rows),
        "splits": dict(Counter(p.item.split for p in rows)),
        "types": dict(sorted(Counter(p.item.type for p in rows).items())),
        "languages": dict(Counter(p.item.language for p in rows)),
        "documents_used": len({e.document for p in rows for e in p.item.evidence}),
        "documents": len(documents),
        "faults": [f.as_dict() for f in faults],
        "copied": [f.as_dict() for f in copied],
        "bm25_recall@1": None if not found else round(sum(found) / len(found), 4),
        "bm25_recall@1_of": len(found),
        "too_easy": bool(found) and sum(found) / len(found) > _TOO_EASY,
    }


def _rows(folder: Path) -> tuple[list[Placed], list[EvalError]]:
    rows: list[Placed] = []
    faults: list[EvalError] = []
    seen: dict[str, str] = {}
    paths = [folder / f"{s}.jsonl" for s in SPLITS]
    present = [p for p in paths if p.exists()]
    if not present:
        raise EvalError("file_missing", str(folder), "holds neither dev.jsonl nor test.jsonl.")
    for path in present:
        for where, row in read_rows(path):
            try:
                item = parse(where, row)
            except EvalError as error:
                faults.append(error)
                continue
            if item.id in seen:
                faults.append(
                    EvalError("duplicate_id", where, f"the id {item.id} was already used at {seen[item.id]}.")
                )
            if item.split != path.stem:
                faults.append(EvalError("wrong_split", where, f"the split is {item.split}, the file is {path.name}."))
            seen[item.id] = where
            rows.append(Placed(where, item))
    return rows, faults


def copies(rows: Iterable[Placed]) -> Iterator[EvalError]:
    """Questions that share a run of words with their evidence, figures and capitalised names excepted."""
    for placed in rows:
        for evidence in placed.item.evidence:
            for _, quote in evidence.quotes():
                if run := shared_run(placed.item.question, quote):
                    yield EvalError("copied_words", placed.where, f"the question repeats its evidence: {run}")
                    break


def shared_run(question: str, quote: str) -> str | None:
    """The first run of 6 English words or 8 Chinese characters that both hold.

    >>> shared_run("中小企业数字化转型城市怎么申报", "支持中小企业数字化转型城市试点")
    '中小企业数字化转'
    >>> shared_run("How much can a small firm get in Bavaria?", "A small firm gets at most 7,500 euros.") is None
    True
    """
    folded = fold(quote)
    for stretch in re.findall(f"[{CJK}]+", fold(question)):
        for i in range(len(stretch) - _RUN_ZH + 1):
            if stretch[i : i + _RUN_ZH] in folded:
                return str(stretch[i : i + _RUN_ZH])
    words, said = (re.findall(r"[A-Za-z']+", t) for t in (question, quote))
    known = {tuple(w.lower() for w in said[i : i + _RUN_EN]) for i in range(len(said) - _RUN_EN + 1)}
    for i in range(len(words) - _RUN_EN + 1):
        run = words[i : i + _RUN_EN]
        if tuple(w.lower() for w in run) in known and sum(w[0].isupper() for w in run) <= _RUN_EN // 2:
            return " ".join(run)
    return None


def _bm25_first(rows: Sequence[Placed], documents: Sequence[Document]) -> list[float]:
    """recall@1 of plain BM25 by document, per answerable question: the guard against easy questions."""
    by_id = {d.id: d for d in documents}
    passages = {p.id: p for d in documents for p in split(d)}
    found = []
    with tempfile.TemporaryDirectory(prefix="advisor-eval-") as folder:
        directory = Path(folder) / "lexical"
        Bm25Engine().build(directory, [(p.id, indexed_text(by_id[p.document], p)) for p in passages.values()])
        index = Bm25Engine().open(directory)
    for item in (p.item for p in rows):
        wanted = {e.document for e in item.evidence}
        if item.answerable and wanted and not item.hide:
            best = index.search([(item.question, 1.0)], 1)
            found.append(float(bool(best) and passages[best[0][0]].document in wanted) / len(wanted))
    return found


def table(result: Mapping[str, Any]) -> str:
    lines = [f["message"] for f in (*result["faults"], *result["copied"])]
    counts = ", ".join(f"{k} {v}" for k, v in result["types"].items())
    lines.append(
        f"{result['questions']} questions ({counts}) over {result['documents_used']} of {result['documents']} documents"
    )
    if result["bm25_recall@1"] is not None:
        easy = ": too easy, the guard is 0.80" if result["too_easy"] else ""
        lines.append(
            f"plain BM25 finds the document first for {result['bm25_recall@1']:.3f} of {result['bm25_recall@1_of']}{easy}"
        )
    lines.append(f"{len(result['faults'])} faults, {len(result['copied'])} questions that repeat their evidence")
    return "\n".join(lines)


__all__ = ["check", "copies", "shared_run", "table"]
