"""What is said in the middle of a talk: a word that somebody met, a rung more, the rest of the money."""

from __future__ import annotations

import pytest
from conftest import AS_OF

from advisor import Advisor, Question, Reply, Turn
from advisor.ask.known import KnownQuestions
from advisor.ask.order import in_order
from advisor.ask.plan import question_type
from advisor.ask.query import understand

pytestmark = pytest.mark.slow
KIT = Turn(
    "who could get kit digital",
    "A firm applying for Spain's Kit Digital had to be registered for tax in Spain, owe no tax or social security, not be in"
    " difficulty and stay within the de minimis aid limit. [1]",
)
LONGYAN = Turn(
    "does anybody get money before the end",
    "Longyan pays 50 % of what a firm actually spent on its digital upgrade. [1]",
)


def then(advisor: Advisor, before: Turn, text: str) -> Reply:
    return advisor.ask(Question(text, history=(before,), as_of=AS_OF))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("de minimis? never heard of it", "De minimis aid is"),
        ("a customer wants EDI from us. what do they mean", "Electronic data interchange (EDI) is"),
        ("so OEE, what on earth is that", "Overall equipment effectiveness"),
        ("and CRA, what's that in plain english", "Cyber Resilience Act"),
    ],
)
def test_a_word_that_somebody_met_is_explained(full_advisor: Advisor, text: str, meaning: str) -> None:
    reply = then(full_advisor, KIT, text)
    assert reply.status == "answered"
    assert meaning in reply.statements[0].text


@pytest.mark.parametrize(
    ("text", "kind"),
    [("what is it worth to us", "fact"), ("what are they going to pay", "amount"), ("啥叫退坡", "definition")],
)
def test_who_points_at_a_scheme_asks_for_no_meaning(text: str, kind: str) -> None:
    assert (question_type(text) == "definition") == (kind == "definition")


def test_plain_english_is_no_wish_for_another_language(full_advisor: Advisor) -> None:
    with full_advisor._shelf.current() as generation:
        lexicon = full_advisor._lexicon(generation)
        spoken = [
            understand(Question(t, history=(KIT,), as_of=AS_OF), lexicon, AS_OF).command
            for t in (
                "what is the aid limit in plain english, and who checks it?",
                "in plain english please",
                "in English",
            )
        ]
    assert spoken == [None, "simpler", "in_english"]


def test_a_turn_is_matched_in_its_own_words_with_what_was_quoted_last(full_advisor: Advisor) -> None:
    before = Turn(
        "what did the pickle maker in Qijiang gain",
        "Jiaoxianghui needs 15 % of its former labour, a cut of 85 %. [1]",
    )
    text = "was any of it paid by the state"
    with full_advisor._shelf.current() as generation:
        flow = full_advisor._flow(generation)
        query = understand(Question(text, history=(before,), as_of=AS_OF), flow.lexicon, AS_OF)
        own = KnownQuestions(generation)._by_own_words(query, full_advisor.embedder)
        nearest = max(own, key=lambda row: own[row])
        document, _, _, wording = KnownQuestions(generation)._rows[nearest]
        first = in_order(flow._answerer, query, flow._answerer.chooser(query).candidates(flow._retrieve(query)))[0]
    assert document == "case-jiaoxianghui-pickles-qijiang"
    assert any(w in wording.lower() for w in ("state", "public", "government", "subsid", "grant", "money")), wording
    assert "2.1 million" in first.text


@pytest.mark.parametrize(
    ("told", "asked", "levels"),
    [
        (
            "A Zhongshan pilot firm that reaches digital level 2 gets at most 300,000 yuan.",
            "one rung higher, how much?",
            (3,),
        ),
        ("Longyan pays 250,000 yuan at level 2 and 350,000 yuan at level 3.", "one rung higher, how much?", ()),
        ("一家达到二级的最多补30万元。", "再上一级呢", (3,)),
    ],
)
def test_a_rung_more_is_counted_from_the_level_told_last(
    full_advisor: Advisor, told: str, asked: str, levels: tuple[int, ...]
) -> None:
    with full_advisor._shelf.current() as generation:
        lexicon = full_advisor._lexicon(generation)
        question = Question(
            asked, history=(Turn("what can we get" if told.isascii() else "能补多少", told),), as_of=AS_OF
        )
        assert understand(question, lexicon, AS_OF).levels == levels


