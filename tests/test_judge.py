"""The optional judge: beside our figures, with the agreement between both."""

from __future__ import annotations

import importlib
import json

import pytest
from test_eval import altered, runs  # noqa: F401

from advisor import Settings

judge_ragas, main, report, score = (
    importlib.import_module(f"eval.{n}") for n in ("judge_ragas", "__main__", "report", "score")
)
EvalError = importlib.import_module("eval.errors").EvalError


class FakeJudge:
    """Believes whatever is long."""

    name = "fake"

    def score(self, sample):
        assert sample.said
        assert sample.quotes
        return {"faithfulness": 1.0, "correctness": min(1.0, len(sample.said) / 1000)}


@pytest.fixture
def scores(runs):  # noqa: F811
    yield score.score(score.load_run("first", runs))
    (runs / "first" / judge_ragas.FILE).unlink(missing_ok=True)


def test_a_judge_is_asked_about_answers_and_changes_no_figure(scores):
    before = scores.as_dict()
    result = judge_ragas.judge(scores, FakeJudge())
    assert "dev-en-003" not in result["items"]  # unanswerable: nothing to compare with
    assert set(result["items"]) <= {i.id for i in scores.items}
    assert result["agreement"]["faithfulness"]["n"] == len(result["items"]) > 0
    assert scores.as_dict() == before
    assert json.loads((scores.run.folder / judge_ragas.FILE).read_text("utf-8"))["judge"] == "fake"
    assert "second opinion" in judge_ragas.table(result)


def test_agreement_is_full_with_ourselves_and_none_with_our_opposite(runs, scores):  # noqa: F811
    lost = next(i.id for i in scores.items if i.answerable and scores.judged[i.id].adds["vital_recall"][0])
    altered(runs, "one-lost", lambda r: {**r, "reply": None} if r["id"] == lost else r)
    mixed = score.score(score.load_run("one-lost", runs))
    ours = {
        i: j.adds["vital_recall"][0] / j.adds["vital_recall"][1]
        for i, j in mixed.judged.items()
        if "vital_recall" in j.adds
    }
    assert 0 < sum(ours.values()) < len(ours)
    same = judge_ragas.agreement(mixed, {i: {"correctness": v} for i, v in ours.items()})["correctness"]
    assert (same["n"], same["spearman"], same["kappa"]) == (len(ours), 1.0, 1.0)
    opposite = judge_ragas.agreement(mixed, {i: {"correctness": 1 - v} for i, v in ours.items()})["correctness"]
    assert opposite["spearman"] == -1.0
    assert opposite["kappa"] < 0
    assert judge_ragas.agreement(mixed, {})["correctness"]["n"] == 0


def test_the_report_shows_a_second_opinion_only_where_there_is_one(runs, scores):  # noqa: F811
    assert "Second opinion" not in report.write("first", "first", runs=runs).read_text("utf-8")
    judge_ragas.judge(scores, FakeJudge(), limit=1)
    page = report.write("first", "first", runs=runs).read_text("utf-8")
    assert "fake over 1 answers" in page


def test_without_a_chat_model_the_judge_says_so_in_one_sentence(runs, capsys):  # noqa: F811
    with pytest.raises(EvalError, match="ADVISOR_CHAT_MODEL: names no model"):
        judge_ragas.RagasJudge(Settings())
    assert main.main(["judge", "first", "--runs", str(runs)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
