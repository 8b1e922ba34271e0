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
    ("clause_odd", "Drivers receive the list, and the office signs nothing.", "The list goes to drivers, and the office signs it."),
    ("clause_denied", "Cold stores record the temperature.", "The temperature is not recorded in cold stores."),
    ("clause_undenied", "冷库不记录温度，司机照样签字。", "冷库会记录温度，司机照样签字。"),
    ("crossed", "交货从30天缩短到12天。", "交货过去只要12天，如今要30天。"),
    ("crossed", "Bakers have 40 % and brewers 12 % of the orders.", "Of the orders brewers have 40 % and bakers 12 %."),
    ("head_swapped", "The culture ministry keeps the list.", "The list is kept by the transport ministry."),
]  # fmt: skip


def test_a_name_of_the_title_alone_in_place_of_the_quotes_shows():
    source, called = "The list is kept by Lumora.", "Lumora and Veltin"
    assert evidence("Veltin keeps the list.", [source], None, called)["label_instead"] == 1
    assert evidence("Lumora keeps the list.", [source], None, called)["label_instead"] == 0


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
        ("The lease runs for 2 years.", "The lease runs for 24 months."),
        ("期限14天。", "期限两周。"),
        ("Trading for 6 months is needed.", "Half a year of trading is needed."),
        ("约为一年产量的50%。", "约等于半年的产量。"),
        ("The share is 20 %.", "It is one in five bakers."),
        ("占20%。", "每五家就有一家。"),
        ("Output rose by 100 %.", "Output doubled."),
        ("Scrap fell from 8 kg to 4 kg.", "Scrap was halved."),
        ("At least 5 million yuan.", "Anything below 5 million yuan is not accepted."),
        ("At least 5 million yuan.", "No project below 5 million yuan gets in."),
        ("不少于80%。", "低于八成不合格。"),
        ("The notice comes within 24 hours.", "The notice comes inside twenty-four hours."),
        ("7月提交。", "七月提交。"),
        ("Send the plan, the bill and the receipt.", "Three things are sent: plan, bill and receipt."),
        ("The fifth Dongguan call counts.", "Dongguan's fifth call counts."),
    ],
)
def test_a_figure_may_be_written_otherwise(source, sentence):
    assert figure_faults(sentence, [source], "opposite") == []


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("企业须在6个月内签约。", "企业一年之内得签约。"),
        ("七月预缴。", "四月预缴。"),
        ("The lease runs for 2 years.", "The lease runs for 12 months."),
        ("Firms with fewer than 50 staff may apply.", "Firms with fewer than 50 staff may not apply."),
        ("7 bodies keep the list, the bill and the map.", "Three kinds of bodies keep the list, the bill and the map."),
    ],
)
def test_a_figure_that_says_something_else_is_a_fault(source, sentence):
    assert figure_faults(sentence, [source], "opposite")


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
    assert 0 < raw["drop"] < raw["usual"]
    amounts = set(evidence("A firm pays 5 yuan.", ["A firm pays 5 yuan."]))
    for kind in raw["kinds"].values():
        for weights in kind["weights"].values():
            assert set(weights) <= amounts
            assert all(w > 0 for w in weights.values())
