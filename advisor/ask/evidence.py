"""What speaks against one sentence being drawn from given texts: named amounts, each higher where support is worse.

Every amount compares the sentence with the texts it was to be drawn from; the weights come from scripts/train_support.py.
Words of the classes below rule what a sentence says: one that comes in or drops out may turn it round.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from advisor.ask.agreement import agreement_faults
from advisor.ask.aligned import crossed, pairs, roles_swapped
from advisor.ask.figures import Figure, carried, figure_faults, figures, folded
from advisor.ask.known_names import KnownNames
from advisor.ask.names import head_swapped, label_instead, strange_names, strange_numbers, strange_places
from advisor.ask.opposed import opposed
from advisor.ask.sorts import sorts_swapped
from advisor.ask.words import Held, Word, beside, held, likeness, words
from advisor.gazetteer import Gazetteer
from advisor.text import sentences

_NOT_A_DENIAL = re.compile(
    r"不[得能可应许]?(?:超过|高于|低于|少于|多于|大于|小于|晚于|早于|迟于)|不(?:足|到(?=\s*[\d一二三四五六七八九十半两几个])|断|仅|但|同|等|论|管|锈|良|动产|妨|错|久|止|多|长|少|高|大|贵|超)(?!再)|不(?:只|光)是"
    r"|无(?:论|锡|人机|线|纸|形|缝|尘|忧)|未来|非(?:常|洲|遗|凡)|没收|[年月天]不到|(?:是|算|能|可|需|要|有)[不没](?:是|算|能|可|需|要|有)|(?:核实|确认|证实|证明)"
    r"|\bnot only\b|\bno (?:more|less|fewer|later|lower|higher|longer) than\b|\bnot (?:more|less|fewer|later|to exceed|exceeding|exceed|above|below|just|merely)\b|\bnever more\b|\bno\. ?\d|\bnon-profit\b|\bno later\b"
)
_CLASSES: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "not": r"不得|不能|不可|不予|不再|没有|尚未|从未|并非|不|没|未|无|(?<![除莫])非|别(?=[把在用先急让去选买上拿])|禁止|严禁|勿|\b(?:not|no|never|without|cannot|none|nor|neither|nothing|nobody)\b|n't\b|\bnon-",
        "denied": r"除外|排除|停止|终止|取消|拒绝|退出|失效|废止|暂停|撤|缺|避免|禁|免(?=[于去除])|落选|驳回|否|反对|失去|丢|\b(?:avoid\w*|exclud\w+|exempt\w*|ineligible|unable|stop\w*|cancel\w*|refus\w+|reject\w*|ban(?:s|ned)?|barred?|forbid\w*|forbad\w*|prohibit\w*|lack\w*|missing|miss(?:es|ed)|ceas\w+|shuts?|struck off|taken out|removed|poorly|fail(?:s|ed)?|instead|withdr[ae]w\w*|lost|los[et]s?|den(?:y|ies|ied)|declin\w+|disqualif\w+|prevent\w*|rul\w+ out|rather than|free (?:of|from)|apart from)\b",
        "must": r"必须|必需|务必|应当|(?<![相供反适响对顺回])应(?![用对急收付答链变届])|(?<![无不必])须(?!知)|(?<![无不急刚供内])需(?![求])|强制|(?<![提按])要求|得(?=[先有在用向交到由按等留是再去把做占])|\b(?:must|shall|mandatory|compulsory|oblig\w+|require[sd]?|requirements?|(?:has|have|had|needs?) to|necessary|duty|bound to)\b",
        "shall": r"(?<![重需主只不必还所将想])要(?![点素求件闻约么不是])|\\b(?:is|are|was|were) to\\b",
        "may": r"可以|(?<![许认不宁])可(?![视靠持见行观信控编])|允许|能够|有权|能(?![源耗力量效])|\b(?:may|can|could|might|allow\w*|permit\w*|eligible|entitled|able to|lets?)\b",
        "free": r"自愿|任选|随意|自行决定|可选|不必|无须|无需|不用|不强制|免于|\b(?:voluntar\w+|optional\w*|free to|choose (?:to|whether)|need not|not (?:required|obliged|mandatory|compulsory)|at (?:its|their) discretion|ignore)\b",
        "law": r"强制|法定|依法|法律(?:规定|义务)|处罚|\b(?:by law|compulsory|mandatory|enforced?|legally|binding|obliged|penalt\w+)\b",
        "advice": r"建议|鼓励|推荐|引导|倡导|最好|宜|\b(?:should|recommend\w*|encourag\w+|advis\w+|suggest\w*|ought)\b",
        "planned": r"力争|争取|拟(?![合人])|计划|预计|预期|目标|打算|有望|估计|预测|旨在|希望|将(?![近])|\b(?:aim\w*|plan(?:s|ned)? to|expect\w*|target\w*|goals?|intend\w*|propos\w+|estimat\w+|forecast\w*|foresee\w*|wants?|will|hopes?|meant to|should|in future|seek\w*)\b",
        "done": r"已经|已|实测|证实|确认|完成|达成|实现了|\b(?:already|confirmed|achieved|reached|completed|proven|measured|has been|have been|audited|in fact|finally)\b",
        "sure": r"一定|肯定|保证|必然|自动获|确保|必定|\b(?:guarantee[sd]?|certain(?:ly)?|automatic(?:ally)? (?:get|receiv|qualif)\w*|always|definitely|bound to|sure to|inevitabl\w+)\b",
        "perhaps": r"可能|或许|也许|大概|据称|据说|有待|未经核实|未核实|\b(?:possibl\w+|perhaps|maybe|might|reportedly|likely|unverified|not verified|unconfirmed|said to|claim\w*)\b",
        "only": r"仅|(?<![不一每两几三这那整船])只(?!要)|唯一|限于|专门|独家|\b(?:only|solely|exclusively|restricted to|limited to|no one but|alone|just|merely|mere)\b|除.{1,20}外[^，]{0,4}[不均无]",
        "except": r"除外|除了?[^，。]{1,30}?[以之]?外|除非|不含|不包括|例外|\b(?:except\w*|excluding|excludes?|unless|other than|apart from|does not include|save for|regardless)\b",
        "all": r"所有|全部|全体|一律|(?<![平人])均(?!衡|值|价|可再)|(?<![首成])都(?!市)|凡|任何|每[一个家户名]|各|人人|全国|到处|\b(?:all|every\w*|any|always|each|entire\w*|whole|everywhere|nationwide)\b",
        "some": r"部分(?!别)|一些|有些|有的|若干|少数|个别|几[个家项]|\b(?:some|several|a few|few|certain|part of|partly|a number of|selected|sometimes|a handful)\b",
        "most": r"大多数?|多数|大部分|绝大|主要|基本上|\b(?:(?<!at )most|majority|mostly|mainly|largely|chiefly)\b",
        "half": r"一半|半数|过半|\bhalf\b",
        "floor": r"下限|最低|最短|最少|至少|不(?:低于|少于|小于)|起步|以上|\b(?:at least|floor|minimum|min\.?|shortest|smallest|least|no (?:less|fewer) than|or (?:more|above|over|higher)|from \d)\b",
        "ceiling": r"上限|最高|最长|最多|至多|不超过|封顶|以[内下]|\b(?:at most|ceiling|maximum|max\.?|longest|largest|cap(?:ped)?|up to|no (?:more|longer|higher) than|or (?:less|fewer|below|under|lower)|limit)\b",
        "over": r"超过|远超|突破|多于|高于|逾|[多余](?=[元人家个项名户台年天次吨])|\b(?:over|more than|above|exceed\w*|well over|beyond|upwards of)\b",
        "under": r"不到|不足|低于|少于|未满|\b(?:under|less than|fewer than|below|short of|barely)\b",
        "about": r"大约|约|左右|接近|近(?=\d)|将近|上下|差不多|\b(?:about|around|nearly|almost|roughly|approximately|some(?= \d)|close to)\b",
        "once": r"一次性|一次|\bone-off\b|\bone-time\b|\blump sum\b|\bonce\b",
        "yearly": r"每年|年度|按年|一年|年均|\b(?:annual(?:ly)?|yearly|(?:per|a|each|every) year)\b",
        "monthly": r"每月|按月|一个月|月(?=产)|\b(?:monthly|(?:per|a|each|every) month)\b",
        "daily": r"每天|每日|一天|\b(?:daily|(?:per|a|each|every) day)\b",
        "before": r"之前|以前|事前|(?<=[日月年成])前|先|\b(?:before|prior to|until|first|in advance|upfront|no later than|by)\b",
        "after": r"之后|以后|事后|(?<=[日月年成收])后|起|\b(?:after|following|since|from|once|afterwards|later)\b",
        "still": r"仍|还在|继续|保留|照常|开放|\b(?:still|continue\w*|remain\w*|stays?|open|ongoing|keeps?)\b",
        "over_now": r"结束|截止|停|到期|过期|关闭|取代|废止|不再|\b(?:ended?|ends|closed|closes|over|expired?|expires|no longer|stopped|replaced|discontinued|disappear\w*|dropp?(?:ed|s)?|past)\b",
        "also": r"也|同样|还(?=[能可要有])|\b(?:also|too|as well|likewise)\b",
        "up": r"提高|提升|增[加长多]|增|上升|上涨|涨|扩大|翻|升|加(?=[了到\d])|\b(?:increas\w+|rais\w+|rose|risen?|rises?|grew|grow\w*|gain\w*|improv\w+|up|higher|more|doubl\w+|expand\w*|faster|additional|lift\w*)\b",
        "down": r"降低|减[少至了]?|下降|缩短|缩减|削减|下滑|降|缩|少了|跌|\b(?:decreas\w+|reduc\w+|fell|falls?|fallen|drop\w*|cuts?|declin\w+|lower\w*|short\w*|down|less|fewer|sav\w+|shr[aiu]nk\w*|halv\w+|slower)\b",
        "cause": r"因为|由于|因此|因而|从而|所以|导致|造成|使|\b(?:because|due to|owing to|therefore|thus|leads? to|led to|caus\w+|result\w*|thanks to|so that|since)\b",
        "if": r"如果?|若|凡|只要|一旦|的(?=，)|前提|条件|才[能可有给]|方可|\b(?:if|unless|provided|subject to|as long as|where|when|once|who|that|which|condition\w*)\b",
        "local": r"国内|境内|本地|内资|\b(?:domestic\w*|local\w*|home|national)\b",
        "foreign": r"国外|境外|海外|外资|全球|国际|\b(?:foreign|abroad|overseas|worldwide|global\w*|international\w*)\b",
        "good": r"合格|达标|通过|成功|符合|\b(?:qualif\w+|pass(?:ed|es)?|success\w*|meets?|met|compl(?:y|ies|iant))\b",
        "money_free": r"免费|无偿|免(?=[费税])|\b(?:free(?: of charge)?|no charge|without charge|costs? nothing|gratis)\b",
        "pays": r"收费|付费|缴|自付|\b(?:fee|charges?|charged|subject to)\b",
    }.items()
}  # fmt: skip
_PREFIX = re.compile(r"^(?:un|in|im|ir|il|dis|non|mis)(?=[a-z]{4})")
_OPPOSITES = [
    (re.compile(a), re.compile(b))
    for a, b in (
        (r"提[高升到]|增[加长多]|上升|上涨|扩大|[上涨升加](?=[了\d])|涨|\b(?:increas\w+|rais\w+|rose|risen?|rises?|grew|grow\w*|gain\w*|improv\w+|up by|went up|higher|more|additional|new|longer|faster)\b", r"降低|减少|下降|缩短|缩减|削减|下滑|[降减](?=[了到\d])|跌|\b(?:decreas\w+|reduc\w+|fell|falls?|drop\w*|cut|cuts|declin\w+|lower\w*|shorten\w*|down by|went down|less|fewer|lost|shorter|slower)\b"),
        (r"允许|准许|可以|能(?=[拿获领享申得])|\b(?:allow\w*|permit\w*|free to|may|can)\b", r"禁止|严禁|不得|不准|不许|不能|\b(?:prohibit\w*|forbid\w*|forbad\w*|ban(?:s|ned)?|barred|may not|cannot|must not)\b"),
        (r"开放|启动|开始|仍|接受|\b(?:opens?|opened|starts?|started|begins?|began|still|continues?)\b", r"关闭|结束|终止|截止|停|不再|\b(?:closes?|closed|ended|stopp?e?d?|expires?|expired|no longer|over|refus\w+)\b"),
        (r"规模以上|规上|\babove[- ]scale\b", r"规模以下|规下|微型|\bbelow[- ]scale\b|\bmicro\b"),
        (r"线上|在线|\bonline\b", r"线下|现场|\b(?:offline|in person|on paper)\b"),
        (r"预先|先行|先拨|事前|\b(?:in advance|upfront|up front|before)\b", r"事后|后补助|验收后|\b(?:afterwards|in arrears|reimburs\w+|after)\b"),
        (r"内资|国内|境内|本地|\bdomestic\b|\blocal\b|\binside\b|\bwithin\b", r"外资|国外|境外|外地|\bforeign\b|\boverseas\b|\babroad\b|\boutside\b"),
        (r"国家级|中央|\bnational\b|\bcentral\b", r"省级|市级|地方|\bprovincial\b|\bmunicipal\b|\bcity\b"),
        (r"省级|\bprovincial\b", r"市级|区级|县级|\bmunicipal\b|\bcounty\b"),
        (r"小微|小型|\bsmall\w*\b|\bmicro\b", r"大型|大企业|\blarge\w*\b|\bbig\b"),
        (r"自动|\bautomat\w+\b", r"人工|手动|手工|\bmanual\w*\b|\bby hand\b"),
        (r"免费|无偿|\bfree\b|\bno charge\b", r"收费|付费|有偿|\b(?:fee|charged?|charges|subject to|paid)\b"),
        (r"公开|\bpublic\w*\b", r"保密|秘密|内部|\b(?:secret|confidential|private|internal)\b"),
        (r"最[高长大多]|上限|封顶|\b(?:max\w*|at most|longest|ceiling|highest|cap(?:ped)?|no more|up to)\b", r"最[低短小少]|下限|至少|\b(?:min\w*|at least|shortest|floor|lowest|no less)\b"),
        (r"较[高大]|更[高多大]|高的|\b(?:higher|larger|greater)\b", r"较[低小]|更[低少小]|低的|\b(?:lower|smaller|lesser)\b"),
        (r"正确|\b(?:right|correct|accurate)\b", r"错|混乱|\b(?:wrong|incorrect|muddled)\b"),
        (r"必须|须|应当|强制|\b(?:must|mandatory|compulsory|obliged|required?s?|have to|has to|had to)\b", r"自愿|可选|任选|鼓励|建议|\b(?:voluntary|optional|free to|recommend\w*|encourag\w+|advis\w+|may)\b"),
        (r"预计|预期|计划|目标|力争|拟|希望|\b(?:expect\w*|plan\w*|aim\w*|target\w*|forecast\w*|goals?|wants?|propos\w+)\b", r"已经|已(?=[有达实完拿新])|实测|证实|确认|\b(?:already|confirmed|achieved|has reached|have reached|completed|measured|proven)\b"),
        (r"首次|第一|最先|\bfirst\b", r"最后|末|\blast\b"),
        (r"之[上外]|以外|\bbeyond\b", r"之[下内]|以内|\bwithin\b"),
        (r"保留|留在|继续|\b(?:keeps?|kept|stays?|retain\w*|remains?)\b", r"取消|撤|废止|删|\b(?:drop\w*|abolish\w*|withdr\w+|remov\w+|disappear\w*|scrapp?\w*|repeal\w*|replac\w+)\b"),
        (r"多数|大部分|\b(?:most|majority)\b", r"少数|个别|\b(?:minority|few)\b"),
        (r"分开|单独|\b(?:apart|separate\w*|alone|individual\w*)\b", r"一起|合并|联合|\b(?:together|joint\w*|combined)\b"),
        (r"新(?=[增建版品系设])|\bnew\b", r"旧|老|\bold\b|\bused\b|\bsecond-hand\b"),
        (r"收入|收到|接收|\breceiv\w+\b", r"支出|付出|\bissu\w+\b"),
        (r"直接|\bdirect\w*\b", r"间接|\bindirect\w*\b"),
    )
]  # fmt: skip


@dataclass(frozen=True)
class _Side:
    """One text, looked up once."""

    text: str
    classes: frozenset[str]
    denials: int
    turns: int
    plain: str


@lru_cache(maxsize=4096)
def _side(text: str) -> _Side:
    text = re.sub(r"《[^》]*》", "《》", folded(text))
    plain = _NOT_A_DENIAL.sub(lambda m: "□" * len(m[0]), text)
    found = {name for name, pattern in _CLASSES.items() if pattern.search(plain if name in ("not", "denied") else text)}
    denials = len(_CLASSES["not"].findall(plain))
    turns = denials + len(_CLASSES["denied"].findall(_CLASSES["not"].sub(" ", plain)))
    return _Side(text, frozenset(found), denials, turns, plain)


@lru_cache(maxsize=2048)
def _said(contexts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c[a:b] for c in contexts for a, b in sentences(c)))


def nearest(sentence: str, contexts: Sequence[str], most: int = 2) -> tuple[str, ...]:
    """The context sentence that holds most of this one, and a second where that one adds much."""
    said = _said(tuple(contexts))
    own = dict.fromkeys(words(sentence))
    if not said:
        return ()

    def gain(text: str, left: Sequence[Word]) -> float:
        other = held(text)
        return sum(w.rarity for w in left if w.text in other.words)

    chosen: list[str] = []
    left, total = list(own), sum(w.rarity for w in own) or 1.0
    while len(chosen) < most:
        best = max(said, key=lambda s: gain(s, left))
        if chosen and gain(best, left) < 0.2 * total:
            break
        chosen.append(best)
        other = held(best)
        left = [w for w in left if w.text not in other.words]
    return tuple(dict.fromkeys(chosen))


def evidence(
    sentence: str,
    contexts: Sequence[str],
    places: Gazetteer | None = None,
    called: str = "",
    known: KnownNames | None = None,
) -> dict[str, float]:
    """The amounts by name; `called` holds names that the sentence may use though the contexts do not have them.

    `known` are the names of all documents: one of another document is strange.
    """
    near = nearest(sentence, contexts)
    base, everything = "\n".join(near), "\n".join((*contexts, called))
    out = _figures(sentence, contexts, near)
    out |= _names(sentence, contexts, called, everything, places)
    wording = _wording(sentence, base, everything)
    out |= {
        "head_swapped": float(head_swapped(sentence, base, everything)),
        "label_instead": float(label_instead(sentence, base, called)),
    }
    out["known"] = float(bool(known and known.strange(sentence, (*contexts, called))))
    out["sorts"] = float(min(2, sorts_swapped(folded(sentence), folded(base), folded(everything))))
    out["crossed"] = crossed(folded(sentence), folded(base))
    out["roles"] = roles_swapped(folded(sentence), folded(base)) / 9
    ruled = (
        _clause_turns(sentence, base)
        | _classes(sentence, base)
        | _rules(sentence, near)
        | {"bound_lost": out["bound_lost"]}
    )
    # Where most words are kept, one that rules the sentence was changed on purpose: the same amounts count once more.
    close = max(0.0, 1 - 2.5 * max(wording["apart_share"], 0.7 * wording["gone_share"]))
    return out | wording | ruled | {f"close {name}": close * amount for name, amount in ruled.items()}


def _figures(sentence: str, contexts: Sequence[str], near: Sequence[str]) -> dict[str, float]:
    codes = [f.partition(":")[0] for f in figure_faults(sentence, contexts, "opposite")]
    here = [f.partition(":")[0] for f in figure_faults(sentence, near, "opposite")]
    strict = [f.partition(":")[0] for f in figure_faults(sentence, near, "all")]
    close = [f for q in near[:1] for f in figures(folded(q))]
    own = figures(folded(sentence))
    base = "\n".join(near)
    return {
        "figure": float("figure_not_cited" in codes),
        "figures": float(min(3, codes.count("figure_not_cited"))),
        "count": float("count_not_cited" in codes),
        "unit": float("unit_differs" in codes),
        "unit_here": float("unit_differs" in here and "unit_differs" not in codes),
        "bound": float("bound_differs" in here),
        "bound_lost": float("bound_differs" in strict and "bound_differs" not in here),
        "figure_elsewhere": float(any(not carried(f, close) for f in own) and "figure_not_cited" not in codes),
        "figure_left_out": float(min(3, sum(not carried(f, own) for f in close))),
        "numeral": float(_numeral_differs(sentence, base)),
        "counted": _counted_differently(own, folded(sentence), close, folded(base)),
        "way": float(_other_way(own, folded(sentence), close, folded(base))),
        "period": float(_period_differs(sentence, base)),
        "code": float(bool(_codes(sentence) - _codes("\n".join(contexts)))),
    }


_NUMERAL = re.compile(
    r"(?:(?<![\d.])(\d{1,3})|(?<![第分])([一二两三四五六七八九十]))(?:个)?([年月周天步轴档层批轮类种项条次阶期区轨维])(?![度])"
)
_NUMERAL_EN = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})[ -](?:consecutive |calendar |full )?(years?|months?|weeks?|days?|steps?|stages?|levels?|batches|batch|calls?|rounds?|times|axis|kinds?|types?|shifts?)\b"
)
_VALUES = {w: i for i, w in enumerate("one two three four five six seven eight nine ten".split(), 1)}
_VALUES |= {c: i for i, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2}


@lru_cache(maxsize=2048)
def _numerals(text: str) -> frozenset[tuple[int, str]]:
    text = folded(text)
    found = {(_VALUES.get(m[1] or m[2]) or int(m[1] or 0), m[3]) for m in _NUMERAL.finditer(text)}
    found |= {
        (_VALUES.get(m[1]) or int(m[1]), m[2].rstrip("s").replace("batche", "batch"))
        for m in _NUMERAL_EN.finditer(text)
    }
    return frozenset(found)


def _numeral_differs(sentence: str, base: str) -> bool:
    """Whether it counts the same thing as the base, but another number of it."""
    if _counts_differ(sentence, base):
        return True
    own, cited = _numerals(sentence), _numerals(base)
    kinds = {k for _, k in cited}
    return any(pair not in cited and pair[1] in kinds for pair in own) and bool(cited - own)


_COUNT_EN = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,3}) (?:([a-z]{4,}) )?([a-z]{4,})"
)
_COUNT_ZH = re.compile(
    r"(?<![\d.第月年分之一二三四五六七八九十百千万])(\d{1,3}|[一二两三四五六七八九十]|十[一二三四五六七八九])个?([\u4e00-\u9fff]{2})"
)
_MORE_VALUES = {"eleven": 11, "twelve": 12} | {f"十{c}": 10 + i for i, c in enumerate("一二三四五六七八九", 1)}


@lru_cache(maxsize=2048)
def _counts(text: str) -> frozenset[tuple[int, str]]:
    text = folded(text)
    found = [(m[1], words(noun)) for m in _COUNT_EN.finditer(text) for noun in m.groups()[1:] if noun]
    found += [(m[1], words(m[2])) for m in _COUNT_ZH.finditer(text)]
    values = _VALUES | _MORE_VALUES
    return frozenset((values.get(n) or int(n), w[0].text) for n, w in found if len(w) == 1)


def _counts_differ(sentence: str, base: str) -> bool:
    """Whether nine bodies stand where the base has seven."""
    own, cited = _counts(sentence), _counts(base)
    values = {v for v, _ in cited} | {f.values[0] for f in figures(folded(base))}
    nouns = {w for _, w in cited}
    return any(v not in values and w in nouns for v, w in own)


def _counted_differently(own: Sequence[Figure], text: str, cited: Sequence[Figure], base: str) -> float:
    """How unlike what a figure counts is to what the same figure counts in the base, the worst one."""
    worst = 0.0
    for figure in own:
        carriers = [c for c in carried(figure, cited) if c.kind in ("number", "money")]
        after = _after(text, figure)
        if figure.kind != "number" or not carriers or after is None:
            continue
        around = held(" ".join(base[max(0, c.start - 24) : c.start + len(c.shown) + 48] for c in carriers))
        worst = max(worst, min(after.rarity, 7.0) / 7 * (1 - likeness(after, around)))
    return worst


_UP = re.compile(
    r"提[高升到]|增|上升|上涨|涨|扩大|升(?!级)|多(?![家个项名元人年])|贵|高出|加(?=[了到\d])|\b(?:increas\w+|rais\w+|rose|risen?|rises?|grew|grow\w*|gain\w*|improv\w+|up|higher|more|additional|new|extra|added|longer|better)\b(?! to\b)"
)
_DOWN = re.compile(
    r"降|减|下滑|缩|跌|少(?!于)|便宜|裁|低(?!于)|省|\b(?:decreas\w+|reduc\w+|fell|falls?|fallen|drop\w*|cuts?|declin\w+|lower\w*|short\w*|down|less|fewer|sav\w+|lost|loss\w*|worse|shr[aiu]nk\w*|slump\w*|cheaper)\b"
)
_NO_WAY = re.compile(
    r"不(?:超过|少于|低于|高于|多于|得少于|得低于)|至少|减[税免]|增值|更新|减排|减碳|加计|(?:no|not) (?:more|less|fewer|higher|lower|longer) than|(?:or|and) (?:more|less|fewer|higher|lower|longer)|more than|less than|fewer than|higher than|up to|small\w*"
)


def _ways(text: str, figure: Figure) -> set[str]:
    """Which way a figure's neighbourhood goes: up, down, both or neither."""
    wide = 10 if re.search("[\u4e00-\u9fff]", text) else 32
    end = figure.start + len(figure.shown)
    before = re.split(r"[，。；;]|,(?!\d)|\.\s", text[max(0, figure.start - wide) : figure.start])[-1]
    after = re.split(r"[，。；;]|,(?!\d)|\.\s|\band\b", text[end : end + wide])[0]
    around = _NO_WAY.sub(" ", f"{before} # {after}")
    return ({"up"} if _UP.search(around) else set()) | ({"down"} if _DOWN.search(around) else set())


