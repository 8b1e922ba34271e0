"""The support score of foreign texts: what is made up scores higher, in both languages, and the model on disk says how it was made."""

from __future__ import annotations

import json
import math
from importlib import resources

import pytest

from advisor.ask.support import features, support_score

EN = [
    "The Digital Bonus pays 50 % of eligible costs, up to EUR 7,500 per firm. Applications are filed online before the project starts.",
    "Hardware is eligible only where it is needed for the software. Firms with fewer than 50 employees may apply.",
]
ZH = [
    "数字红利补贴符合条件支出的50%，每家企业最高7500欧元。项目开始前在线提交申请。",
    "只有软件所必需的硬件才符合条件。从业人员不足50人的企业可以申请。",
]

PAIRS = [
    (
        EN,
        "The bonus pays half of eligible costs, up to EUR 7,500 per firm.",
        "The bonus pays half of all wages for two years, and Siemens supplies free robots.",
    ),
    (
        EN,
        "Firms with fewer than 50 employees may apply online.",
        "Family firms in Berlin may apply by fax until Christmas.",
    ),
    (
        EN,
        "Hardware counts only where the software needs it.",
        "Hardware counts only where the ministry has certified its energy use.",
    ),
    (
        EN,
        "Applications are filed online before the project starts. Firms with fewer than 50 employees may apply.",
        "Applications are filed online before the project starts. A consultant then visits the plant and writes a report.",
    ),
    (EN, "The bonus pays up to EUR 7,500 per firm.", "The bonus pays up to EUR 9,900 per firm."),
    (ZH, "补贴为符合条件支出的50%，每家最高7500欧元。", "补贴为全部工资的80%，另送西门子机器人。"),
    (ZH, "从业人员不足50人的企业可以在线申请。", "柏林的家族企业圣诞节前可以传真报名。"),
    (ZH, "硬件只有软件必需时才符合条件。", "硬件须经能源部认证能耗后才算。"),
    (
        ZH,
        "项目开始前在线提交申请。从业人员不足50人的企业可以申请。",
        "项目开始前在线提交申请。随后顾问到厂里写诊断报告。",
    ),
    (ZH, "每家企业最高7500欧元。", "每家企业最高9900欧元。"),
]


@pytest.mark.parametrize(("contexts", "faithful", "made_up"), PAIRS)
def test_made_up_content_scores_higher(contexts, faithful, made_up):
    assert support_score(contexts, made_up) > support_score(contexts, faithful)


@pytest.mark.parametrize("contexts", [EN, ZH])
def test_a_copy_scores_low(contexts):
    assert support_score(contexts, contexts[0]) < 0.25


def test_the_odds_of_a_statement_do_not_drown_those_by_overlap():
    bad = "Siemens gives 900 robots to bakers in Malta until 2031."
    assert support_score(EN, bad) < 1 / (1 + math.exp(-2.0)) + 1e-9


def test_scores_are_chances():
    for contexts, faithful, made_up in PAIRS:
        assert 0 < support_score(contexts, faithful) < 1
        assert 0 < support_score(contexts, made_up) < 1


@pytest.mark.parametrize(
    ("contexts", "response"),
    [([], ""), ([], "Something."), ([""], "……"), (EN, ""), (EN, "1. \n- \n"), (["x" * 5], "好")],
)
def test_odd_input_is_scored_too(contexts, response):
    assert 0 < support_score(contexts, response) < 1


def test_sentences_about_the_answer_itself_hold_no_claim():
    plain = "The bonus pays half of eligible costs, up to EUR 7,500 per firm."
    assert (
        features(EN, f"Based on the given passages, {plain[0].lower()}{plain[1:]} I hope this helps!")["worst_novel"]
        == features(EN, plain)["worst_novel"]
    )


def test_every_feature_speaks_against_the_response():
    raw = json.loads((resources.files("advisor") / "models" / "support.json").read_text("utf-8"))
    assert set(raw["features"]) == set(features(EN, EN[0]))
    assert all(f["weight"] >= 0 for f in raw["features"].values())
    assert any(f["weight"] > 0 for f in raw["features"].values())


def test_the_model_says_how_it_was_made():
    raw = json.loads((resources.files("advisor") / "models" / "support.json").read_text("utf-8"))
    assert raw["date"]
    assert raw["command"].startswith("python scripts/train_support.py")
    assert raw["scores"]["qa"]["n"] == 265
    assert raw["scores"]["summary"]["n"] == 126


def test_features_count_what_is_new():
    found = features(
        ["The bonus covers software. Firms apply online."],
        "The bonus covers tractors. Siemens pays 9 firms, not the bonus.",
    )
    assert found["log_words"] == pytest.approx(math.log1p(4))  # tractors, Siemens, pays, 9
    assert found["log_figures"] == pytest.approx(math.log1p(1))
    assert found["worst_run"] == pytest.approx(math.log1p(3))
    assert found["far"] == pytest.approx(0.5)
    assert found["worst_novel"] > found["second_novel"] > 0


def test_a_rare_word_that_is_new_weighs_more_than_one_that_stands_everywhere():
    contexts = ["The bonus covers software. The bonus covers cloud. The bonus covers training. Firms apply online."]
    assert features(contexts, "The bonus covers tractors.")["mean_novel"] > 1 / 3


def test_a_long_sentence_weighs_more_than_a_short_one():
    contexts = ["The bonus covers software. Firms apply online."]
    found = features(contexts, "Siemens gives away free welding robots everywhere. Firms apply.")
    assert found["mean_novel"] > (found["worst_novel"] + found["second_novel"]) / 2
