"""How an answer is composed on the shipped corpus: what leads, what comes along, what is said to be missing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import AS_OF

from advisor import Advisor, Question, Reply, Turn
from advisor.ask.answerable import as_read
from advisor.ask.features import is_not_known
from advisor.ask.order import step_of
from advisor.ask.query import parts_of
from advisor.ask.sentences import Candidate
from advisor.model import Passage

pytestmark = pytest.mark.slow


def ask(advisor: Advisor, text: str, *history: Turn) -> Reply:
    return advisor.ask(Question(text, history=history, as_of=AS_OF))


def test_each_of_several_questions_is_answered(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "What's a PLC, and is it the same thing as SCADA?")
    starts = [s.text.split(" (")[0] for s in reply.statements[:2]]
    assert starts == ["A programmable logic controller", "Supervisory control and data acquisition"]


def test_the_half_that_nothing_answers_is_said(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "How much does Longyan pay for level 2, and who is the mayor there?")
    assert (reply.status, reply.reason) == ("partial", "nothing_found")
    assert "250,000" in reply.statements[0].text
    assert reply.statements[-1].text == "Not found in my sources: who is the mayor there?"


def test_the_half_that_is_left_open_is_quoted(full_advisor: Advisor) -> None:
    reply = ask(
        full_advisor,
        "What can I cut from the power bill with energy monitoring and does the state in Bavaria pay for the meters?",
    )
    assert (reply.status, reply.reason) == ("partial", "nothing_found")
    assert reply.statements[0].citations[0].document == "guide-energy-management"
    assert any("local energy subsidies must be looked up" in s.text for s in reply.statements)


def test_what_a_term_means_leads_though_more_is_asked(full_advisor: Advisor) -> None:
    assert ask(full_advisor, "等保是什么？我们要做吗").statements[0].text.startswith("等保（网络安全等级保护）")


def test_a_sum_comes_with_the_clause_that_limits_it(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "我在龙岩开家具厂，60个人，做到二级能拿多少补助？")
    assert "25万元" in reply.statements[0].text
    assert any("签约项目清单" in s.text for s in reply.statements)


@pytest.mark.parametrize(
    ("asked", "figures"),
    [
        ("安徽省对设备融资租赁贴息最高多少？", {"300万元"}),
        ("安徽贴息最高多少", {"300万元", "500万元"}),
        ("What does Hubei pay a provincial pilot county at most?", {"8 million"}),
        ("湖北省级试点最多补助多少？", {"3000万元", "800万元"}),
    ],
)
def test_a_figure_of_another_kind_is_shown_only_where_no_kind_is_named(
    full_advisor: Advisor, asked: str, figures: set[str]
) -> None:
    told = "\n".join(s.text for s in ask(full_advisor, asked).statements)
    every = ("300万元", "500万元", "8 million", "30 million", "3000万元", "800万元")
    assert {f for f in every if f in told} == figures


def test_what_is_for_firms_of_another_size_is_left_out(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "What was a Kit Digital voucher worth to a firm with seventy employes?")
    told = [s.text for s in reply.statements]
    assert any("EUR 25,000" in t for t in told)
    assert not any(f in t for t in told for f in ("EUR 12,000", "EUR 29,000"))


def test_what_only_some_get_on_top_follows_what_all_get(full_advisor: Advisor) -> None:
    texts = [s.text for s in ask(full_advisor, "南京数字化改造补多少").statements]
    assert "最高40万元" in texts[0]
    assert any("追加奖补20万元" in t for t in texts[1:])


def test_a_scheme_called_by_name_leads_before_its_sibling(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "I have 5 employees in Valencia, can I still get Kit Digital?")
    assert reply.statements[0].citations[0].document == "es-kit-digital"


def test_who_asks_on_is_not_told_the_same_first(full_advisor: Advisor) -> None:
    told = "The UK government covers 90 % of the Help to Grow: Management fee, and the participant pays GBP 750."
    before = Turn("What does the Help to Grow: Management course cost the participant?", told)
    reply = ask(full_advisor, "who gives it?", before)
    assert reply.statements[0].text != told


def test_a_sum_is_told_again_to_who_asks_for_it(full_advisor: Advisor) -> None:
    told = "Ireland's Grow Digital Voucher pays 50 % of eligible cost (not verified)."
    before = Turn("we are a bakery in Cork, any grant?", told)
    reply = ask(full_advisor, "how much", before)
    assert told in [s.text for s in reply.statements]


def test_a_time_is_told_again_to_who_asks_for_it(full_advisor: Advisor) -> None:
    told = "高新技术企业证书有效期3年，到期须重新认定。"
    reply = ask(full_advisor, "有效期多久", Turn("高新技术企业能省多少税", told))
    assert reply.statements[0].text == told


@pytest.mark.parametrize("text", ["我在澳门开餐厅的，点餐系统政府给补吗", "澳门开餐厅，买点餐系统有补贴吗"])
def test_an_ended_scheme_is_history_however_help_is_asked_for(full_advisor: Advisor, text: str) -> None:
    reply = ask(full_advisor, text)
    assert (reply.status, reply.reason) == ("abstained", "expired")


def test_a_headcount_does_not_meet_a_share(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "How much does an MES cost for a plant with 50 workers?")
    assert not any("50 %" in s.text for s in reply.statements)


def test_who_asks_how_much_gets_the_sum_before_the_conditions(full_advisor: Advisor) -> None:
    reply = ask(
        full_advisor, "i run a small joinery near Nuremberg with 14 people, how much do we get from the digitalbonus?"
    )
    assert "EUR 7,500" in reply.statements[0].text


def test_what_is_open_stands_beside_what_is_told(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "国家专精特新小巨人能拿多少奖励啊 数字化方面")
    assert reply.status in ("partial", "answered")
    assert any("600万元" in s.text for s in reply.statements)
    assert any("要看所在省的办法" in s.text for s in reply.statements)


@pytest.mark.parametrize("text", ["is the Longyan subsidy still open?", "龙岩的补贴现在还有效吗"])
def test_that_it_is_valid_is_said_by_what_is_known(full_advisor: Advisor, text: str) -> None:
    reply = ask(full_advisor, text)
    first, second = (s.text for s in reply.statements[:2])
    assert first.startswith(("It is still valid. Longyan counts", "目前仍在有效期内。龙岩市只认可"))
    assert second.startswith(("The material seen does not say", "所见资料没有说明"))


def test_what_is_told_around_it_is_no_part_of_a_meaning_asked_for(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "whats SIRI, a customer keeps on about it")
    assert reply.statements[0].text.startswith("The Smart Industry Readiness Index (SIRI) is a framework")


@pytest.mark.parametrize(
    "text",
    [
        "HK, Kwun Tong, we do shop signs, 12 staff. Wanna use the Tech Voucher for a stock system, it's 75% up to 600k right?",
        "noodle shop in Taipa Macao, 2026. I want that 18 thousand for the ordering system everybody got",
    ],
)
def test_the_end_comes_before_what_is_not_known(full_advisor: Advisor, text: str) -> None:
    reply = ask(full_advisor, text)
    first, second = (s.text for s in reply.statements[:2])
    assert ("no new applications" in first and "TVP" in first) or "are over" in first
    assert "material seen" in second


def test_what_is_over_is_said_second(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "Kit Consulting amounts for firm w 60 employees")
    assert "EUR 18,000" in reply.statements[0].text
    assert "closed on 28 February 2025" in reply.statements[1].text


def test_places_without_figures_are_all_said(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "佛山、江门、珠海三个地方，哪个单家企业补得最多？")
    assert reply.status == "abstained"
    assert all(any(place in s.text for s in reply.statements) for place in ("佛山", "江门", "珠海"))


def test_the_sum_of_another_level_is_no_answer(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "Nanjing: our firm got to level 3, what award do we get")
    assert not any("level 4" in s.text for s in reply.statements)


def test_rates_of_years_ago_are_left_out(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "新加坡的psg能报销多少百分比")
    assert "50%" in reply.statements[0].text
    assert not any("70%" in s.text for s in reply.statements)


def test_a_case_of_the_place_is_found_though_it_has_no_rule(full_advisor: Advisor) -> None:
    reply = ask(
        full_advisor,
        "A Chinese TV report of 2023 showed a nameless textile mill in Jinjiang checking cloth with cameras and lasers over 5G. How did the share of good pieces change?",
    )
    assert reply.status == "answered"
    assert "75 % to 95 %" in reply.statements[0].text


def test_who_has_signed_already_is_not_told_that_it_is_open(full_advisor: Advisor) -> None:
    reply = ask(
        full_advisor,
        "I signed the contract with the software vendor in August already. Can I still get the Digitalbonus?",
    )
    assert "before the project starts" in reply.statements[0].text


def test_a_short_second_question_stays_with_what_was_found(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "等保是什么？我们要做吗")
    assert not any("日本" in s.text for s in reply.statements)


def test_a_problem_restated_is_no_advice(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "车间电费一个月十几万，有没有便宜点的办法先看清楚哪台机器费电")
    assert "对应2024年版评测指标" not in reply.statements[0].text


def test_steps_are_told_in_their_order(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "how do I start with AI in a small bakery")
    steps = [w for s in reply.statements for w in ("first step", "second step", "third step") if w in s.text]
    assert steps == sorted(steps, key=("first step", "second step", "third step").index)
    assert len(steps) > 1


def test_what_one_of_several_questions_leaves_open_is_quoted_in_its_turn(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "我是会计，买了软件能不能加计扣除？按多少扣？")
    assert reply.status == "partial"
    assert reply.statements[0].text.startswith("所见资料没有说明购买现成软件")
    assert any("100%" in s.text for s in reply.statements[1:])


def test_a_second_question_about_the_first_stays_in_its_document(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "无锡的补多少比例，还能报吗")
    assert {c.document for s in reply.statements for c in s.citations} == {"js-wuxi-city-pilot-call-2025"}
    assert any("截止" in s.text for s in reply.statements)


def test_the_results_asked_for_are_those_of_the_case_just_told(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "有没有毛衣厂做数字化的，效果怎样")
    assert all(c.document != "case-sg-smes-go-digital-evaluation" for s in reply.statements for c in s.citations)


def test_a_comparison_says_of_each_side_that_it_is_over(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "南京、中山、龙岩三个地方，二级企业哪个补得最多？")
    assert any("试点期已经结束" in s.text for s in reply.statements)


def test_steps_named_in_headings_stand_in_their_order(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "什么系统都没有的小厂，第一步做什么，后面怎么做？")
    told = " ".join(s.text for s in reply.statements)
    assert told.index("我们把自测放在第一步") < told.index("小厂数字化的第二步")


def test_a_case_says_itself_what_it_does_not_tell(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "南康那个共享备料中心是怎么收费的？")
    assert (reply.status, reply.reason) == ("abstained", "nothing_found")
    assert reply.statements[0].text.startswith("所见报道没有写明南康共享备料")


@pytest.mark.parametrize(
    "text", ["need a subsidy", "how much does it pay?", "how much subsidy do we get?", "想要点补贴"]
)
def test_a_wish_without_a_place_is_asked_back(full_advisor: Advisor, text: str) -> None:
    reply = ask(full_advisor, text)
    assert reply.status == "clarify"
    assert reply.clarify is not None
    assert reply.clarify.slot == "region"


def test_a_contract_is_no_product(full_advisor: Advisor) -> None:
    reply = ask(
        full_advisor,
        "we want to put our files in the cloud. what if the provider goes bust or we want to leave, what do i need in the contract?",
    )
    assert reply.status == "answered"
    assert any("contract" in s.text for s in reply.statements)


def test_what_else_it_costs_needs_no_sum(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "boss wants to know: what does an ERP really cost per year besides the licence")
    assert reply.status == "answered"


def test_a_term_inside_the_name_of_a_plan_is_not_defined(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "十四五智能制造发展规划的目标是啥，还管用吗")
    assert {s.citations[0].document for s in reply.statements} == {"cn-14th-fyp-intelligent-manufacturing"}


def test_the_firms_own_figures_pick_the_class(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "我们工厂40来人，年营收1800万，算小型还是微型？")
    assert "从业人员20人及以上" in reply.statements[0].text


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("What is the difference between MES and ERP?", "An ERP system looks after the books and orders"),
        ("MES和ERP有什么区别？", "ERP管的是企业的"),
    ],
)
def test_what_sets_two_terms_apart_leads_their_definitions(full_advisor: Advisor, text: str, apart: str) -> None:
    reply = ask(full_advisor, text)
    assert reply.statements[0].text.startswith(apart)
    assert len(reply.statements) == 3


def test_a_limit_of_its_sentence_is_one_in_the_record(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "合肥和龙岩比，二级企业哪个补得多？")
    rates = [s for s in reply.statements if s.kind == "record" and "40%" in s.text]
    assert rates
    assert all("不超过40%" in s.text for s in rates)
    assert any("不超过40%" in str(s.cells) for s in reply.statements)


def test_a_complaint_is_not_met_with_definitions(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "系统老是卡")
    assert (reply.status, reply.reason) == ("abstained", "nothing_found")


def test_the_glossary_stands_back_where_no_meaning_is_asked(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "上个月同行电脑被勒索病毒锁了，我们没有IT，先做哪几样最要紧？")
    documents = [s.citations[0].document for s in reply.statements]
    assert not any(d.startswith("terms-") for d in documents)


def test_who_asks_how_to_begin_is_told_the_first_step_first(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "how do we start? 15 people metal bending, all on paper, no IT guy")
    assert reply.statements[0].text.startswith("We put a self-test first")


def test_a_heading_tells_the_step_of_its_sentences() -> None:
    passage = Passage("d:0", "d", "zh", 0, 4, "先自测。", "小厂怎么开始 › 第一步：先自测")
    assert step_of(passage, "先自测。") == 1
    assert step_of(replace(passage, heading="小厂怎么开始 › 第三步"), "再推开。") == 2
    assert step_of(replace(passage, heading="小厂怎么开始"), "再推开。") == 0


def test_one_fact_is_told_once(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "木门厂做一次数字化基础改造要花多少钱、多久？")
    assert sum("50万元" in s.text and "2个月" in s.text for s in reply.statements) == 1


def test_no_office_is_named_for_what_a_guide_does_not_tell(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "南康那个共享备料中心是怎么收费的？")
    assert "工业和信息化" not in reply.statements[-1].text


def test_definitions_nobody_asked_for_do_not_follow(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "Can they take the grant back later?")
    assert len(reply.statements) > 1
    assert not any(c.document.startswith("terms-") for s in reply.statements for c in s.citations)


def test_a_limit_that_shuts_the_firm_out_is_the_answer_where_no_other_class_fits(full_advisor: Advisor) -> None:
    reply = ask(
        full_advisor, "A customer asks if we are under NIS2. We have 35 employees, 6 million turnover. Yes or no?"
    )
    assert "50 staff or more" in reply.statements[0].text


def test_two_schemes_are_never_told_as_one(full_advisor: Advisor) -> None:
    reply = ask(
        full_advisor,
        "Our bank says the state pays part of the interest if we borrow for a new production line this year. "
        "How many points and for how long, and is there a limit?",
    )
    for statement in reply.statements:
        homes = {c.document for c in statement.citations}
        assert not {"cn-msme-loan-interest-subsidy-2026", "cn-equipment-renewal-loan-interest-subsidy-2026"} <= homes


def test_who_asks_how_to_begin_at_all_is_not_sent_to_one_system(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "how do we start? 15 people metal bending, all on paper, no IT guy")
    assert reply.statements[0].citations[0].document == "guide-start-with-few-resources"


def test_who_is_above_the_level_that_pays_gets_what_it_pays(full_advisor: Advisor) -> None:
    texts = [s.text for s in ask(full_advisor, "南京评到三级了能拿多少").statements]
    assert any("40万元" in t for t in texts)
    assert not any("四级" in t for t in texts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("加计扣除是100%还是75%，报税时候什么时候能享受", 2),
        ("2026年那个项目改名了？最多多少", 2),
        ("2024那个项目还能申报吗？不能的话现在还有啥", 2),
        ("我们是去年认定的，还有效吗", 0),
        ("hi there? how much does it pay", 0),
    ],
)
def test_questions_of_one_message_are_told_apart_by_their_marks(text: str, parts: int) -> None:
    assert len(parts_of(text)) == parts


def test_a_rule_of_a_part_is_told_as_such(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "武汉的，数字化改造补贴多少")
    assert reply.statements[-1].kind == "notice"
    assert "武汉市本级" in reply.statements[-1].text
    assert not any("本级" in s.text for s in ask(full_advisor, "武汉江夏的，数字化改造补贴多少").statements)


def test_how_in_other_words_is_no_question_left_open(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "旧冲床没有接口能不能联网，大概怎么弄")
    assert reply.status == "answered"
    assert not any(s.kind == "notice" for s in reply.statements)


def test_the_first_step_leads_whatever_else_is_told_of_the_firm(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "怎么开始搞数字化啊，厂里就30来个人，全是老师傅，电脑都不大会用")
    assert reply.statements[0].text.startswith("我们把自测放在第一步")


def test_two_places_that_give_no_figure_are_both_said(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "I compare Wenzhou and Ningbo for a client. How much per firm does each pay?")
    assert reply.status == "abstained"
    assert all(any(place in s.text for s in reply.statements) for place in ("Wenzhou", "Ningbo"))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("老板开会老讲OEE", "OEE（设备综合效率）是"),
        ("通知里写“退坡奖补”，会计问我是不是越往后拿得越少", "退坡奖补是"),
        ("our town's notice keeps saying 'N+X', nobody at the office can explain", "The N+X model is"),
    ],
)
def test_a_rare_word_that_puzzles_somebody_is_explained(full_advisor: Advisor, text: str, means: str) -> None:
    reply = ask(full_advisor, text)
    assert reply.status == "answered"
    assert reply.statements[0].text.startswith(means)


def test_a_word_that_everybody_uses_is_not_explained(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "补贴发不出去，还有这种事？")
    assert not any(s.text.startswith("补贴（也叫") for s in reply.statements)


@pytest.mark.parametrize(
    "text",
    [
        "龙岩的小厂，已经在签约清单里头了，合同去年签的，软件加网关前后花了62万，验收给了二级，到手能有多少啊？还有验收之前能不能先给一点周转？",
        "bamboo goods in Longyan, paid the software house 420k so far. if the assessor gives us a 2, what comes back to us? "
        "and do they hand over any of it before the final check",
    ],
)
def test_place_level_and_money_name_one_row_in_a_long_story(full_advisor: Advisor, text: str) -> None:
    head = ask(full_advisor, text).statements[0].text
    assert "50" in head
    assert "25万元" in head or "250,000 yuan" in head


@pytest.mark.parametrize("text", ["我们是南京的，能拿多少", "we're in Nanjing, how much can we get"])
def test_what_only_some_get_on_top_does_not_lead(full_advisor: Advisor, text: str) -> None:
    texts = [s.text for s in ask(full_advisor, text).statements]
    assert "40" in texts[0]
    assert any("20万元" in t or "200,000" in t for t in texts[1:])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("how much money can we get for going digital??? 130 workers, we stamp metal brackets", "clarify"),
        ("the inspector says we're a level 3 now. is there money in that?", "clarify"),
        ("我们厂做五金的，130号人，搞数字化能拿多少钱", "clarify"),
        ("how much do we get from the digitalbonus?", "answered"),
        ("we are a bakery in Cork, how much can we get", "answered"),
        ("我们贷款五百万买设备，能拿多少贴息", "answered"),
    ],
)
def test_who_wishes_to_know_what_there_is_is_asked_where(full_advisor: Advisor, text: str, status: str) -> None:
    assert ask(full_advisor, text).status == status


@pytest.mark.parametrize(
    "text", ["5G全连接工厂按大小分成哪几档？", "OECD把用AI的SME分四类，我们拿自家数据训练了一个质检模型，算哪一类？"]
)
def test_the_passage_that_is_quoted_first_heads_the_hits(full_advisor: Advisor, text: str) -> None:
    question = Question(text, as_of=AS_OF)
    reply, found = full_advisor.ask(question), [h for h, _ in full_advisor.hits(question)]
    quoted = reply.statements[0].citations[0].passage
    assert reply.hits[0].passage.id == quoted
    assert {h.passage.id for h in reply.hits} == {h.passage.id for h in found}
    assert [h.rank for h in reply.hits] == [h.rank for h in found]


def test_the_figure_of_another_class_is_left_out_where_one_is_named(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "做工业母机的，研发成了无形资产，摊销能按成本的百分之几")
    assert "220%" in reply.statements[0].text
    assert not any("200%" in s.text for s in reply.statements)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("What share of small French bosses saw a benefit in digital in 2026, by France Num?", "In 2025 78 %"),
        ("2026年法国小企业老板里觉得数字化有好处的占几成？", "2025年，法国78%"),
    ],
)
def test_the_figure_of_another_year_is_told_as_such(full_advisor: Advisor, text: str, told: str) -> None:
    reply = ask(full_advisor, text)
    assert (reply.status, reply.reason) == ("abstained", "nothing_found")
    assert reply.statements[0].kind == "notice"
    assert "2026" in reply.statements[0].text
    assert told in reply.statements[1].text


def test_the_figure_of_the_asked_year_needs_no_such_line(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "What share of small French bosses saw a benefit in digital in 2025, by France Num?")
    assert reply.status == "answered"
    assert "78 %" in reply.statements[0].text


@pytest.mark.parametrize("text", ["俺厂在襄阳做汽配，改造完过了三级，市里头给补几个钱？"])
def test_the_provinces_rule_is_not_told_as_the_towns(full_advisor: Advisor, text: str) -> None:
    reply = ask(full_advisor, text)
    assert reply.status == "abstained"
    assert "湖北省" in reply.statements[0].text
    assert "十堰" not in reply.answer
    assert any("襄阳市" in s.text for s in reply.statements if s.kind == "notice")


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("国家融担那边一户顶多还是担保一千万吧？我们小巨人，想多贷点", "3000万元"),
        (
            "Is the guarantee per firm still 10 million yuan at most under the sci-tech guarantee plan?",
            "30 million yuan",
        ),
    ],
)
def test_a_figure_taken_for_granted_is_put_right_first(full_advisor: Advisor, text: str, figure: str) -> None:
    assert figure in ask(full_advisor, text).statements[0].text


def test_what_is_not_known_is_the_answer_where_it_is_just_what_was_asked(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "亳州冯了性那套5G烘干加炒药的改造，前后砸进去多少钱？")
    assert reply.status == "abstained"
    assert "没有给出" in reply.statements[0].text
    reply = ask(full_advisor, "财务讲2016年那版高企认定办法早作废了，得等新办法，真的假的？")
    assert reply.status == "abstained"
    assert "没有2016年之后的新版" in reply.statements[0].text
    reply = ask(
        full_advisor, "On which day did applications for Portugal's Industry 4.0 voucher (Vale Indústria 4.0) close?"
    )
    assert reply.status == "abstained"
    assert "closing date" in reply.statements[0].text


@pytest.mark.parametrize(
    "text",
    [
        "is it too late to apply now or can we still hand in our papers before new year?",
        "现在申请还来得及吗",
        "is it too late to apply now?",
        "accountant says there's money from the SME digital pilot. are we too late to apply?",
    ],
)
def test_whether_it_is_too_late_depends_on_the_place(full_advisor: Advisor, text: str) -> None:
    reply = ask(full_advisor, text)
    assert reply.status == "clarify"
    assert reply.clarify
    assert reply.clarify.slot == "region"


def test_letters_that_no_document_holds_are_not_answered_from_another(full_advisor: Advisor) -> None:
    text = "we want AEO advanced status with chinese customs. which functions must our ERP have for the audit?"
    assert ask(full_advisor, text).status == "abstained"


def test_chinese_typed_by_its_sound_is_answered_in_chinese(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "hangzhou xiaoshan zuo qipei de chang, gaizao huale 80 wan, zuiduo bu baifenzhi duoshao?")
    assert reply.language == "zh"
    assert "40%" in reply.statements[0].text


def test_each_of_two_documents_called_by_name_is_heard(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "椒香汇跟冯了性炒药那块，上了新家伙以后哪家人手省得多些？各省好多？")
    told = " ".join(s.text for s in reply.statements[:3])
    assert "85%" in told
    assert "40%" in told


def test_a_limit_that_shuts_the_firm_out_gives_way_to_that_of_the_rest(full_advisor: Advisor) -> None:
    text = "We own a GmbH in Germany with a turnover of 300,000 euros. From when must it issue e-invoices?"
    assert "1 January 2028" in ask(full_advisor, text).statements[0].text


def test_what_firms_do_does_not_fill_up_a_rule(full_advisor: Advisor) -> None:
    text = "we opened a little GmbH last year, sells to german shops, abt 300k euro a year. that one then?"
    reply = ask(full_advisor, text)
    assert "must issue e-invoices" in reply.statements[0].text
    assert not any("German SMEs spent" in s.text for s in reply.statements)


def test_who_sells_there_is_not_asked_where_he_is(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "欧洲客户催我们赶紧合规，电子发票哪天前办好")
    assert reply.status != "clarify"


def test_what_the_likeliest_known_question_leads_to_is_read_in_any_case(full_advisor: Advisor) -> None:
    text = "同一家供货商，单子上一会儿写全称一会儿写简称，电脑里躺着五个户头，对账对到哭"
    question = Question(text, as_of=AS_OF)
    with full_advisor._shelf.current() as generation:
        flow = full_advisor._flow(generation)
        best = flow._answerer.chooser(flow._understood(question, AS_OF)).known.best[0]
    assert best.document in [h.passage.document for h, _ in full_advisor.hits(question)]
    assert any("名称和编码" in s.text for s in full_advisor.ask(question).statements)


def test_what_was_read_counts_and_an_admitted_gap_answers_nothing() -> None:
    passage = Passage("d:zh:0", "d", "zh", 0, 4, "最高多少", "能补多少")
    told = Candidate(passage, 0, 4, "最高", 1.0, 1.0, odds=4.0)
    gap = replace(told, passage=replace(passage, heading="还不清楚的"), odds=4.0)
    assert is_not_known(gap.passage)
    assert as_read(0.5, [replace(told, odds=None)]) == 0.5
    assert as_read(0.5, [told]) > as_read(0.5, [replace(told, odds=-4.0)])
    assert as_read(0.5, [replace(told, odds=-4.0), gap]) == as_read(0.5, [replace(told, odds=-4.0)])


def test_who_wants_to_apply_for_what_is_over_is_told_so_though_a_case_leads(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "旺角茶餐廳想攞數碼轉型先導計劃，依家點樣入表？")
    assert reply.reason == "expired"
    assert "停止接受申请" in reply.statements[0].text
