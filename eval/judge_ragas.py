"""An optional second opinion: RAGAS through the configured chat model, beside our figures, never instead of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from advisor.settings import Settings
from eval.errors import EvalError, read_text
from eval.judge import statements
from eval.load import Item
from eval.metrics import kappa
from eval.score import Scores

FILE = "judge.json"
_YES = 0.5
# What a judge says → the figure of ours that asks the same.
PAIRED: Mapping[str, str] = {"faithfulness": "citation_recall", "correctness": "vital_recall"}


@dataclass(frozen=True, slots=True)
class Sample:
    """What a judge reads: the question, what was said, the quotes it rests on, and what the gold wants said."""

    question: str
    said: str
    quotes: tuple[str, ...]
    wanted: str


class Judge(Protocol):
    @property
    def name(self) -> str: ...

    def score(self, sample: Sample) -> Mapping[str, float]:
        """Values from 0 to 1 by the names of PAIRED; one that could not be had is left out."""
        ...


class RagasJudge:
    """RAGAS's faithfulness and factual correctness, asked of the chat model of the settings."""

    def __init__(self, settings: Settings) -> None:
        if not settings.chat_model:
            raise EvalError("no_chat_model", "ADVISOR_CHAT_MODEL", "names no model: a judge needs one.")
        try:
            from ragas.dataset_schema import SingleTurnSample
            from ragas.llms import LangchainLLMWrapper
            from ragas.metrics import FactualCorrectness, Faithfulness
        except ImportError as error:
            missing = f"cannot be loaded ({error}): pip install 'advisor[judge]'."
            raise EvalError("judge_missing", "ragas", missing) from error
        from advisor.adapters.chat import open_chat

        s = settings
        chat = open_chat(s.chat_model or "", s.chat_base_url, s.chat_api_key, s.chat_timeout_s, 0, Path())
        llm = LangchainLLMWrapper(chat.build())
        self.name = f"ragas, {settings.chat_model}"
        self._sample: Callable[..., Any] = SingleTurnSample
        self._metrics = {
            "faithfulness": Faithfulness(llm=llm),
            "correctness": FactualCorrectness(llm=llm, mode="recall"),
        }

    def score(self, sample: Sample) -> Mapping[str, float]:
        asked = self._sample(
            user_input=sample.question,
            response=sample.said,
            retrieved_contexts=list(sample.quotes),
            reference=sample.wanted,
        )
        found: dict[str, float] = {}
        for name, metric in self._metrics.items():
            try:
                value = float(metric.single_turn_score(asked))
            except Exception:  # a judge that stumbles over one answer still judges the others
                continue
            if value == value:  # RAGAS says nan where it has no opinion
                found[name] = value
        return found


def sample(item: Item, reply: Mapping[str, Any]) -> Sample | None:
    """None where nothing was said, or nothing is wanted: a judge would have nothing to compare."""
    said = statements(reply)
    wanted = " ".join(n.aliases[0] for n in item.nuggets if n.vital)
    if not said or not wanted or not item.answerable:
        return None
    quotes = dict.fromkeys(c["quote"] for s in said for c in s["citations"])
    return Sample(item.question, "\n".join(s["text"] for s in said), tuple(quotes), wanted)


def judge(scores: Scores, by: Judge, limit: int | None = None) -> dict[str, Any]:
    """The judge's values by question, and how far they agree with ours; written beside the scores."""
    rows: dict[str, Mapping[str, float]] = {}
    for item in scores.open_items:
        asked = sample(item, (scores.run.rows.get((item.id, "asked")) or {}).get("reply") or {})
        if asked is not None and (limit is None or len(rows) < limit):
            rows[item.id] = by.score(asked)
    result = {"judge": by.name, "asked": len(rows), "agreement": agreement(scores, rows), "items": rows}
    text = json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (scores.run.folder / FILE).write_text(text, "utf-8")
    return result


def agreement(scores: Scores, rows: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """Per pair of figures: both means, Spearman's rank correlation, and kappa of yes and no."""
    from scipy.stats import spearmanr

    found: dict[str, Any] = {}
    for theirs, ours in PAIRED.items():
        both = [
            (row[theirs], top / of)
            for id, row in rows.items()
            if theirs in row and ours in scores.judged[id].adds
            for top, of in [scores.judged[id].adds[ours]]
        ]
        a, b = [x for x, _ in both], [y for _, y in both]
        varied = len(set(a)) > 1 and len(set(b)) > 1
        found[theirs] = {
            "ours": ours,
            "n": len(both),
            "judge_mean": round(sum(a) / len(a), 4) if a else None,
            "our_mean": round(sum(b) / len(b), 4) if b else None,
            "spearman": round(float(spearmanr(a, b).statistic), 4) if varied else None,
            "kappa": _cut(kappa([x >= _YES for x in a], [y >= _YES for y in b])),
        }
    return found


def _cut(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def load(folder: Path) -> dict[str, Any] | None:
    """What a judge said of this run, where one was asked."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        found: dict[str, Any] = json.loads(read_text(path))
    except ValueError as error:
        raise EvalError("not_json", str(path), f"is not JSON ({error}).") from error
    return found


def rows(result: Mapping[str, Any]) -> Sequence[tuple[str, ...]]:
    """The agreement as cells: judge's figure, ours, both means, n, Spearman, kappa."""

    def cell(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}"

    return [
        (
            name,
            r["ours"],
            *(cell(r[k]) for k in ("judge_mean", "our_mean")),
            str(r["n"]),
            *(cell(r[k]) for k in ("spearman", "kappa")),
        )
        for name, r in result["agreement"].items()
    ]


HEAD = ("judge's figure", "ours", "judge", "we", "n", "Spearman", "kappa")


def table(result: Mapping[str, Any]) -> str:
    lines = [f"{result['judge']} over {result['asked']} answers; our figures stand, this is a second opinion"]
    lines += ["".join(f"{c:>18}" for c in row) for row in (HEAD, *rows(result))]
    return "\n".join(lines)
