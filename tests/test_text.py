"""text.py: its examples are its specification; what must hold for any text."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import advisor.text
from advisor.text import detect_language, fold, quantities, sentences, tokens

ANY = st.text(
    alphabet=st.sampled_from("补助最高25万元。，！？ \n-*#.!?(\"')%€,ABcd一二级年月日2024\u3000\ue000é"), max_size=120
)


def test_every_example_in_the_module_holds():
    assert doctest.testmod(advisor.text).failed == 0


@settings(max_examples=150, deadline=None)
@given(ANY)
def test_sentences_are_ordered_slices_without_surrounding_blanks(text):
    last = 0
    for start, end in sentences(text):
        assert last <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        last = end


@settings(max_examples=150, deadline=None)
@given(ANY)
def test_a_figure_points_at_its_own_digits_and_none_is_read_twice(text):
    last = 0
    for figure in quantities(text):
        assert last <= figure.start < figure.end <= len(text)
        last = figure.end


@settings(max_examples=100, deadline=None)
@given(ANY)
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)
    assert tokens(text) == tokens(fold(text))


def test_sentences_are_folded_once_and_whole_documents_are_not_kept():
    sentence = "先办验收，再拨ＥＲＰ補貼。"
    before = advisor.text._fold_again.cache_info()
    assert fold(sentence) == fold(sentence) == "先办验收,再拨erp补贴。"
    assert fold(sentence * 100) == fold(sentence) * 100
    after = advisor.text._fold_again.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 2)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("最高补助二十五万元", [("money", 250000.0)]),
        ("250,000 yuan", [("money", 250000.0)]),
        ("EUR 0.25 million", [("money", 250000.0)]),
        ("百分之五十", [("percent", 50.0)]),
        ("15 mln rmb, 2 Mio euro", [("money", 15e6), ("money", 2e6)]),
        ("一年才5万欧，欧洲", [("money", 50000.0)]),
        ("at level three, grade Two", [("level", 3.0), ("level", 2.0)]),
        ("GB/T 39116-2020", []),
    ],
)
def test_figures_are_read_by_value(text, keys):
    assert [q.key for q in quantities(text)] == keys


@pytest.mark.parametrize(
    ("text", "language"),
    [("补多少钱", "zh"), ("How much?", "en"), ("我们厂想上ERP", "zh"), ("", "en"), ("12345", "en")],
)
def test_language_of_a_question(text, language):
    assert detect_language(text) == language
