"""The figures against paper, against a known implementation, and against their own doctests."""

from __future__ import annotations

import doctest
import importlib
import random

import pytest

metrics = importlib.import_module("eval.metrics")
Count, Scored = metrics.Count, metrics.Scored


@pytest.mark.parametrize("name", ["metrics", "gold", "compare"])
def test_examples_in_the_code_hold(name):
    result = doctest.testmod(importlib.import_module(f"eval.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_ranking_figures_agree_with_ir_measures():
    ir = pytest.importorskip("ir_measures")
    rng = random.Random(7)
    documents = [f"d{i}" for i in range(30)]
    for _ in range(40):
        gains = {d: rng.choice([1, 1, 2]) for d in rng.sample(documents, rng.randint(1, 6))}
        ranked = rng.sample(documents, rng.randint(1, 15))
        qrels = [ir.Qrel("q", d, g) for d, g in gains.items()]
        run = [ir.ScoredDoc("q", d, 100.0 - i) for i, d in enumerate(ranked)]
        wanted = ir.calc_aggregate([ir.nDCG @ 10, ir.RR @ 10, ir.R @ 5], qrels, run)
        assert metrics.ndcg_at(ranked, gains, 10) == pytest.approx(wanted[ir.nDCG @ 10])
        assert metrics.reciprocal_rank(ranked, gains, 10) == pytest.approx(wanted[ir.RR @ 10])
        assert metrics.recall_at(ranked, gains, 5) == pytest.approx(wanted[ir.R @ 5])


def test_auroc_agrees_with_scikit_learn_with_ties():
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = random.Random(3)
    scores = [round(rng.random(), 1) for _ in range(200)]
    labels = [rng.random() < 0.3 + 0.4 * s for s in scores]
    assert metrics.auroc(scores, labels) == pytest.approx(sklearn.roc_auc_score(labels, scores))


def test_a_share_says_its_denominator_and_an_interval_around_it():
    counts = [Count(f"q{i}", f"d{i % 10}", float(i % 4 == 0)) for i in range(40)]
    figure = metrics.share(counts)
    assert (figure.value, figure.numerator, figure.denominator) == (0.25, 10.0, 40.0)
    assert figure.low <= 0.25 <= figure.high


def test_interval_is_wider_when_answers_of_one_document_stand_and_fall_together():
    single = metrics.share([Count(f"q{i}", f"d{i}", float(i < 20)) for i in range(40)])
    grouped = metrics.share([Count(f"q{i}", f"d{i // 10}", float(i < 20)) for i in range(40)])
    assert grouped.high - grouped.low > 1.5 * (single.high - single.low)


def test_pairs_count_an_item_that_one_run_lacks_as_zero():
    a = [Count("q1", "x", 1), Count("q2", "y", 1)]
    found = metrics.paired(a, [Count("q1", "x", 1)])
    assert (found.a, found.b, found.n) == (1.0, 0.5, 2)


def test_pairs_of_what_was_shown_divide_each_run_by_what_it_showed():
    a = [Count("q1", "x", 2, 2), Count("q2", "y", 3, 3)]
    found = metrics.paired(a, [Count("q1", "x", 2, 2)], own_denominators=True)
    assert (found.a, found.b) == (1.0, 1.0)


def test_chance_explains_a_coin_flip_but_not_a_landslide():
    same = [Count(f"q{i}", f"q{i}", float(i % 2)) for i in range(60)]
    other = [Count(f"q{i}", f"q{i}", float((i + (i < 30)) % 2)) for i in range(60)]
    all_right = [Count(f"q{i}", f"q{i}", 1.0) for i in range(60)]
    assert metrics.paired(same, other).p > 0.5
    assert metrics.paired(same, all_right).p < 0.01
    assert metrics.paired(same, all_right).low > 0


@pytest.mark.parametrize(
    ("alias", "text", "said"),
    [
        ("30万元", "补助最高300,000元。", True),
        ("EUR 7,500", "最高7500欧元", True),
        ("EUR 7,500", "最高7500元", False),
        ("2026年6月30日", "until 30 June 2026", True),
        ("2026年6月30日", "until 2026", False),
        ("數位轉型", "数位转型补助", True),
        ("50 %", "百分之五十", True),
        ("level 3", "达到三级", True),
        ("three scenes", "at level 3", False),
    ],
)
def test_a_fact_is_recognised_in_either_language_and_no_other_is(alias, text, said):
    assert metrics.carries(alias, text) is said


@pytest.mark.parametrize(
    ("value", "unit", "text", "said"),
    [
        (200000, "CNY", "at most 200,000 yuan", True),
        (200000, "CNY", "at most EUR 200,000", False),
        (40, "%", "40家企业", False),
        (2, "level", "达到二级", True),
        ("2027-12-31", "date", "to 31 December 2027", True),
        ("2027-12-31", "date", "2027年", False),
    ],
)
def test_a_number_needs_its_unit(value, unit, text, said):
    assert metrics.states_number(value, unit, text) is said


def test_risk_coverage_area_is_small_when_the_doubtful_ones_are_the_wrong_ones():
    scores, wrong = [0.9, 0.8, 0.2, 0.1], [False, False, True, True]
    good = metrics.risk_coverage_area(scores, wrong)
    bad = metrics.risk_coverage_area([-s for s in scores], wrong)
    assert good == pytest.approx((0 + 0 + 1 / 3 + 2 / 4) / 4)
    assert bad > good
