"""Nearest rows of many: the shortcuts find what looking at everything finds."""

import numpy as np
import pytest

from advisor import nearest
from advisor.nearest import Nearest, highest


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


def test_of_many_rows_the_nearest_are_found_with_their_full_products():
    chance = np.random.default_rng(5)
    rows = (chance.normal(size=(12_000, 256)) / np.arange(1, 257)).astype(
        np.float32
    )  # most of a row in a few directions
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for question in rows[:: len(rows) // 7]:
        products = rows @ question
        at, scores = Nearest(rows).search(question, 80)
        assert set(at) == set(np.argsort(-products)[:80])
        np.testing.assert_allclose(scores, products[at], atol=1e-6)
