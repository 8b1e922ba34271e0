"""Train when a further turn is read without the ones before it: python scripts/train_turns.py [--report]

From eval/training/turns-*.jsonl, whose `turn` says how each goes on; cross-fitted by document, written to advisor/models/turns.json.
Two lines: over signs of both readings, and over these and the best sentence that each leads to (where the first leaves doubt),
as read by cross-encoders that had not seen its document (graded.py).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from graded import AdvisorApart
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from advisor import Settings
from advisor.ask.query import understand
from advisor.ask.turns import LOOKED, SIGNS, compared, signs
from advisor.batch import question_of
from advisor.wiring import Advisor

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 24)
MOST_WRONGLY_ALONE = 0.03  # of the turns that do go on
MOST_WHERE_LOOKED = 0.01  # the same, where the best sentences were looked at
LEAST_IN_DOUBT = 0.05  # of the changes of subject, the part below which there is no doubt


def load() -> list[dict[str, Any]]:
    paths = sorted((ROOT / "eval" / "training").glob("turns-*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def table(advisor: Advisor, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The turns that the rules read with those before, with their signs; prints which they do not."""
    out, apart = [], Counter[str]()
    with advisor._shelf.current() as generation:
        lexicon, flow = advisor._lexicon(generation), advisor._flow(generation)
        for row in rows:
            question = question_of({**row, "as_of": AS_OF.isoformat()})
            query = understand(question, lexicon, AS_OF)
            if not query.previous:
                apart[row["turn"]] += 1
                continue
            alone = understand(question_of({**row, "history": [], "as_of": AS_OF.isoformat()}), lexicon, AS_OF)
            found = signs(query, alone, generation, lexicon, advisor.embedder)
            looked = (*found, *compared(flow.look(alone), flow.look(query)))
            out.append({"row": row, "signs": found, "looked": looked})
    print("read without the turns before by rule:", dict(apart))
    return out


def fit(data: list[dict[str, Any]], kind: str) -> tuple[np.ndarray, float]:
    x, y = np.array([d[kind] for d in data]), np.array([d["row"]["turn"] == "shift" for d in data])
    scale = np.where(x.std(axis=0) > 1e-9, x.std(axis=0), 1.0)
    model = LogisticRegression(C=0.5, max_iter=5000).fit(x / scale, y)
    return model.coef_[0] / scale, float(model.intercept_[0])


def cross_fitted(data: list[dict[str, Any]], kind: str) -> np.ndarray:
    groups = [d["row"]["document"] for d in data]
    scores = np.zeros(len(data))
    for train, test in GroupKFold(5).split(data, groups=groups):
        weights, bias = fit([data[i] for i in train], kind)
        scores[test] = np.array([data[i][kind] for i in test]) @ weights + bias
    return scores


def line(data: list[dict[str, Any]], kind: str, names: tuple[str, ...], limit: float) -> dict[str, Any]:
    weights, bias = fit(data, kind)
    return {"weights": dict(zip(names, map(float, weights.round(4)), strict=True)), "bias": round(bias - limit, 4)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        advisor = AdvisorApart(Settings.load(home=home))
        advisor.ingest()
        data = table(advisor, load())
    shifts = np.array([d["row"]["turn"] == "shift" for d in data])
    plain, looked = cross_fitted(data, "signs"), cross_fitted(data, "looked")
    limit, bar = (
        np.quantile(plain[~shifts], 1 - MOST_WRONGLY_ALONE),
        np.quantile(looked[~shifts], 1 - MOST_WHERE_LOOKED),
    )
    doubt = np.quantile(plain[shifts], LEAST_IN_DOUBT)
    both = (plain > doubt) & (looked > bar)
    print(
        f"{len(data)} turns, {shifts.sum()} shifts, {np.mean(plain > doubt):.2f} in doubt; read alone by the signs, and looked at:"
    )
    for kind in sorted({d["row"]["turn"] for d in data}):
        of_kind = np.array([d["row"]["turn"] == kind for d in data])
        print(f"  {kind}: {np.mean(plain[of_kind] > limit):.2f} {np.mean(both[of_kind]):.2f} of {of_kind.sum()}")
    if not args.report:
        card = {
            "trained": date.today().isoformat(),
            "command": "python scripts/train_turns.py",
            "line": line(data, "signs", SIGNS, float(limit)),
            "looked": line(data, "looked", (*SIGNS, *LOOKED), float(bar)),
            "doubt": round(float(doubt - limit), 4),
        }
        (ROOT / "advisor" / "models" / "turns.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
