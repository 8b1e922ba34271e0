"""What speaks for a sentence beyond its score: the firm's trade and size, first steps, ranks, what the asker lacks."""

from __future__ import annotations

from datetime import date

import pytest
from conftest import AS_OF

from advisor import Advisor, Question
from advisor.ask.features import goes_on
from advisor.ask.from_records import level_reached, score_told
from advisor.ask.order import has_what_is_lacked, is_history, lacked
from advisor.ask.plan import PLANS, question_type
from advisor.model import Profile, Query, Reply, Turn

pytestmark = pytest.mark.slow


def ask(advisor: Advisor, text: str, history: tuple[Turn, ...] = (), **profile: object) -> Reply:
    known = Profile(**profile) if profile else None  # type: ignore[arg-type]
    return advisor.ask(Question(text, profile=known, history=history, as_of=AS_OF))


def first(reply: Reply) -> str:
    return next(s.text for s in reply.statements if s.kind != "notice")


def test_of_classes_told_trade_by_trade_the_firms_own_leads(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "员工60个,营业额1800万,我算小型企业还是中型?做工业的")
    assert "未达中型的工业企业" in first(reply)
    assert not any("零售业" in s.text for s in reply.statements)


def test_a_limit_of_another_subject_is_not_lifted(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "我们厂60个人，营业额1800万，算小型还是中型企业")
    assert not any("NIS2" in s.text for s in reply.statements)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("老车床没有网口,咋样看开机率", {"网口"}),
        ("lathes without a network plug", {"network"}),
        ("有网口的车床怎么联网", set()),
        ("毫无疑问要上系统", set()),
    ],
)
def test_what_the_asker_lacks_is_heard(text: str, lacks: set[str]) -> None:
    assert lacked(text) == lacks


def test_advice_for_those_who_have_it_comes_later(full_advisor: Advisor) -> None:
    lacks = lacked("旧车床没有网口")
    assert has_what_is_lacked("控制器有网口或串口的旧机器，用工业网关读控制器数据。", lacks)
    assert not has_what_is_lacked("没有网口的旧机器，从外面加传感器。", lacks)
    reply = ask(full_advisor, "老机器没有网口怎么联网")
    told = [s.text for s in reply.statements]
    assert "没有" in told[0]
    at = {words: [i for i, t in enumerate(told) if words in t] for words in ("有网口或串口", "控制器封闭或没有")}
    assert at["控制器封闭或没有"]
    assert not at["有网口或串口"] or at["控制器封闭或没有"][0] < at["有网口或串口"][0]


def test_another_rank_that_mentions_the_asked_one_does_not_lead(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "先进级智能工厂要什么条件")
    assert not first(reply).startswith("智能工厂梯度培育行动的卓越级")
    asked = ask(full_advisor, "Who decides on the 先进级 of the smart factory gradient programme?")
    assert any(s.text.startswith("The advanced tier") for s in asked.statements)


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("我们是做五金的，80人，想上MES，先看什么", "选MES的第一步"),
        ("做家具的,连订单都是用纸记,有没有推荐从哪个环节下手", "我们把自测放在第一步"),
        ("Where should a small joinery begin? we only have paper", "We put a self-test first"),
    ],
)
def test_the_first_step_with_what_was_named_leads(full_advisor: Advisor, text: str, opening: str) -> None:
    assert first(ask(full_advisor, text)).startswith(opening)


def test_advice_on_something_else_gives_way_to_the_law_that_was_named(full_advisor: Advisor) -> None:
    assert "NIS2" in first(ask(full_advisor, "欧盟那个NIS2我们30人的零件厂供货给德国车厂,要不要遵守"))


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("欧盟网络安全局（ENISA）其余步骤涉及员工培训。", True),
        ("The other steps of ENISA's guide concern training.", True),
        ("其他要求按武汉市的申报要求办理。", True),
        ("预拨是验收之前先付给企业的一部分补贴，其余部分在验收后再付。", False),
    ],
)
def test_what_tells_only_the_rest_is_seen(text: str, rest: bool) -> None:
    assert goes_on(text) is rest


def test_a_rate_that_was_extended_to_a_past_day_is_history(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "新加坡PSG补几成，最多多少")
    assert not any("2022年3月31日" in s.text for s in reply.statements)


# --- scores and levels ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("自测得了58分，算几级？", 58.0),
        ("we got 58 points. so which one are we", 58.0),
        ("二级要40分吗", None),
        ("58分钟开机一次，算哪一级", None),
    ],
)
def test_a_score_is_heard_where_its_level_is_asked(text: str, score: float | None) -> None:
    assert score_told(text) == score


def test_a_score_reaches_the_highest_level_it_allows(full_advisor: Advisor) -> None:
    assert level_reached(58.0, []) is None
    reply = ask(full_advisor, "2024年版评测指标，我们自测得了58分，算几级？")
    assert "二级（规范级）" in first(reply)
    assert not any("三级（集成级）" in s.text for s in reply.statements)


def test_one_level_up_is_counted_from_the_firms_own(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "想再往上升一级，得多少分、几个场景达标？", level=2)
    assert "三级（集成级）" in first(reply)


