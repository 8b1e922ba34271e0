"""Question types and the plan of speech that each deserves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from advisor.ask.question_types import scored
from advisor.model import Plan, Query, QuestionType
from advisor.text import tokens

PLANS: dict[QuestionType, Plan] = {
    "amount": Plan("amount", ("policy", "notice"), ("funding",)),
    "eligibility": Plan("eligibility", ("policy", "notice", "standard"), ("funding",)),
    "deadline": Plan("deadline", ("policy", "notice"), ("funding",), statements=3),
    "status": Plan("status", ("policy", "notice"), ("funding",), statements=3),
    "procedure": Plan("procedure", ("policy", "notice", "guide")),
    "definition": Plan("definition", ("term", "guide", "standard"), ("term",), statements=3),
    "comparison": Plan("comparison", ("policy", "notice", "standard"), ("funding", "term"), statements=6, documents=3),
    "list": Plan("list", ("policy", "notice", "catalogue"), (), statements=6, documents=5),
    "how_to": Plan("how_to", ("guide", "catalogue", "case"), (), statements=6, documents=3),
    "case": Plan("case", ("case", "catalogue"), ("case",), statements=6, documents=3),
    "assessment": Plan("assessment", ("standard", "guide"), ("indicator",)),
    "fact": Plan("fact"),
}

# Who met a word asks what it means, pointing at it: "PCF, what on earth is that".
_WORD_ASKED = (
    r"没听(?:说)?过|啥玩意|什么鬼|(?:什么|啥)叫|(?:干|做)(?:啥|什么)(?:用|使)的|(?:这|那|它)(?:个|种)?(?:东西|玩意儿?)?有(?:啥|什么)用|"
    r"\bwhat (?:does|do|would|will) (?:that|this|it|they|one)(?: thing)? (?:actually |even )?do\b|"
    r"\bwhat(?:'?s| is| are) (?:that|this|it|they)(?: thing)? (?:good )?for\b|"
    r"\bnever (?:heard|seen)(?: of)?(?: (?:it|that|this|them)| (?:the|that|this) (?:name|word|term))?(?=\W|$)|\bmeaning\W*$|"
    r"\bwhat (?:do|does|did) (?:they|he|she|it|that|this) mean\b|\bin plain (?:english|words|language)\b|"
    r"\bwhat(?: on earth| the (?:hell|heck|devil)| in the world| exactly)?(?:'?s| is| are) (?:that|this|it|those|these|they)(?: thing| word)?(?= in plain| exactly| supposed to be|\W*[,.?!]|\W*$)"
)
POINTS_AT_A_WORD = re.compile(rf"^\W*(?:and|so|ok(?:ay)?|那|那么)\W+|{_WORD_ASKED}", re.I)

# First match wins: the narrower wish stands before the wider one.
_RULES: tuple[tuple[QuestionType, str], ...] = (
    ("comparison", r"(?:是(?:不是)?(?:一个东西|一回事|同一个|一样)|区别|差别|差异|有(?:什么|啥|何)不一样|差在?哪|不同|对比|比较|相比|哪个(?:更|高|多|好|划算)|哪边|谁(?:更|(?:补|给|奖|贴)得)|(?:哪|谁)(?:个|边|家|里|儿|座|座城市|个城市)?[^，,。？?企]{0,6}(?:补|给|奖|贴)得(?:更|最)?(?:多|高)|还是[^，,。？?]{1,12}(?:划算|高|多|好|合适)|比(?!例|如|重|率|方|上年)[^，,。]{1,15}(?:更|要)?(?:高|多|低|好|少)(?!少))|谁给得多|哪(?:个|边|家)[^，,。？?]{1,4}得(?:更)?(?:细|严|宽|快|早|晚|久)|哪(?:个|边|家|张)(?:更)?(?:大|高|多|好|划算|低|少)|各自|分别|对照|各(?:给|补|拿|能|是)?多少|\bagainst\b.{3,90}\bwhich (?:one )?(?:is|was)\b|\b(?:vs\.?|versus|compar(?:e[ds]?|ing|ison)|differences?|differ|(?:the )?same (?:thing|as)|which (?:one )?(?:is|was|pays|paid|gives|gave|has|had)\b.{0,25}(?:more|higher|larger|bigger|better|lower|cheaper|longer|fatter|richer|stricter|easier|newer)|which of (?:the )?(?:two|them)|which (?:city|country|scheme|programme|side)(?:'s)?|where (?:do|does|would|can|could|will)\b.{0,40}\b(?:more|higher|bigger|larger|better)|who (?:pays|gave|gives|paid) more|or only (?:to )?one|the two (?:amounts|figures|caps)|both (?:figures|amounts|max|caps)|larger share|respectively|who pays more|more than|better than|higher than|better deal)\b"),
    ("definition", rf"{_WORD_ASKED}|什么是|啥是|(?:是|指)(?:什么|啥)(?:意思|东西|概念)?[？?。\s]*$|(?:什么|啥)意思|怎么理解|解释一下|^\W*(?:so |and |ok,? |please |hi,? )*what(?:'?s| is| are)(?: an?)? (?!(?:it|they|that|this|these|those|we|you|i|he|she) \w)(?!the (?:fines?|penalt|caps?|max|rates?|amount|deadline|costs?|price|share|ceiling|differ|catch|status))[\w&/-]+(?: [\w&/-]+){{0,4}}\?*\s*$|what does .{{1,60}} mean|meaning of|stands? for|define\b|\bis (?:that|this|it) an? \w+(?: \w+)? or an? \w+(?: \w+)?\W*$|\w\s*[=＝]\s*[?？]\s*$"),
    ("status", r"来得及|赶得上|晚了(?:吗|没)|too late|in time\b|还(?:能|可以|可)(?:不能)?(?:再)?(?:申请|申报|报|领|拿|用)|还(?:申请|申报|报名|报|领|拿)得?(?:到|上|了)|还(?:收|接收|接受|受理)(?:材料|申请|申报|报名|不|吗|么)|还(?:有|在|开放|有效|算数|作数|管用)(?:吗|么|没|不)|(?:结束|截止|停|关闭|过期|失效|废止|取消)了(?:吗|没|么)|是不是.{0,12}(?:结束|过期|废止|停)|现在还|是否(?:有效|仍)|\b(?:is|are|was|can|could|may|does|do|will)\b[^.?!]{0,60}\bstill\b|\bstill (?:time|open|apply|available|valid|in force|running|possible|going|there|worth|on|get|claim|exists?|counts?)\b|\b(?:closed|expired|discontinued|over already|available|any ?more)\b|in force"),
    ("deadline", r"什么时候|啥时候|几时|何时|哪天|几月|几号|\b(?<!say )when (?:does|do|will|is|are|must|can|did)\b|(?:which|what) (?:date|day|month)\b|(?:by|until|since) when"),
    ("deadline", r"什么时候|啥时候|何时|几月|几号|哪天|截止|期限|到(?:哪|什么)?(?:年|时候)|多久|时间(?:是|节点|窗口|安排)|\b(?:when|deadline|until|by what date|how long|expir\w+|due date|time ?frame|start date)\b"),
    ("case", r"案例|例子|同行|先例|效果(?:怎么样|怎样|如何|好不好|咋样)|有(?:人|谁|哪家).{0,6}(?:做成|做过|搞成|弄成|干成)|\b(?:case stud(?:y|ies)|success stor|examples? of (?:firms?|compan))|\b(?:show|name|find|tell) (?:me|us) (?:about )?(?:an?|some|any|one) .{0,60}\b(?:that|who|which) (?:went|did|has|have|made|moved|digit\w+|got|tried)\b"),
    ("list", r"有没有[^，。？?]{0,20}(?:补贴|补助|奖补|政策|奖励|资金|扶持|优惠)|\b(?:is|are) there (?:any|a|some) .{0,40}(?:grant|subsid|voucher|scheme|programme|funding|support)"),
    ("amount", r"\bshell(?:ed)? out\b|\bthe most (?:\w+ ){1,4}(?:get|receive|claim)\b|到手.{0,4}多少|\bwhat (?:comes|(?:do|can|would|will) we get) back\b|(?:补助|补贴|奖补|补偿)(?:金|款|资金)?(?:是)?怎么(?:算|个算法|补)|多少(?:钱|万|块|元|补|补贴|资金|比例|个点)|补(?:助|贴)?(?:到)?(?:多少|几)|能(?:补|拿|领|报|贴|给)(?:到)?(?:多少|几)|给(?:多少|几)|奖(?:励)?(?:多少|几)|(?:最高|最多|上限|封顶|金额|额度|比例|标准是|力度|贴息|几个点|预算)|(?:花|要|得)(?:多少|几)|(?:费用|成本|价格|报价(?!单|表))|多少|\b(?:how much|how many|amount|maximum|cap\b|ceiling|percentage|what share|share of|rate|funding level|(?<!no )(?<!little )budget|cost|price|fines?|penalt(?:y|ies)|pay(?:s|ment)?|cover(?:s|ed)?|worth)\b"),
    ("how_to", r"怎么办(?!理|手续|证)|咋办|怎么弄|咋弄|支(?:个|几)?招"),
    ("procedure", r"(?:怎么|如何|咋|怎样|哪里|在哪|去哪|找谁|向谁).{0,8}(?:申请|申报|报名|报|办|办理|领|拿|登记|注册|提交)|(?:流程|手续|材料|步骤|入口|网址|窗口)|\b(?:how (?:do|can|to|should) (?:i|we|you|my \w+|a \w+)?\s*(?:apply|register|claim|get (?:it|the)|submit|enrol)|where (?:do|can|to) (?:i|we)?\s*(?:apply|register)|application (?:process|form)|documents? (?:needed|required)|paperwork|procedure)\b"),
    ("case", r"案例|例子|同行|别人家|人家|哪家(?:厂|企业|公司)|有没有.{0,12}(?:做过|成功|先例)|效果(?:怎么样|如何)|(?:成功|失败)(?:经验|的)|\b(?:case stud(?:y|ies)|cases?|examples?|who (?:else )?has done|similar (?:firms?|compan)|firms? like|compan(?:y|ies) like|success stor|peers|what did .{1,40} (?:do|achieve|save))\b"),
    ("eligibility", r"(?:能不能|可不可以|可以|能否|能|可否|是否)(?:.{0,14})(?:申请|申报|享受|报|拿|领|参加|算|入选|补)|(?:资格|条件|门槛|符合|够格|够不够|要求)|算不算|属于|轮得到|有份|适用|\b(?:eligib\w+|qualif\w+|can (?:i|we|my|our|a|an)\b|may (?:i|we)|who can|requirements?|conditions?|criteria|allowed|entitled|count as|do we need|does (?:it|this) apply|are we)\b"),
    ("assessment", r"(?:几级|评级|评测|自测|测评|评估|打分|得分|多少分|水平等级|成熟度|诊断|哪一级|几分|场景等级)|\b(?:assess\w*|self-?(?:test|check|assessment)|score|maturity|grading|graded|which level|what level|diagnos\w+)\b"),
    ("how_to", r"(?:怎么|如何|咋|怎样|从哪|从啥|哪(?:一)?步|先(?:做|上|搞)|该(?:怎么|不该)|要不要|选(?:哪|什么|型)|注意(?:什么|哪些)|建议)|\b(?:how (?:do|can|should|to|would)|where (?:do|should|to) .{0,10}(?:start|begin)|should (?:i|we)|which .{1,30} (?:first|choose|pick)|what should|steps?|best way|what now|now what|advice|tips|choose|choosing|select)\b"),
    ("list", r"(?:哪些|有什么|有啥|都有|几个|几项|几种|列出|清单)|\b(?:which|list|what (?:kinds?|types?|programmes?|programs?|grants?|subsidies|schemes?|support|are)|name the|how many)\b"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(pattern, re.I)) for kind, pattern in _RULES)


# Asking about what was, not what is: history may then answer.
_PAST = re.compile(
    r"当时|当年|当初|前年|去年|那时|那阵|那会儿|那几年|以前|过去|曾经|回头看|已经(?:停|结束|收官|截止)|原来|历史|\b(?:did|was|were(?! (?:\d|an? |in |from |near |only |about |just ))|back (?:then|when|in)|used to|at the time|historically|gave|paid|had|former|finished|ended|closed)\b",
    re.I,
)


_MONEY = re.compile(
    r"多少钱|几成|比例|几个点|最[多高大](?:能|可以?)?(?:[补给拿领是有]|报销)?(?:到)?多少|多少(?:万|块|元|补|补贴|资金)|(?:补|给|投|花|出|奖|收|付|掏|贴|报销|领|拿)(?:了|到|我|我们|企业)?(?:多少|几(?!级|年|步|家))|到手.{0,4}多少|封顶|(?:返|退|拿)(?:得)?回(?:来)?.{0,3}多少|面值|金额|额度|费用|价格|报价|单家最(?:多|高)|上限|what (?:does|do|did|will|would) .{1,60}\bpay\b|what (?:comes|do we get|can we get|would we get|will we get) back\b|how much .{0,30}\b(?:comes|get|gets) back\b|how much (?:money|per|does|do|did|can|will|would|is|was|in)|\bthe most (?:\w+ ){1,4}(?:get|receive|claim)\b|\bshell(?:ed)? out\b|\bballpark\b|percentage|what share|rate\b|\bcap\b|maximum|ceiling|\bfees?\b|cost|price|charge|amount|worth|the most (?:an?|we|you|one|any) .{0,30}\b(?:gets?|receives?|paid)|pays? more|paid more|more money|gets? more|gives? more|gave more|larger share|bigger|补得(?:更|最)?(?:多|高)|给得(?:更|最)?(?:多|高)|(?:补助|补贴|奖补|奖励|资助|支持)[^，,。？?]{0,8}(?:哪个|哪边|哪家|哪里|谁)[^，,。？?]{0,6}(?:高|多|大)|share of|\bmax\b|what (?:subsid\w+|grants?|funding|money|vouchers?|support|bonus)\b.{0,40}\b(?:get|gets|give|gives|pay|pays|offer|offers|receive|available)\b",
    re.I,
)


def asks_for_money(query: Query) -> bool:
    """Whether a sum or a share is wanted, not just any number; a follow-up wants what the turn before wanted."""
    on = query.previous and query.plan.type in ("amount", "comparison")
    said = f"{query.previous} {query.text}" if on else query.text
    return bool(_MONEY.search(said))


# Public money as people call it.
_AID = re.compile(
    r"补贴|补助|奖补|奖励|奖金|扶持|资助|津贴|优惠|专项资金|补(?:多少|几|给|不补)|(?:给|有|能)补|政府.{0,6}(?:给|出|补)|(?:给|拿|领|报)(?:我们?|企业|得到|到)?(?:多少|几|钱)|[\u4e00-\u9fff]券(?!商)|"
    r"\b(?:grants?|subsid\w+|vouchers?|bonus(?:es)?|aid|public (?:money|funding|support)|funding|incentives?|(?<!we )(?<!they )(?<!you )(?<!\bi )(?<!\bhe )(?<!she )pays? (?:us|me|at most|for)|awards?|rewards?|how much .{0,40}\b(?:get|comes?) back|(?:city|state|district|town|council|government|province|county) (?:pays?|gives?|covers?|chips? in|contributes?)|(?:is|are) there (?:any |some )?money|money for (?:us|me))\b",
    re.I,
)


def asks_for_aid(text: str) -> bool:
    """Whether money or help is hoped for, however it is put."""
    return bool(_AID.search(text))


def asks_of_the_past(text: str) -> bool:
    return bool(_PAST.search(text))


# Rules that are right nearly always; the others only advise the model, and give way where it is sure.
_SURE = ("status", "procedure", "comparison", "amount")
_NARROW: dict[QuestionType, re.Pattern[str]] = {
    kind: next(pattern for k, pattern in _COMPILED if k == kind) for kind in ("case", "list", "how_to", "deadline")
}
_A_SUM = re.compile(
    r"多少|几|怎么(?:算|个算法|补)|最[高多大]|上限|封顶|金额|额度|比例|标准|力度|\b(?:how (?:much|many)|what|which|percentage|maximum|max|cap|ceiling|amount|rates?|shares?)\b",
    re.I,
)
_LEAST = 0.4
_AGAINST_A_RULE = 0.6


def matching(text: str) -> tuple[QuestionType, ...]:
    """The types whose rules match, the narrower before the wider."""
    return tuple(dict.fromkeys(kind for kind, pattern in _COMPILED if pattern.search(text)))


@lru_cache(maxsize=1024)
def question_type(text: str) -> QuestionType:
    """Remembered: a question and its parts are looked at again and again."""
    return type_by(text)


def type_by(text: str, model: Mapping[str, Any] | None = None) -> QuestionType:
    """By a rule that is sure; else by the model, unless it is in doubt."""
    rules = matching(text)
    first = rules[0] if rules else "fact"
    named_only = first == "amount" and not _A_SUM.search(text)  # "the price of our licence" asks for none
    if (first in _SURE and not named_only) or (first in _NARROW and _NARROW[first].search(text)):
        return first
    found = scored(text, rules, model)
    best = max(found, key=lambda kind: found[kind])
    return cast(QuestionType, best) if found[best] >= (_AGAINST_A_RULE if rules else _LEAST) else first


def without_asking(text: str, kind: QuestionType) -> str:
    """What a question was about, without what it wanted of it: a follow-up wants something else of the same.

    >>> without_asking("How much does Longyan pay at level 2?", "amount")
    'does Longyan at ?'
    """
    rest = text
    for wanted, pattern in _COMPILED:
        if wanted == kind:
            rest = pattern.sub(" ", rest)
    rest = " ".join(_LEVEL.sub(" ", rest).split())
    return rest if tokens(rest) else text


_LEVEL = re.compile(r"[一二三四1-4]级|\blevels? \d(?: (?:and|or) \d)?\b", re.I)
