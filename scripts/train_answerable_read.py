"""Train what reading adds to whether a question is answerable: python scripts/train_answerable_read.py [--report]

A line over the log-odds of the refusal's own model and the best read sentence, learned from graded questions (graded.py) that
this model has not seen, as read by cross-encoders that had not seen their documents. Answerable is what some sentence answers,
whatever its writer meant. Written to advisor/models/answerable_read.json.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
from graded import AdvisorApart, Graded, load
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from advisor import Settings
from advisor.ask.answerable import READ, signs, surplus, told
from advisor.ask.order import in_order
from advisor.model import LANGUAGES, Question

TARGET = Path(__file__).resolve().parents[1] / "advisor" / "models" / "answerable_read.json"
AS_OF = date(2026, 11, 24)
UNSEEN = ("everyday-", "pair-")  # questions by which neither the rankers nor the refusal's own model were taught
DRAWN = 2200  # of a language
FALSE_REFUSAL = 0.05  # of those that are answered


def drawn() -> Iterator[Graded]:
    for language in LANGUAGES:
        rows = [r for r in load(language) if r.id.startswith(UNSEEN)]
        yield from random.Random(6).sample(rows, min(DRAWN, len(rows)))


def table(advisor: AdvisorApart) -> Iterator[tuple[tuple[float, float], Graded]]:
    """The signs of each question that is not refused by its words alone."""
    with advisor._shelf.current() as generation:
        for row in drawn():
            flow = advisor._flow(generation)
            query = flow._understood(Question(row.question, as_of=AS_OF), AS_OF)
            if query.refusal:
                continue
            ground, hits = flow._answerer, flow._retrieve(query)
            chooser, here = ground.chooser(query), [h for h in hits if ground.applies(query, h)]
            sure = surplus(signs(query, hits, here, chooser, ground))
            if read := [c for c in in_order(ground, query, chooser.candidates(here)) if c.odds is not None]:
                yield (sure, told(read)), row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", action="store_true", help="measure only")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        advisor = AdvisorApart(Settings.load(home=home))
        advisor.ingest()
        data = [*table(advisor)]
    x, y = np.array([found for found, _ in data]), np.array([row.answered for _, row in data])
    everyday = np.array([row.id.startswith(UNSEEN[0]) for _, row in data])
    model = LogisticRegression(max_iter=5000)
    groups = [row.document for _, row in data]
    held = cross_val_predict(model, x, y, groups=groups, cv=GroupKFold(5), method="decision_function")
    for name, scores in (("before", x[:, 0]), ("read", held)):
        for kind, mine in (("everyday", everyday), ("pairs", ~everyday), ("both", everyday | ~everyday)):
            refused = np.mean(scores[mine & ~y] < np.quantile(scores[mine & y], FALSE_REFUSAL))
            auroc = roc_auc_score(y[mine], scores[mine])
            print(f"{name}, {kind}: AUROC {auroc:.3f}, refused {refused:.3f} at {FALSE_REFUSAL} false")
    model.fit(x, y)
    # As far apart as the first model's log-odds of everyday questions, which the margins of the answerer are counted in.
    weights = model.coef_[0] * float(x[everyday, 0].std() / (x[everyday] @ model.coef_[0]).std())
    bias = -float(np.quantile((x @ weights)[y], FALSE_REFUSAL))
    print(dict(zip(READ, weights.round(3).tolist(), strict=True)), round(bias, 3))
    if not args.report:
        card = {
            "trained": date.today().isoformat(),
            "command": "python scripts/train_answerable_read.py",
            "weights": dict(zip(READ, map(float, weights.round(4)), strict=True)),
            "bias": round(bias, 4),
        }
        TARGET.write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
