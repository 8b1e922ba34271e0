"""A refusal is of use: it names the nearest, whom to ask for what, how to choose, and questions that have an answer."""

from __future__ import annotations

import pytest
from conftest import AS_OF

from advisor import Profile, Question, Reply
from advisor.ask.answer_extractive import ExtractiveAnswerer
from advisor.ask.next_step import next_step
from advisor.ask.refuse import _likely_meant
from advisor.model import Hit, Query
from advisor.wiring import Advisor

pytestmark = pytest.mark.slow


def ask(advisor: Advisor, text: str, region: str | None = None) -> Reply:
    return advisor.ask(Question(text, profile=Profile(region=region) if region else None, as_of=AS_OF))


@pytest.mark.parametrize(
    ("text", "guide"),
    [
        ("用友和金蝶哪个好，一年多少钱？", "guide-choose-erp"),
        ("Is Odoo better than SAP Business One for 25 users?", "guide-choose-erp"),
        ("Which is the best accounting software and what does it cost?", "guide-choose-erp"),
        ("推荐一个好用的MES系统", "guide-choose-mes"),
        ("recommend me a cloud provider", "guide-cloud-migration"),
        ("哪个牌子的传感器好", "guide-connect-old-machines"),
    ],
)
def test_no_product_but_how_to_choose_its_kind(full_advisor: Advisor, text: str, guide: str) -> None:
    reply = ask(full_advisor, text)
    assert (reply.status, reply.reason) == ("abstained", "out_of_scope")
    assert {s.document for s in reply.sources} == {guide}
    assert len([s for s in reply.statements if s.kind == "quoted"]) == 3
    assert reply.followups


def test_the_places_own_gap_and_its_own_office(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "我们评到三级的话补多少？", "CN/Zhejiang/Wenzhou")
    assert reply.status == "abstained"
    assert [s.document for s in reply.sources] == ["zj-wenzhou-pilot-fund-2025"]
    assert "温州市经济和信息化局" in reply.answer


def test_a_place_without_a_rule_is_shown_where_it_stands(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "成都的中小企业数字化转型试点，一家企业最多补多少？")
    assert (reply.status, reply.reason) == ("abstained", "other_region")
    assert "第一批" in reply.answer
    assert "成都市主管工业和信息化的部门" in reply.answer


def test_a_foreign_loan_is_not_sent_to_beijing(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "What will a bank in Ohio charge me in interest for a loan on new machines?")
    assert reply.status == "abstained"
    assert "People's Bank of China" not in reply.answer


def test_questions_to_go_on_with_are_answered(full_advisor: Advisor) -> None:
    for text in ("用友和金蝶哪个好？", "How much does the lunar export grant pay?"):
        for question in ask(full_advisor, text).followups:
            assert ask(full_advisor, question).status in ("answered", "partial"), question


@pytest.mark.parametrize(
    "text", ["今年社保基数咋调的，我们厂要补交多少", "What will the weather be like in Leeds tomorrow?"]
)
def test_what_lies_outside_is_sent_to_whoever_is_in_charge_and_offered_nobody_elses_place(
    full_advisor: Advisor, text: str
) -> None:
    reply = ask(full_advisor, text)
    assert reply.reason == "out_of_scope"
    assert [s.kind for s in reply.statements] == ["notice", "notice"]
    places = full_advisor._lexicon(full_advisor._shelf.current()).places
    assert reply.followups
    assert not any(places.find(chip) for chip in reply.followups)


def test_abroad_the_country_has_an_agency_and_the_town_none(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "罗勇的厂想上MES，泰国政府有啥补助没有", "TH")
    assert reply.status == "abstained"
    assert "向泰国的企业服务或经济主管机构" in reply.answer


def standing_on(advisor: Advisor, text: str) -> tuple[ExtractiveAnswerer, Query]:
    flow = advisor._flow(advisor._shelf.current())
    answerer = ExtractiveAnswerer(flow.generation, flow.lexicon, flow.embedder, flow.cross_encoder)
    return answerer, flow._understood(Question(text, as_of=AS_OF), AS_OF)


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("Can we have the 100% R&D deduction for our ERP?", "the text in force"),
        ("Can we have the Digitalbonus in Bavaria?", "the conditions of the current call"),
    ],
)
def test_a_tax_rule_has_no_call(full_advisor: Advisor, text: str, paper: str) -> None:
    answerer, query = standing_on(full_advisor, text)
    [named] = query.named
    passages = answerer.generation.by_document[named, "en"]
    best = answerer.chooser(query).candidates([Hit(p, 1.0, i + 1) for i, p in enumerate(passages)])[0]
    assert next_step(answerer, query, best).endswith(f"for {paper}.")


def test_what_may_have_been_meant_is_offered(full_advisor: Advisor) -> None:
    assert "中国小厂数字化失败率是多少？" in _likely_meant(
        *standing_on(full_advisor, "小厂搞数字化到底失败的占百分之几")
    )
    assert _likely_meant(*standing_on(full_advisor, "qwertz asdf")) == ()


def test_what_resembles_a_question_by_its_letters_only_does_not_answer_it(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "qwertz asdf")
    assert (reply.status, reply.reason) == ("abstained", "out_of_scope")


def test_a_part_without_an_answer_quotes_what_its_known_question_admits(full_advisor: Advisor) -> None:
    text = "we make chilli sauce in Fuling. is our trade in the pilot and what percentage does the district pay?"
    reply = ask(full_advisor, text)
    assert reply.status == "partial"
    assert any("food and health products" in s.text for s in reply.statements)
    assert any("does not say how much the Fuling government pays" in s.text for s in reply.statements)