def _other_way(own: Sequence[Figure], text: str, cited: Sequence[Figure], base: str) -> bool:
    """Whether a figure goes up in one and down in the other."""
    for figure in own:
        ways = _ways(text, figure)
        there = [_ways(base, c) for c in carried(figure, cited)]
        if len(ways) == 1 and there and all(len(w) == 1 and w != ways for w in there):
            return True
    return False


def _after(text: str, figure: Figure) -> Word | None:
    """The first word after a figure in its clause."""
    rest = re.split(r"[，。；、,;.()（）:：]", text[figure.start + len(figure.shown) :][:40])[0]
    return next(iter(words(rest)), None)


_PERIODS = {
    "year": re.compile(
        r"每年|年度|按年|一年|年均|年(?=产|销|营|收)|逐年|\b(?:annual\w*|yearly|(?:per|a|each|every) year)\b"
    ),
    "quarter": re.compile(r"每季|按季|季度|\b(?:quarterly|(?:per|a|each|every) quarter)\b"),
    "month": re.compile(r"每月|按月|一个月|月均|月(?=产|销)|\b(?:monthly|(?:per|a|each|every) month)\b"),
    "week": re.compile(r"每周|一周|\b(?:weekly|(?:per|a|each|every) week)\b"),
    "day": re.compile(r"每天|每日|一天|一日|日均|天天|日(?=产)|\b(?:daily|(?:per|a|each|every) day)\b"),
    "hour": re.compile(r"每小时|\b(?:hourly|(?:per|an|each|every) hour)\b"),
    "once": re.compile(
        r"一次性|\bone-off\b|\bone-time\b|\blump sum\b|(?<!at )\bonce\b(?! (?:the|a|an|you|it|they|this|these|level|finished|complete\w*)\b)"
    ),
}


