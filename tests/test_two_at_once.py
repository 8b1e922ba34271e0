"""Two things asked in one message: of each its own line, and what one says never passes for the other."""

from __future__ import annotations

import pytest
from conftest import AS_OF

from advisor import Advisor, Question, Reply, Turn
from advisor.ask.answer_extractive import ExtractiveAnswerer
from advisor.ask.parts import _meets
from advisor.ask.query import parts_of, understand
from advisor.ask.retrieve import retrieve

pytestmark = pytest.mark.slow


def ask(advisor: Advisor, text: str) -> Reply:
    return advisor.ask(Question(text, as_of=AS_OF))


def documents(reply: Reply) -> set[str]:
    return {c.document for s in reply.statements for c in s.citations}


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("椒香汇和冯了性两家，上新设备后分别省了多少人手？", "85%", "40%"),
        ("葡萄牙的工业4.0券和Coaching 4.0券，一张分别值多少？", "7,500欧元", "1万欧元"),
        ("Who gained more in efficiency, Jianan in Deyang or Changfeng in Chongqing?", "3 times", "28 %"),
        (
            "Is NIST's framework compulsory, or is either it or ENISA's 12 steps a legal duty?",
            "voluntary",
            "no legal duty",
        ),
    ],
    ids=["two firms", "a voucher without a name of its own", "a firm that is called like a town", "two guides"],
)
def test_each_side_gets_its_line_first(full_advisor: Advisor, text: str, one: str, other: str) -> None:
    first, second, *_ = ask(full_advisor, text).statements
    assert one in first.text
    assert other in second.text
    assert not {c.document for c in first.citations} & {c.document for c in second.citations}


def test_each_side_tells_the_firms_own_class_only(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "Kit Consulting and Kit Digital for a Spanish firm of 150, back then: how much each?")
    assert "EUR 24,000" in reply.statements[0].text
    assert "EUR 29,000" in reply.statements[1].text
    assert not any("EUR 3,000" in s.text for s in reply.statements)


@pytest.mark.parametrize(
    "text", ["Zhuhai upgrade money: who do I phone?", "最低档的智能工厂找谁来评", "both on one loan, is that ok?"]
)
def test_who_asks_of_one_thing_gets_no_second(full_advisor: Advisor, text: str) -> None:
    assert len(documents(ask(full_advisor, text))) == 1


def test_each_one_of_a_document_is_no_second_document(full_advisor: Advisor) -> None:
    reply = ask(
        full_advisor, "our integrator keeps talking of MQTT and Sparkplug, what does each one do in plain words"
    )
    assert "guide-connect-old-machines" not in documents(reply)


def test_who_asks_for_the_share_is_not_told_that_a_cap_is_missing(full_advisor: Advisor) -> None:
    assert ask(full_advisor, "杭州和武汉江夏，做到二级，按投入补的比例哪边高？").status == "answered"
    assert ask(full_advisor, "杭州和武汉江夏，做到二级，最多补多少，哪边高？").status == "partial"


def test_that_batch_is_the_one_just_told(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "绵阳是哪年哪月批下来的国家试点，这一批总共干几年？")
    assert "第三批" in reply.statements[0].text
    assert "第三批试点的实施期是2年" in reply.statements[1].text


def test_a_call_that_closed_in_a_town_nobody_spoke_of_is_no_answer(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "验收都过了，补贴款几个月没动静，有个代办说给他提点就能催下来，我该找谁")
    assert reply.reason != "expired"
    assert "hn-changsha-final-call-2025" not in documents(reply)


def test_what_answers_one_of_them_does_not_hide_that_the_other_is_open(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "在韩国开了个注塑小厂，26年智能工厂那个补贴政府出几成；上了以后生产率平均能涨多少")
    told = reply.answer
    assert "一半" in told or "50%" in told or "没有找到这一问的答案" in told
    assert "%" in reply.statements[0].text


def test_two_questions_of_two_places_are_both_answered(full_advisor: Advisor) -> None:
    text = "綦江那家做泡菜的椒香汇从中央财政拿了多少钱？我在涪陵，我们区的数字化试点改造费用是哪几家一起掏？"
    reply = ask(full_advisor, text)
    assert "210万元" in reply.statements[0].text
    assert "3方分担" in reply.statements[1].text


