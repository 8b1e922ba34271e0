"""The right document is not enough: the maker, the year, the sum or the town that was asked for has to stand there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import AS_OF

from advisor import Advisor, Question, Reply
from advisor.ask.answer_extractive import ExtractiveAnswerer
from advisor.ask.lines import of_what_is_asked
from advisor.ask.makers import asks_for_a_maker
from advisor.ask.of_the_year import meant_years
from advisor.ask.plan import PLANS
from advisor.ask.query import understand
from advisor.ask.sentences import Candidate
from advisor.ask.sums import has_the_figure
from advisor.model import Hit, Query, Statement
from advisor.text import fold, quantities

pytestmark = pytest.mark.slow


def ask(advisor: Advisor, text: str) -> Reply:
    return advisor.ask(Question(text, as_of=AS_OF))


def query(text: str) -> Query:
    return Query(text, "en" if text.isascii() else "zh", AS_OF, PLANS["amount"], ((text, 1.0),), text)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("三共电机做软件用的低代码工具是哪个牌子", "abstained"),
        ("which brand is the electric moulding machine of Bloom-in-Box", "abstained"),
        ("Racer Technology's real-time system: which software company delivered it?", "abstained"),
        ("which firm built the pre-sewing factory with Yizhenyixian, what vendor was it", "answered"),
        ("衣针衣线那个标准工厂是和哪家公司做的系统", "answered"),
    ],
)
def test_a_brand_is_told_only_where_a_name_stands(full_advisor: Advisor, text: str, status: str) -> None:
    assert ask(full_advisor, text).status == status


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("智能工厂这块牌子是自己评吗", False),
        ("几家牌子的机器怎么连到一起", False),
        ("which maturity model should we use", False),
        ("用的什么品牌的扫码枪", True),
        ("what make of robot was it", True),
    ],
)
def test_who_speaks_of_a_sign_or_a_model_asks_for_no_brand(text: str, asks: bool) -> None:
    assert asks_for_a_maker(query(text)) is asks


@pytest.mark.parametrize(
    ("text", "other_year"),
    [
        ("新加坡2020年至少用一种数字技术的企业占百分之几", True),
        ("新加坡2022年至少用一种数字技术的企业占百分之几", False),
        ("How many basic smart factories did China count by October 2026?", True),
        ("How many basic smart factories did China count by October 2025?", False),
    ],
)
def test_what_was_counted_in_another_year_is_said_to_be(full_advisor: Advisor, text: str, other_year: bool) -> None:
    reply = ask(full_advisor, text)
    first = reply.statements[0]
    assert (reply.status == "abstained") is other_year
    assert (first.kind == "notice" and ("其他年份" in first.text or "other years" in first.text)) is other_year


@pytest.mark.parametrize(
    ("text", "years"),
    [("去年六月方案出来那会儿", {2025}), ("this year's goal", {2026}), ("明年还补吗", {2027}), ("干了几年", set())],
)
def test_this_and_last_year_are_years(text: str, years: set[int]) -> None:
    assert meant_years(query(text)) == years


def test_the_goal_of_another_year_is_not_shown_beside_this_years(full_advisor: Advisor) -> None:
    told = " ".join(s.text for s in ask(full_advisor, "银川今年要让多少家规上企业达到二级").statements)
    assert "220" in told
    assert "300" not in told


def test_what_other_towns_of_the_province_got_is_nothing_of_mine(full_advisor: Advisor) -> None:
    told = [s.text for s in ask(full_advisor, "From the 2023 Guangdong fund, what did Meizhou get first?").statements]
    assert "Meizhou" in told[0]
    assert not any("Zhaoqing" in t for t in told)


def test_what_was_spent_is_no_share() -> None:
    share = [Statement("The new plant ships 50 % faster.", "quoted")]
    money = [Statement("The plant cost 3 million yuan.", "quoted")]
    spent = query("how much money went into the new plant")
    assert not has_the_figure(spent, share)
    assert has_the_figure(spent, money)
    assert has_the_figure(replace(spent, text="how much faster does the new plant ship"), share)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("the auditor keeps asking for SPC. what does that thing do for us", "Statistical process control"),
        ("供应商让我们装安灯，这东西是干啥用的", "安灯"),
    ],
)
def test_who_asks_what_a_thing_is_for_gets_its_meaning(full_advisor: Advisor, text: str, meaning: str) -> None:
    reply = ask(full_advisor, text)
    assert reply.statements[0].text.startswith(meaning) or meaning in reply.statements[0].text
    assert reply.statements[0].citations[0].document.startswith("terms-")


def test_how_it_is_with_both_asks_the_question_before_once_more(full_advisor: Advisor) -> None:
    text = "湖北给试点县的钱，和山东给引导区的钱，是打给厂里还是打给地方？两边各是怎么回事"
    first, second, *_ = ask(full_advisor, text).statements
    assert {first.citations[0].document, second.citations[0].document} == {
        "hb-sme-action-2025",
        "sd-guidance-zone-fund-2025",
    }


def test_one_sentence_may_answer_both_questions(full_advisor: Advisor) -> None:
    text = (
        "A Hamburg buyer says our garden chairs are going to need a digital passport. What on earth is that, and who answers "
        "for it before EU law, him or us here in China?"
    )
    reply = ask(full_advisor, text)
    assert reply.status == "answered"
    assert any("importer is legally responsible" in s.text for s in reply.statements)


def test_the_other_batch_is_not_shown_beside_the_asked_one(full_advisor: Advisor) -> None:
    text = "Nanjing pilot award, we are in the second batch: what share of the spend, and what's the ceiling?"
    told = " ".join(s.text for s in ask(full_advisor, text).statements)
    assert "400,000" in told
    assert "500,000" not in told


def test_a_sum_that_is_not_proved_is_told_before_what_is_not_known(full_advisor: Advisor) -> None:
    text = "新加坡PSG一年、马来西亚GDPM，各自一家最多给多少？"
    told = [s.text for s in ask(full_advisor, text).statements]
    assert any("5,000令吉" in t for t in told[:3])
    assert any("3万新元" in t and "尚未核实" in t for t in told[:3])


@pytest.mark.parametrize(
    ("place", "others"),
    [("Cardiff", False), ("Meizhou", True), ("Zhuhai", False)],
)
def test_a_list_of_regions_is_about_those_it_names(full_advisor: Advisor, place: str, others: bool) -> None:
    of_the_uk = "The UK government planned to bring it to Scotland, Wales and Northern Ireland."
    of_guangdong = (
        "Of its fund Guangdong paid Dongguan 80 million yuan, and Guangzhou, Zhuhai and Foshan 64 million yuan each."
    )
    with full_advisor._shelf.current() as generation:
        ground = full_advisor._flow(generation)._answerer
        asked = understand(Question(f"what does {place} get", as_of=AS_OF), ground.lexicon, AS_OF)
        assert ground.names_only_others(asked, of_the_uk if place == "Cardiff" else of_guangdong) is others


@pytest.mark.parametrize(
    ("lead", "other", "named", "stays"),
    [
        ("eu-nis2", "eu-data-act", (), False),
        ("eu-nis2", "eu-data-act", ("eu-data-act",), True),
        ("cn-sme-size-standard-2011", "cn-hnte-15-percent", (), False),
        ("eu-nis2", "guide-cybersecurity-basics", (), True),
    ],
)
def test_a_line_of_another_rule_stays_only_where_it_reads_as_well(
    full_advisor: Advisor, lead: str, other: str, named: tuple[str, ...], stays: bool
) -> None:
    asked = replace(query("do the rules hold for a small firm of ours"), plan=PLANS["fact"], named=named)
    with full_advisor._shelf.current() as generation:
        ground = full_advisor._flow(generation)._answerer
        both = [
            replace(next(c for c in candidates_of(ground, asked, d) if not quantities(fold(c.text))), odds=odds)
            for d, odds in ((lead, 4.0), (other, 0.0))
        ]
        kept = of_what_is_asked(ground, asked, [c.quoted() for c in both], both)
    assert [s.text for s in kept] == [c.text for c in both[: 2 if stays else 1]]


def candidates_of(ground: ExtractiveAnswerer, asked: Query, document: str) -> list[Candidate]:
    passages = ground.generation.by_document[(document, "en")]
    return ground.chooser(asked).candidates([Hit(p, 1.0, i + 1) for i, p in enumerate(passages)])