def _period_differs(sentence: str, base: str) -> bool:
    """Whether "a month" stands where the base has "a year"."""
    own, cited = ({n for n, p in _PERIODS.items() if p.search(folded(t))} for t in (sentence, base))
    return bool(own - cited) and bool(cited - own)


_CODE = re.compile(
    r"(?<![\w.])\d+(?:\.\d+){1,3}(?![\d%])|(?<=grade )[A-F]\b|(?<=Grade )[A-F]\b|(?<![A-Za-z])[A-D](?=[级类档])|(?<=版本)\d[\d.]*|(?<=version )\d[\d.]*"
)


@lru_cache(maxsize=2048)
def _codes(text: str) -> frozenset[str]:
    """Version numbers and grades; a decimal that is a figure is compared as one, too."""
    return frozenset(m.rstrip(".") for m in _CODE.findall(text) if not re.fullmatch(r"\d+\.\d+", m)) | frozenset(
        re.findall(r"(?<=version )\d[\d.]*\d|(?<=版本)\d[\d.]*\d|\d+\.\d+(?=版)", text)
    )


def _names(
    sentence: str, contexts: Sequence[str], called: str, everything: str, places: Gazetteer | None
) -> dict[str, float]:
    names = strange_names(sentence, everything, places)
    strange, replaced = strange_places(sentence, (*contexts, called), places)
    return {
        "name": float(bool(names)),
        "names": float(min(4, len(names))),
        "number": float(bool(strange_numbers(sentence, contexts))),
        "place": float(bool(strange)),
        "place_replaced": float(replaced),
    }


