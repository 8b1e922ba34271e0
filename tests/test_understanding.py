"""Reading a question: stories and greetings do not count against it, typos are read as meant, follow-ups know what they follow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import AS_OF, small_advisor

from advisor import Question, Turn
from advisor.ask.dialect import in_standard_chinese
from advisor.ask.lexicon import Lexicon
from advisor.ask.pinyin import read_back
from advisor.ask.query import _levels, focus_of, parts_of, understand
from advisor.ask.spelling import corrected, vocabulary
from advisor.model import Query
from advisor.wiring import Advisor

LONGYAN = Turn("How much does Longyan pay at level 2?", "A Longyan firm at level 2 gets at most 250,000 yuan. [1]")


@pytest.mark.parametrize(
    ("text", "focus"),
    [
        (
            "My cousin runs a factory near Busan. Can he still apply for the smart factory programme?",
            "Can he still apply for the smart factory programme?",
        ),
        ("您好，请问二级要满足什么条件？谢谢", "二级要满足什么条件？"),
        ("能补多少？", ""),
        ("our hi-tech products bring in half of our income, enough for 高企?", ""),
        ("长沙那个试点，当初选了哪几个产业？听说做花炮的也在里面。", ""),
    ],
)
def test_the_story_is_told_apart_from_the_question(text: str, focus: str) -> None:
    assert focus_of(text) == focus


@contextmanager
def lexicon_of(advisor: Advisor) -> Iterator[Lexicon]:
    with advisor._shelf.current() as generation:
        yield advisor._lexicon(generation)


def read(advisor: Advisor, text: str, *history: Turn) -> Query:
    with lexicon_of(advisor) as lexicon:
        return understand(Question(text, history=history), lexicon, AS_OF)


pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("eletronic invoice germany mandatry when", "electronic invoice germany mandatory when"),
        ("Digitlabonus Bavaria", "Digitalbonus Bavaria"),
        ("tiantai autoparts call closd?", "tiantai autoparts call closed?"),
        ("Chansha pilot wich sectors", "Changsha pilot which sectors"),
        ("Help to Grow Digitial still open?", "Help to Grow Digital still open?"),
        ("什么是小快青准", "什么是小快轻准"),
        ("专京特新怎么申请", "专精特新怎么申请"),
        ("网络安权怎么做", "网络安全怎么做"),
    ],
)
def test_a_misspelt_word_is_read_as_meant(full_advisor: Advisor, typed: str, meant: str) -> None:
    with lexicon_of(full_advisor) as lexicon:
        assert corrected(typed, lexicon) == meant


@pytest.mark.parametrize(
    "text",
    [
        "We are in Rosenheim and use Salesforce",
        "grant in Linz or Vienna or Warsaw for Kingdee",
        "joiner, tester, workwear, doable, smoothie",
        "the bank wont lend and theyre no help, we shouldnt wait, yeah nope",
        "shenme shi MES",
        "what if the provider goes bust",
        "智慧工厂怎么做，报价单和客户名单应该怎么保管",
        "www.exampel.org/gatway",
    ],
)
def test_names_and_words_of_the_language_stay(full_advisor: Advisor, text: str) -> None:
    with lexicon_of(full_advisor) as lexicon:
        assert corrected(text, lexicon) == text


def test_the_question_of_the_reply_is_as_typed(full_advisor: Advisor) -> None:
    assert full_advisor.ask(Question("wich voucher is closd?", as_of=AS_OF)).question == "wich voucher is closd?"


def test_another_wish_of_the_same_subject_drops_the_level(full_advisor: Advisor) -> None:
    query = read(full_advisor, "until when?", LONGYAN)
    assert (query.plan.type, query.levels, query.places) == ("deadline", (), ("CN/Fujian/Longyan",))


def test_the_same_wish_of_another_place_keeps_the_level(full_advisor: Advisor) -> None:
    query = read(full_advisor, "and in Wuhan?", LONGYAN)
    assert (query.plan.type, query.levels, query.places) == ("amount", (2,), ("CN/Hubei/Wuhan",))


@pytest.mark.parametrize("text", ["武汉江夏呢？", "那三级呢", "sorry, I meant Zhongshan", "what about level 3 and 4"])
def test_a_short_turn_wants_the_same_again(full_advisor: Advisor, text: str) -> None:
    assert read(full_advisor, text, Turn("龙岩二级最多补多少？", "最高25万元。")).plan.type == "amount"


def test_a_difference_is_to_what_was_spoken_of(full_advisor: Advisor) -> None:
    query = read(full_advisor, "what is the difference to ERP?", Turn("What is an MES?", "Software."))
    assert query.plan.type == "comparison"
    assert len(query.terms) == 2


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Are you sure?", "source"),
        ("你确定吗", "source"),
        ("tell me more", "more"),
        ("还有呢？", "more"),
        ("说人话", "simpler"),
    ],
)
def test_wishes_about_the_last_answer(full_advisor: Advisor, text: str, command: str) -> None:
    assert read(full_advisor, text, LONGYAN).command == command


def test_more_says_nothing_twice(full_advisor: Advisor) -> None:
    first = full_advisor.ask(Question(LONGYAN.question, as_of=AS_OF))
    more = full_advisor.ask(Question("tell me more", history=(Turn(LONGYAN.question, first.answer),), as_of=AS_OF))
    assert more.statements
    assert {s.text for s in more.statements}.isdisjoint(s.text for s in first.statements)


def test_what_was_quoted_last_is_what_is_asked_about(full_advisor: Advisor) -> None:
    said = "- A Longyan firm that reaches digital level 2 after the upgrade gets at most 250,000 yuan. [1]"
    assert read(full_advisor, "who can apply?", Turn(LONGYAN.question, said)).named == ("fj-longyan-rules-2025",)


def test_what_a_term_means_starts_anew(full_advisor: Advisor) -> None:
    before = Turn("龙岩和中山，三级补助哪个高？", "中山市的上限更高。")
    assert read(full_advisor, "等保是什么？我们要做吗", before).previous is None
    assert read(full_advisor, "那三级呢？", before).previous


def test_a_warm_advisor_has_loaded_what_the_first_question_needs(tiny_corpus: Path, tmp_path: Path) -> None:
    advisor = small_advisor(tiny_corpus, tmp_path / "home")
    advisor.ingest()
    vocabulary.cache_clear()
    advisor.warm()
    with advisor._shelf.current() as generation:
        lexicon = advisor._lexicon(generation)
        assert {"_document_names", "known", "records"} <= set(lexicon.__dict__)
        vocabulary(lexicon)
    assert vocabulary.cache_info().hits > 0
    assert vocabulary.cache_info().misses == 1
    advisor.close()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("不对，厂子在合肥，不是中山", ("CN/Anhui/Hefei",)),
        ("we sit in Hefei, not Zhongshan", ("CN/Anhui/Hefei",)),
        ("中山是不是试点城市", ("CN/Guangdong/Zhongshan",)),
        ("难道不是中山吗", ("CN/Guangdong/Zhongshan",)),
        ("合肥的厂想问，是不是中山补得更多", ("CN/Anhui/Hefei", "CN/Guangdong/Zhongshan")),
    ],
)
def test_a_place_that_is_denied_is_not_asked_about(full_advisor: Advisor, text: str, places: tuple[str, ...]) -> None:
    with full_advisor._shelf.current() as generation:
        assert understand(Question(text), full_advisor._lexicon(generation), AS_OF).places == places


@pytest.mark.slow
def test_a_short_part_that_names_its_scheme_stands_by_itself(full_advisor: Advisor) -> None:
    reply = full_advisor.ask(Question("GDPM一家补多少？2026年还有得申请吗", as_of=AS_OF))
    assert "最高5000令吉" in reply.statements[0].text
    assert any("2026年是否还能申请尚未核实" in s.text for s in reply.statements)


@pytest.mark.slow
def test_a_part_that_leans_is_not_taken_for_the_question_before_it(full_advisor: Advisor) -> None:
    reply = full_advisor.ask(Question("龙岩评到三级最多补多少，政策到哪天", as_of=AS_OF))
    assert reply.status == "answered"
    assert any("2026年12月31日" in s.text for s in reply.statements)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("We make sauce in Fuling. Is our trade in the pilot and what share does the district pay?", 2),
        ("We make sauce in Fuling. What share does the district pay?", 0),
    ],
)
def test_a_question_may_begin_after_a_sentence_about_the_firm(text: str, parts: int) -> None:
    assert len(parts_of(text)) == parts


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("if the assessor gives us a 2, what comes back?", (2,)),
        ("the auditor gave us 2 weeks", ()),
        ("现场评了个3，钱怎么算", (3,)),
        ("评了3家供应商", ()),
    ],
)
def test_a_mark_is_a_level_though_nobody_calls_it_so(text: str, levels: tuple[int, ...]) -> None:
    assert _levels(text) == levels


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("zhe ge buzhu hai neng shenqing ma", "这个补助还能申请吗"),
        ("women shi suzhou de xiao chang xiang shang ERP yao duoshao qian?", "我们是苏州的小厂想上ERP 要多少钱?"),
        ("can we get a long term loan in Longyan", "can we get a long term loan in Longyan"),
        ("what on earth is xiao kuai qing zhun", "what on earth is xiao kuai qing zhun"),
        ("中山 bu duoshao qian ne zhe ge", "中山 bu duoshao qian ne zhe ge"),
    ],
)
def test_chinese_typed_by_its_sound_is_read_back(full_advisor: Advisor, typed: str, meant: str) -> None:
    with full_advisor._shelf.current() as generation:
        assert read_back(typed, full_advisor._lexicon(generation)) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("我哋五金厂改到二级攞到几多钱", "我们五金厂改到二级拿到多少钱"),
        ("泡菜厂投了好多钱嘛，各省好多？", "泡菜厂投了多少钱嘛，各省多少？"),
        ("好多人不会用，花了好多钱", "好多人不会用，花了好多钱"),
    ],
)
def test_dialect_is_read_as_standard_chinese(said: str, meant: str) -> None:
    assert in_standard_chinese(said) == meant
