"""Nearest rows of many: the shortcuts find what looking at everything finds."""

import numpy as np
import pytest

from advisor import nearest
from advisor.nearest import highest


@pytest.mark.parametrize("count", [5, 80, 9_999, 10_001, 73_000])
@pytest.mark.parametrize("k", [1, 80, 1_500])
def test_the_highest_of_many_are_those_of_all(count, k):
    scores = np.random.default_rng(count + k).normal(size=count).astype(np.float32)
    assert set(highest(scores, k)) == set(np.argsort(-scores)[:k])


def test_a_sample_that_misleads_costs_nothing_but_time():
    scores = np.zeros(30_000, dtype=np.float32)
    scores[:: 30_000 // nearest._FEW + 1] = np.arange(1, 7_501)  # all high scores stand where the sample looks
    assert set(highest(scores, 80)) == set(np.argsort(-scores)[:80])


def test_scores_that_are_all_alike_still_give_as_many_as_wanted():
    assert len(set(highest(np.zeros(50_000, dtype=np.float32), 80))) == 80