def _wording(sentence: str, base: str, everything: str) -> dict[str, float]:
    """What comes in that nothing stands for, and what drops out: by rarity, the best likeness taken off."""
    own, cited = list(dict.fromkeys(words(sentence))), list(dict.fromkeys(words(base)))
    all_held, said = held(everything), held(sentence)
    new = sorted((w.rarity * (1 - likeness(w, all_held)) for w in own), reverse=True)
    gone = sorted((w.rarity * (1 - likeness(w, said)) for w in cited), reverse=True)
    total, whole = sum(w.rarity for w in own) or 1.0, sum(w.rarity for w in cited) or 1.0
    apart = sum(w.rarity * (1 - likeness(w, held(base))) for w in own) / total
    second = new[1] if len(new) > 1 else 0.0
    lost = [*gone, 0.0, 0.0]
    return {
        "new_share": sum(new) / total,
        "apart_share": apart,
        "new_worst": (new[0] if new else 0.0) / 9,
        "new_second": second / 9,
        "new_third": (new[2] if len(new) > 2 else 0.0) / 9,
        "new_sum": min(6.0, sum(new) / 9),
        "gone_share": sum(gone) / whole,
        "gone_worst": lost[0] / 9,
        "gone_second": lost[1] / 9,
        "swapped": min(new[0] if new else 0.0, lost[0]) / 9,
        "swapped_second": min(second, lost[1]) / 9,
        "new_phrase": _longest(own, all_held) / 9,
        "modifier": _modifier(sentence, base),
        "headed": float(_headed(sentence, everything)),
        **_substituted(words(sentence), words(base), said, all_held),
    }