def test_a_share_of_something_else_closes_no_half(full_advisor: Advisor) -> None:
    flow = full_advisor._flow(full_advisor._shelf.current())
    text = "在韩国开了个注塑小厂，十来个人。智能工厂的补贴政府出几成，上了以后生产率平均提高百分之几？"
    query = understand(Question(text), flow.lexicon, AS_OF)
    hits = retrieve(query, flow.generation, flow.lexicon, flow.embedder, 12)
    every = flow._answerer.chooser(query).candidates(hits)
    gain = next(c for c in every if "生产率平均提高39.0%" in c.text)
    assert [_meets(flow._answerer, part, gain) for part in query.parts] == [False, True]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("What does it pay, and when we borrow under the scheme, how much of the risk does the fund carry?", 2),
        ("What does the one look at and what the other?", 0),
        ("补贴款几个月没动静，我该找谁", 0),
        ("试点是哪一批，几个月能批下来", 2),
    ],
)
def test_what_only_leads_up_is_no_question(text: str, parts: int) -> None:
    assert len(parts_of(text)) == parts


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("22年那一期和25年度的各补多少", (2022, 2025)),
        ("26年还能报吗", (2026,)),
        ("我们干了20年", ()),
        ("贷款期限20年，利息补几年", ()),
        ("开厂有15年了", ()),
        ("软件质保18年，够不够", ()),
        ("20年版的指南和二十多年的老机器", (2020,)),
    ],
)
def test_years_are_called_by_their_last_digits(full_advisor: Advisor, text: str, years: tuple[int, ...]) -> None:
    lexicon = full_advisor._flow(full_advisor._shelf.current()).lexicon
    assert understand(Question(text), lexicon, AS_OF).years == years


def test_the_years_of_an_earlier_turn_are_heard(full_advisor: Advisor) -> None:
    lexicon = full_advisor._flow(full_advisor._shelf.current()).lexicon
    earlier = Turn("艾米利亚22年那一期数字化补贴给多少", "最多补40%。")
    assert understand(Question("那上限呢", history=(earlier,)), lexicon, AS_OF).years == (2022,)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("What did Changfeng in Chongqing save?", ("CN/Chongqing",)),
        ("What does Longyan in Fujian pay?", ("CN/Fujian/Longyan",)),
        ("What does Hong Kong in China pay?", ("HK",)),
    ],
)
def test_a_place_said_to_be_where_it_is_not_is_a_firm(
    full_advisor: Advisor, text: str, places: tuple[str, ...]
) -> None:
    lexicon = full_advisor._flow(full_advisor._shelf.current()).lexicon
    assert understand(Question(text), lexicon, AS_OF).places == places


def test_what_is_missing_is_said_in_the_askers_words(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "绵阳是哪年批下来的国家试点？这一批里谁家的火锅最好吃？")
    assert reply.statements[-1].text == "没有找到这一问的答案：这一批里谁家的火锅最好吃"


def test_without_a_reader_both_sides_of_a_comparison_stay(full_advisor: Advisor) -> None:
    flow = full_advisor._flow(full_advisor._shelf.current())
    plain = ExtractiveAnswerer(flow.generation, flow.lexicon, flow.embedder)
    text = "sme cloud use goal for 2027: hubei versus the national plan, which is more ambitious"
    query = understand(Question(text), flow.lexicon, AS_OF)
    told = plain.answer(query, retrieve(query, flow.generation, flow.lexicon, flow.embedder, 12))
    assert len({c.document for s in told.statements[:2] for c in s.citations}) == 2


def test_a_name_said_in_one_question_is_not_the_others(full_advisor: Advisor) -> None:
    lexicon = full_advisor._flow(full_advisor._shelf.current()).lexicon
    text = "Can we ourselves apply for Digital Europe money? And what can an innovation hub test with us before we sink money into a new machine?"
    first, second = understand(Question(text), lexicon, AS_OF).parts
    assert first.named == ("eu-digital-europe-programme",)
    assert "eu-digital-europe-programme" not in second.named


def test_two_words_held_side_by_side_are_both_explained(full_advisor: Advisor) -> None:
    first, second, *_ = ask(full_advisor, "预拨跟事后补助，有啥不一样").statements
    assert first.text.startswith("预拨是")
    assert second.text.startswith("事后补助是")
