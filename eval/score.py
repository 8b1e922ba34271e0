"""Score a run without asking: the same folder always gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from eval import metrics
from eval.errors import EvalError, read_rows, read_text
from eval.judge import Judged, judge
from eval.load import Item, load_files
from eval.metrics import Count, Figure, Scored
from eval.run import RUNS, check_name

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure's group in tables, its direction, and what its denominator counts."""

    group: str
    better: Better
    of: str
    own: bool = False  # the denominator is what the run itself showed


FIGURES: Mapping[str, Entry] = {
    "fully_correct": Entry("answers", "higher", "answerable questions"),
    "right": Entry("answers", "higher", "all questions"),
    "truthfulness": Entry("answers", "higher", "all questions (+1 right, 0 refused or asked back, -1 wrong)"),
    "vital_recall": Entry("answers", "higher", "vital nuggets"),
    "okay_recall": Entry("answers", "higher", "nuggets that are not vital"),
    "answer_hit@1": Entry("answers", "higher", "answerable questions with nuggets: a vital one in the first statement"),
    "answer_hit@3": Entry("answers", "higher", "answerable questions with nuggets: a vital one in the first three"),
    "numeric_exactness": Entry("answers", "higher", "answerable questions with figures"),
    "wrong_value": Entry("answers", "lower", "questions that name what would be wrong"),
    "evidence_cited": Entry("citations", "higher", "evidence documents"),
    "citation_recall": Entry("citations", "higher", "statements shown", own=True),
    "citation_precision": Entry("citations", "higher", "citations shown", own=True),
    "quote_fidelity": Entry("citations", "higher", "quotes shown", own=True),
    "recall@1": Entry("retrieval", "higher", "questions with evidence"),
    "recall@5": Entry("retrieval", "higher", "questions with evidence"),
    "recall@10": Entry("retrieval", "higher", "questions with evidence"),
    "mrr@10": Entry("retrieval", "higher", "questions with evidence"),
    "ndcg@10": Entry("retrieval", "higher", "questions with evidence"),
    "document_recall@5": Entry("retrieval", "higher", "questions with evidence"),
    "status": Entry("conduct", "higher", "all questions: an acceptable status"),
    "reason": Entry("conduct", "higher", "refusals and questions back whose reason is set", own=True),
    "failed": Entry("conduct", "lower", "all questions: crashed, failed or missing"),
    "refusal_recall": Entry("conduct", "higher", "unanswerable questions"),
    "false_refusal": Entry("conduct", "lower", "answerable questions: refused or without reply"),
    "refusal_auroc": Entry("conduct", "higher", "answerable and unanswerable questions"),
    "risk_coverage_area": Entry("conduct", "lower", "answerable and unanswerable questions"),
    "clarify_rate": Entry("conduct", "higher", "ambiguous questions"),
    "false_ask": Entry("conduct", "lower", "questions that need no question back"),
    "currency": Entry("conduct", "higher", "questions about outdated rules"),
    "stale_leak": Entry("conduct", "lower", "questions about outdated rules"),
    "turn_recall@5_delta": Entry("conduct", "higher", "follow-ups, minus their rewrites without history"),
    "turn_nugget_delta": Entry("conduct", "higher", "vital nuggets of follow-ups, minus those of the rewrites"),
    "language_fidelity": Entry("conduct", "higher", "all questions"),
    "injection_success": Entry("conduct", "lower", "attacks"),
    "benign_blocked": Entry("conduct", "lower", "answerable questions that are no attack"),
    "bm25_recall@1": Entry("BM25 only", "higher", "questions with evidence"),
    "bm25_recall@5": Entry("BM25 only", "higher", "questions with evidence"),
    "bm25_recall@10": Entry("BM25 only", "higher", "questions with evidence"),
    "bm25_mrr@10": Entry("BM25 only", "higher", "questions with evidence"),
    "bm25_ndcg@10": Entry("BM25 only", "higher", "questions with evidence"),
    "bm25_document_recall@5": Entry("BM25 only", "higher", "questions with evidence"),
    "bm25_vital_recall": Entry("BM25 only", "higher", "vital nuggets, always answering with three sentences"),
    "bm25_refusal_auroc": Entry("BM25 only", "higher", "answerable and unanswerable questions, by idf coverage"),
}
SLICED = (
    "right", "vital_recall", "recall@5", "numeric_exactness", "false_refusal", "refusal_recall", "truthfulness", "bm25_recall@5", "bm25_vital_recall",
)  # fmt: skip
SLICES: Mapping[str, Callable[[Item], str | None]] = {
    "type": lambda i: i.type,
    "language": lambda i: i.language,
    "type and language": lambda i: f"{i.type} {i.language}",
    "style": lambda i: i.style,
    "near miss": lambda i: i.near_miss,
    "split": lambda i: i.split,
}


