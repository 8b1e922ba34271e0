"""The ranker that is read without a machine-learning library, and the signs it looks at."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEmbedder

from advisor.adapters.embedder import StaticEmbedder
from advisor.ask import nearness
from advisor.ask.asks import offers, wants
from advisor.ask.features import NAMES, counts_people
from advisor.ask.ranker import ranker, ranker_of

FORK = ["dense", 0.5, ["own", 0.2, -1.0, 2.0], 4.0]


def matrix(**columns: list[float]) -> np.ndarray:
    rows = len(next(iter(columns.values())))
    table = np.zeros((rows, len(NAMES)))
    for name, values in columns.items():
        table[:, NAMES.index(name)] = values
    return table


def test_each_row_falls_through_every_fork_to_one_leaf():
    only_trees = ranker_of({"weights": {}, "trees": [FORK, 0.25], "share": 2.0})
    table = matrix(dense=[0.4, 0.5, 0.6], own=[0.1, 0.3, 0.0])
    assert only_trees.score(table).tolist() == [2 * (-1.0 + 0.25), 2 * (2.0 + 0.25), 2 * (4.0 + 0.25)]


def test_line_and_trees_add_up_and_a_line_alone_will_do():
    table = matrix(dense=[1.0], own=[3.0])
    assert ranker_of({"weights": {"own": 2.0}}).score(table).tolist() == [6.0]
    assert ranker_of({"weights": {"own": 2.0}, "trees": [FORK], "share": 0.5}).score(table).tolist() == [8.0]


@pytest.mark.parametrize("name", ["reranker", "sentence_ranker"])
def test_shipped_rankers_know_the_signs_of_this_version(name):
    shipped = ranker(name)
    assert np.any(shipped.weights)
    assert shipped.trees is not None
    assert np.isfinite(shipped.score(np.random.default_rng(3).random((5, len(NAMES))))).all()


def test_shipped_affinity_belongs_to_the_shipped_embedder():
    embedder = StaticEmbedder(Path(str(resources.files("advisor") / "models" / "embedder")))
    question = embedder.embed_question("最高补多少钱？")
    said = embedder.embed_passages(["最高补助25万元。", "这份通知由市政府办公室印发。"])
    headings = embedder.embed_passages(["补多少", "这是什么"])
    high, low = nearness.affinity(question, said, headings, embedder.fingerprint)
    assert high > low
    assert not nearness.affinity(question, said, headings, "another").any()


def test_nearest_words_meet_across_languages_and_a_text_without_words_is_far_from_all():
    embedder = StaticEmbedder(Path(str(resources.files("advisor") / "models" / "embedder")))
    words, near = embedder.nearest_words("invoice", ["企业须开发票", "车间排产", "……"])
    assert words == ("invoice",)
    assert near.shape == (3, 1)
    assert near[0, 0] > near[1, 0] + 0.1
    assert near[2, 0] == 0.0


def test_soft_match_tells_which_sentence_of_a_document_speaks_of_the_question():
    words, near = HashingEmbedder().nearest_words("pump price", ["pump pump", "pump price", "gate"])
    assert words == ("pump", "price")
    columns = nearness.soft_columns(near, np.array([1.0, 3.0]), np.array(["a", "a", "b"]))
    by = dict(zip(nearness.SOFT, columns.T.tolist(), strict=True))
    assert by["soft"] == [0.25, 1.0, 0.0]
    assert by["soft_centred"] == [-0.375, 0.375, 0.0]
    assert by["soft_rank"][1] > by["soft_rank"][0]


def test_what_is_asked_for_and_what_a_sentence_offers():
    assert wants("Until when, and who decides?") == {"when", "who"}
    assert offers("市工信局负责", frozenset())["body"] == 1.0
    assert offers("purchasing, sales, stock, and finance", frozenset({"date"}))["listing"] == 0.5
    assert offers("until 2027", frozenset({"date"}))["date"] == 1.0
    assert counts_people("我们60人的厂")
    assert not counts_people("60万元")
