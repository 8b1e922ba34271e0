"""B against A over all questions, paired: what changed, whether chance would do as much, and which questions it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval import metrics
from eval.errors import EvalError
from eval.run import RUNS
from eval.score import FIGURES, Scores, load_run, score

# A change for the worse in these, beyond its interval, is a regression; the others are told, not held against B.
GATED = (
    "right", "fully_correct", "vital_recall", "numeric_exactness", "wrong_value", "evidence_cited", "citation_recall",
    "citation_precision", "quote_fidelity", "recall@1", "recall@5", "mrr@10", "status", "failed", "refusal_recall",
    "false_refusal", "clarify_rate", "false_ask", "currency", "stale_leak", "language_fidelity", "injection_success",
    "benign_blocked",
)  # fmt: skip
COMPARED = tuple(n for n in FIGURES if not n.startswith("bm25_") and n not in ("refusal_auroc", "risk_coverage_area"))


def compare(a: str, b: str, runs: Path = RUNS) -> dict[str, Any]:
    """Raises EvalError where a run is missing or the two asked different questions."""
    left, right = score(load_run(a, runs)), score(load_run(b, runs))
    return differences(left, right)


def differences(left: Scores, right: Scores) -> dict[str, Any]:
    """Every question of either run counts; one that a run lacks counts zero for it."""
    _same_gold(left, right)
    rows = {name: _row(name, left, right) for name in COMPARED}
    regressions = [n for n in GATED if rows[n]["verdict"] == "worse"]
    before, after = _right(left), _right(right)
    ids = sorted({*before, *after})
    named = sorted({i.id for i in (*left.open_items, *right.open_items)})
    return {
        "a": left.run.config["name"],
        "b": right.run.config["name"],
        "questions": len(ids),
        "interval": "95 %, paired bootstrap by document or dialogue; p from sign flips by the same",
        "figures": rows,
        "regressions": regressions,
        "improvements": [n for n in GATED if rows[n]["verdict"] == "better"],
        "now_right": [i for i in named if after.get(i) and not before.get(i)],
        "now_wrong": [i for i in named if before.get(i) and not after.get(i)],
        "config": {
            key: [left.run.config.get(key), right.run.config.get(key)]
            for key in ("corpus", "prompts", "embedder", "chat_model", "code", "gold")
            if left.run.config.get(key) != right.run.config.get(key)
        },
    }


def _same_gold(left: Scores, right: Scores) -> None:
    """Questions may be missing from a run, but one id must mean one question with one gold."""
    known = {i.id: i for i in left.items}
    for item in right.items:
        other = known.get(item.id)
        if other is not None and other != item:
            raise EvalError(
                "gold_differs",
                str(right.run.folder / "gold.jsonl"),
                f"{item.id} is not the same question as in {left.run.config['name']}: run that one again on today's gold.",
            )
    if not known.keys() & {i.id for i in right.items}:
        raise EvalError("gold_differs", str(right.run.folder / "gold.jsonl"), "the two runs share no question.")


def _row(name: str, left: Scores, right: Scores) -> dict[str, Any]:
    found = metrics.paired(left.counts(name), right.counts(name), FIGURES[name].own)
    return {
        **{k: _cut(getattr(found, k)) for k in ("a", "b", "value", "low", "high", "p")},
        "n": found.n,
        "better": FIGURES[name].better,
        "of": FIGURES[name].of,
        "verdict": verdict(found.low, found.high, FIGURES[name].better),
    }


def verdict(low: float | None, high: float | None, better: str) -> str:
    """`better` or `worse` only where the whole interval lies on one side of no change.

    >>> verdict(0.01, 0.1, "higher"), verdict(0.01, 0.1, "lower"), verdict(-0.1, 0.1, "higher"), verdict(None, None, "lower")
    ('better', 'worse', 'same', 'same')
    """
    if low is None or high is None or low <= 0 <= high:
        return "same"
    return "better" if (low > 0) == (better == "higher") else "worse"


def _right(scores: Scores) -> dict[str, bool]:
    return {id: bool(j.adds["right"][0]) for id, j in scores.judged.items()}


def _cut(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def table(result: Mapping[str, Any]) -> str:
    lines = [f"{result['b']} against {result['a']}, over all {result['questions']} questions"]
    for name, row in result["figures"].items():
        if row["value"] is None:
            continue
        mark = {"better": "better", "worse": "WORSE", "same": ""}[row["verdict"]]
        lines.append(
            f"  {name:24}{row['a']:7.3f} → {row['b']:6.3f}  {row['value']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
            f"  p {row['p']:.3f}  n {row['n']:<4} {mark}"
        )
    lines.append(
        f"now right: {', '.join(result['now_right']) or 'none'}\nnow wrong: {', '.join(result['now_wrong']) or 'none'}"
    )
    if result["config"]:
        lines.append("differs in " + ", ".join(f"{k} ({a} → {b})" for k, (a, b) in result["config"].items()))
    bad = result["regressions"]
    lines.append(f"regression beyond the interval: {', '.join(bad)}" if bad else "no regression beyond the interval")
    return "\n".join(lines)
