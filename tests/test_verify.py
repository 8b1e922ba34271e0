"""The verifier on hand-written pairs: one sentence as cited, a faithful rewording that must pass, a fault that must not."""

from __future__ import annotations

import pytest

from advisor.ask.verify import Verdict, verdict, verify
from advisor.gazetteer import Gazetteer, Named
from advisor.model import Answer, Bilingual, Citation, Document, Statement

PLACES = Gazetteer.of(
    [
        Named("CN", Bilingual("中国", "China")),
        Named("CN/Anhui", Bilingual("安徽省", "Anhui"), ("安徽",)),
        Named("CN/Anhui/Hefei", Bilingual("合肥市", "Hefei"), ("合肥",)),
        Named("CN/Anhui/Wuhu", Bilingual("芜湖市", "Wuhu"), ("芜湖",)),
        Named("CN/Hubei/Wuhan", Bilingual("武汉市", "Wuhan"), ("武汉",)),
        Named("IE", Bilingual("爱尔兰", "Ireland"), ("Irish",), eu=True),
        Named("MT", Bilingual("马耳他", "Malta"), ("Maltese",), eu=True),
    ]
)


def document(text: str, language: str = "zh", **more: object) -> Document:
    return Document(
        id="d",
        title=Bilingual("若干政策", "Some policies"),
        kind="policy",
        text_origin="digest",
        texts={language: text},
        **more,
    )


def language_of(text: str) -> str:
    return "zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else "en"


def cite(quote: str, text: str | None = None, id: str = "d") -> Citation:
    text = text or quote
    start = text.index(quote)
    return Citation(id, language_of(text), f"{id}:0", quote, start, start + len(quote))


def written(text: str, quote: str, **more: object) -> Verdict:
    statement = Statement(text, "written", (cite(quote),))
    return verdict(statement, {"d": document(quote, language_of(quote), **more)}, PLACES)


def codes(found: Verdict) -> set[str]:
    return {b.partition(":")[0] for b in found.because}


# --- faithful ------------------------------------------------------------------------------------

