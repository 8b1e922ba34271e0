"""Whether a reworded sentence still says what its quote says: negation, duty, scope, quantifier, direction, cause.

Word rules for Chinese and English, each a code. They see wording, not meaning: free paraphrase of a fault can pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from advisor.ask.figures import figures, folded, repeated
from advisor.text import CJK, STOP_EN, STOP_ZH, sentences, tokens


@lru_cache(maxsize=8192)
def content(text: str) -> frozenset[str]:
    """The words that carry meaning, figures left out: they are compared apart."""
    return frozenset(t for t in tokens(text) if t not in STOP_EN and t not in STOP_ZH and not t.startswith("="))


def share(words: frozenset[str], of: frozenset[str]) -> float:
    return len(words & of) / len(words) if words else 0.0


@lru_cache(maxsize=4096)
def split_sentences(text: str) -> tuple[str, ...]:
    """Folded, and without titles in 《》: their words rule nothing."""
    return tuple(folded(re.sub(r"《[^》]*》", " ", text[a:b])) for a, b in sentences(text))


def agreement_faults(text: str, quotes: Sequence[str]) -> list[str]:
    """Codes of what differs between each sentence of the text and the cited sentences."""
    said = [s for q in quotes for s in split_sentences(q)]
    if not said:
        return []
    faults: list[str] = []
    for sentence in split_sentences(text):
        near = max(said, key=lambda s: share(content(sentence), content(s)))
        everything = "\n".join(said)
        # Where no one sentence holds the statement it was put together from several: compare with all of them.
        base = near if len(said) == 1 or share(content(sentence), content(near)) >= 0.5 else everything
        faults += [
            *repeated(sentence, base),
            *_negation(sentence, base, everything),
            *_modality(sentence, base),
            *_scope(sentence, base, everything),
            *_quantifier(sentence, base, everything),
            *_direction(sentence, base),
            *_cause(sentence, base, everything),
        ]
    return list(dict.fromkeys(faults))


# --- negation -----------------------------------------------------------------------------------

_NEUTRAL = re.compile(
    r"不(?:超过|高于|低于|少于|多于|大于|小于|足(?=\s*[\d一二三四五六七八九十半])|到(?=\s*[\d一二三四五六七八九十半])|断|仅|但|同|等|论|管|锈|良|动产|妨|错)|无(?:论|锡|人|线|纸|形|偿|缝|极|感|尘|忧|抵押)|未来|非(?:常|洲|遗|凡)|没收|"
    r"\bnot only\b|\bno (?:more|less|fewer|later|lower|higher|longer than)\b|\bnot (?:more|less|fewer|later|to exceed|exceeding|exceed|above|below)\b|\bnever more\b|\bno\. ?\d|\bnon-profit\b"
)
_NEGATOR = re.compile(
    r"不得|不能|不可|不予|不再|没有|尚未|从未|不|没|未|无|(?<![除莫])非|禁止|严禁|勿|免(?!费)|\b(?:not|no|never|without|cannot|none|nor|neither)\b|n't\b|\bnon-"
)
_LEXICAL = re.compile(
    r"除外|排除|停止|终止|取消|拒绝|退出|失效|废止|暂停|已结束|缺|限于|仅|只|避免|\b(?:avoid\w*|exclud\w+|exempt\w*|ineligib\w+|unable|stop\w*|cancel\w*|refus\w+|reject\w*|ban\w*|prohibit\w*|lack\w*|closed|ended|expired|missing|fails?|failed|instead|except\w*|unless|only|rather than|outside|beyond|unclear|unknown|waiv\w+|free of)\b"
)
_CLAUSE = re.compile(
    r"[，,；;：:。]\s*|\s(?=(?:but|and|which|while|whereas|because|unless|if|when|after|before|so that) )|(?=但是?|而且?(?=[不没未无]))"
)


@dataclass(frozen=True)
class _Clause:
    text: str
    words: frozenset[str]
    negative: bool
    lexical: bool
    targets: tuple[frozenset[str], ...]


@lru_cache(maxsize=4096)
def _clauses(folded: str) -> tuple[_Clause, ...]:
    return tuple(_clause(p) for p in _CLAUSE.split(folded) if p and p.strip())


def _clause(part: str) -> _Clause:
    plain = _NEUTRAL.sub(lambda m: "□" * len(m[0]), part)
    found = list(_NEGATOR.finditer(plain))
    bare = _NEGATOR.sub(" ", plain)
    return _Clause(
        part,
        content(bare),
        len(found) % 2 == 1,
        bool(_LEXICAL.search(plain)),
        tuple(t for m in found if (t := _target(plain[m.end() :]))),
    )


def _target(after: str) -> frozenset[str]:
    """The word or two that a negator denies."""
    chinese = re.match(r"\s*(?:[能可会再有得以被需须]{0,2})([\u4e00-\u9fff]{2})", after)
    if chinese:
        return frozenset((chinese[1],))
    words = [t for t in tokens(" ".join(after.split()[:5])) if not t.startswith("=") and t not in STOP_EN]
    return frozenset(words[:2])


def _negation(sentence: str, base: str, everything: str) -> list[str]:
    own, cited, all_cited = _clauses(sentence), _clauses(base), _clauses(everything)
    if any(c.negative for c in own) and not any(c.negative or c.lexical or c.targets for c in all_cited):
        return ["negation_added"]
    for clause in own:
        if len(clause.words) < 2:
            continue
        near = max(cited, key=lambda c: share(clause.words, c.words), default=None)
        if (
            near
            and share(clause.words, near.words) >= 0.6
            and share(near.words, clause.words) >= 0.5
            and clause.negative != near.negative
            and clause.lexical == near.lexical
        ):
            return ["negation_differs"]
    if any(c.negative or c.lexical or c.targets for c in own):
        return []
    words = frozenset().union(*(c.words for c in own)) if own else frozenset()
    denied = [c for c in cited if c.negative and not c.lexical and share(c.words, words) >= 0.4]
    if any(t <= words for c in denied for t in c.targets):
        return ["negation_dropped"]
    return []


# --- duty and permission ------------------------------------------------------------------------

_MUST = re.compile(
    r"(?<!不)必须|(?<!不)必需|务必|应当|(?<![相供反适响对顺回])应(?![用对急收付答链变届])|(?<![无不必])须(?!知)|(?<![无不急刚供内])需(?![求])|强制|要求|"
    r"\b(?:must|shall|mandatory|compulsory|obliged|obligatory|obligation)\b(?! not)|(?<!not )\brequire[sd]?\b|\brequirements?\b|\b(?:has|have|needs?) to\b|\bneeds?\b(?! not)"
)
_NECESSARY = re.compile(
    r"条件|前提|才[能可]|方可|方能|\bonly (?:if|when|after|those|firms)\b|\bconditions?\b|\bnecessary\b|\bprerequisite\b|\bdeadline\b|\bdue\b|截止"
)
_MAY = re.compile(
    r"可以|(?<![许认不宁])可(?![视靠持见行观信控编])|允许|能够|有权|自愿|\b(?:may|can|could|might|allow(?:s|ed)?|permitted|eligible|entitled|optional|voluntary|voluntarily|able to)\b(?! not)"
)
_ADVICE = re.compile(r"建议|鼓励|推荐|引导|倡导|支持|\b(?:should|recommend\w*|encourag\w+|advis\w+|suggest\w*)\b")
_PLANNED = re.compile(
    r"力争|争取|拟(?![合人])|计划(?=[在于到将对支投建用])|预计|预期|目标|打算|有望"
    r"|\b(?:aims?|plan(?:s|ned)? to|expect(?:s|ed)?|targets?|targeted|intend(?:s|ed)? to|the goal is|propos(?:es|ed) to|estimated|forecast to)\b"
)
_WILL = re.compile(
    r"\b(?:set out to|set (?:itself|themselves)|forecasts?|expectation|hoped?|wanted|foresaw)\b|预|估|(?<![即])将|要|会|\b(?:will|would|should|by)\b|到\s*20|至\s*20"
)
_SURE = re.compile(r"一定|肯定|保证|必然|自动获|确保|\b(?:guarantee[sd]?|certainly|automatically|always|definitely)\b")


_YAO = re.compile(r"(?<![重需主只不必还所将想])要(?![点素求件闻约么不是])")


def _pairs(sentence: str, base: str) -> Iterator[tuple[_Clause, _Clause]]:
    """Clauses of the two that speak of the same thing."""
    cited = _clauses(base)
    for clause in _clauses(sentence):
        near = max(cited, key=lambda c: share(clause.words, c.words), default=None)
        if (
            near
            and len(clause.words) > 1
            and share(clause.words, near.words) >= 0.6
            and share(near.words, clause.words) >= 0.5
        ):
            yield clause, near


def _clause_duty(sentence: str, base: str) -> list[str]:
    for clause, near in _pairs(sentence, base):
        must, may = bool(_MUST.search(clause.text) or _YAO.search(clause.text)), bool(_MAY.search(clause.text))
        was_must, was_may = bool(_MUST.search(near.text) or _YAO.search(near.text)), bool(_MAY.search(near.text))
        if may and not must and was_must and not was_may:
            return ["modality_differs:may"]
        if must and not may and was_may and not was_must:
            return ["modality_differs:must"]
    return []


def _modality(sentence: str, base: str) -> list[str]:
    if found := _clause_duty(sentence, base):
        return found

    def has(pattern: re.Pattern[str]) -> tuple[bool, bool]:
        return bool(pattern.search(sentence)), bool(pattern.search(base))

    must, was_must = has(_MUST)
    may, was_may = has(_MAY)
    advice, was_advice = has(_ADVICE)
    planned, was_planned = has(_PLANNED)
    sure, was_sure = has(_SURE)
    if must and not was_must and not _NECESSARY.search(base) and not _YAO.search(base):
        return ["modality_differs:must"]
    if may and was_must and not was_may and not must:
        return ["modality_differs:may"]
    if advice and was_must and not was_advice and not must:
        return ["modality_differs:should"]
    if was_planned and not planned and not _WILL.search(sentence) and share(content(base), content(sentence)) >= 0.4:
        return ["modality_differs:planned"]
    if sure and not was_sure:
        return ["modality_differs:certain"]
    return []


# --- scope --------------------------------------------------------------------------------------

_ONLY = re.compile(
    r"仅(?!仅是)|(?<!不)(?<!一)只(?![要是])|唯一|(?<!不)(?<!不局)限于|限(?=[本在在]?[市省县区])|\b(?:only|solely|exclusively|restricted to|limited to|no one but|alone)\b|专门|独家|除.{1,20}外[^，]{0,4}[不均无]"
)
_EXCEPT = re.compile(
    r"除外|除了?[^，。]{1,30}?[以之]?外|除非|不含|不包括|\b(?:except|excluding|excludes?|unless|other than|apart from|but not|does not include|do not include|without)\b"
)
_CONDITION = re.compile(
    r"(?:如果?|若|凡|对于?|经|只要|一旦|当)[^，。；]{3,60}?(?=，|的[，,]|,)|[^，。；,]{3,60}?的(?=，|,)"
    r"|\b(?:if|unless|except|excluding|provided(?: that)?|subject to|as long as|once|when|where|who|that|which|with|without|after|before|for those|assessed at)\b[^,.;:]{4,60}?(?=[,.;:]|$|\b(?:if|unless|except|provided|when|who|that|which|with|after|before|gets?|pays?|paid|receives?|must|may|can|are|is|has|have)\b)"
)


def _scope(sentence: str, base: str, everything: str) -> list[str]:
    words, cited = content(sentence), content(base)
    faults = []
    only, was_only = bool(_ONLY.search(sentence)), bool(_ONLY.search(base))
    if only and not _ONLY.search(everything):
        faults.append("scope_added:only")
    said_mostly = share(cited, words) >= 0.4
    if (
        was_only
        and not only
        and said_mostly
        and not _EXCEPT.search(sentence)
        and not any(c.negative for c in _clauses(sentence))
    ) or any(
        _ONLY.search(n.text) and not c.negative and not _ONLY.search(c.text) and not _EXCEPT.search(c.text)
        for c, n in _pairs(sentence, base)
    ):
        faults.append("scope_dropped:only")
    exception = _EXCEPT.search(base)
    if (
        exception
        and not _EXCEPT.search(sentence)
        and not only
        and share(content(base.replace(exception[0], " ")), words) >= 0.4
        and not any(c.negative for c in _clauses(sentence))
    ):
        faults.append("scope_dropped:except")
    if not faults and _condition_lost(sentence, base):
        faults.append("scope_dropped:condition")
    return faults


# Too common in plain narration to count as conditions unless they carry a figure.
_LOOSE = re.compile(r"(?:once|when|where|who|that|which|with|after|before)\b")


def _condition_lost(sentence: str, base: str) -> bool:
    """A condition of the quote of which the sentence keeps next to nothing, though it takes the rest."""
    words = content(sentence)
    whole = content(base)
    for match in _CONDITION.finditer(base):
        condition = content(match[0])
        rest = whole - condition
        kept = {(f.kind, f.values) for f in figures(sentence)}
        marks = [(f.kind, f.values) for f in figures(match[0]) if f.kind in ("level", "number", "percent", "date")]
        figure_lost = bool(marks) and not any(m in kept for m in marks)
        if not marks and _LOOSE.match(match[0]):
            continue
        thin = share(condition, words) < 0.34
        if (
            len(condition) + len(marks) >= 2
            and (thin and (figure_lost or not marks))
            and rest
            and share(rest, words) >= 0.5
        ):
            return True
    lost = [f for f in figures(base) if f.kind == "level" or (f.kind == "number" and f.bound)]
    have = {(f.kind, f.values[0]) for f in figures(sentence)}
    takes = any(f.kind in ("money", "percent") and (f.kind, f.values[0]) in have for f in figures(base))
    return takes and any((f.kind, f.values[0]) not in have for f in lost) and share(whole, words) >= 0.5


# --- quantifiers --------------------------------------------------------------------------------

_QUANTIFIERS = {
    "all": re.compile(
        r"所有|全部|全体|一律|(?<![平人])均(?!衡|值|价|可再)|(?<![首成])都(?!市)|凡|任何|每[一个家户名]|各(?!类平台)|\b(?:all|every(?! few)|always|everyone)\b"
    ),
    "most": re.compile(r"大多数?|多数|大部分|绝大|主要|\b(?:(?<!at )most|majority|mostly|mainly|largely)\b"),
    "some": re.compile(
        r"部分(?!别)|一些|有些|有的|若干|少数|个别|\b(?:some|several|a few|few|certain|part of|partly|a number of|selected|sometimes)\b"
    ),
    "none": re.compile(r"没有(?:任何|一)|无一|\b(?:none|no one|nobody|neither)\b"),
}
_CHINESE = re.compile(f"[{CJK}]")
_FREQUENCY = {
    "once": re.compile(
        r"一次性|一次|(?<!at )\bonce\b(?! (?:the|a|an|you|it|they|this|these)\b)|one-off|one-time|\blump sum\b"
    ),
    "yearly": re.compile(r"每年|年度(?=最高|补|奖)|按年|\b(?:annual(?:ly)?|yearly|(?:per|a|each|every) year)\b"),
    "monthly": re.compile(r"每月|按月|\b(?:monthly|(?:per|a|each|every) month)\b"),
}


_EACH = re.compile(r"每|各|逐|\b(?:each|any|fully|full|in all|altogether)\b")
_ALL_SAID = re.compile(r"所有|全部|全体|一律|任何|凡|\b(?:all|every\w*|always)\b")


def _quantifier(sentence: str, base: str, everything: str) -> list[str]:
    own, cited = ({k for k, p in _QUANTIFIERS.items() if p.search(t)} for t in (sentence, base))
    anywhere = {k for k, p in _QUANTIFIERS.items() if p.search(everything)}
    added = own - anywhere - {"none"}
    if "all" in added and not cited & {"some", "most"} and (_EACH.search(everything) or not _ALL_SAID.search(sentence)):
        added -= {"all"}  # 都 is mere grammar, and "every" says no more than "each"
    if added - {"some"} or (added and (cited or _CHINESE.search(sentence))):  # English "some" is often mere grammar
        return [f"quantifier_differs:{min(added)}"]
    if own and cited and not own & cited:
        return [f"quantifier_differs:{min(own)}"]
    if cited & {"some", "most"} and not own and share(content(base), content(sentence)) >= 0.6:
        return [f"quantifier_dropped:{min(cited & {'some', 'most'})}"]
    for name, pattern in _FREQUENCY.items():
        if pattern.search(sentence) and not pattern.search(everything):
            return [f"quantifier_differs:{name}"]
        if pattern.search(base) and not pattern.search(sentence) and share(content(base), content(sentence)) >= 0.75:
            return [f"quantifier_dropped:{name}"]
    return []


# --- direction and cause ------------------------------------------------------------------------

_OPPOSITES = [
    (re.compile(a), re.compile(b))
    for a, b in (
        (r"提高|提升|增加|增长|上升|上涨|扩大|\b(?:increas\w+|rais\w+|rose|rises?|grew|grow\w*|gain\w*|improv\w+|up by)\b", r"降低|减少|下降|缩短|缩减|削减|下滑|\b(?:decreas\w+|reduc\w+|fell|falls?|drop\w*|cut|cuts|declin\w+|lower(?:s|ed)|shorten\w*|down by)\b"),
        (r"高于|多于|(?<!不)超过|更[高多]|\b(?:higher|more|larger|greater) than\b|\bexceed\w*", r"(?<!不)低于|(?<!不)少于|更[低少]|\b(?:lower|fewer|smaller|less) than\b"),
        (r"之前|以前|事前|(?<=[日月年成])前|\bbefore\b|\bprior to\b", r"之后|以后|事后|(?<=[日月年成])后|\bafter\b|\bfollowing\b"),
        (r"允许|\b(?:allow\w*|permit\w*)\b", r"禁止|\b(?:prohibit\w*|forbid\w*|ban(?:s|ned)?)\b"),
        (r"开放|启动|开始|\b(?:opens?|opened|starts?|started|begins?|began)\b", r"关闭|结束|终止|截止|\b(?:closes?|closed|ends?|ended|stopp?e?d?|expires?|expired)\b"),
        (r"规模以上|规上|\babove[- ]scale\b", r"规模以下|规下|\bbelow[- ]scale\b"),
        (r"线上|\bonline\b", r"线下|\b(?:offline|in person)\b"),
        (r"事前|预先|先行拨付|\b(?:in advance|upfront|up front)\b", r"事后|后补助|\b(?:afterwards|in arrears|reimburs\w+)\b"),
        (r"内资|国内|境内|\bdomestic\b", r"外资|国外|境外|\bforeign\b|\boverseas\b"),
        (r"国家级|\bnational\b", r"省级|\bprovincial\b"), (r"省级|\bprovincial\b", r"市级|\bmunicipal\b"),
        (r"中小企业|小微企业|\bsmes?\b|\bsmall\b", r"大型企业|大企业|\blarge (?:firms|companies|enterprises)\b"),
    )
]  # fmt: skip


def _direction(sentence: str, base: str) -> list[str]:
    for one, two in _OPPOSITES:
        for a, b in ((one, two), (two, one)):
            found = a.search(sentence)
            if found and not b.search(sentence) and b.search(base) and not a.search(base):
                return [f"direction_differs:{found[0]}"]
    return []


_CAUSE_FIRST = re.compile(
    r"导致|使得|造成|引起|促使|因此|因而|从而|所以|\b(?:leads? to|led to|results? in|resulted in|causes?|caused|so that|therefore|thereby)\b"
)
_EFFECT_FIRST = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|thanks to|as a result of|result(?:s|ed)? from|caused by)\b|是因为|的原因是|源于|得益于"
)
_SINCE = re.compile(
    r"^\W*(?:因为?|由于|because(?: of)?|due to|owing to|thanks to|as a result of)(?P<cause>[^，,]+)[，,](?P<effect>.+)"
)
_CLAIMED = re.compile(r"因为|由于|导致|造成|引起|\b(?:because|due to|owing to|leads? to|led to|causes?|caused)\b")
_ANY_REASON = re.compile(
    r"因|由于|导致|使|造成|引起|以便|为了|从而|通过|后|\b(?:because|due|owing|lead|leads|led|caus\w+|so|since|as|for|result\w*|after|by|through|thanks|when|if)\b"
)


def _cause(sentence: str, base: str, everything: str) -> list[str]:
    own, cited = _parts(sentence), _parts(base)
    if own and cited:
        straight = share(own[0], cited[0]) + share(own[1], cited[1])
        crossed = share(own[0], cited[1]) + share(own[1], cited[0])
        return ["cause_swapped"] if crossed > straight + 0.2 else []
    return ["cause_added"] if _CLAIMED.search(sentence) and not _ANY_REASON.search(everything) else []


def _parts(text: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """Words of the cause, words of the effect."""
    if match := _SINCE.match(text):
        return content(match["cause"]), content(match["effect"])
    if match := _EFFECT_FIRST.search(text):
        return content(text[match.end() :]), content(text[: match.start()])
    if match := _CAUSE_FIRST.search(text):
        return content(text[: match.start()]), content(text[match.end() :])
    return None
