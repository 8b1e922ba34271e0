"""What speaks against a sentence: the amounts on hand-written pairs, and that the trained detectors use them the right way round."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from advisor.ask.detect import detectors, suspect
from advisor.ask.evidence import evidence
from advisor.ask.figures import figure_faults
from advisor.ask.words import held, likeness, words

PLANTED = [
    ("figure", "The cap is 300,000 yuan per firm.", "A firm gets 400,000 yuan at most."),
    ("unit", "The error was kept within 0.1 mm.", "They hold the error to 0.1 cm."),
    ("numeral", "Published by 7 bodies in April.", "Nine bodies published it in April."),
    ("numeral", "改用六轴协作机器人。", "后来换成四轴协作机器人。"),
    ("period", "家具部件的年产量为4.2万件。", "家具部件月产量达4.2万件。"),
    ("bound", "Each city must upgrade at least 350 SMEs.", "Every city has 350 SMEs at most to upgrade."),
    ("name", "The voucher is run by Enterprise Ireland.", "Enterprise Malta runs the voucher."),
    ("way", "不良率下降50.2%。", "不良率升高了50.2%。"),
    ("way", "Sales grew by 12 % in 2024.", "In 2024 sales were down 12 %."),
    ("+not", "The grant covers training.", "Training is not covered by the grant."),
    ("prefixed", "Pickles ferment in a steady climate.", "The climate in which pickles ferment is unsteady."),
    ("opposite", "Recipes are treated as secret.", "They handle recipes as public."),
]


@pytest.mark.parametrize(("amount", "source", "sentence"), PLANTED)
def test_a_planted_fault_shows_in_its_amount(amount, source, sentence):
    assert evidence(sentence, [source])[amount] > 0
    assert evidence(source, [source])[amount] == 0


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("The share is 75 %.", "Three quarters is the share."),
        ("It rose to 1.2 trillion yuan.", "It is now CNY 1.2tn."),
        ("95%愿意推荐。", "九成五愿意推荐。"),
        ("36%发生过事件。", "出过事件的超过三分之一。"),
        ("It was 2.5 times its plan.", "It was two and a half times its plan."),
        ("固定资产投资不低于500万元。", "固定资产投资少于500万元不行。"),
        ("第2季度预缴。", "第二季度预缴。"),
        ("The fifth Dongguan call counts.", "Dongguan's fifth call counts."),
    ],
)
def test_a_figure_may_be_written_otherwise(source, sentence):
    assert figure_faults(sentence, [source], "opposite") == []


def test_words_that_translate_alike_may_stand_for_one_another_and_members_of_a_kind_may_not():
    company, furniture = words("company")[0], words("家具")[0]
    assert likeness(company, held("The firm applies.")) > 0.5
    assert likeness(words("补贴")[0], held("政府给予补助。")) > 0.9
    assert likeness(furniture, held("纺织企业可以申请。")) < 0.2


def test_the_detectors_name_the_kind_of_fault():
    quote = "The Hefei subsidy covers projects finished by 2025."
    assert suspect("The Hefei subsidy covers projects finished by 2027.", [quote]).kind == "figure"
    assert suspect("Projects finished by 2025 are covered by the Hefei subsidy.", [quote]).odds < detectors().usual


def test_every_weight_speaks_against_and_the_card_says_how_it_was_made():
    raw = json.loads((resources.files("advisor") / "models" / "support_detectors.json").read_text("utf-8"))
    assert raw["command"].startswith("python scripts/train_support.py --statements")
    assert raw["usual"] < raw["drop"]
    amounts = set(evidence("A firm pays 5 yuan.", ["A firm pays 5 yuan."]))
    for kind in raw["kinds"].values():
        for weights in kind["weights"].values():
            assert set(weights) <= amounts
            assert all(w > 0 for w in weights.values())