FAITHFUL = [
    ("合肥市试点企业评测达到二级的，补贴最高30万元。", "合肥的试点企业评测到二级，最高可获得30万元补贴。"),
    ("合肥市试点企业评测达到二级的，补贴最高30万元。", "评测达到二级的合肥市试点企业，补贴不超过300,000元。"),
    (
        "合肥市对2024年完成改造的试点企业，按不超过数字化改造投入的50%给予一次性补贴。",
        "2024年完成改造的合肥试点企业，可一次性拿到最多为数字化改造投入一半的补贴。",
    ),
    ("企业应当在2025年6月30日前提交申报材料。", "申报材料须于2025年6月30日前由企业提交。"),
    ("申报企业不得同时享受其他中央财政资金支持。", "申报企业不能同时拿其他中央财政资金支持。"),
    ("仅限在本市登记注册的制造业中小企业申报。", "只有在本市登记注册的制造业中小企业才可申报。"),
    ("服务商为企业提供免费诊断，企业无需支付费用。", "企业无需支付费用，服务商免费提供诊断。"),
    ("部分地区由区级财政另行配套补贴。", "一些地区的区级财政另行给配套补贴。"),
    ("由于订单系统与车间系统没有打通，交货期经常延误。", "交货期经常延误，是因为订单系统与车间系统没有打通。"),
    ("工业和信息化部、财政部于2024年组织第二批城市试点工作。", "第二批城市试点由工信部和财政部在2024年组织。"),
    ("除房地产企业外，所有中小企业均可申请贴息。", "所有中小企业都可以申请贴息，房地产企业除外。"),
    ("该企业上线MES后，生产周期缩短34%。", "上了MES以后，这家企业的生产周期缩短了34%。"),
    (
        "依据《中小企业数字化水平评测指标（2024年版）》，二级企业得分为40分至60分。",
        "按《中小企业数字化水平评测指标（2024年版）》，40分到60分为二级企业。",
    ),
    (
        "到2027年，力争规模以上工业企业数字化改造覆盖率达到80%。",
        "目标是到2027年规模以上工业企业数字化改造覆盖率达到80%。",
    ),
    ("贴息期限最长不超过2年，每年贴息1.5个百分点。", "每年贴息1.5个百分点，贴息期限最长2年。"),
    (
        "A Hefei pilot firm assessed at digital level 2 gets at most 300,000 yuan.",
        "Pilot firms in Hefei assessed at digital level 2 can get up to 300,000 yuan.",
    ),
    (
        "For upgrades finished in 2024 Hefei paid a pilot firm once up to 50 % of its digital upgrade spending.",
        "Hefei paid a pilot firm up to 50 percent of its digital upgrade spending, once, for upgrades finished in 2024.",
    ),
    ("Applicants must submit the form by 30 June 2025.", "The form has to be submitted by applicants by 30 June 2025."),
    (
        "The voucher does not cover hardware or standard office software.",
        "Hardware and standard office software are not covered by the voucher.",
    ),
    (
        "Only firms registered in Ireland with fewer than 50 employees may apply.",
        "Only Irish registered firms with fewer than 50 employees can apply.",
    ),
    (
        "The grant covers half of eligible costs, up to EUR 5,000.",
        "Up to EUR 5,000, the grant covers 50 % of eligible costs.",
    ),
    ("Some banks offer the loan without collateral.", "Several banks offer the loan without collateral."),
    (
        "Delivery dates slipped because the order system was not connected to the shop floor.",
        "Because the order system was not connected to the shop floor, delivery dates slipped.",
    ),
    (
        "Firms may claim the second half after the project has been inspected.",
        "After the project has been inspected, firms can claim the second half.",
    ),
    (
        "All members except sole traders are entitled to three days of free advice.",
        "Except for sole traders, all members are entitled to 3 days of free advice.",
    ),
    (
        "The Ministry of Finance pays the subsidy once a year.",
        "Once a year the subsidy is paid by the Ministry of Finance.",
    ),
    (
        "With the MES the firm cut lead time from 12 days to 8 days.",
        "The firm cut lead time from 12 to 8 days with the MES.",
    ),
    ("Article 12 requires an audit every two years.", "An audit every 2 years is required by Article 12."),
]


@pytest.mark.parametrize(("quote", "text"), FAITHFUL)
def test_a_faithful_rewording_passes(quote, text):
    assert written(text, quote) == Verdict(True)


@pytest.mark.parametrize("quote", sorted({q for q, _ in FAITHFUL}))
def test_a_sentence_supports_itself(quote):
    assert written(quote, quote) == Verdict(True)


# --- faults --------------------------------------------------------------------------------------

