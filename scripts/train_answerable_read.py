"""Train what reading adds to whether a question is answerable: python scripts/train_answerable_read.py [--report]

From eval/training/everyday-*.jsonl and a part of the other training questions: a line over the log-odds of the refusal's own
model, the best read sentence and the best read gap. The first model has seen the other questions, not the everyday ones: the
bar is set on these alone. Written to advisor/models/answerable_read.json.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from advisor import Settings
from advisor.ask.answerable import READ, read_signs, signs, surplus
from advisor.ask.order import in_order
from advisor.model import LANGUAGES
from advisor.wiring import Advisor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from eval.leads import Asked, load_asked  # noqa: E402

TRAINING = ROOT / "eval" / "training"
AS_OF = date(2026, 11, 24)
OTHERS = {"": (200, 75), "lay-": (200, 75), "typed-": (0, 200)}  # not answerable, answerable: drawn of each file
FALSE_REFUSAL = 0.057  # of the everyday questions that have an answer


def drawn() -> Iterator[tuple[Asked, bool]]:
    """(question, whether it is an everyday one)."""
    chance = random.Random(6)
    for language in LANGUAGES:
        yield from ((row, True) for row in load_asked(TRAINING / f"everyday-{language}.jsonl", AS_OF))
        for name, counts in OTHERS.items():
            rows = load_asked(TRAINING / f"{name}{language}.jsonl", AS_OF)
            for answerable, most in zip((False, True), counts, strict=True):
                of_it = [r for r in rows if r.answerable is answerable]
                yield from ((row, False) for row in chance.sample(of_it, min(most, len(of_it))))


def table(advisor: Advisor) -> Iterator[dict[str, Any]]:
    """The signs of each question that is not refused by its words alone."""
    with advisor._shelf.current() as generation:
        for row, everyday in drawn():
            flow = advisor._flow(generation)
            query = flow._understood(replace(row.question, as_of=AS_OF), AS_OF)
            if query.refusal:
                continue
            ground, hits = flow._answerer, flow._retrieve(query)
            chooser, here = ground.chooser(query), [h for h in hits if ground.applies(query, h)]
            sure = surplus(signs(query, hits, here, chooser, ground))
            read = [c for c in in_order(ground, query, chooser.candidates(here)) if c.odds is not None]
            if read:
                found = (sure, *read_signs(read))
                yield {"signs": found, "answerable": row.answerable, "everyday": everyday, "document": row.document}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", action="store_true", help="measure only")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        advisor = Advisor(Settings.load(home=home))
        advisor.ingest()
        data = [*table(advisor)]
    x, y = np.array([d["signs"] for d in data]), np.array([d["answerable"] for d in data])
    everyday = np.array([d["everyday"] for d in data])
    model = LogisticRegression(max_iter=5000)
    held = cross_val_predict(
        model, x, y, groups=[d["document"] for d in data], cv=GroupKFold(5), method="decision_function"
    )
    for name, scores in (("before", x[:, 0]), ("read", held)):
        mine, own = scores[everyday], y[everyday]
        refused = np.mean(mine[~own] < np.quantile(mine[own], FALSE_REFUSAL))
        print(f"{name}: everyday AUROC {roc_auc_score(own, mine):.3f}, refused {refused:.3f} at {FALSE_REFUSAL} false")
    model.fit(x, y)
    # As far apart as the first model's log-odds, which the margins of the answerer are counted in.
    weights = model.coef_[0] * float(x[everyday, 0].std() / (x[everyday] @ model.coef_[0]).std())
    bias = -float(np.quantile((x @ weights)[everyday & y], FALSE_REFUSAL))
    print(dict(zip(READ, weights.round(3).tolist(), strict=True)), round(bias, 3))
    if not args.report:
        card = {
            "trained": date.today().isoformat(),
            "command": "python scripts/train_answerable_read.py",
            "weights": dict(zip(READ, map(float, weights.round(4)), strict=True)),
            "bias": round(bias, 4),
        }
        (ROOT / "advisor" / "models" / "answerable_read.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