def _substituted(own: Sequence[Word], cited: Sequence[Word], said: Held, all_held: Held) -> dict[str, float]:
    """New words beside a word of the base beside which another stood that is gone: 绿色工厂 for 智能工厂."""
    found: dict[str, float] = {}
    for step in (-1, 1):
        neighbour: dict[str, float] = {}
        for i, word in enumerate(cited):
            gone = word.rarity * (1 - likeness(word, said))
            if gone > 2 and 0 <= i + step < len(cited):
                beside = cited[i + step].text
                neighbour[beside] = max(gone, neighbour.get(beside, 0.0))
        for i, word in enumerate(own):
            if 0 <= i + step < len(own) and (gone := neighbour.get(own[i + step].text, 0.0)):
                new = word.rarity * (1 - likeness(word, all_held))
                found[word.text] = max(found.get(word.text, 0.0), min(new, gone))
    ordered = sorted(found.values(), reverse=True)
    return {
        "substituted": (ordered[0] if ordered else 0.0) / 9,
        "substitutions": min(3.0, sum(ordered) / 9),
    }


def _modifier(sentence: str, base: str) -> float:
    """How rare a new word is right before a word of the base before which another stood that is gone."""
    said, cited = held(sentence), held(base)
    stood: dict[str, float] = {}
    for before, word in beside(base):
        gone = before.rarity * (1 - likeness(before, said))
        if gone > 2:
            stood[word.text] = max(gone, stood.get(word.text, 0.0))
    worst = 0.0
    for before, word in beside(sentence):
        if word.text in stood:
            worst = max(worst, min(stood[word.text], before.rarity * (1 - likeness(before, cited))))
    return worst / 9