FAULTS = {
    "number": [
        ("合肥市试点企业评测达到二级的，补贴最高30万元。", "合肥市试点企业评测达到二级的，补贴最高35万元。"),
        ("规模以上企业共有1,280家完成改造。", "规模以上企业共有1,820家完成改造。"),
        ("合肥市试点企业评测达到二级的，补贴最高30万元。", "合肥市试点企业评测达到三级的，补贴最高30万元。"),
        ("企业享受三天免费咨询。", "企业享受五天免费咨询。"),
        ("工业和信息化部组织第二批城市试点。", "工业和信息化部组织第三批城市试点。"),
        ("The voucher pays 50 % of eligible costs, up to EUR 7,500.", "The voucher pays 60 % of eligible costs, up to EUR 7,500."),
        ("All members are entitled to three days of advice.", "All members are entitled to four days of advice."),
        ("A firm at level 2 gets at most 300,000 yuan.", "A firm at level 3 gets at most 300,000 yuan."),
    ],
    "unit": [
        ("补贴最高30万元。", "补贴最高30亿元。"),
        ("补贴最高30万元。", "补贴最高30万美元。"),
        ("材料齐全的，15个工作日内答复。", "材料齐全的，15天内答复。"),
        ("贴息1.5个百分点。", "贴息1.5%。"),
        ("培训覆盖200人。", "培训覆盖200家。"),
        ("项目期限不超过18个月。", "项目期限不超过18年。"),
        ("The cap is EUR 7,500 per firm.", "The cap is GBP 7,500 per firm."),
        ("Projects must end within 18 months.", "Projects must end within 18 weeks."),
        ("The scheme paid EUR 20 million.", "The scheme paid EUR 20 billion."),
        ("It reached 400 firms.", "It reached 400 people."),
    ],
    "date": [
        ("企业应当在2025年6月30日前提交申报材料。", "企业应当在2025年7月30日前提交申报材料。"),
        ("政策自2024年1月1日起施行。", "政策自2023年1月1日起施行。"),
        ("企业应当在2025年6月提交申报材料。", "企业应当在2025年6月30日提交申报材料。"),
        ("政策有效期至2026年12月31日止。", "政策自2026年12月31日起有效。"),
        ("Applicants must submit the form by 30 June 2025.", "Applicants must submit the form by 30 July 2025."),
        ("The call closes on 31 March 2026.", "The call closes on 31 March 2027."),
    ],
    "name": [
        ("合肥市试点企业补贴最高30万元。", "芜湖市试点企业补贴最高30万元。"),
        ("合肥市试点企业补贴最高30万元。", "安徽省试点企业补贴最高30万元。"),
        ("财政部负责资金拨付和绩效评价。", "商务部负责资金拨付和绩效评价。"),
        ("由市工业和信息化局受理申报材料。", "由市财政局受理申报材料。"),
        ("依据《中小企业促进法》制定本办法。", "依据《数据安全法》制定本办法。"),
        ("通知文号为财建〔2024〕148号。", "通知文号为财建〔2024〕184号。"),
        ("该企业上线MES后，生产周期缩短34%。", "该企业上线WMS后，生产周期缩短34%。"),
        ("企业按ISO 50001做能源管理。", "企业按ISO 50006做能源管理。"),
        ("INDUSTR_I4.0由荷兰的机构办理。", "INDUSTR_I4.6由荷兰的机构办理。"),
        ("Hefei pays pilot firms at most 300,000 yuan.", "Wuhu pays pilot firms at most 300,000 yuan."),
        ("The Ministry of Finance pays the subsidy.", "The Ministry of Commerce pays the subsidy."),
        ("Enterprise Ireland pays the voucher.", "Enterprise Malta pays the voucher."),
        ("Article 12 requires an audit.", "Article 21 requires an audit."),
        ("The firm connected its machines with SAP.", "The firm connected its machines with Oracle."),
    ],
    "negation": [
        ("申报企业不得同时享受其他中央财政资金支持。", "申报企业可以同时享受其他中央财政资金支持。"),
        ("硬件设备不计入改造投入。", "硬件设备计入改造投入。"),
        ("软件投入计入改造投入，硬件投入不计入改造投入。", "软件投入不计入改造投入。"),
        ("企业需要提供抵押物。", "企业不需要提供抵押物。"),
        ("补贴在验收后拨付。", "补贴在验收后不拨付。"),
        ("The voucher does not cover hardware.", "The voucher covers hardware."),
        ("The voucher covers cloud services.", "The voucher does not cover cloud services."),
        ("Firms that have not been assessed cannot apply.", "Firms that have been assessed cannot apply."),
        ("The loan is offered without collateral.", "The loan is offered with collateral."),
    ],
    "modality": [
        ("企业应当在验收前完成评测。", "企业可以在验收前完成评测。"),
        ("企业可以选择任意一家服务商。", "企业必须选择任意一家服务商。"),
        ("鼓励企业使用云服务。", "企业必须使用云服务。"),
        ("力争到2027年覆盖率达到80%。", "2027年覆盖率达到80%。"),
        ("Firms must have an assessment before they apply.", "Firms may have an assessment before they apply."),
        ("Firms may ask for an advance.", "Firms must ask for an advance."),
        ("The city plans to support 400 firms.", "The city supports 400 firms."),
    ],
    "scope": [
        ("仅限在本市登记注册的制造业中小企业申报。", "在本市登记注册的制造业中小企业申报。"),
        ("除房地产企业外，中小企业均可申请贴息。", "中小企业均可申请贴息。"),
        ("合肥市试点企业评测达到二级的，补贴最高30万元。", "合肥市试点企业补贴最高30万元。"),
        ("合肥市试点企业补贴最高30万元。", "合肥市试点企业补贴30万元。"),
        ("从业人员20人以上的企业可以申报。", "从业人员20人以下的企业可以申报。"),
        ("企业可以申报诊断服务。", "只有企业可以申报诊断服务。"),
        ("Only firms with fewer than 50 employees may apply.", "Firms with fewer than 50 employees may apply."),
        ("The grant pays up to EUR 5,000.", "The grant pays EUR 5,000."),
        ("Firms with at least 10 employees may apply.", "Firms with at most 10 employees may apply."),
        ("The credit covers software unless it was bought before 2024.", "The credit covers software."),
        ("All members except sole traders are entitled to free advice.", "All members are entitled to free advice."),
        ("A Hefei pilot firm assessed at level 2 gets at most 300,000 yuan.", "A Hefei pilot firm gets at most 300,000 yuan."),
    ],
    "quantifier": [
        ("部分地区由区级财政另行配套补贴。", "所有地区由区级财政另行配套补贴。"),
        ("所有试点企业都要接受评测。", "部分试点企业要接受评测。"),
        ("多数企业从财务软件开始。", "企业都从财务软件开始。"),
        ("贴息每年1.5个百分点。", "贴息每月1.5个百分点。"),
        ("Some banks offer the loan.", "All banks offer the loan."),
        ("All pilot firms are assessed.", "Some pilot firms are assessed."),
        ("Most firms begin with accounting software.", "Firms always begin with accounting software."),
        ("The subsidy is paid once.", "The subsidy is paid annually."),
    ],
    "cause": [
        ("由于订单系统与车间系统没有打通，交货期经常延误。", "由于交货期经常延误，订单系统与车间系统没有打通。"),
        ("Delivery dates slipped because the order system was not connected.", "The order system was not connected because delivery dates slipped."),
    ],
    "direction": [
        ("上线系统后，库存周转天数减少。", "上线系统后，库存周转天数增加。"),
        ("After the upgrade scrap fell by 12 %.", "After the upgrade scrap rose by 12 %."),
    ],
    "citation": [
        ("合肥市认可的改造投入是软件、云服务和数据采集设备。", "合肥市政策由市政府办公室印发，分批兑现。"),
        ("Hefei accepts spending on software and cloud services.", "Hefei pays the upgrade subsidy in batches."),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "quote", "text"), [(k, q, t) for k, pairs in FAULTS.items() for q, t in pairs])