@pytest.mark.parametrize(
    ("text", "document", "meant"),
    [
        ("昆明的中小企业数字化试点现在还能申报吗", "cn-sme-city-pilot-2025", False),
        ("深水埗的小店现在还能申请数码转型补贴吗", "hk-dtspp", True),
        ("厦门的小店现在还能申请数码转型补贴吗", "hk-dtspp", False),
    ],
)
def test_a_rule_of_the_whole_country_is_no_rule_of_the_place(
    full_advisor: Advisor, text: str, document: str, meant: bool
) -> None:
    answerer, query = standing_on(full_advisor, text)
    assert answerer.is_the_rule_meant(query, answerer.generation.documents[document]) is meant


def test_a_gap_that_says_whom_to_ask_is_enough(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "今年买现成ERP花了18万，这笔能不能做研发费加计扣除？", "CN/Zhejiang/Hangzhou")
    assert [s.kind for s in reply.statements] == ["quoted"]
    assert "可问当地税务局" in reply.answer


def test_what_the_likeliest_known_question_leads_to_is_shown(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "小厂搞数字化到底失败的占百分之几，说实话")
    assert "没有中国小厂数字化失败的比例" in reply.statements[0].text


def test_after_an_end_stands_what_is_not_known_of_what_came_then(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "苏州现在给小厂做智改数转补多少？", "CN/Jiangsu/Suzhou")
    assert reply.reason == "expired"
    first, second, *rest = (s.text for s in reply.statements)
    assert "已经结束" in first
    assert "2023年之后的接续政策" in second
    assert not rest or rest[-1][-1] != "："  # history is announced only where some follows


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("small bakery in Valencia. how do we start the application for kit digital?", "closed to applications"),
        ("我在深水埗开茶餐厅，听讲政府出一半钱装点餐收款系统，而家还申请到吗", "2025年5月停止接受申请"),
        ("I run a small cafe in Kowloon. heard gov pays half for ordering tablets, can i still apply?", "May 2025"),
        ("香港小公司想用科技券做个库存系统，政府出75%对吧？怎么申请", "2024年12月31日"),
        ("our shop in Hong Kong wants the technology voucher. 75 %, right? and how do I apply", "31 December 2024"),
        ("香港细公司，想申请科技券整个客户管理系统，政府出四分之三系咪？点样申请", "2024年12月31日"),
        ("贝加莫的厂，转型5.0那个抵税还报得上吗，我们能耗降4%", "已关闭"),
        ("plant near Bologna, saves 4 %: can we still claim under Transition 5.0", "closed"),
        ("我们都灵的厂想用Transizione 5.0抵税，申请在哪个网站交？", "已关闭"),
        ("where do I apply for the Help to Grow: Digital voucher, we are in Sheffield", "closed on 31 March 2023"),
    ],
)
def test_who_wants_to_apply_hears_first_that_it_is_over(full_advisor: Advisor, text: str, end: str) -> None:
    assert end in ask(full_advisor, text).statements[0].text


def test_a_side_by_side_without_figures_says_whom_to_ask(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "Wenzhou or Mianyang, which of the two pays more per company for the SME digital pilot?")
    assert reply.status == "abstained"
    assert "Next step" in reply.statements[-1].text


def test_what_a_case_cost_is_not_known_of_the_case(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "what did the German packaging firm pay for the sensor on its old punching machine")
    assert reply.status == "abstained"
    assert "Mölle" in reply.statements[0].text


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        (
            "we make wifi thermostats and ship to Holland. say someone finds a hole and it's being used by hackers. "
            "who's waiting for what from me and how quick",
            False,
        ),
        ("how does Longyan pay out, and how quick", True),
    ],
)
def test_what_leans_on_a_question_without_an_answer_has_none(full_advisor: Advisor, text: str, answered: bool) -> None:
    assert (ask(full_advisor, text).status != "abstained") == answered


@pytest.mark.parametrize(
    "text",
    [
        "Seafood processing in Weihai, 60 staff, is there money for us to digitalise, how much",
        "威海一家做鱼糜的，60个人，搞数字化有没有补贴，给多少",
    ],
)
def test_aid_of_a_town_is_not_answered_with_what_speaks_of_none(full_advisor: Advisor, text: str) -> None:
    reply = ask(full_advisor, text)
    assert reply.status != "answered"
    assert "食品工业" not in reply.answer
    assert "food-industry" not in reply.answer


def test_other_money_of_a_town_does_not_hide_what_its_rule_leaves_open(full_advisor: Advisor) -> None:
    for text in (
        "东莞做服装的，45个人，买软件的钱市里补几成，最多多少",
        "Dongguan, 45 people: what percent of the software does the city pay, and the ceiling?",
    ):
        reply = ask(full_advisor, text)
        assert reply.status == "partial"
        assert any(
            "没有给出东莞市" in s.text or "share or the cap per firm in Dongguan" in s.text
            for s in reply.statements[:2]
        )


def test_a_date_that_has_passed_is_told_second(full_advisor: Advisor) -> None:
    text = "Dongguan's 2022 number one document, the 8 million demo project: who do we send our papers to?"
    assert "that date has passed" in ask(full_advisor, text).statements[1].text


def test_a_name_is_known_with_its_colon(full_advisor: Advisor) -> None:
    with full_advisor._shelf.current() as generation:
        lexicon = full_advisor._lexicon(generation)
        assert "uk-help-to-grow-digital" in lexicon.find_documents("the Help to Grow: Digital voucher")


def test_words_that_fit_half_a_question_without_an_answer_are_no_answer(full_advisor: Advisor) -> None:
    text = "我们是小染厂，环保的人上个月来说排口要装废水在线监测，数据得自动传到他们平台。请问这个COD数据规定隔多久传一次，断线多久算违规？"
    assert ask(full_advisor, text).status != "answered"