_HEADS = (
    "委员会|议会|理事会|基金会|平台|法案|法规|条例|办法|计划|指南|方案|标准|模型|指数|指标|中心|协会|联盟|工厂|园区|小厂|企业|行业|场景|行动|试点|政策|规划|意见|日报|晚报|集团|集群|"
    "银行|大学|研究院|公司|基金|专项|资金|工程|制造|材料|设备|系统|软件|产品|国家|城市|领域|机构|部门|人员|贷款|补贴|奖补|奖励|保险|管理|技术|认证|审计|评测|评估|诊断|级|法|券|网|厂|省|市|区|县|州"
)
_HEADED = re.compile(rf"([\u4e00-\u9fff]{{2}})({_HEADS})")


def _headed(sentence: str, everything: str) -> bool:
    """Whether a Chinese head that the texts have too stands behind a modifier whose characters they do not have."""
    text, cited = folded(sentence), folded(everything)
    return any(
        m[2] in cited and not any(c in cited for c in m[1]) and likeness(_named(m[1]), held(everything)) < 0.3
        for m in _HEADED.finditer(text)
    )


def _named(text: str) -> Word:
    return words(text)[0] if words(text) else Word(text, 0.0, {})


def _longest(own: Sequence[Word], other: Held) -> float:
    best = run = 0.0
    for word in own:
        new = word.rarity * (1 - likeness(word, other))
        run = run + new if new > 3 else 0.0
        best = max(best, run)
    return min(best, 36.0)


