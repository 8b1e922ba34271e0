"""What a question asks for (a date, a sum, a body, a reason …): surface signs only."""

from __future__ import annotations

import re
from functools import lru_cache

_WANTS = {
    "when": r"什么时候|啥时候|何时|几月|几号|哪天|哪年|哪一年|截止|多久|多长时间|几年|几个月|几天|多少[天年]|when\b|deadline|(?:which|what) (?:year|month|day)|date|how (?:long|soon|many (?:days|weeks|months|years))|pay ?back|until|from when",
    "money": r"多少钱|最[多高大](?:能|可以?)?(?:[补给拿领是有]|报销)?(?:到)?多少|(?:出|贴|给|拿|领|掏|投|奖)(?:了|到)?多少|几万|补多少|花多少|多少万|金额|砸了多少|how much|cost|price|amount|cap\b|ceiling|budget|fee|\bfines?\b|penalt|罚款|罚多少|paid|上限|封顶|补得多|给得多|maximum|\bmax\b|where (?:does|do|will|would) (?:it|that|they) (?:stop|end|top out)|pays? more|gave more|higher|bigger",
    "percent": r"几成|比例|百分|几个点|share|percent|what %|how many %|rate\b|what part",
    "count": r"多少(?:家|个|人|条|项|名|台)|几(?:家|个(?!点|月)|人|条|项|名|步|级|类|种)|(?:多少|几)分|how many|what score|how many points",
    "who": r"谁|哪个部门|哪家|找谁|哪个局|who\b|which (?:office|agency|authority|body|company|firm)",
    "which": r"哪些|有啥|有什么|哪几|还有啥|(?:什么|啥)(?:材料|资料|条件|要求|手续|证明|文件|替代)|(?:准备|满足|注意|写)(?:些)?(?:什么|啥)|都.{0,6}(?:什么|啥)|which\b|what are|what else|what (?:documents|papers|conditions|requirements|proof)|list\b|name the",
    "how": r"怎么|咋|如何|怎样|办法|法子|怎么治|how (?:do|can|to|should|did)",
    "why": r"为什么|为啥|凭什么|why\b|reason",
    "whether": r"吗|么[？?]?$|是不是|能不能|可不可以|可以不|有没有|能否|是否|行不行|^\W*(?:is|are|do|does|did|can|could|will|would|must|should|may|has|have|was|were)\b|, (?:is|are|do|does|did|can|will|must|should|may) (?:we|i|it|they|you|that|this)",
    "meaning": r"什么是|啥是|啥叫|什么叫|啥意思|什么意思|是什么|what(?:'s| is| are) |mean\b|stands? for",
    "result": r"效果|结果|省了|提高|后来|怎么样了|what happened|came out|result|achieve|save|improve|effect",
    "start": r"(?:怎么|如何|咋|怎样)(?:开始|起步|下手|入手)|从哪|从啥|先做|先上|先搞|先看|先弄|第一步|起步|最起码|头几件|起头|where .{0,30}\b(?:start|begin)|how (?:do|can|should|could) (?:we|i|a \w+(?: \w+)?) (?:start|begin)|first (?:step|thing|\w+ things)|get started",
    "case": r"案例|例子|同行|别人|人家|有人|example|case|who (?:has|else|did)|firms? like|similar|numbers",
    "safe": r"安全|病毒|勒索|被黑|泄露|hack|phish|scam|virus|ransom|breach|secur|attack",
    "where": r"哪里|在哪|去哪|哪儿|where\b|phone|电话|网址|address|contact",
}
# What meets what: a wish, and what in a sentence speaks to it.
MEETINGS = (
    ("when", "date"), ("when", "limit"), ("money", "money"), ("money", "percent"), ("percent", "percent"), ("count", "number"), ("count", "listing"),
    ("who", "body"), ("which", "listing"), ("how", "method"), ("why", "reason"), ("whether", "limit"), ("meaning", "meaning"), ("result", "result"),
    ("where", "contact"), ("start", "first"), ("case", "result"), ("safe", "guard"),
)  # fmt: skip
_WANT_PATTERNS = {name: re.compile(pattern, re.I) for name, pattern in _WANTS.items()}


@lru_cache(maxsize=40_000)
def wants(question: str) -> frozenset[str]:
    """Every kind of thing that the words of a question ask for.

    >>> sorted(wants("哪天截止，找谁报？"))
    ['when', 'who']
    """
    return frozenset(name for name, pattern in _WANT_PATTERNS.items() if pattern.search(question))