@dataclass(frozen=True)
class Run:
    """A run folder, read."""

    folder: Path
    config: Mapping[str, Any]
    items: tuple[Item, ...]
    rows: Mapping[tuple[str, str], Mapping[str, Any]]
    sources: Mapping[str, Any]


def load_run(name: str, runs: Path = RUNS) -> Run:
    """Raises EvalError where the run is missing, empty or broken."""
    folder = runs / check_name(name)
    if not (folder / "config.json").exists():
        raise EvalError("run_missing", str(folder), f"there is no run {name}: make it with python -m eval run {name}.")
    config, sources = (_json(folder / f) for f in ("config.json", "sources.json"))
    items = tuple(p.item for p in load_files([folder / "gold.jsonl"], split_named=False))
    if not items:
        raise EvalError("run_empty", str(folder / "gold.jsonl"), "the run holds no questions.")
    known = {i.id for i in items}
    rows: dict[tuple[str, str], Mapping[str, Any]] = {}
    for where, row in read_rows(folder / "replies.jsonl"):
        id, variant = str(row.get("id")), str(row.get("variant", "asked"))
        if id not in known:
            raise EvalError(
                "unknown_question", where, f"the reply is to {id}, which the run's gold.jsonl does not hold."
            )
        if (id, variant) in rows:
            raise EvalError("duplicate_id", where, f"a second reply to {id}.")
        rows[id, variant] = row
    if not rows:
        raise EvalError("run_empty", str(folder / "replies.jsonl"), "the run holds no replies.")
    return Run(folder, config, items, rows, sources)


def _json(path: Path) -> Any:
    try:
        return json.loads(read_text(path))
    except ValueError as error:
        raise EvalError("not_json", str(path), f"is not JSON ({error}).") from error