def test_who_asks_for_the_rest_is_not_told_of_the_first_instalment(full_advisor: Advisor) -> None:
    reply = then(
        full_advisor,
        Turn("龙岩先给多少", "龙岩市先拨付一笔启动资金：按首笔合同付款的40%计算，最高15万元。 [1]"),
        "剩下的啥时候给？",
    )
    assert "其余" in reply.statements[0].text


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [("行，图纸先这样。另外缺个件就停在那等，这个咋治", False), ("另外要交哪些材料", True)],
)
def test_who_puts_the_talk_aside_begins_anew(full_advisor: Advisor, text: str, goes_on: bool) -> None:
    before = Turn("图纸老做成旧版咋整", "我们的做法建议：一套图一个有效版本，改了就收回旧图。 [1]")
    with full_advisor._shelf.current() as generation:
        lexicon = full_advisor._lexicon(generation)
        query = understand(Question(text, history=(before,), as_of=AS_OF), lexicon, AS_OF)
    assert bool(query.previous) is goes_on


OLD_SHEET = (
    "In the 2022 indicators 40 to 60 points meant level 2: IT or management tools digitalised a single business area. "
    "The 2022 indicators decided the level by the total score alone, without scene levels."
)


def test_what_was_quoted_is_known_however_it_was_laid_out(full_advisor: Advisor) -> None:
    with full_advisor._shelf.current() as generation:
        lexicon = full_advisor._lexicon(generation)
        for told in (OLD_SHEET, OLD_SHEET.replace(". The", ". [1]\n- The") + " [1]"):
            question = Question("and who used it?", history=(Turn("what was level 2 in 2022", told),), as_of=AS_OF)
            assert understand(question, lexicon, AS_OF).dwelt == ("cn-sme-digital-level-indicators-2022",)


@pytest.mark.parametrize(
    ("before", "text", "level"),
    [
        ("Our test with the 2022 indicators gave 47 points. What level was that?", "sorry, it's 67 not 47", "60 to 80"),
        ("Total score 52 in the 2022 edition. What level?", "the sister plant got 71 on the same sheet", "60 to 80"),
        (
            "I found an old SME digital level report of ours, total score 52, 2022 edition. What level was that?",
            "ok and the sister plant got 71 on that same old sheet, what did that make them?",
            "60 to 80",
        ),
    ],
)
def test_a_score_told_later_gets_its_own_level(full_advisor: Advisor, before: str, text: str, level: str) -> None:
    reply = then(full_advisor, Turn(before, OLD_SHEET), text)
    assert reply.status == "answered"
    assert any(level in s.text for s in reply.statements[:3])


def test_a_limit_is_told_again_to_who_now_exceeds_it(full_advisor: Advisor) -> None:
    first = full_advisor.ask(Question("who can get the Digitalbonus in Bavaria, we are 40 people", as_of=AS_OF))
    reply = then(
        full_advisor, Turn("who can get the Digitalbonus in Bavaria, we are 40 people", first.answer), "and with 60?"
    )
    assert "fewer than 50 staff" in reply.statements[0].text


@pytest.mark.parametrize(
    ("asked", "told", "document"),
    [
        (
            "what does Hohhot pay a firm that grows",
            "Growth of 1 billion yuan or more is rewarded with 1 million yuan.",
            "nm-hohhot-ten-measures-2024",
        ),
        (
            "我们一年卖3000万，评高企研发费要占多少",
            "销售不超过5000万元的，近3年研发占比不低于5%。",
            "cn-hnte-15-percent",
        ),
        ("what is the weather", "It will rain on most days of the week.", None),
    ],
)
def test_what_was_told_in_other_words_is_known(
    full_advisor: Advisor, asked: str, told: str, document: str | None
) -> None:
    with full_advisor._shelf.current() as generation:
        lexicon = full_advisor._lexicon(generation)
        question = Question(
            "那别的呢" if "我" in asked else "and what else do they want?", history=(Turn(asked, told),), as_of=AS_OF
        )
        assert understand(question, lexicon, AS_OF).dwelt == ((document,) if document else ())


def test_a_figure_behind_what_is_not_known_is_a_part(full_advisor: Advisor) -> None:
    first = full_advisor.ask(Question("江门政银保贷款第一年贴几成", as_of=AS_OF))
    reply = then(full_advisor, Turn("江门政银保贷款第一年贴几成", first.answer), "那一家加起来封顶多少")
    assert reply.status in ("partial", "answered")
    assert any("100万元" in s.text for s in reply.statements[:3])
