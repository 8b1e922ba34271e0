"""Further turns: what is asked on about the last answer is looked for there first, and read in its own words."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import AS_OF

from advisor import Question, Reply, Turn
from advisor.ask.plan import question_type
from advisor.ask.query import bare_level, understand
from advisor.ask.turns import SIGNS, Best, best_of, signs, stands_alone, understood
from advisor.batch import question_of
from advisor.model import Query
from advisor.wiring import Advisor

TRAINING = Path(__file__).resolve().parent.parent / "eval" / "training"


@cache
def talks() -> dict[str, dict[str, Any]]:
    """Conversations by their last question."""
    paths = TRAINING.glob("turns-wide-*.jsonl")
    rows = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    return {r["question"]: r for r in rows}


def read(advisor: Advisor, question: Question) -> Query:
    with advisor._shelf.current() as generation:
        return understood(question, advisor._lexicon(generation), generation, advisor.embedder, AS_OF)


def talk(question: str) -> Question:
    return replace(question_of(talks()[question]), as_of=AS_OF)


def told(reply: Reply) -> list[str]:
    return [s.text for s in reply.statements if s.kind != "notice"]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("oops typo, 4", (4,)),
        ("if we only scrape a 2?", (2,)),
        ("Lvl 3?", (3,)),
        ("那3呢", (3,)),
        ("有4个人", ()),
        ("there are 3 of us", ()),
        ("2 % or 3.5?", ()),
        ("we wrote a 2 on the form that we handed in last week", ()),
    ],
)
def test_a_lone_figure_is_a_level(text: str, levels: tuple[int, ...]) -> None:
    assert bare_level(text) == levels


def test_an_equals_sign_asks_for_a_meaning() -> None:
    assert question_type("data silo = ?") == "definition"
    assert question_type("数据孤岛＝？") == "definition"


@pytest.mark.slow
@pytest.mark.parametrize(
    "question",
    [
        "那后来他们怎么收拾的",
        "兜里没钱，有啥现在就能搞的",
        "60个一把给齐？",
        "那块管理板弄出来以后他们怎么用的",
        "and the wait for customers?",
        "how many are really up and running by now",
        "who do we talk to about it",
    ],
)
def test_what_is_asked_on_is_answered_from_what_was_quoted(full_advisor: Advisor, question: str) -> None:
    assert told(full_advisor.ask(talk(question)))[0] in talks()[question]["sentences"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "question",
    [
        "区里头呢，另外给不给",
        "we got hacked last spring, lost all the drawings. that's not an accident in that sense is it",
    ],
)
def test_of_what_is_over_the_answer_comes_first(full_advisor: Advisor, question: str) -> None:
    reply = full_advisor.ask(talk(question))
    assert (reply.status, reply.reason) == ("abstained", "expired")
    assert reply.statements[0].kind == "notice"
    assert told(reply)[0] in talks()[question]["sentences"]


@pytest.mark.slow
def test_who_asks_on_of_an_earlier_year_gets_that_years_figure(full_advisor: Advisor) -> None:
    reply = full_advisor.ask(talk("22年那回上限也是九万？"))
    assert reply.status == "answered"
    assert told(reply)[0] == "艾米利亚-罗马涅2022年的那一期最多补40%，上限15万欧元。"


@pytest.mark.slow
def test_that_it_is_over_is_told_where_it_was_not(full_advisor: Advisor) -> None:
    question = talk("区里头呢，另外给不给")
    end = "苏州市2020年的措施用贷款贴息和示范奖励支持制造业“智改数转”，是2021年至2023年的三年计划，已经结束。"
    assert end not in told(full_advisor.ask(question))
    turn = question.history[-1]
    silent = replace(turn, answer=turn.answer.partition("\n")[2])
    assert end in told(full_advisor.ask(replace(question, history=(silent,))))


@pytest.mark.slow
@pytest.mark.parametrize("question", ["oops typo, 4", "if we only scrape a 2?", "there were 60 of us back then"])
def test_a_level_or_a_size_alone_is_met_by_its_class(full_advisor: Advisor, question: str) -> None:
    reply = full_advisor.ask(talk(question))
    assert reply.status == "answered"
    assert told(reply)[0] in talks()[question]["sentences"]


@pytest.mark.slow
def test_a_class_that_does_not_fit_is_no_answer(full_advisor: Advisor) -> None:
    reply = full_advisor.ask(replace(talk("there were 60 of us back then"), text="there were 600 of us back then"))
    assert reply.status == "abstained"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["not the software one. the training for bosses", "不是软件券，我问的是老板去上课的那个"]
)
def test_what_is_denied_is_not_dwelt_on(full_advisor: Advisor, text: str) -> None:
    before = talk("not the software one. the training for bosses").history
    with full_advisor._shelf.current() as generation:
        lexicon = full_advisor._lexicon(generation)
        assert not understand(Question(text, history=before), lexicon, AS_OF).dwelt
        assert understand(Question("and for two people?", history=before), lexicon, AS_OF).dwelt


@pytest.mark.slow
def test_nothing_is_said_twice_in_a_talk(full_advisor: Advisor) -> None:
    question = talk("who falls into that second lot")
    said = "\n".join(t.answer for t in question.history)
    assert not [s for s in told(full_advisor.ask(question)) if s in said]


@pytest.mark.slow
def test_a_figure_that_was_told_gives_way_to_what_is_asked(full_advisor: Advisor) -> None:
    before = Turn(
        "污水站的设备去年加了在线监测和自动加药，花了36万，会计讲能从税里抵一块，真的假的？",
        "**专用设备数字化智能化改造所得税抵免允许按改造投入的10%抵免企业当年应纳的企业所得税。** [1]",
    )
    text = "可是我们今年亏的，一分所得税没有，这36万的百分之十岂不是打水漂了"
    reply = full_advisor.ask(Question(text, history=(before,), as_of=AS_OF))
    assert "最长5年" in told(reply)[0]


@pytest.mark.slow
def test_of_two_terms_the_one_that_is_meant_is_defined(full_advisor: Advisor) -> None:
    question = "服务商说先跑个poc，啥意思啊"
    assert told(full_advisor.ask(talk(question)))[0] in talks()[question]["sentences"]


@pytest.mark.slow
def test_the_nearest_to_a_refused_turn_is_of_the_talk(full_advisor: Advisor) -> None:
    reply = full_advisor.ask(talk("真的假的，老板自己吹的吧"))
    cited = {c.document for s in reply.statements for c in s.citations}
    assert cited == {"case-sg-racer-technology"}


@pytest.mark.slow
def test_a_new_subject_is_read_alone_and_a_word_on_us_is_not(full_advisor: Advisor) -> None:
    assert read(full_advisor, talk("服务商说先跑个poc，啥意思啊")).previous is None
    assert read(full_advisor, talk("我家是做榨菜的")).previous
    assert read(full_advisor, talk("we only turn over about 600k")).previous


@pytest.mark.slow
def test_each_sign_of_a_new_subject_has_its_place(full_advisor: Advisor) -> None:
    question = talk("we only turn over about 600k")
    with full_advisor._shelf.current() as generation:
        lexicon = full_advisor._lexicon(generation)
        query = understand(question, lexicon, AS_OF)
        alone = understand(replace(question, history=()), lexicon, AS_OF)
        row = signs(query, alone, generation, lexicon, full_advisor.embedder)
    named = dict(zip(SIGNS, row, strict=True))
    assert (named["asks"], named["tells_of_us"]) == (0.0, 1.0)
    assert 0.0 < named["held"] < 1.0
    assert not stands_alone(row)


@pytest.mark.slow
@pytest.mark.parametrize(("alone", "joined", "apart"), [(6.0, -6.0, True), (-6.0, 6.0, False)])
def test_where_in_doubt_it_is_what_both_readings_lead_to(
    full_advisor: Advisor, alone: float, joined: float, apart: bool
) -> None:
    looked = []

    def look(query: Query) -> Best:
        looked.append(query)
        odds = joined if query.previous else alone
        return Best(odds, 10.0 + 2 * odds, "joined" if query.previous else "alone")

    def asked(text: str) -> Query:
        with full_advisor._shelf.current() as generation:
            lexicon = full_advisor._lexicon(generation)
            return understood(talk(text), lexicon, generation, full_advisor.embedder, AS_OF, look)

    assert asked("60个一把给齐？").previous
    assert not looked
    assert (asked("hm, 15-man machine shop. does this touch us at all").previous is None) is apart
    assert [bool(q.previous) for q in looked] == [False, True]


@pytest.mark.slow
def test_doubt_is_settled_by_what_is_found(full_advisor: Advisor) -> None:
    question = talk("hm, 15-man machine shop. does this touch us at all")
    assert read(full_advisor, question).previous is None  # by the signs alone
    assert told(full_advisor.ask(question))[0] in talks()[question.text]["sentences"]


def test_where_nothing_was_found_nothing_is_best() -> None:
    assert best_of([]).odds < -5


@pytest.mark.slow
def test_several_documents_can_be_dwelt_on(full_advisor: Advisor) -> None:
    said = (
        "- Germany's go-digital ended on 31 December 2024.\n"
        "- A Longyan firm that reaches digital level 2 after the upgrade gets at most 250,000 yuan. [1]\n"
        "- The Hong Kong government aimed to start an enhanced DTSPP after consulting the Legislative Council in the second half of 2026. [2]"
    )
    query = read(full_advisor, Question("who can apply?", history=(Turn("money?", said),), as_of=AS_OF))
    assert query.dwelt[0] == "fj-longyan-rules-2025"
    assert "case-hk-dtspp-outcome" in query.dwelt