# --- kinds of questions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("报价单和客户名单应该怎么保管", "how_to"),
        ("上一套ERP报价多少", "amount"),
        ("补贴是先垫钱还是先给钱?验收完多久能到账?", "deadline"),
        ("scada和plc，这俩是一个东西吗", "comparison"),
    ],
)
def test_a_word_of_money_is_not_yet_how_much(text: str, kind: str) -> None:
    assert question_type(text) == kind


def test_is_it_the_same_thing_gets_both_meanings(full_advisor: Advisor) -> None:
    told = " ".join(s.text for s in ask(full_advisor, "群里老说scada和plc，这俩是一个东西吗").statements[:2])
    assert "SCADA（" in told
    assert "PLC（" in told


def test_history_names_its_years() -> None:
    query = Query("补几成", "zh", date(2026, 11, 24), PLANS["amount"], (("补几成", 1.0),), "补几成")
    assert is_history("从2020年4月1日起提高到最高80%，后来延长到2022年3月31日。", query)
    assert not is_history("从2018年4月起补50%。", query)


# --- what is asked back, and what is said to be missing -----------------------------------------------


@pytest.mark.parametrize("text", ["How much subsidy can we get for a new ERP?", "补贴要是申请，我们厂够不够条件"])
def test_money_wished_for_without_a_place_is_asked_back(full_advisor: Advisor, text: str) -> None:
    reply = ask(full_advisor, text)
    assert (reply.status, reply.clarify and reply.clarify.slot) == ("clarify", "region")


def test_a_gap_that_is_told_is_not_asked_back(full_advisor: Advisor) -> None:
    reply = ask(
        full_advisor, "passed acceptance in september and still no money. how many days does the bureau have to pay us?"
    )
    assert reply.status == "abstained"
    assert "how many days" in first(reply)


@pytest.mark.parametrize("text", ["一套mes到底多少钱，别绕弯子", "What does a MES cost for a shop of 60 people?"])
def test_the_price_of_a_system_gets_the_gap_of_its_guide(full_advisor: Advisor, text: str) -> None:
    reply = ask(full_advisor, text)
    assert reply.status == "abstained"
    assert "MES" in first(reply)


def test_our_town_is_the_profiles(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "小厂上ERP，我们市里给补钱吗", region="CN/Yunnan/Kunming")
    assert "昆明市" in reply.statements[0].text


def test_what_says_nothing_new_leaves_its_question_open(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "我们的工控机出口欧洲，出了漏洞几小时内要报？报给谁")
    assert reply.status == "partial"
    assert reply.statements[-1].text.endswith("报给谁")


def test_what_the_same_sentence_answers_is_not_called_missing(full_advisor: Advisor) -> None:
    text = "How much per million does Cixi pay a digital manufacturer for added revenue, and where does it stop?"
    reply = ask(full_advisor, text)
    assert (reply.status, "300,000 yuan" in first(reply)) == ("answered", True)


def test_how_much_of_several_questions_gets_the_sums(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "我们是南京的，如果评到三级了能拿多少？2026年第一批的节点是什么时候")
    assert "40万元" in first(reply)


def test_that_nobody_says_whether_it_goes_on_answers_whether_it_is_open(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "拉面店想换台售票机，补多少？现在还报得上吗", region="JP")
    assert "20万日元" in first(reply)
    assert not any("没有找到" in s.text for s in reply.statements)


def test_the_cure_stands_in_the_place_of_the_trouble(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "衣柜作坊 拆单慢又老错，图纸改来改去，咋办")
    assert "参数化设计" in first(reply)
    assert not any("拆单慢、尺寸抄错" in s.text for s in reply.statements)


def test_the_edition_of_today_answers_who_means_none(full_advisor: Advisor) -> None:
    turn = Turn(
        "我们不知道自己数字化几级",
        "可以按《中小企业数字化水平评测指标（2024年版）》在网上做一次自测，填报后就能拿到结果。",
    )
    reply = ask(full_advisor, "你刚说的那个平台网址是啥，收费不", (turn,))
    assert first(reply).startswith("按2024年版评测指标开发的评测系统免费使用")
    assert "2022" in first(ask(full_advisor, "2022年版评测指标还能用来评等级吗"))


def test_a_free_tool_of_another_country_falls_behind(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "is there a free test how digital we are? 35 people, Zagreb, where do we find it")
    assert "EU Digital Maturity Assessment" in first(reply)


def test_one_later_step_that_answers_stays_first(full_advisor: Advisor) -> None:
    reply = ask(
        full_advisor, "Power bill doubled, industrial bakery with 3 ovens. what can we do that costs nothing, first?"
    )
    assert first(reply).startswith("Sixth step in energy management")


def test_a_rule_that_is_over_does_not_fill_in_for_todays(full_advisor: Advisor) -> None:
    reply = ask(full_advisor, "佛山每家补多少")
    assert reply.status == "abstained"
    assert first(reply).startswith("所见的佛山市细则开头部分没有出现补助比例")
    assert not any("2000万元" in s.text for s in reply.statements)


def test_the_sum_of_the_asked_level_leads_before_other_sums_of_the_rule(full_advisor: Advisor) -> None:
    told = [s.text for s in ask(full_advisor, "合肥，四级，最高补多少").statements]
    assert "达到四级的，补贴最高50万元" in told[0]
    assert not any("单项冠军" in t for t in told)
