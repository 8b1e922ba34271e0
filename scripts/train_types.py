"""Train the model that says what kind of answer a question wants.

python scripts/train_types.py            # from eval/training/types.jsonl: ids of training questions, labelled by hand
python scripts/train_types.py --report   # cross-fitted figures by document, nothing written
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from advisor.ask.plan import matching, type_by
from advisor.ask.question_types import cues, features, grams, scored

ROOT = Path(__file__).resolve().parent.parent
TRAINING = ROOT / "eval" / "training"
MODEL = ROOT / "advisor" / "models" / "question_types.json"
LEAST = 3  # how many questions a piece of wording must stand in
REGULARISATION = 1.0


def load() -> list[dict[str, Any]]:
    """Rows {question, type, group}."""
    lines = [line for name in ("en", "zh") for line in (TRAINING / f"{name}.jsonl").read_text("utf-8").splitlines()]
    questions = {row["id"]: row for row in map(json.loads, lines)}
    rows = []
    for line in (TRAINING / "types.jsonl").read_text("utf-8").splitlines():
        label = json.loads(line)
        row = questions[label["id"]]
        rows.append({"question": row["question"], "type": label["type"], "group": row["document"] or row["id"]})
    return rows


def fit(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Multinomial logistic regression as {types, bias, weights: {feature: one a type}}."""
    held = Counter(piece for row in rows for piece in set(grams(row["question"])))
    known = {piece: None for piece, n in held.items() if n >= LEAST}
    heard = {c: None for row in rows for c in cues(row["question"], matching(row["question"]))}
    names = sorted({**known, **heard})
    column = {name: i for i, name in enumerate(names)}
    x = np.zeros((len(rows), len(names)))
    for i, row in enumerate(rows):
        for name, value in features(row["question"], matching(row["question"]), known).items():
            if name in column:
                x[i, column[name]] = value
    model = LogisticRegression(C=REGULARISATION, max_iter=3000).fit(x, [row["type"] for row in rows])
    weights = {name: [round(float(w), 3) for w in model.coef_[:, i]] for name, i in column.items()}
    return {
        "types": [str(c) for c in model.classes_],
        "bias": [round(float(b), 4) for b in model.intercept_],
        "weights": {name: w for name, w in weights.items() if any(w)},
    }


def report(rows: list[dict[str, Any]]) -> None:
    """Share of questions given their hand-made type: rules alone, the model alone, both as the product joins them."""
    by_rule = by_model = by_both = 0
    sure: list[bool] = []
    for train, test in GroupKFold(5).split(rows, groups=[r["group"] for r in rows]):
        model = fit([rows[i] for i in train])
        for row in (rows[i] for i in test):
            found = scored(row["question"], matching(row["question"]), model)
            best = max(found, key=lambda kind: found[kind])
            by_rule += next(iter(matching(row["question"])), "fact") == row["type"]
            by_model += best == row["type"]
            by_both += type_by(row["question"], model) == row["type"]
            if found[best] >= 0.4:
                sure.append(best == row["type"])
    n = len(rows)
    print(
        f"rules {by_rule}/{n} = {by_rule / n:.3f}, model {by_model}/{n} = {by_model / n:.3f}, both {by_both}/{n} = {by_both / n:.3f}"
    )
    print(f"model where it gives 0.4 or more: {sum(sure)}/{len(sure)} = {np.mean(sure):.3f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true")
    args = parser.parse_args()
    rows = load()
    report(rows)
    if not args.report:
        card = {"trained": date.today().isoformat(), "command": "python scripts/train_types.py", "questions": len(rows)}
        MODEL.write_text(json.dumps({**card, **fit(rows)}, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