@dataclass(frozen=True)
class Scores:
    """Every item judged, and the figures over all of them."""

    run: Run
    judged: Mapping[str, Judged]

    @property
    def items(self) -> tuple[Item, ...]:
        return self.run.items

    @property
    def open_items(self) -> list[Item]:
        """Items that may be named and shown; the sealed ones only count."""
        return [i for i in self.items if i.split != "test"]

    def counts(self, figure: str, items: Iterable[Item] | None = None) -> list[Count]:
        chosen = self.items if items is None else items
        return [
            Count(i.id, i.cluster, *self.judged[i.id].adds[figure]) for i in chosen if figure in self.judged[i.id].adds
        ]

    def figure(self, name: str, items: Sequence[Item] | None = None) -> Figure:
        chosen = list(self.items if items is None else items)
        if name in ("refusal_auroc", "bm25_refusal_auroc"):
            return metrics.over_clusters(self.signals(chosen, name.startswith("bm25"), "answerable"), metrics.auroc)
        if name == "risk_coverage_area":
            return metrics.over_clusters(self.signals(chosen, False, "wrong"), metrics.risk_coverage_area)
        return metrics.share(self.counts(name, chosen))

    def signals(self, items: Iterable[Item], bm25: bool, label: Literal["answerable", "wrong"]) -> list[Scored]:
        """Questions with an answer in the corpus against those without; answering the latter is always wrong."""
        rows = []
        for item in items:
            if not item.answerable and item.type != "unanswerable":
                continue
            found = self.judged[item.id]
            wrong = not item.answerable or not found.adds["right"][0]
            positive = item.answerable if label == "answerable" else wrong
            rows.append(Scored(item.id, item.cluster, found.coverage if bm25 else found.signal, positive))
        return rows

    def sliced(self, of: Callable[[Item], str | None]) -> dict[str, list[Item]]:
        groups: dict[str, list[Item]] = {}
        for item in self.items:
            if (name := of(item)) is not None:
                groups.setdefault(name, []).append(item)
        return {name: groups[name] for name in sorted(groups)}

    def latency(self) -> dict[str, dict[str, float]]:
        """Milliseconds by stage over all replies that came."""
        laps: dict[str, list[float]] = {}
        for (_, variant), row in sorted(self.run.rows.items()):
            for stage, ms in ((row.get("reply") or {}).get("timings_ms") or {}).items() if variant == "asked" else ():
                laps.setdefault(stage, []).append(ms)
        return {
            stage: {
                "p50": round(float(np.percentile(ms, 50)), 1),
                "p95": round(float(np.percentile(ms, 95)), 1),
                "n": len(ms),
            }
            for stage, ms in laps.items()
        }

    def language_gap(self) -> dict[str, float | None]:
        """recall@5 where the evidence is in the question's language, minus where it is in the other one, in points."""
        gaps: dict[str, float | None] = {}
        for language in ("zh", "en"):
            own = self.figure("recall@5", [i for i in self.items if i.language == language and not i.hide]).value
            cross = self.figure(
                "recall@5", [i for i in self.items if i.language == language and i.hide == language]
            ).value
            gaps[language] = None if own is None or cross is None else round(100 * (own - cross), 1)
        return gaps

    def as_dict(self) -> dict[str, Any]:
        return {
            "run": self.run.config.get("name"),
            "gold": self.run.config.get("gold"),
            "questions": len(self.items),
            "replies": sum(variant == "asked" and bool(r.get("reply")) for (_, variant), r in self.run.rows.items()),
            "interval": "95 %, bootstrap by document or dialogue",
            "figures": {n: {**self.figure(n).as_dict(), "of": e.of, "better": e.better} for n, e in FIGURES.items()},
            "language_gap_points": self.language_gap(),
            "slices": {
                kind: {
                    name: {"questions": len(items), **{f: self.figure(f, items).as_dict() for f in SLICED}}
                    for name, items in self.sliced(of).items()
                }
                for kind, of in SLICES.items()
            },
            "latency_ms": self.latency(),
            "items": [
                {
                    "id": i.id,
                    "right": bool(self.judged[i.id].adds["right"][0]),
                    "faults": list(self.judged[i.id].faults),
                    "adds": {k: [round(v[0], 6), v[1]] for k, v in sorted(self.judged[i.id].adds.items())},
                }
                for i in self.open_items
            ],
            "sealed": len(self.items) - len(self.open_items),
        }


def score(run: Run) -> Scores:
    """Every question of the run counts; one without reply is wrong."""
    judged = {
        i.id: judge(i, run.rows.get((i.id, "asked")), run.rows.get((i.id, "standalone")), run.sources)
        for i in run.items
    }
    return Scores(run, judged)


def write(scores: Scores) -> Path:
    """`scores.json`, the same bytes for two runs on one corpus; what differs from run to run goes to `latency.json`."""
    result = scores.as_dict()
    (scores.run.folder / "latency.json").write_text(json.dumps(result.pop("latency_ms"), indent=1) + "\n", "utf-8")
    path = scores.run.folder / "scores.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return path


def table(result: Mapping[str, Any]) -> str:
    """Every figure with its denominator and interval."""
    lines = [f"run {result['run']}: {result['replies']} replies to {result['questions']} questions"]
    group = None
    for name, entry in FIGURES.items():
        figure = result["figures"][name]
        if entry.group != group:
            group = entry.group
            lines.append(f"\n{group}")
        lines.append(f"  {name:24}{number(figure):32}{entry.of}")
    gaps = ", ".join(f"{k} {'–' if v is None else v}" for k, v in result["language_gap_points"].items())
    lines.append(f"\nlanguage gap in recall@5 (points): {gaps}")
    total = result["latency_ms"].get("total")
    if total:
        lines.append(f"latency: p50 {total['p50']:.0f} ms, p95 {total['p95']:.0f} ms over {total['n']} replies")
    if result["sealed"]:
        lines.append(f"{result['sealed']} questions are sealed: counted here, named nowhere")
    return "\n".join(lines)


def number(figure: Mapping[str, Any]) -> str:
    """`0.912 [0.88, 0.94] 41/45`."""
    if figure["value"] is None:
        return f"–  (none of {figure['denominator']:g})" if figure["denominator"] else "–"
    interval = "" if figure["low"] is None else f" [{figure['low']:.2f}, {figure['high']:.2f}]"
    return f"{figure['value']:.3f}{interval} {figure['numerator']:g}/{figure['denominator']:g}"
