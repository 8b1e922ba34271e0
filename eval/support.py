"""The product's own verifier over labelled responses: how well its score tells supported from unsupported."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from advisor.text import detect_language
from eval import metrics
from eval.errors import EvalError, read_rows

_FAITHFUL = "none"
Scorer = Callable[[Sequence[str], str], float]


@dataclass(frozen=True, slots=True)
class Pair:
    """A response with what it was to be drawn from; label True = holds unsupported content, None = unlabelled."""

    id: str
    contexts: tuple[str, ...]
    response: str
    label: bool | None
    split: str | None
    fault: str | None = None
    language: str | None = None


def load_pairs(path: Path) -> list[Pair]:
    """Raises EvalError naming file and line."""
    found: dict[str, Pair] = {}
    for where, row in read_rows(path):
        pair = _pair(where, row)
        if pair.id in found:
            raise EvalError("duplicate_id", where, f"the id {pair.id} occurs twice.")
        found[pair.id] = pair
    if not found:
        raise EvalError("empty", str(path), "holds no rows.")
    return list(found.values())


def _pair(where: str, row: Mapping[str, Any]) -> Pair:
    id, contexts, response, label, split = (row.get(k) for k in ("id", "contexts", "response", "label", "split"))
    if id is None or str(id) == "":
        raise EvalError("no_id", where, "this row has no id.")
    if not isinstance(contexts, list) or not all(isinstance(c, str) for c in contexts):
        raise EvalError("bad_row", where, "contexts must be a list of texts.")
    if not isinstance(response, str):
        raise EvalError("bad_row", where, "response must be a text.")
    if label not in (None, 0, 1):
        raise EvalError("bad_row", where, "label must be 0 (supported), 1 (has unsupported content) or left out.")
    if split is not None and not isinstance(split, str):
        raise EvalError("bad_row", where, "split must be a text, such as train or test.")
    for key in ("fault", "language"):
        if row.get(key) is not None and not isinstance(row[key], str):
            raise EvalError("bad_row", where, f"{key} must be a text.")
    given = None if label is None else bool(label)
    if given is not None and row.get("fault") is not None and given == (row["fault"] == _FAITHFUL):
        raise EvalError(
            "bad_row", where, f"fault {row['fault']} and label {label} contradict each other: 1 has a fault."
        )
    return Pair(str(id), tuple(contexts), response, given, split, row.get("fault"), row.get("language"))


def measure(pairs: Sequence[Pair], score: Scorer) -> dict[str, Any]:
    """Figures over the labelled rows outside `train`; over all labelled rows where there are no others."""
    scores = {p.id: float(score(p.contexts, p.response)) for p in pairs}
    labelled = [p for p in pairs if p.label is not None]
    train = [p for p in labelled if p.split == "train"]
    judged = [p for p in labelled if p.split != "train"] or labelled
    result: dict[str, Any] = {
        "auroc": None, "balanced_accuracy": None, "recall@5fpr": None, "f1": None, "threshold": None, "threshold_from": None,
        "rows": len(pairs), "judged": len(judged), "unsupported": sum(bool(p.label) for p in judged),
    }  # fmt: skip
    if judged:
        chosen_on = train if len({p.label for p in train}) == 2 else judged
        threshold = metrics.best_threshold([scores[p.id] for p in chosen_on], [bool(p.label) for p in chosen_on])
        values, labels = [scores[p.id] for p in judged], [bool(p.label) for p in judged]
        predicted = [v >= threshold for v in values]
        result |= {
            "auroc": _cut(metrics.auroc(values, labels)),
            "balanced_accuracy": _cut(metrics.balanced_accuracy(predicted, labels)),
            "recall@5fpr": _cut(metrics.recall_at_false_alarms(values, labels)),
            "f1": _cut(metrics.f1(predicted, labels)),
            "threshold": threshold,
            "threshold_from": f"{len(chosen_on)} train rows"
            if chosen_on is train
            else f"the {len(judged)} judged rows themselves",
            "auroc_length_stratified": _cut(_length_stratified(judged, scores)),
        }
    result["faults"] = by_fault(judged, scores)
    result["scores"] = [{"id": p.id, "score": round(scores[p.id], 6)} for p in pairs]
    return result


def by_fault(pairs: Sequence[Pair], scores: Mapping[str, float], passed: float = 0.95) -> dict[str, Any] | None:
    """Share detected of each kind of fault, by language, at the lowest bar that lets this share of the faithful rows pass.

    None where no row names its fault, or where none is faithful.
    """
    faithful = sorted(scores[p.id] for p in pairs if p.label is False)
    if not faithful or not any(p.fault and p.label for p in pairs):
        return None
    bar = faithful[math.ceil(passed * len(faithful)) - 1]
    rows: dict[str, dict[str, list[bool]]] = {}
    for pair in pairs:
        kind = (pair.fault or "unnamed") if pair.label else "faithful, flagged"
        for language in (pair.language or detect_language(pair.response), "both"):
            rows.setdefault(kind, {}).setdefault(language, []).append(scores[pair.id] > bar)
    return {
        "threshold": bar,
        "faithful_passed": sum(s <= bar for s in faithful),
        "faithful": len(faithful),
        "detected": {
            kind: {
                lang: {"share": round(sum(f) / len(f), 4), "detected": sum(f), "of": len(f)}
                for lang, f in sorted(by.items())
            }
            for kind, by in sorted(rows.items())
        },
    }


def _cut(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _length_stratified(pairs: Sequence[Pair], scores: Mapping[str, float]) -> float | None:
    """Mean AUROC within quarters of response length, weighted by size: what is left when length tells nothing."""
    ordered = sorted(pairs, key=lambda p: (len(p.response), p.id))
    quarters = [ordered[i * len(ordered) // 4 : (i + 1) * len(ordered) // 4] for i in range(4)]
    found = [(metrics.auroc([scores[p.id] for p in q], [bool(p.label) for p in q]), len(q)) for q in quarters]
    known = [(a, n) for a, n in found if a is not None]
    return sum(a * n for a, n in known) / sum(n for _, n in known) if known else None


def table(result: Mapping[str, Any]) -> str:
    if not result["judged"]:
        return f"{result['rows']} rows scored, none of them labelled: use --json to see the scores"
    shown = "  ".join(
        f"{k} {result[k]:.3f}" if result[k] is not None else f"{k} –"
        for k in ("auroc", "balanced_accuracy", "recall@5fpr", "f1", "auroc_length_stratified")
    )
    lines = [
        f"{shown}\nover {result['judged']} judged rows, {result['unsupported']} of them with unsupported content; "
        f"threshold {result['threshold']:.4f} chosen on {result['threshold_from']}"
    ]
    if faults := result["faults"]:
        lines.append(
            f"\ndetected at {faults['threshold']:.4f}, where {faults['faithful_passed']} of {faults['faithful']} faithful rows pass"
        )
        languages = sorted({lang for by in faults["detected"].values() for lang in by} - {"both"})
        lines.append(f"{'':20}" + "".join(f"{lang:>20}" for lang in (*languages, "both")))
        for kind, by in faults["detected"].items():
            cells = (
                f"{c['share']:.3f} {c['detected']}/{c['of']}" if (c := by.get(lang)) else "–"
                for lang in (*languages, "both")
            )
            lines.append(f"{kind:20}" + "".join(f"{c:>20}" for c in cells))
    return "\n".join(lines)