def _classes(sentence: str, base: str) -> dict[str, float]:
    own, near = _side(sentence), _side(base)
    out: dict[str, float] = {}
    for name in _CLASSES:
        out[f"+{name}"] = float(name in own.classes and name not in near.classes)
        out[f"-{name}"] = float(name in near.classes and name not in own.classes)
    out["odd_denials"] = float(own.denials % 2 != near.denials % 2)
    out["more_denials"] = float(own.denials > near.denials > 0)
    turned = {"not", "denied", "only", "except", "free", "over_now"}
    out["denial_in"] = float("not" in own.classes and not near.classes & turned)
    out["denial_out"] = float("not" in near.classes and not own.classes & turned)
    out["denied_in"] = float("denied" in own.classes and not near.classes & turned)
    out["denied_out"] = float("denied" in near.classes and not own.classes & turned)
    out["odd_turns"] = float(own.turns % 2 != near.turns % 2)
    for one, other in _STEPS:
        put = own.classes & other and not near.classes & other
        out[f"{min(one)}>{min(other)}"] = float(bool(put and near.classes & one and not own.classes & one))
    out["duty_in"] = float(bool(own.classes & {"must", "law"}) and not near.classes & _BINDING)
    out["leave_in"] = float(
        bool(own.classes & {"may", "free"}) and bool(near.classes & _DUTY) and not near.classes & {"may", "free"}
    )
    out["opposite"] = float(min(2, _opposed(own, near)))
    words_opposed = min(2, opposed(own.text, near.text))
    out["words_opposed"] = float(words_opposed)
    out["opposed_plainly"] = float(words_opposed > 0 and own.denials % 2 == near.denials % 2)
    out["denied_plainly"] = float(not words_opposed and own.denials % 2 != near.denials % 2)
    out["prefixed"] = float(_prefixed(sentence, base))
    out["target_turned"] = float(_target_turned(own, near))
    return out


