"""The ranker that is read without a machine-learning library, and the signs it looks at."""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEmbedder

from advisor.adapters.embedder import StaticEmbedder, _distinct
from advisor.ask import nearness
from advisor.ask.asks import wants
from advisor.ask.features import NAMES, local_shares, membership, shares
from advisor.ask.query import understand
from advisor.ask.ranker import ranker, ranker_of
from advisor.ask.retrieve import retrieve
from advisor.ask.sentences import SentenceChooser, around
from advisor.ask.trees import trees_of
from advisor.model import Passage, Question
from advisor.offers import counts_people, offers
from advisor.ports import Ragged
from advisor.reading import numbers


def texts(*words: list[str]) -> Ragged:
    return Ragged(numbers(w for row in words for w in row), np.cumsum([0, *map(len, words)]))


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


def a_tree(chance: np.random.Generator, forks: int) -> object:
    if not forks:
        return float(chance.normal())
    low = int(chance.integers(forks))
    name, threshold = NAMES[chance.integers(6)], float(chance.integers(4))
    return [name, threshold, a_tree(chance, low), a_tree(chance, forks - 1 - low)]


def walked(tree: object, row: np.ndarray) -> float:
    while isinstance(tree, list):
        tree = tree[2] if row[NAMES.index(tree[0])] <= tree[1] else tree[3]
    return float(tree)


@pytest.mark.parametrize("most", [1, 15, 40, 63])
def test_all_forks_at_once_give_what_walking_from_fork_to_fork_gives(most):
    chance = np.random.default_rng(most)
    trees = [a_tree(chance, int(chance.integers(most + 1))) for _ in range(30)] + [a_tree(chance, most)]
    table = chance.integers(5, size=(50, len(NAMES))).astype(float)
    table[0, :6] = np.nan, np.inf, -np.inf, 0, 0, 0
    expected = [sum(walked(tree, row) for tree in trees) for row in table]
    np.testing.assert_allclose(trees_of(trees, NAMES).score(table), expected, atol=1e-12)


def test_a_tree_of_more_leaves_than_bits_is_refused():
    with pytest.raises(ValueError, match="65 leaves"):
        trees_of([a_tree(np.random.default_rng(1), 64)], NAMES)


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
    direction = nearness.affinity_direction(question, embedder.fingerprint)
    high, low = (said + nearness.HEADING_SHARE * headings) @ direction
    assert high > low
    assert nearness.affinity_by(*nearness.learned_maps()[1:], question, said, headings) == pytest.approx(
        [high, low], abs=1e-4
    )
    assert nearness.affinity_direction(question, "another") is None


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
    columns = nearness.soft_columns(near, np.array([1.0, 3.0]), np.array([0, 0, 1]))
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


def test_numbers_that_share_their_lower_half_are_still_two():
    said = Ragged(np.array([0x10007, 0x20007, 0x7, 0x30007], dtype=np.uint32), np.array([0, 0, 1, 1, 3, 4, 4]))
    held = membership(np.array([0x20007, 0x7, 0x10007], dtype=np.uint32), said)
    assert held.tolist() == [
        [False, False, False],
        [False, False, True],
        [False, False, False],
        [True, True, False],
        [False, False, False],
        [False, False, False],
    ]


def test_words_of_the_question_that_sentences_hold():
    held = membership(numbers(["pump", "price", "level"]), texts(["pump", "gate"], ["pump", "price"], []))
    assert held.tolist() == [[True, False, False], [True, True, False], [False, False, False]]
    assert shares(held, np.array([1.0, 2.0, 1.0])).tolist() == [0.25, 0.75, 0.0]
    assert membership(numbers([]), texts(["pump"])).shape == (1, 0)
    assert shares(membership(numbers([]), texts(["pump"])), np.zeros(0)).tolist() == [0.0]


def test_a_word_in_every_sentence_of_a_document_tells_less_than_a_rare_one():
    held = membership(numbers(["pump", "price"]), texts(["pump"], ["pump", "price"], ["pump"], ["price"]))
    here = local_shares(held, held, np.ones(2), np.array([0, 0, 0, 1]))
    pump, price = np.log(4 / 3.5), np.log(4 / 1.5)
    assert here == pytest.approx([pump / (pump + price), 1.0, pump / (pump + price), 1.0])
    # A word that another name of it stands for is counted as it stands and found as it is heard.
    assert local_shares(np.array([[True], [True]]), np.array([[False], [True]]), np.ones(1), np.array([0, 0])).all()


def test_distinct_word_pieces_are_those_of_a_sort():
    ids = np.array([7, 2, 7, 0, 5], dtype=np.int32)
    for ours, theirs in zip(_distinct(ids, 9), np.unique(ids, return_inverse=True), strict=True):
        assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("text", ["龙岩二级最高补多少？", "Which level must a firm in Longyan reach?"])
def test_the_best_sentence_of_each_hit_is_the_best_of_the_whole_table(full_advisor, text):
    with full_advisor._shelf.current() as generation:
        lexicon = full_advisor._lexicon(generation)
        query = understand(Question(text), lexicon, date(2026, 11, 24))
        hits = retrieve(query, generation, lexicon, full_advisor.embedder, 12)
        chooser = SentenceChooser(query, generation, lexicon, full_advisor.embedder)
        rows, table = chooser.table(hits)
        scores = ranker("reranker").score(table)
        for id, best in chooser.best(hits, ranker("reranker")).items():
            assert best == pytest.approx(max(s for (p, _), s in zip(rows, scores, strict=True) if p.id == id))


def test_of_a_long_document_what_stands_near_the_hit_is_read():
    passages = [Passage(f"long:en:{i}", "long", "en", 100 * i, 100 * i + 99, "", "") for i in range(60)]
    near = [p.start // 100 for p in around(passages[40], passages)]
    assert near == list(range(28, 52))
    assert [p.start // 100 for p in around(passages[1], passages)] == list(range(24))
    assert [p.start // 100 for p in around(passages[59], passages)] == list(range(36, 60))
    assert around(passages[5], passages[:9]) == passages[:9]
