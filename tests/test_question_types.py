"""What kind of answer a question wants: sure rules first, the model for what nobody foresaw, and its file kept small."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest

from advisor.ask.plan import PLANS, question_type, without_asking
from advisor.ask.question_types import features, scored

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("混凝土每车强度都不一样，全靠老张手感下料，有招治吗", "how_to"),
        ("送出去电镀的货回来总少，咋办", "how_to"),
        ("老师傅不愿意扫码报工，怎么办？", "how_to"),
        ("工人有问题按个灯喊人那玩意叫啥", "definition"),
        ("西安高新区做军工配套，数字化改造市里给报几成", "amount"),
        ("政府买东西给小公司留几成？", "amount"),
        ("我在慕尼黑开药店，能申Digitalbonus吗", "eligibility"),
        ("昆明有没有中小企业数字化改造补贴？", "list"),
        ("服装厂排产老是乱，有人做成过吗？", "case"),
        ("网站上的AI客服要不要告诉人家它是机器人？从什么时候开始要？", "deadline"),
        ("Show me a small clothing maker that went digital. What did it cost?", "case"),
        ("our Shenzhen firm sells camera boxes with AI to Poland, does that EU act catch us", "eligibility"),
        ("We still use paper and Excel on the shop floor. When is it time for an MES?", "deadline"),
        ("Is the Digitalbonus still open?", "status"),
        ("Longyan or Wuhan Jiangxia: who pays more at level 2?", "comparison"),
        ("Comparing two offers for a client, Longyan and Zhongshan: what holds for a firm at level 3", "comparison"),
        ("How much does Longyan pay at level 2?", "amount"),
    ],
)
def test_the_kind_of_answer(text: str, kind: str) -> None:
    assert question_type(text) == kind


def test_probabilities_over_the_types_of_the_plans() -> None:
    found = scored("几成？", ("amount",))
    assert set(found) <= set(PLANS)
    assert sum(found.values()) == pytest.approx(1.0)


def test_unknown_pieces_count_nothing() -> None:
    assert all(name.startswith(("cue:", "rule:", "first:")) for name in features("qqqq zzzz xxxx", (), {}))


def test_a_follow_up_keeps_the_subject_and_drops_the_wish() -> None:
    assert without_asking("龙岩二级最多补多少？", "amount").startswith("龙岩")
    assert "补多少" not in without_asking("龙岩二级最多补多少？", "amount")
    assert without_asking("What is an MES?", "definition") == "What is an MES?"


def test_the_model_is_small_and_says_how_it_was_made() -> None:
    text = (resources.files("advisor") / "models" / "question_types.json").read_text("utf-8")
    assert len(text.encode()) < 300_000
    assert {"trained", "command", "questions"} <= set(json.loads(text))


def test_every_label_is_of_a_training_question() -> None:
    folder = ROOT / "eval" / "training"
    known = {json.loads(line)["id"] for n in ("en", "zh") for line in (folder / f"{n}.jsonl").open(encoding="utf-8")}
    labels = [json.loads(line) for line in (folder / "types.jsonl").open(encoding="utf-8")]
    assert len(labels) >= 400
    assert {row["id"] for row in labels} <= known
    assert {row["type"] for row in labels} <= set(PLANS)
