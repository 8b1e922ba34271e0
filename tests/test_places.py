"""Whose rule is it: places without one, the firm's own place, like compared with like, what is asked back, what differs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import AS_OF, small_advisor

from advisor import Profile, Question, Turn
from advisor.ask.clarify import chosen
from advisor.ask.conflict import _contradict

slow = pytest.mark.slow


def ask(advisor, text, region=None, history=(), industry=None):
    profile = Profile(region=region, industry=industry) if region else None
    return advisor.ask(Question(text, profile=profile, history=history, as_of=AS_OF))


def documents(reply):
    return {s.document for s in reply.sources}


# --- a place without a rule ---------------------------------------------------------------------


@slow
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("昆明有没有中小企业数字化改造补贴？", "昆明市"),
        ("丽江有没有中小企业数字化改造补贴？", "丽江市"),
        ("成都的补贴怎么申请？", "成都市"),
        ("What grant does Vienna give small firms for digitalisation?", "Vienna"),
        ("Which voucher can a bakery in Warsaw get for its ordering software?", "Warsaw"),
        ("我们在曲水市，数字化改造能补多少？", "曲水市"),
        ("What grant can a bakery in Rowville get for software?", "Rowville"),
    ],
)
def test_money_of_a_place_without_a_rule_is_refused_by_name(full_advisor, text, place):
    reply = ask(full_advisor, text)
    assert (reply.status, reply.reason) == ("abstained", "other_region"), reply.answer
    assert place in reply.answer
    homes = {s.jurisdiction for s in reply.sources}
    assert homes <= {"CN", "EU"}, reply.answer


@slow
def test_a_place_that_no_list_has_counts_from_the_profile_too(full_advisor):
    reply = ask(full_advisor, "Which grant pays for our ordering software?", region="Rowville")
    assert reply.reason == "other_region"
    assert "Rowville" in reply.answer


@slow
def test_a_national_rule_that_was_asked_for_holds_in_every_place(full_advisor):
    reply = ask(full_advisor, "昆明的企业研发费用加计扣除比例是多少？")
    assert reply.status == "answered", reply.answer
    assert "cn-rd-super-deduction-2023" in documents(reply)


@slow
def test_a_town_has_the_rule_of_its_state(full_advisor):
    reply = ask(full_advisor, "What is the most that a firm in Rosenheim gets from the Bavarian Digitalbonus Standard?")
    assert documents(reply) == {"de-digitalbonus-bayern"}, reply.answer
    assert "EUR 7,500" in reply.answer


@slow
def test_the_profiles_place_counts_as_if_typed(full_advisor):
    reply = ask(full_advisor, "钱什么时候能到账？要不要我先垫？", region="CN/Fujian/Longyan", industry="furniture")
    assert reply.statements[0].text.startswith("龙岩市先拨首笔合同付款的40%"), reply.answer


@slow
def test_a_scheme_of_another_country_is_not_bent_to_the_profiles_place(full_advisor):
    reply = ask(full_advisor, "Can I still get Kit Digital?", region="DE/Bavaria")
    assert documents(reply) == {"es-kit-digital"}, reply.answer


# --- comparisons --------------------------------------------------------------------------------


@slow
def test_a_districts_reward_and_an_ended_measure_do_not_stand_for_a_citys_scheme(full_advisor):
    reply = ask(full_advisor, "东莞、佛山、中山三个地方试点补助上限分别是多少？")
    assert (reply.status, reply.reason) == ("partial", "nothing_found")
    assert all(cap in reply.answer for cap in ("30万元", "60万元", "100万元"))
    assert "没有给出东莞市每家企业的补助比例和上限" in reply.answer
    assert not any(wrong in reply.answer for wrong in ("2000万", "智能工厂奖励", "50万元"))


@slow
def test_where_no_side_gives_the_figure_each_says_so(full_advisor):
    reply = ask(full_advisor, "Dongguan or Foshan, which pays more for a level 3 upgrade?")
    assert (reply.status, reply.reason) == ("abstained", "nothing_found")
    assert "does not give the share or the cap per firm in Dongguan" in reply.answer
    assert "million" not in reply.answer


@slow
@pytest.mark.parametrize(
    "text", ["龙岩和中山，三级补助哪个高？", "龙岩和中山，三级哪边补得多？", "龙岩与中山三级上限各多少？"]
)
def test_a_chinese_comparison_is_heard_in_its_forms(full_advisor, text):
    reply = ask(full_advisor, text)
    assert reply.statements[0].kind == "derived", reply.answer
    assert all(cap in reply.answer for cap in ("35万元", "60万元"))


@slow
def test_a_side_without_a_rule_is_named(full_advisor):
    reply = ask(full_advisor, "龙岩和昆明哪个补得多？")
    assert reply.status == "partial"
    assert documents(reply) == {"fj-longyan-rules-2025"}
    assert "没有昆明市的相应规定" in reply.answer


@slow
def test_a_comparison_is_a_table_in_which_every_cell_has_its_source(full_advisor):
    reply = ask(full_advisor, "Longyan or Wuhan Jiangxia: who pays more at level 2?")
    rows = [line for line in reply.answer.splitlines() if line.startswith("| ")]
    assert rows[0] == "|  | Longyan | Jiangxia |"
    number = {s.document: s.n for s in reply.sources}
    longyan, jiangxia = number["fj-longyan-rules-2025"], number["hb-wuhan-jiangxia-call-2025"]
    assert f"| share, level 2 | 50 % [{longyan}] | 30 % [{jiangxia}] |" in rows
    assert "| cap, level 2 | 250,000 yuan [2] | 300,000 yuan [1] |" in rows
    assert "\n\n|  | Longyan" in reply.answer
    assert [s.kind for s in reply.statements] == ["derived", "record", "record"]


@slow
def test_two_places_of_earlier_turns_are_held_side_by_side(full_advisor):
    history = (Turn("What does Longyan pay at level 2?", ""), Turn("and Wuhan Jiangxia?", ""))
    reply = full_advisor.ask(Question("which of the two pays more?", history=history, as_of=AS_OF))
    assert reply.statements[0].kind == "derived"
    assert documents(reply) == {"fj-longyan-rules-2025", "hb-wuhan-jiangxia-call-2025"}
    assert not any("level 3" in s.text for s in reply.statements)


@slow
def test_the_difference_of_two_terms_is_both_definitions(full_advisor):
    reply = ask(full_advisor, "difference between SCADA and MES?")
    assert [s.text.split(" (")[0] for s in reply.statements[:2]] == [
        "Supervisory control and data acquisition",
        "A manufacturing execution system",
    ]


# --- asking back --------------------------------------------------------------------------------


@slow
@pytest.mark.parametrize(
    "text", ["Am I eligible?", "Am I eligible for a subsidy?", "我符合条件吗？", "搞数字化，政府出多少，我自己出多少？"]
)
def test_a_bare_question_asks_for_the_place(full_advisor, text):
    reply = ask(full_advisor, text)
    assert (reply.status, reply.reason) == ("clarify", "needs_fact"), reply.answer
    assert reply.clarify.slot == "region"
    assert len(reply.clarify.choices) > 2


@slow
def test_a_bare_question_with_one_scheme_at_hand_is_about_that(full_advisor):
    assert documents(ask(full_advisor, "Am I eligible?", region="DE/Bavaria")) == {"de-digitalbonus-bayern"}
    assert documents(ask(full_advisor, "那能报吗", region="CN/Fujian/Longyan")) == {"fj-longyan-rules-2025"}


@slow
def test_a_bare_question_with_several_schemes_at_hand_asks_which(full_advisor):
    reply = ask(full_advisor, "Do we qualify?", region="SG")
    assert reply.clarify.slot == "scheme"
    assert "PSG" in reply.clarify.choices


@slow
def test_a_town_in_the_name_of_a_firm_elsewhere_is_part_of_that_name(full_advisor):
    reply = ask(full_advisor, "By how much did the running costs of Changfeng Chemical in Chongqing drop?")
    assert "Changfeng Chemical" in reply.statements[0].text
    assert not any("Hefei" in s.text for s in reply.statements)


@slow
@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Our upgrade is done, level 3. What will we be paid at most?", True),
        ("改完达到三级，顶格给多少钱", True),
        ("In Longyan: level 3 passed, what is the most we can be paid?", False),
        ("What is the most that Anhui pays on the interest of a finance lease?", False),
        ("What does a firm pay itself under the UK's Help to Grow?", False),
    ],
)
def test_whose_rule_is_asked_for_where_several_read_alike(full_advisor, text, asked):
    reply = ask(full_advisor, text)
    assert (reply.status == "clarify") is asked, reply.answer
    assert not asked or (reply.clarify.slot == "region" and len(reply.clarify.choices) > 2)


@slow
def test_a_union_is_no_place_to_pay_by(full_advisor):
    reply = ask(full_advisor, "我们在欧洲的子公司，B2B电子发票从哪天起必须开？")
    assert reply.clarify.slot == "region"
    assert {"法国", "德国"} <= set(reply.clarify.choices)


@slow
def test_money_of_the_whole_country_does_not_turn_on_the_place(full_advisor):
    reply = ask(full_advisor, "国家城市试点的中央奖补资金，至少要拿出百分之多少真正花在企业改造上？")
    assert reply.status == "answered", reply.answer


@slow
@pytest.mark.parametrize(
    ("first", "choice", "says"),
    [
        ("What subsidy do we get for level 2?", "Longyan", "250,000 yuan"),
        ("改造后评到二级能补多少钱？", "中山市", "30万元"),
    ],
)
def test_a_choice_typed_as_the_next_turn_answers_the_first_question(full_advisor, first, choice, says):
    asked = ask(full_advisor, first)
    assert asked.status == "clarify"
    reply = ask(full_advisor, choice, history=(Turn(first, asked.answer),))
    assert says in reply.statements[0].text, reply.answer


def test_a_choice_joins_the_question_that_it_answers():
    assert chosen("能补多少？", "各地的规定不同。您的企业在哪里？", "龙岩") == "能补多少？（龙岩）"
    assert chosen("能补多少？", "补多少看等级。改造后评到几级？", "二级") == "能补多少？（二级）"
    assert (
        chosen("Am I eligible?", "That depends on the place. Where is your firm?", "Bavaria")
        == "Am I eligible? (Bavaria)"
    )
    assert chosen("能补多少？", "最多25万元。", "龙岩") is None
    assert chosen("能补多少？", "各地的规定不同。您的企业在哪里？", "什么是MES？") is None


# --- documents that differ ----------------------------------------------------------------------


@pytest.fixture
def two_voices(tiny_corpus: Path, tmp_path: Path):
    """The small corpus, and a second notice of Southvale that gives other figures for the same voucher."""
    folder = tiny_corpus / "documents" / "southvale-notice"
    shutil.copytree(tiny_corpus / "documents" / "southvale-voucher", folder)
    for name in ("document.yaml", "zh.md", "en.md"):
        text = (folder / name).read_text("utf-8")
        for old, new in (("25%", "35%"), ("25 %", "35 %"), ("0.25", "0.35"), ("9万元", "12万元"), ("90,000", "120,000"),
                         ("90000", "120000"), ("数字化券（测试", "数字化券通知（测试"), ("voucher (test", "voucher notice (test"),
                         ("issued: 2025-03", "issued: 2026-02")):  # fmt: skip
            text = text.replace(old, new)
        (folder / name).write_text(text, "utf-8")
    small = small_advisor(tiny_corpus, tmp_path / "home")
    small.ingest()
    yield small
    small.close()


def test_two_documents_in_force_that_differ_are_shown_side_by_side(two_voices):
    reply = ask(two_voices, "How much does the Southvale digital voucher pay a firm at level 2?")
    first, second = reply.statements[:2]
    assert {c.document for s in (first, second) for c in s.citations} == {"southvale-voucher", "southvale-notice"}
    assert all(figure in reply.answer for figure in ("90,000", "120,000", "2025-03", "2026-02"))
    assert "differ" in reply.answer
    assert "105,000" not in reply.answer


def test_one_voice_is_no_conflict(advisor):
    reply = ask(advisor, "How much does the Southvale digital voucher pay a firm at level 2?")
    assert "differ" not in reply.answer


def test_another_level_another_year_or_another_thing_is_no_contradiction():
    one = "The Southvale digital voucher is at most 90,000 yuan per firm at level 2."
    assert _contradict(one, "The Southvale digital voucher is at most 120,000 yuan per firm at level 2.")
    assert not _contradict(one, "The Southvale digital voucher is at most 120,000 yuan per firm at level 3.")
    assert not _contradict(one, "The Southvale digital voucher is at most 90,000 yuan a firm at level 2.")
    assert not _contradict(one, "A Southvale firm must pay 120,000 yuan of tax a year before it applies at level 2.")


# --- told once -----------------------------------------------------------------------------------


@slow
def test_what_two_documents_say_alike_is_told_once_with_both(full_advisor):
    reply = ask(full_advisor, "Since when are domestic e-invoices between firms mandatory in Belgium?")
    dated = [s for s in reply.statements if "1 January 2026" in s.text]
    assert len(dated) == 1
    assert len({c.document for c in dated[0].citations}) == 2
    assert all("1 January 2026" in c.quote for c in dated[0].citations)
    assert dated[0].text == dated[0].citations[0].quote
    assert "[1][2]" in reply.answer


@slow
@pytest.mark.parametrize("text", ["我们想申请补贴,能拿多少", "能拿多少"])
def test_a_bare_wish_for_money_gets_the_sums_of_the_firms_place(full_advisor, text):
    reply = ask(full_advisor, text, region="龙岩")
    assert "25万元" in reply.statements[0].text, reply.answer
    assert documents(reply) == {"fj-longyan-rules-2025"}


@slow
def test_names_that_narrow_each_other_are_one_place(full_advisor):
    reply = ask(full_advisor, "我们想申请补贴,能拿多少", region="武汉江夏")
    assert documents(reply) == {"hb-wuhan-jiangxia-call-2025"}, reply.answer


@slow
def test_two_bare_wishes_in_one_message_ask_for_the_place(full_advisor):
    assert ask(full_advisor, "我们想申请补贴,能拿多少").clarify.slot == "region"


@pytest.mark.slow
def test_a_town_abroad_is_no_namesake_in_china(full_advisor):
    reply = full_advisor.ask(Question("我们家具厂在越南平阳，当地政府对上ERP有没有补助？", as_of=AS_OF))
    assert reply.reason == "other_region"
    assert "越南" in reply.answer
    assert "温州" not in reply.answer


@pytest.mark.slow
def test_a_place_without_rules_stays_one_where_the_asker_mistypes(full_advisor):
    text = "郑州速冻面点厂，市里给数字化改造的补贴有哪些，怎么申抱"
    reply = full_advisor.ask(Question(text, as_of=AS_OF))
    assert reply.reason == "other_region"
    assert "询问现行的扶持项目清单" in reply.answer


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "Comparing for a client: Zhongshan, Longyan and Wuhan Jiangxia. What is the most an SME gets at digital level 3?",
        "中山、龙岩、江夏，评到三级一家最多补多少",
    ],
)
def test_money_of_several_places_is_told_side_by_side(full_advisor, text):
    told = full_advisor.ask(Question(text, as_of=AS_OF)).statements
    homes = [s.citations[0].document for s in told if s.kind == "record"]
    assert homes == ["gd-zhongshan-digital-measures-and-pilot", "fj-longyan-rules-2025", "hb-wuhan-jiangxia-call-2025"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("我们320人，算中型还是小型企业？", True),
        ("are we still a small firm? we've 150 people now", True),
        ("我们320人的制造业，算中型还是小型企业？", False),
        ("我们是小型企业，想买MES怎么选", False),
    ],
)
def test_size_is_told_by_trade_and_the_trade_is_asked_for(full_advisor, text, asked):
    reply = full_advisor.ask(Question(text, as_of=AS_OF))
    assert (reply.status == "clarify") is asked
    assert not asked or (reply.clarify.slot, len(reply.clarify.choices) >= 4) == ("industry", True)


@pytest.mark.slow
def test_after_two_places_compared_a_third_is_not_told_their_sums(full_advisor):
    before = Turn("Which pays more at level 2, Longyan or Zhongshan?", "Zhongshan has the higher cap.")
    reply = ask(full_advisor, "who in Vietnam pays for an ERP", history=(before,))
    assert reply.reason == "other_region"
    assert not any(name in reply.answer for name in ("Longyan", "Zhongshan", "Jiangxia"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("从哪天起我们公司之间必须开电子发票啊", True),
        ("by when must our shop issue e-invoices", True),
        ("by when must our shop in Antwerp issue e-invoices", False),
        ("we came out at level 3, what award do we get for it", True),
        ("we are in Pingshan and were certified at level 3, what award do we get", False),
    ],
)
def test_a_rule_of_one_country_or_town_is_no_answer_to_all(full_advisor, text, asked):
    reply = full_advisor.ask(Question(text, as_of=AS_OF))
    assert (reply.status == "clarify") is asked
    assert not asked or reply.clarify.slot == "region"


@pytest.mark.slow
def test_each_of_two_places_is_told_of(full_advisor):
    for text in (
        "shop in Lille, sister shop in Ghent. from when does each have to send e-invoices?",
        "from when are e-invoices mandatory in France and in Belgium",
    ):
        first, second, *_ = full_advisor.ask(Question(text, as_of=AS_OF)).statements
        assert {"France", "Belgium"} == {n for s in (first, second) for n in ("France", "Belgium") if n in s.text}


@pytest.mark.slow
def test_who_asks_what_he_gets_in_a_town_is_told_its_sums(full_advisor):
    for text in (
        "we are on Longyan's signed project list, how much can we get",
        "we're on Longyans list, whats the most we can get",
    ):
        told = full_advisor.ask(Question(text, as_of=AS_OF)).statements
        assert [s.kind for s in told[:3]] == ["record"] * 3


@pytest.mark.slow
def test_what_a_rule_of_elsewhere_says_does_not_fill_up(full_advisor):
    text = "机械厂，86个人，去年卖了2300万，算小型还是中型企业？"
    homes = {c.document for s in full_advisor.ask(Question(text, as_of=AS_OF)).statements for c in s.citations}
    assert homes == {"cn-sme-size-standard-2011"}
