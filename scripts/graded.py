"""Questions with what was found for each, graded by readers (eval/training/README.md says who), and what models say of it that
had not seen the documents in question.

`eval/training/graded-*.jsonl.xz`: one JSON row a question, `read` [[sentence under its heading, grade, answers, wanted], …] and
`known` [[wording of a known question, grade, answers], …]. Grades: 3 leads, 2 answers too, 1 is wanted besides, 0 none of these;
of a wording, those of what it leads to. `answers` and `wanted` are log-odds by scripts/tune_cross_encoder.py.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from advisor.model import LANGUAGES
from advisor.ports import CrossEncoder, Vectors
from advisor.wiring import Advisor

FOLDER = Path(__file__).resolve().parents[1] / "eval" / "training"


@dataclass(frozen=True, slots=True)
class Graded:
    """`asked` is what was read together with the sentences, `meant` with the wordings: without what only tells a story."""

    id: str
    language: str
    document: str
    question: str
    asked: str
    meant: str
    read: tuple[tuple[str, int, float, float], ...]
    known: tuple[tuple[str, int, float], ...]

    @property
    def answered(self) -> bool:
        return max(grade for _, grade, *_ in self.read) >= 2


def load(language: str) -> Iterator[Graded]:
    with lzma.open(FOLDER / f"graded-{language}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            asked = row.get("asked", row["question"])
            yield Graded(
                row["id"],
                language,
                row["document"] or "",
                row["question"],
                asked,
                row.get("meant", asked),
                tuple((text, grade, odds, wanted) for text, grade, odds, wanted in row["read"]),
                tuple((text, grade, odds) for text, grade, odds in row.get("known", ())),
            )


class ReadApart:
    """A cross-encoder that says of graded pairs what one said that had not seen their document, of others what ours says."""

    def __init__(self, ours: CrossEncoder) -> None:
        self.name = f"{ours.name}, apart"
        self._ours = ours
        rows = [row for language in LANGUAGES for row in load(language)]
        self._said = {(r.meant, text): odds for r in rows for text, _, odds in r.known}
        self._said |= {(r.asked, text): odds for r in rows for text, _, odds, _ in r.read}

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        new = [t for t in texts if (question, t) not in self._said]
        read = dict(zip(new, self._ours.scores(question, new).tolist(), strict=True))
        return np.array([self._said.get((question, t), read.get(t)) for t in texts], dtype=np.float32)


class AdvisorApart(Advisor):
    """The product, as it would answer graded questions had it not been taught by them."""

    @cached_property
    def cross_encoder(self) -> CrossEncoder | None:
        ours = super().cross_encoder
        return ours and ReadApart(ours)
