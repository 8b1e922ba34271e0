"""What kind of answer a question wants, by cues of its wording that were weighed on questions labelled by hand."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from advisor.text import CJK, fold, stem

# How people ask for a thing, in words and in slang; any number of them may be heard in one question.
CUES: dict[str, str] = {
    "share": r"几成|百分之几|百分点|百分比|比例|几个点|per ?cent\b|percentage|what (?:share|part|portion)|how big a (?:part|share)|\bshare of",
    "count": r"几多|有几[个家张项台条名位]|几[家张台]|多少|how many|how much|几十|几百|几千|number of",
    "money": r"几多钱|多少钱|花了|掏|报几|补几|奖几|奖多少|给几|给多少|贴几|多少[万元]|价|费用|成本|\b(?:money|yuan|euros?|dollars?|yen|won|pounds?|sum|cap|max(?:imum)?|ceiling|limit|cost|price|fee|pay|paid|amount|worth|spend|spent|interest|budget|reward|target)\b",
    "limit": r"up to what|at most|最多|最高|封顶|上限|顶\b|怎么奖|咋算的|到多",
    "when": r"什么时候|啥时候|几时|何时|哪天|哪年|几月|几号|哪几天|\bwhen\b|which date|what date|since when|\bdate\b|last day|deadline|截止|到期|开始",
    "how_long": r"多久|几年|几个月|几天|多长时间|how long|how fast|how (?:many )?(?:weeks|months|days|years|soon)|good for\b|expire|run out",
    "still": r"\bstill\b|还(?:能|有效|开|作数|算|在|顶用|是|按)|顶用|有效不|作废|关了|closd?e?d?\b|passed\?|too late|any ?more|\bopen\b|in force|runs?\b|过期|停了|结束了|last month|this month|超了",
    "may": r"能不能|可不可以|行不行|行吗|可以吗|可以咩|能[^，。]{0,12}[吗不嘛咩][?？]?$|够格|够不够|有资格|资格|轮得到|能领|会不会被|算不算|符合|要不要|得先|\b(?:can|could|may|must|shall) (?:i|we|a|an|my|our|you)\b|eligib|qualif|ok for|allowed|\bcount(?:s)? as\b|\bcatch\b|concern|appl(?:y|ies) to (?:us|me)|for (?:folks|people|firms|firm|companies) like|\bdo we (?:have|need)\b|\bhave to\b|right one for|too small|bad for|enough\b",
    "i_am": r"\b(?:i'?m|we'?re|i am|we are|i run|we run|we make|i sell|our)\b|我是|我们是|我在|俺|咱|我们",
    "story": r"[.!?。！？].{3,}[?？]",
    "whom": r"找谁|问谁|跟谁|向谁|问哪|哪里能|在哪[里儿]?(?!个)|去哪|who(?:m)? (?:do|to|can|should)|whom|number to call|talk to|where (?:do|can|to)|which platform|哪个部门|递给谁|寄到",
    "apply": r"怎么(?:申|报|办|领)|申请|申报|报名|材料|手续|流程|交上去|file for|register|application|paperwork|papers|hand in|sign up|apply",
    "payout": r"打给|打钱|到账|直接给|分几回|几次给|transfer|in one go|cash\b|straight\b|money arrive",
    "what_is": r"什么是|是(?:个)?(?:什么|啥)|叫(?:什么|啥)|管啥|干啥用|啥意思|什么意思|那种|玩意|^\W*(?:so |and |ok,? )*what'?s?\b(?: is| are)? (?:an? |the |this )?|what does .{1,40} mean|what is .{0,30}called|stand for|counts as|anyway\b|what .{0,20} for$",
    "such_a_thing": r"有没有(?:能|软件|只|那种)|is there (?:something|a thing)|which kind of|what kind of",
    "differ": r"区别|差别|不同|分工|同一[把个]|一样|same (?:as|thing)|the same|difference|\bor not\b|versus|\bvs\b|compar|哪个(?:更|高|多|好)|还是.{2,12}[?？]?$|instead|比.{1,12}(?:多|少|高|低|好)",
    "several": r"哪些|哪几|哪几样|都叫啥|都有啥|有啥|有什么|清单|名单|哪(?:个)?行(?:业|当)?|分几(?:步|块|段)|什么优待|条件|\bwhich (?:trades|sectors|cities|counties|areas|stages|cycle|papers|provinces|countries)|\blist\b|which ones|what (?:digital )?(?:vouchers?|grants?|help|kinds|sorts|types)|any (?:grant|help|money|scheme)|is there (?:a|any) .{0,20}(?:voucher|grant|help|money|scheme|subsid)|building blocks|order of",
    "how_do": r"怎么(?:办|做|弄|搞|选|管|防|理|练|样)|咋(?:办|弄|防|做|整|治)|有(?:啥|什么|没有)?(?:招|办法|法子)|如何|办法|支招|头一件|先(?:做|上|整|装|学|干|要)|有必要|要不要|该(?:不该|怎么|咋)|注意|问清楚|问(?:什么|啥|哪)|划得来|合适|\b(?:what to do|how do (?:i|we|you)|how can|how to|how should|should (?:i|we)|ideas?|good idea|what helps|remedy|suggestions?|first thing|fix\?|jump to|what would|begin|where to start|before we|ask (?:my|the|our)|worth it|is it (?:worth|wise)|any way|way for|stop that|tell (?:him|her|my))\b",
    "they_did": r"那家|那个厂|他们|改造(?:之)?前|以后|效果|有没有.{0,12}(?:厂|企业).{0,8}(?:成功|做过|改|搞)|例子|案例|真(?:把|的)|\b(?:did|they|what did|how did|case|example|achiev\w+|results?|gain\w*|outcome|that firm|the firm|small firm that|did .{1,40} (?:do|help|lose|bring))\b",
    "level": r"几级|级|评测|评估|自测|打分|总分|得分|问卷|档|DMA|成熟度|场景|诊断|达标|assess|score|\blevels?\b|maturity|rated|rating|grading|tiers?|scene",
    "who_why": r"\b(?:who|why|whose)\b|谁(?:发|印|出|定|写|管)|为(?:什么|啥|何)|咋说|怎么说|听谁|发没发|what does .{1,30} say|is (?:it|that) true|对不对|真的吗|靠不靠谱|solid|proven|checked",
    "yes_no_en": r"^(?:\W*)(?:is|are|do|does|did|was|were|has|have|will|would)\b|, (?:is|are|do|does|did|was|will|would|could|can) ",
    "yes_no_zh": r"[吗嘛不没咩]\s*[?？]?$|是不是|有没有|能不能|要不要|会不会",
    "please": r"\bpls\b|please|报个数|给个",
    "short": r"^.{0,24}$",
    "long": r"^.{110,}$",
}
_CUES = tuple((name, re.compile(pattern, re.I)) for name, pattern in CUES.items())


def cues(text: str, rules: Sequence[str]) -> list[str]:
    """What is heard in the wording: cues, and which rules match, the first of them twice.

    >>> cues("几成？", ("amount",))
    ['cue:share', 'cue:short', 'rule:amount', 'first:amount']
    """
    heard = [f"cue:{name}" for name, pattern in _CUES if pattern.search(text)]
    return [*heard, *(f"rule:{r}" for r in dict.fromkeys(rules)), f"first:{rules[0] if rules else 'fact'}"]


def grams(text: str) -> list[str]:
    """Pieces of the wording, figures masked: runs of one to three Chinese characters, of one to three English stems, letters of words."""
    folded = re.sub(r"\d+(?:[.,]\d+)*", "0", fold(text))
    pieces: list[str] = []
    for run in re.findall(f"[{CJK}0]+", folded):
        pieces += [run[i : i + n] for n in (1, 2, 3) for i in range(len(run) - n + 1)]
    words = re.findall(r"[a-z0']+", folded)
    if len(words) > 2:
        stems = ["^", *(stem(w) for w in words), "$"]
        pieces += ["w:" + " ".join(stems[i : i + n]) for n in (1, 2, 3) for i in range(len(stems) - n + 1)]
        pieces += ["c:" + f"_{w}_"[i : i + n] for w in words for n in (3, 4) for i in range(len(w) + 3 - n)]
    return pieces


def features(text: str, rules: Sequence[str], known: Mapping[str, Any]) -> dict[str, float]:
    """Cues count one each; the known pieces of the wording together have the length `pieces` of a model."""
    counted: dict[str, float] = {}
    for piece in grams(text):
        if piece in known:
            counted[piece] = counted.get(piece, 0.0) + 1.0
    damped = {p: 1.0 + math.log(n) for p, n in counted.items()}
    length = math.sqrt(sum(v * v for v in damped.values())) or 1.0
    return {p: PIECES * v / length for p, v in damped.items()} | dict.fromkeys(cues(text, rules), 1.0)


PIECES = 2.0


@cache
def _model() -> dict[str, Any]:
    path = resources.files("advisor") / "models" / "question_types.json"
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


def scored(text: str, rules: Sequence[str], model: Mapping[str, Any] | None = None) -> dict[str, float]:
    """Probability of every type."""
    model = model or _model()
    kinds, weights = model["types"], model["weights"]
    logits = list(model["bias"])
    for name, value in features(text, rules, weights).items():
        for i, weight in enumerate(weights.get(name, ())):
            logits[i] += value * weight
    most = max(logits)
    shares = [math.exp(x - most) for x in logits]
    return {kind: share / sum(shares) for kind, share in zip(kinds, shares, strict=True)}
