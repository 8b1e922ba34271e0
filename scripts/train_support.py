"""Train the weights of advisor/ask/support.py and say how well they do on sources not seen.

python scripts/train_support.py --pairs support-tune.jsonl

Rows: {id, contexts, response, label}; the id is task-source-number, so folds can keep a source together.
Weights are kept at zero or above: every feature is built so that more of it means less support, and a small set cannot prove otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from datetime import date
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.model_selection import StratifiedGroupKFold

from advisor.ask.support import features
from eval import metrics

PENALTY = 200.0
SEEDS = range(10)
TARGET = Path(__file__).parent.parent / "advisor" / "models" / "support.json"


def fit(X: np.ndarray, y: np.ndarray, penalty: float = PENALTY) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Mean, scale, weights ≥ 0 and bias of a ridge logistic regression."""
    mean, scale = X.mean(0), X.std(0) + 1e-6
    Z = (X - mean) / scale

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = Z @ w[:-1] + w[-1]
        p = 1 / (1 + np.exp(-z))
        value = np.logaddexp(0, z).sum() - (y * z).sum() + penalty / 2 * (w[:-1] ** 2).sum()
        return value, np.append(Z.T @ (p - y) + penalty * w[:-1], (p - y).sum())

    bounds = [(0, None)] * X.shape[1] + [(None, None)]
    w = minimize(loss, np.zeros(X.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    return mean, scale, w[:-1], float(w[-1])


def margins(X: np.ndarray, model: tuple) -> np.ndarray:
    mean, scale, w, bias = model
    return (X - mean) / scale @ w + bias


def steepen(z: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and shift that turn held-out margins into chances: a strong penalty leaves them too flat."""

    def loss(ab: np.ndarray) -> float:
        t = ab[0] * z + ab[1]
        return float((np.logaddexp(0, t) - y * t).sum())

    slope, shift = minimize(loss, np.array([1.0, 0.0])).x
    return float(slope), float(shift)


def held_out(X: np.ndarray, y: np.ndarray, source: np.ndarray, seed: int) -> np.ndarray:
    z = np.zeros(len(y))
    for train, test in StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(X, y, source):
        z[test] = margins(X[test], fit(X[train], y[train]))
    return z


def best_cut(z: np.ndarray, y: np.ndarray) -> float:
    return metrics.best_threshold(list(z), [bool(v) for v in y])


def accuracy(X: np.ndarray, y: np.ndarray, source: np.ndarray, task: np.ndarray, chosen: str, seed: int) -> float:
    """Balanced accuracy of one task, the threshold chosen on the training folds only."""
    said = np.zeros(len(y), dtype=bool)
    for train, test in StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(X, y, source):
        model = fit(X[train], y[train])
        of_task = train[task[train] == chosen]
        said[test] = margins(X[test], model) >= best_cut(margins(X[of_task], model), y[of_task])
    keep = task == chosen
    return float(metrics.balanced_accuracy([bool(v) for v in said[keep]], [bool(v) for v in y[keep]]) or 0)


def by_length(z: np.ndarray, y: np.ndarray, length: np.ndarray) -> float:
    """AUROC within quarters of response length, weighted by size."""
    quarters = np.array_split(np.argsort(length, kind="stable"), 4)
    found = [(metrics.auroc(list(z[q]), [bool(v) for v in y[q]]), len(q)) for q in quarters]
    return float(sum(a * n for a, n in found if a is not None) / sum(n for a, n in found if a is not None))


def interval(z: np.ndarray, y: np.ndarray, source: np.ndarray) -> list[float]:
    """95 % of AUROC when sources are drawn anew."""
    rng = np.random.default_rng(0)
    names = np.unique(source)
    drawn = []
    for _ in range(1000):
        rows = np.concatenate([np.flatnonzero(source == s) for s in rng.choice(names, len(names))])
        value = metrics.auroc(list(z[rows]), [bool(v) for v in y[rows]])
        if value is not None:
            drawn.append(value)
    return [round(float(v), 3) for v in np.percentile(drawn, [2.5, 97.5])]


def scores(X: np.ndarray, y: np.ndarray, source: np.ndarray, task: np.ndarray, length: np.ndarray) -> dict[str, dict]:
    runs = [held_out(X, y, source, seed) for seed in SEEDS]
    out = {}
    for name in sorted(set(task)):
        keep = task == name
        labels = [bool(v) for v in y[keep]]
        each = [float(metrics.auroc(list(z[keep]), labels) or 0) for z in runs]
        out[name] = {
            "n": int(keep.sum()),
            "unsupported": int(y[keep].sum()),
            "sources": len(set(source[keep])),
            "auroc": round(float(np.mean(each)), 3),
            "auroc_lowest_and_highest_split": [round(min(each), 3), round(max(each), 3)],
            "auroc_95": interval(runs[0][keep], y[keep], source[keep]),
            "balanced_accuracy": round(float(np.mean([accuracy(X, y, source, task, name, s) for s in SEEDS])), 3),
            "recall@5fpr": round(
                float(np.mean([metrics.recall_at_false_alarms(list(z[keep]), labels) for z in runs])), 3
            ),
            "auroc_length_stratified": round(
                float(np.mean([by_length(z[keep], y[keep], length[keep]) for z in runs])), 3
            ),
            "auroc_length_alone": round(float(metrics.auroc([float(v) for v in length[keep]], labels) or 0), 3),
        }
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--dry-run", action="store_true", help="print the scores, write nothing")
    chosen = parser.parse_args()
    rows = [json.loads(line) for line in chosen.pairs.read_text("utf-8").splitlines() if line.strip()]
    found = [features(r["contexts"], r["response"]) for r in rows]
    names = list(found[0])
    X = np.array([[f[n] for n in names] for f in found])
    y = np.array([r["label"] for r in rows])
    source = np.array([r["id"].rpartition("-")[0] for r in rows])
    task = np.array([r["id"].partition("-")[0] for r in rows])
    length = np.array([len(r["response"]) for r in rows])
    measured = scores(X, y, source, task, length)
    print(json.dumps(measured, indent=1))
    if chosen.dry_run:
        return
    mean, scale, w, bias = fit(X, y)
    slope, shift = steepen(held_out(X, y, source, 0), y)
    card = {
        "what": "weights of advisor/ask/support.py: ridge logistic regression, weights at or above zero",
        "date": date.today().isoformat(),
        "command": "python scripts/train_support.py --pairs support-tune.jsonl",
        "data": f"{len(rows)} RAGTruth responses (MIT), none of its official test; sha256 {hashlib.sha256(chosen.pairs.read_bytes()).hexdigest()[:16]}",
        "scores": {
            "how": f"5 folds by source, mean of {len(SEEDS)} ways to cut them; both tasks train one model; threshold of balanced accuracy from the training folds",
            **measured,
        },
        "bias": slope * bias + shift,
        "features": {
            n: {"mean": m, "scale": s, "weight": slope * v} for n, m, s, v in zip(names, mean, scale, w, strict=True)
        },
    }
    TARGET.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
