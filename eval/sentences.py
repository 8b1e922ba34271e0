"""Does the one sentence that would be shown hold the answer? Over a BEIR folder whose queries name their answers."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from advisor.adapters.lexicon import translate
from advisor.ask.lexicon import Lexicon
from advisor.ask.query import understand
from advisor.ask.sentences import SentenceChooser
from advisor.generation import Generation
from advisor.model import Hit, Question
from advisor.ports import Embedder, LexicalEngine, VectorEngine
from advisor.text import fold
from eval.errors import EvalError, read_rows
from eval.retrieval import AS_OF, build, load_beir


def answers_of(folder: Path) -> dict[str, tuple[str, ...]]:
    """Query id → its answers, from `metadata.answers` of `queries.jsonl`; raises EvalError where none has any."""
    rows = (row for _, row in read_rows(folder / "queries.jsonl"))
    found = {str(r["_id"]): tuple(a for a in (r.get("metadata") or {}).get("answers", ()) if a) for r in rows}
    if not any(found.values()):
        raise EvalError("no_answers", str(folder / "queries.jsonl"), "no query names its answers in metadata.answers.")
    return found


def measure(folder: Path, embedder: Embedder, lexical: LexicalEngine, vector: VectorEngine) -> dict[str, Any]:
    """Every judged query with answers counts; its right document is given, the best sentence of it is looked at."""
    beir, answers = load_beir(folder), answers_of(folder)
    asked = [(id, text) for id, text in beir.queries if answers.get(id)]
    with tempfile.TemporaryDirectory(prefix="advisor-eval-", ignore_cleanup_errors=True) as directory:
        with build(beir.documents, Path(directory) / "g-beir", embedder, lexical, vector) as generation:
            lexicon = Lexicon(generation, translate)
            shown = [best(text, beir.qrels[id], generation, lexicon, embedder) for id, text in asked]
        generation.retire()
    right = [any(fold(a) in fold(s) for a in answers[id]) for (id, _), s in zip(asked, shown, strict=True)]
    return {
        "answer_in_sentence": round(fmean(right), 4),
        "right": sum(right),
        "queries": len(asked),
        "mean_characters": round(fmean(map(len, shown)), 1),
    }


def best(text: str, relevant: Mapping[str, int], generation: Generation, lexicon: Lexicon, embedder: Embedder) -> str:
    """The sentence of the relevant documents that would be shown first; "" where they have none."""
    query = understand(Question(text), lexicon, AS_OF)
    passages = [p for p in generation.passages.values() if p.document in relevant]
    hits: Sequence[Hit] = [Hit(p, 1.0, rank) for rank, p in enumerate(passages, 1)]
    return next((c.text for c in SentenceChooser(query, generation, lexicon, embedder).candidates(hits)), "")


def table(result: Mapping[str, Any]) -> str:
    """The figures for people, with their denominator."""
    return (
        f"the answer stands in the one sentence shown: {result['right']} of {result['queries']} "
        f"({result['answer_in_sentence']:.3f}); a sentence has {result['mean_characters']:.0f} characters on average"
    )
