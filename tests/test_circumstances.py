"""What a question tells of the firm, and which limits of a sentence let it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from advisor.ask.circumstances import Limit, Measure, Told, fit, limits, own_numbers, told_of_the_firm
from advisor.ask.ended import _CLOSED, is_over
from advisor.ask.plan import PLANS
from advisor.ask.query import parts_of
from advisor.model import Profile, Query

INF = float("inf")


def query(text: str, **profile: float) -> Query:
    language = "en" if text.isascii() else "zh"
    return Query(
        text,
        language,
        date(2026, 11, 24),
        PLANS["fact"],
        ((text, 1.0),),
        text,
        profile=Profile(**profile),  # type: ignore[arg-type]
    )


def values(told: Mapping[Measure, Told]) -> dict[str, float]:
    return {measure: known.value for measure, known in told.items()}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("我们厂40来人年营收1800万算小型还是微型", {"people": 40, "turnover": 18_000_000}),
        ("only 12 man machine shop, does NIS2 reach us", {"people": 12}),
        ("an office of 6, no budget", {"people": 6}),
        ("六十来号人的公司，三百来平米", {"people": 60}),
        ("our seventy people, some 12 employes more by june", {"people": 12}),
        ("a voucher for a firm with 70 employes", {"people": 70}),
        ("forty-five ppl", {"people": 45}),
        ("turnover about 500k euros, 9 employees", {"people": 9, "turnover": 500_000}),
        ("看错报表勒，去年卖的是3个亿", {"turnover": 300_000_000}),
        ("一年卖三千多万", {"turnover": 30_000_000}),
        ("三年加起来差不多一个样：卖3800万，搞研发花150万上下", {"turnover": 38_000_000}),
        ("we did 260 million last year. So?", {"turnover": 260_000_000}),
        ("补贴最高50万元吗", {}),
        ("total score 52, 2022 edition of the indicators", {"points": 52}),
        ("自测得了58分，算几级", {"points": 58}),
        ("we got 12 lathes, it took 10 minutes", {}),
        ("考了5分钟，二分厂", {}),
        ("每人每次能补多少", {}),
    ],
)
def test_people_and_turnover_are_heard(text: str, told: dict[str, float]) -> None:
    assert values(told_of_the_firm(query(text))) == told


def test_the_question_wins_over_the_profile() -> None:
    asked = query("we are 15 people", employees=80, revenue=2e6)
    assert values(told_of_the_firm(asked)) == {"people": 15, "turnover": 2e6}


@pytest.mark.parametrize(
    ("before", "text", "told"),
    [
        ("our sales are 40 million yuan a year", "and at 120 million?", {"turnover": 120_000_000}),
        ("we are 40 people", "and with 60?", {"people": 60}),
        ("we are 40 people", "how do we apply", {"people": 40}),
        ("we are 40 people", "is it 50 %", {"people": 40}),
        ("we are 40 people with sales of 9 million", "and 12?", {"people": 40, "turnover": 9_000_000}),
        ("how much is it", "and at 120 million?", {}),
        ("we had 47 points", "sorry, 67 not 47", {"points": 67}),
        ("we had 47 points", "and 240?", {"points": 47}),
    ],
)
def test_a_lone_figure_is_of_the_kind_told_before(before: str, text: str, told: dict[str, float]) -> None:
    assert values(told_of_the_firm(replace(query(text), previous=before))) == told


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Segment I is for firms of 10 to 49 employees.", (Limit("people", 10, 49),)),
        ("It applies to 50 staff or more.", (Limit("people", 50, INF),)),
        ("营业额超过80万欧元的自2027年1月1日起必须开。", (Limit("turnover", 800_000, INF, "EUR"),)),
        ("员工不超过200人的可以申请。", (Limit("people", 0, 200),)),
        ("营业收入5000万元以上、不超过2亿元的企业", (Limit("turnover", 50_000_000, 200_000_000, "CNY"),)),
        ("Crystal Doors has 34 staff.", ()),
        ("In the 2022 indicators 60 to 80 points meant level 3.", (Limit("points", 60, 80),)),
        ("网络安全题4项措施每项1.25分。", ()),
        ("补助最高40万元。", ()),
    ],
)
def test_limits_are_read(sentence: str, found: tuple[Limit, ...]) -> None:
    assert limits(sentence) == found


def test_a_limit_that_is_not_reached_keeps_its_own_number_out() -> None:
    assert fit({"people": Told(20)}, "从业人员不足20人的，是微型企业。") == (0.0, 1.0)
    assert fit({"people": Told(20)}, "从业人员20人及以上的，是小型企业。") == (1.0, 0.0)


def test_over_a_tenth_is_no_end() -> None:
    assert not _CLOSED.search("with a saving of over 10 % at the site")
    assert _CLOSED.search("the call is over")


def test_half_of_the_limits_counts_half() -> None:
    both = "从业人员不足20人或者营业收入不足300万元的，是微型企业。"
    assert fit({"people": Told(12), "turnover": Told(5e6)}, both) == (0.25, 0.5)
    assert fit({}, both) == (0.0, 0.0)


def test_a_limit_in_another_currency_is_none() -> None:
    nis2 = "NIS2 covers firms with more than EUR 10 million turnover."
    assert fit({"turnover": Told(15e6, "EUR")}, nis2) == fit({"turnover": Told(15e6)}, nis2) == (1.0, 0.0)
    assert fit({"turnover": Told(15e6, "CNY")}, nis2) == (0.0, 0.0)


def test_how_many_people_the_firm_has_is_no_figure_to_be_found() -> None:
    assert own_numbers("a 12 man machine shop") == {"12"}


@pytest.mark.parametrize(
    ("text", "over"),
    [
        ("已知的4次截止日最晚为2026年8月25日，此后是否还有批次尚未核实。", True),
        ("The last of the 4 known deadlines was 25 August 2026.", True),
        ("Applications close on 31 December 2026, the deadline for all.", False),
        ("The pilot period is over.", True),
        ("The targets ran to the end of 2025 and that date has passed.", True),
        ("With a saving of over 10 % the credit was 45 %.", False),
        ("The rules were published on 27 May 2025.", False),
    ],
)
def test_last_days_that_have_passed_say_that_it_is_over(text: str, over: bool) -> None:
    assert is_over(text, date(2026, 11, 24)) == over


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("德国那个补贴还有没有，能报多少？", ["德国那个补贴还有没有", "能报多少"]),
        ("十几年的老冲床，没有网口的，怎么把数据弄出来", []),
        ("啥都没有，从哪开始", []),
        ("说了多少回师傅都不听，是不是装个扫码枪就好了？", []),
        ("几月截止，找谁报？", ["几月截止", "找谁报"]),
    ],
)
def test_what_only_sounds_like_a_question_is_none(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts
