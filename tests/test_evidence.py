"""What speaks against a sentence: the amounts on hand-written pairs, and that the trained detectors use them the right way round."""

from __future__ import annotations

import json
from importlib import resources

import numpy as np
import pytest

from advisor.ask.detect import MOST, detectors, suspect, weigh
from advisor.ask.evidence import evidence
from advisor.ask.figures import figure_faults, figures, folded
from advisor.ask.known_names import KnownNames, known_names
from advisor.ask.words import held, likeness, words
from advisor.model import Bilingual, Document

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
    ("words_opposed", "The office approves the list.", "The list is rejected by the office."),
    ("words_opposed", "冷库须公开温度记录。", "冷库的温度记录须保密。"),
    ("clause_opposed", "Bakers gain from the rule, drivers do not care.", "Drivers do not care, bakers lose by the rule."),
    ("roles", "The machine marks flaws and workers mend them.", "Workers mark flaws and the machine mends them."),
    ("roles", "机器标出瑕疵，工人处理。", "工人标出瑕疵，机器处理。"),
    ("sorts", "The bakery runs on steam.", "Gas is what the bakery runs on."),
    ("sorts", "家具企业可以申请。", "服装企业可以申请。"),
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
        ("The fifth step is the audit.", "Step five is the audit."),
        ("They run 24 ovens.", "They run two dozen ovens."),
        ("6个月内完成。", "原则上半年之内完成。"),
        ("企业不能付款。", "千万别付款。"),
        ("只付出28,296.50欧元。", "付出约2.83万欧元。"),
        ("由烘焙师和司机共同承担。", "由烘焙师和司机两家共同承担。"),
        ("价格便宜90%。", "价格只要一折。"),
        ("Output rose to 5 times.", "Output rose fivefold."),
        ("The share is 60 %.", "6 out of 10 bakers do."),
        ("占62%。", "占六成以上。"),
        ("Invoices up to EUR 250 are exempt.", "It holds for all invoices, though not for amounts up to €250."),
        ("不超过250欧元的发票免开。", "只放过250欧元以内的发票。"),
    ],
)
def test_a_figure_may_be_written_otherwise(source, sentence):
    assert figure_faults(sentence, [source], "opposite") == []


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("20 firms at the most", "upper"),
        ("20% is the ceiling", "upper"),
        ("smaller than 20 hectares", "upper"),
        ("未超过20%", "upper"),
        ("20家到顶", "upper"),
        ("upwards of 20 firms", "lower"),
        ("firms with fewer than 20 staff are excluded", "lower"),
        ("not below 20%", "lower"),
        ("起码20家", "lower"),
        ("20%是底线", "lower"),
    ],
)
def test_a_bound_is_read_before_and_after_its_figure(text, bound):
    assert figures(folded(text))[0].bound == bound


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("第1步是盘点。", "第三步是盘点。"),
        ("降幅为10%。", "降幅为两成。"),
        ("满6个月即可。", "满一年才行。"),
        ("Output rose to 5 times.", "Output rose threefold."),
        ("占68%。", "占六成以上。"),
        ("只付出28,296.50欧元。", "付出约2.9万欧元。"),
    ],
)
def test_another_figure_stays_a_fault_in_any_form(source, sentence):
    assert figure_faults(sentence, [source], "opposite")


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


def named(id: str, zh: str, en: str) -> Document:
    return Document(id=id, title=Bilingual(zh, en), kind="case", text_origin="digest", texts={"en": "Text."})


def test_a_name_of_another_document_is_strange_where_no_source_has_it():
    known = KnownNames.of(
        {d.id: d for d in (named("a", "北埠烘焙坊", "Northport Bakery"), named("b", "南港酿酒厂", "Lakeside Brewers"))}
    )
    assert known.strange("Lakeside Brewers got the oven.", ["Northport Bakery got the oven."]) == ["lakeside brewers"]
    assert known.strange("南港酿酒厂买了烤炉。", ["北埠烘焙坊买了烤炉。"]) == ["南港酿酒厂"]
    assert known.strange("Northport Bakery got the oven.", ["Northport's bakery got the oven."]) == []
    assert evidence("Lakeside Brewers got it.", ["The bakery got it."], None, "", known)["known"] == 1
    assert evidence("Lakeside Brewers got it.", ["The bakery got it."])["known"] == 0


def test_a_name_of_many_documents_tells_none_apart_and_names_are_read_once():
    documents = {str(n): named(str(n), f"烘焙计划{n}", "Baking plan") for n in range(5)}
    assert known_names(documents).strange("The baking plan holds.", ["The oven is hot."]) == []
    assert known_names(documents) is known_names(documents)
    assert known_names({**documents}) is not known_names(documents)


def test_one_sort_named_by_another_word_is_not_swapped():
    assert evidence("Apparel makers may apply.", ["Garment makers may apply."])["sorts"] == 0
    assert evidence("Garment makers and food makers may apply.", ["Garment makers may apply."])["sorts"] == 0


def test_words_that_translate_alike_may_stand_for_one_another_and_members_of_a_kind_may_not():
    company, furniture = words("company")[0], words("家具")[0]
    assert likeness(company, held("The firm applies.")) > 0.5
    assert likeness(words("补贴")[0], held("政府给予补助。")) > 0.9
    assert likeness(furniture, held("纺织企业可以申请。")) < 0.2


def test_the_detectors_name_the_kind_of_fault():
    quote = "The Hefei subsidy covers projects finished by 2025."
    assert suspect("The Hefei subsidy covers projects finished by 2027.", [quote]).kind == "figure"
    assert suspect("Projects finished by 2025 are covered by the Hefei subsidy.", [quote]).odds < detectors().usual


def test_the_trees_have_their_say_however_far_the_lines_go():
    quote = "The Hefei subsidy covers projects finished by 2025."
    found = evidence("The Wuhu prize of 2019 pays 900 bakers in Malta.", [quote])
    model = detectors()
    row = np.array([[*(found[name] for name in model.columns[:-1]), 0.0]])
    assert weigh(found, "en").odds == pytest.approx(MOST + model.share * model.trees.score(row)[0])


def test_every_weight_speaks_against_and_the_card_says_how_it_was_made():
    raw = json.loads((resources.files("advisor") / "models" / "support_detectors.json").read_text("utf-8"))
    assert raw["command"].startswith("python scripts/train_support.py --statements")
    assert raw["usual"] > 0
    assert raw["drop"] > 0
    assert raw["columns"][:-1] == list(evidence("A firm pays 5 yuan.", ["A firm pays 5 yuan."]))
    amounts = set(evidence("A firm pays 5 yuan.", ["A firm pays 5 yuan."]))
    for kind in raw["kinds"].values():
        for weights in kind["weights"].values():
            assert set(weights) <= amounts
            assert all(w > 0 for w in weights.values())