def test_a_fault_is_found(kind, quote, text):
    assert not written(text, quote).supported


@pytest.mark.parametrize("quote", sorted({q for pairs in FAULTS.values() for q, _ in pairs}))
def test_the_sound_side_of_a_fault_passes(quote):
    assert written(quote, quote) == Verdict(True)


@pytest.mark.parametrize(
    ("quote", "text", "code"),
    [
        ("补贴最高30万元。", "补贴最高35万元。", "figure_not_cited"),
        ("补贴最高30万元。", "补贴最高30万美元。", "unit_differs"),
        ("补贴最高30万元。", "补贴最低30万元。", "bound_differs"),
        ("合肥市试点企业补贴最高30万元。", "芜湖市试点企业补贴最高30万元。", "name_not_cited"),
        ("Article 12 requires an audit.", "Article 21 requires an audit.", "number_not_cited"),
        ("The voucher does not cover hardware.", "The voucher covers hardware.", "negation_differs"),
        ("Firms may ask for an advance.", "Firms must ask for an advance.", "modality_differs"),
        (
            "The credit covers software unless it was bought before 2024.",
            "The credit covers software.",
            "scope_dropped",
        ),
        ("Some banks offer the loan.", "All banks offer the loan.", "quantifier_differs"),
        ("Scrap fell because dust was filtered.", "Dust was filtered because scrap fell.", "cause_swapped"),
        ("After the upgrade scrap fell by 12 %.", "After the upgrade scrap rose by 12 %.", "direction_differs"),
        ("Hefei accepts spending on software.", "Hefei pays the subsidy in batches.", "too_far_from_the_quote"),
    ],
)
def test_the_verdict_says_what_is_wrong(quote, text, code):
    assert code in codes(written(text, quote))