_TURNED = {"not", "denied", "only", "except", "free", "over_now"}


def _clause_turns(sentence: str, base: str) -> dict[str, float]:
    """How alike the most alike clauses are of which one is denied and the other is not."""
    added = dropped = odd = turned = 0.0
    for clause, near, like in pairs(_side(sentence).text, _side(base).text):
        own, cited = _side(clause.text), _side(near.text)
        if own.turns % 2 != cited.turns % 2:
            odd = max(odd, like)
        if opposed(clause.text, near.text):
            turned = max(turned, like)
        if own.turns and not cited.classes & _TURNED:
            added = max(added, like)
        if cited.turns and not own.classes & _TURNED:
            dropped = max(dropped, like)
    return {"clause_odd": odd, "clause_denied": added, "clause_undenied": dropped, "clause_opposed": turned}


_DUTY = {"must", "shall", "law", "only", "if", "floor", "ceiling"}
_BINDING = _DUTY | {"not", "before", "planned", "may"}
_STEPS = (
    ({"must", "shall"}, {"may"}), ({"may"}, {"must"}), ({"must", "shall"}, {"advice"}), ({"advice"}, {"must", "law"}), ({"must", "shall"}, {"free"}),
    ({"planned"}, {"done"}), ({"done"}, {"planned"}), ({"perhaps"}, {"sure", "done"}), ({"all"}, {"some", "half", "most", "only"}),
    ({"some", "most", "half"}, {"all"}), ({"only"}, {"all", "also"}), ({"floor", "over"}, {"ceiling", "under"}), ({"ceiling", "under"}, {"floor", "over"}),
    ({"about"}, {"floor", "ceiling", "over", "under"}), ({"before"}, {"after"}), ({"after"}, {"before"}), ({"up"}, {"down"}), ({"down"}, {"up"}),
    ({"local"}, {"foreign"}), ({"foreign"}, {"local"}), ({"still"}, {"over_now"}), ({"over_now"}, {"still"}), ({"may", "good"}, {"denied", "not"}),
    ({"denied", "not"}, {"may", "good"}), ({"money_free"}, {"pays"}), ({"most"}, {"some"}), ({"once"}, {"yearly", "monthly"}),
)  # fmt: skip


def _opposed(own: _Side, near: _Side) -> int:
    found = 0
    for one, two in _OPPOSITES:
        for a, b in ((one, two), (two, one)):
            if a.search(own.text) and not b.search(own.text) and b.search(near.text) and not a.search(near.text):
                found += 1
    return found


def _prefixed(sentence: str, base: str) -> bool:
    """Whether "unsteady" stands where the base has "steady", or the reverse."""
    own, cited = ({*re.findall(r"[a-z]{4,}", folded(t))} for t in (sentence, base))
    bare = {_PREFIX.sub("", w) for w in own if _PREFIX.match(w)}
    cited_bare = {_PREFIX.sub("", w) for w in cited if _PREFIX.match(w)}
    return bool(bare & (cited - own)) or bool(cited_bare & (own - cited))


_DENIAL = _CLASSES["not"]


def _targets(side: _Side) -> set[str]:
    """The first words after each denial."""
    found = set()
    for match in _DENIAL.finditer(side.plain):
        after = side.plain[match.end() : match.end() + 40]
        if chinese := re.match(r"\s*(?:[能可会再有得以被需须是]{0,2})([\u4e00-\u9fff]{2})", after):
            found.add(chinese[1])
        found |= {w.text for w in words(" ".join(after.split()[:4]))[:2] if re.match("[a-z]", w.text)}
    return found


def _target_turned(own: _Side, near: _Side) -> bool:
    """Whether a word that one of the two denies stands in the other, which denies something else or nothing."""
    denied, cited = _targets(own), _targets(near)
    said, held_words = held(own.text), held(near.text)

    def stands(target: str, words_: frozenset[str], letters: str) -> bool:
        return target in words_ or (bool(re.match("[\u4e00-\u9fff]", target)) and target in letters)

    return any(stands(t, held_words.words, held_words.letters) for t in denied - cited) or any(
        stands(t, said.words, said.letters) for t in cited - denied
    )


_RULES = (
    "figure_repeated", "negation_added", "negation_differs", "negation_dropped", "modality_differs", "scope_added", "scope_dropped",
    "quantifier_differs", "quantifier_dropped", "direction_differs", "cause_swapped", "cause_added",
)  # fmt: skip


def _rules(sentence: str, near: Sequence[str]) -> dict[str, float]:
    found = {f.partition(":")[0] for f in agreement_faults(sentence, near)} if near else set()
    return {f"rule_{name}": float(name in found) for name in _RULES}