def test_a_swapped_claim_in_free_words_can_pass():
    """A known limit: word rules do not see who did what to whom."""
    quote = "Suppliers asked the manufacturer to share its data."
    assert written("The manufacturer asked suppliers to share data.", quote).supported


# --- across languages ----------------------------------------------------------------------------


def test_figures_and_places_are_compared_across_languages():
    quote = "A Hefei pilot firm assessed at level 2 gets at most 300,000 yuan within 15 working days."
    assert written("合肥市评测达到二级的试点企业，15个工作日内最多拿30万元。", quote).supported
    assert codes(written("芜湖市评测达到二级的试点企业，15个工作日内最多拿30万元。", quote)) == {"name_not_cited"}
    assert codes(written("合肥市评测达到二级的试点企业，15天内最多拿30万元。", quote)) == {"unit_differs"}


def test_nothing_ties_a_sentence_to_a_quote_in_the_other_language():
    assert codes(written("企业应当先做诊断。", "Firms get advice.")) == {"too_far_from_the_quote"}


# --- names that the document's own labels carry ---------------------------------------------------


def test_a_statement_may_call_its_document_by_title_and_issuer():
    quote = "试点企业补贴最高30万元。"
    text = "市财政局的《若干政策》规定，试点企业补贴最高30万元。"
    assert codes(written(text, quote)) == {"name_not_cited"}
    assert written(text, quote, issuer=Bilingual("合肥市财政局", None)).supported


def test_a_heading_above_the_quote_names_the_place():
    text = "# 合肥市政策\n\n## 补多少\n\n试点企业补贴最高30万元。\n\n# 芜湖市政策\n\n试点企业补贴最高20万元。"
    statement = Statement("合肥试点企业补贴最高30万元。", "written", (cite("试点企业补贴最高30万元。", text),))
    assert verdict(statement, {"d": document(text)}, PLACES).supported
    other = Statement("合肥试点企业补贴最高20万元。", "written", (cite("试点企业补贴最高20万元。", text),))
    assert codes(verdict(other, {"d": document(text)}, PLACES)) == {"name_not_cited"}


# --- quotes, records, arithmetic -----------------------------------------------------------------


def test_a_quote_must_stand_at_its_offset():
    text = "补贴最高30万元。企业应当先评测。"
    good = cite("企业应当先评测。", text)
    moved = Citation("d", "zh", "d:0", good.quote, 0, len(good.quote))
    strange = Citation("x", "zh", "x:0", good.quote, 0, len(good.quote))
    documents = {"d": document(text)}
    assert verdict(Statement(good.quote, "quoted", (good,)), documents) == Verdict(True)
    assert codes(verdict(Statement(good.quote, "quoted", (moved,)), documents)) == {"quote_not_verbatim"}
    assert codes(verdict(Statement(good.quote, "quoted", (strange,)), documents)) == {"document_unknown"}
    assert codes(verdict(Statement("企业应先评测。", "quoted", (good,)), documents)) == {"text_is_not_the_quote"}
    assert codes(verdict(Statement(good.quote, "quoted"), documents)) == {"no_citation"}
    assert verdict(Statement("截至今天没有找到。", "notice"), documents) == Verdict(True)


def test_a_record_must_be_quoted_figure_by_figure():
    quote = "合肥市试点企业评测达到二级的，补贴最高30万元。"

    def record(text: str) -> Verdict:
        return verdict(Statement(text, "record", (cite(quote),)), {"d": document(quote)}, PLACES)

    assert record("若干政策（二级）：最多30万元。") == Verdict(True)
    assert codes(record("若干政策（二级）：最多40万元。")) == {"figure_not_cited"}
    assert codes(record("若干政策（二级）：最少30万元。")) == {"bound_differs"}
    assert codes(record("芜湖市（二级）：最多30万元。")) == {"name_not_cited"}


def derived(formula: str | None, text: str = "合肥的上限更高（50万元，芜湖为25万元）。") -> Verdict:
    one, two = "合肥市补贴最高50万元，比例为40%。", "芜湖市补贴最高25万元，比例为50%。"
    joined = f"{one}{two}"
    statement = Statement(text, "derived", (cite(one, joined), cite(two, joined)), formula)
    return verdict(statement, {"d": document(joined)}, PLACES)


@pytest.mark.parametrize(
    "formula",
    [
        "50万元 > 25万元",
        "50万元 > 25万元; 25万元 ÷ 40 % ≈ 62.5万元",
        "50万元 − 25万元 = 25万元",
        "50万元 + 25万元 = 75万元; 75万元 × 40 % = 30万元",
        "(50万元 − 25万元) × 50% = 12.5万元",
        "50万元 ÷ 25万元 = 2",
    ],
)
def test_arithmetic_that_holds(formula):
    assert derived(formula) == Verdict(True)


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (None, "formula_missing"),
        ("25万元 > 50万元", "arithmetic_wrong"),
        ("50万元 − 25万元 = 20万元", "arithmetic_wrong"),
        ("25万元 ÷ 40 % ≈ 70万元", "arithmetic_wrong"),
        ("50万元 − 20万元 = 30万元", "formula_input_not_cited"),
        ("50万元 > 25万美元", "formula_input_not_cited"),
        ("50万元 ÷ 0 = 0", "formula_unreadable"),
        ("50万元多于25万元", "formula_unreadable"),
        ("50万元 ×", "formula_unreadable"),
    ],
)
def test_arithmetic_that_does_not_hold(formula, code):
    assert code in codes(derived(formula))


def test_a_derived_sentence_says_no_more_than_its_formula():
    assert codes(derived("50万元 > 25万元", "合肥的上限更高（50万元，芜湖为25万元），相差30万元。")) == {
        "figure_not_cited"
    }
    assert codes(derived("50万元 > 25万元", "武汉的上限更高（50万元，芜湖为25万元）。")) == {"name_not_cited"}


def test_verify_marks_and_keeps_every_statement():
    quote = "补贴最高30万元。"
    answer = Answer(
        "answered",
        (Statement(quote, "quoted", (cite(quote),)), Statement("补贴最高90万元。", "written", (cite(quote),))),
    )
    checked = verify(answer, {"d": document(quote)})
    assert [s.text for s in checked.statements] == [s.text for s in answer.statements]
    assert [s.supported for s in checked.statements] == [True, False]
    assert checked.statements[1].unsupported_because == ("figure_not_cited:90万元",)


def test_a_word_list_lets_languages_be_compared():
    words = {"企业应当先做诊断。": [("firm", 1.0), ("diagnosi", 1.0), ("must", 1.0)]}

    def translated(quote: str) -> Verdict:
        statement = Statement("企业应当先做诊断。", "written", (cite(quote),))
        return verdict(statement, {"d": document(quote, "en")}, PLACES, lambda text, into: words[text])

    assert translated("A firm must first have a diagnosis.") == Verdict(True)
    assert codes(translated("Banks offer the loan through branches.")) == {"too_far_from_the_quote"}


def test_an_overwritten_figure_is_found_though_the_quote_has_it_elsewhere():
    quote = "要求至少6个场景达到二级，其中至少3个是约束性场景。"
    assert "figure_repeated" in codes(written("要求至少3个场景达到二级，其中至少3个是约束性场景。", quote))


def test_sharing_the_subjects_name_alone_is_no_support():
    quote = "The Northern Growth Digital Voucher for Small Manufacturers pays half of the invoice."
    text = "The Northern Growth Digital Voucher for Small Manufacturers trains apprentices."
    title = Bilingual(None, "Northern Growth Digital Voucher for Small Manufacturers")
    plain = Document("d", title, "policy", "digest", {"en": quote})
    assert codes(verdict(Statement(text + " Robots weld.", "written", (cite(quote),)), {"d": plain})) == {
        "too_far_from_the_quote"
    }
    assert verdict(Statement(quote, "written", (cite(quote),)), {"d": plain}).supported
