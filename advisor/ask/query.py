"""question → query: what was asked, of which place, trade, level and year, and how an answer to it should speak."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from advisor.ask.asks import wants
from advisor.ask.clarify import chosen
from advisor.ask.dialect import in_standard_chinese
from advisor.ask.lexicon import Lexicon
from advisor.ask.pinyin import read_back
from advisor.ask.plan import PLANS, POINTS_AT_A_WORD, asks_for_aid, question_type, without_asking
from advisor.ask.scope import refusal
from advisor.ask.sentences import asked_words
from advisor.ask.spelling import corrected
from advisor.gazetteer import Mention, Named
from advisor.model import Language, Profile, Query, Question, Turn
from advisor.text import detect_language, fold, quantities, sentences, tokens

POINTS_BACK = re.compile(
    r"^\s*(?:那|那么|那如果|如果|要是|还有|另外|它|这个|那个|这些|上面|刚才|再|换成|改成|不对|不是|我是说|我说的是|and\b|what about|how about|"
    r"but\b|so\b|then\b|also\b|what if|same\b|no,|not\b|i meant|sorry|ok\b|is it|does it|can it|do they|are they|is that)|"
    r"(?:呢|的话)[？?。！\s]*$|\b(?:it|they|that|this|those|these|them|there)\b|(?:它|这个|那个|该|上述)",
    re.I,
)
_SHIFT = re.compile(
    r"另外(?:问|想)|先(?:这样|到这[里儿]?|放一放|不说了)[。，,；; ]+(?:另外|再|还有)|换个|不相干|别的(?:事|问题)|顺便问|再问个|something else|let'?s talk|another (?:topic|question|thing|matter)|different (?:topic|question|matter)|new question|by the way|unrelated",
    re.I,
)
CORRECTS = re.compile(
    r"^\W*(?:哦|噢|啊|呃|抱歉|对不起|不好意思|先|那个)*[，,\s]*(?:不对|不是|错了|我是说|我说的是|我的意思|更正|纠正|改一下|说错|问错|记错|搞错|弄错|打错|看错)|我?(?:说|问|记|搞|弄|打|看|写)错了|"
    r"^\W*(?:oh|ah|um|hm+|ok|well|wait|hang on|hold on)*[,.! ]*(?:no\b[,. ]|not\b|i meant|sorry|actually|correction|my mistake|oops|whoops|typo\b|scratch that|wrong\b)|\bi (?:meant|mean)\b|\bi (?:said|asked|typed|wrote|mixed|got) .{0,25}\b(?:wrong|up|mistake)\b",
    re.I,
)
# "Not the software one, the training": what was told is what is not meant.
_DENIES_IT = re.compile(
    r"^\W*(?:哦|噢|不[，,])?(?:不是|不要|我不是问|没问)(?!说)[^，,。？?]{1,15}[，,。]|^\W*(?:no[,. ]+)?(?:not|i don'?t mean) (?:the|that|this|about)\b",
    re.I,
)
_COMMANDS = {
    "in_english": r"(?:\bin english|用英文|用英语|英文版|英文回答)",
    "in_chinese": r"(?:\bin chinese|用中文|中文回答|中文版)",
    "numbers": r"(?:only|just) the (?:numbers|figures|amounts)|numbers only|只(?:要|说|看)?(?:数字|金额|数)",
    "source": r"(?:give|show|send) me (?:the|your) sources?|what(?:'s| is) (?:the|your) source|where (?:is|does) (?:that|this|it) (?:written|come)|^(?:are you (?:really )?sure|really|is (?:that|this|it) (?:right|true|correct|certain)|how do you know(?: that)?|says who|prove it)[?!. ]*$|出处|来源(?:是|在)|^(?:你)?(?:确定(?:吗|么)?|确实吗|真的(?:吗|假的)?|准不?准(?:吗)?|靠谱吗|对吗|谁说的|有依据吗|凭什么)[?？。!！ ]*$|哪份文件|原文在哪|依据(?:是|在)什么",
    "more": r"^(?:tell me |say |anything |what |and what )?(?:a bit )?(?:more|else)(?: about (?:it|that|this)| details?)?(?:,? please)?[?!. ]*$|^(?:go on|continue|more details?)[?!. ]*$|^(?:还有(?:呢|吗|别的吗|什么|啥)?|继续(?:说)?|接着说|再(?:多)?说(?:点|一点|些|详细点?)|(?:说|讲)?(?:详细|具体)(?:点|一点|些)?|多说(?:点|一点)|展开(?:说说|讲讲)?)[?？。!！ ]*$",
    "simpler": r"(?:explain|say|put) (?:it |that |this )?(?:more simply|simpler|in (?:plain|simple) (?:words|terms|english))|^\W*(?:and |so |now )?in (?:plain|simple) (?:words|terms|english)(?:,? please)?\W*$|simpler,? please|(?:简单|通俗)(?:点|一点|地|些)?(?:说|讲|解释)?|说人话|听不懂|没看懂",
}


def understand(question: Question, lexicon: Lexicon, as_of: date) -> Query:
    """Read the question; earlier turns and the profile fill what it leaves open, the user's own words always stay."""
    typed = question.text.strip()
    text = _in_full_years(corrected(in_standard_chinese(read_back(typed, lexicon)), lexicon))
    earlier = [_in_full_years(in_standard_chinese(read_back(t.question, lexicon))) for t in question.history]
    language = _language(question, text, earlier)
    command = _command(text) if earlier else None
    if command:
        language = {"in_english": "en", "in_chinese": "zh"}.get(command, language)  # type: ignore[assignment]
        inner = Question(earlier[-1], language, question.profile, question.history[:-1], question.as_of)
        query = replace(understand(inner, lexicon, as_of), language=language, command=command)
        if command == "more":
            plan = replace(query.plan, statements=query.plan.statements + 4, documents=query.plan.documents + 1)
            return replace(query, plan=plan, told=question.history[-1].answer)
        return query

    if earlier and (whole := chosen(earlier[-1], question.history[-1].answer, text)):
        return understand(replace(question, text=whole, history=question.history[:-1]), lexicon, as_of)
    quoted, retold = _quoted_in(question.history[-1], lexicon) if earlier else ((), ())
    named = _not_of_the_talk(lexicon.find_documents(text), question, quoted, lexicon)
    terms = lexicon.find_terms(text)
    follows = bool(earlier) and _follows(text, bool(named), _asks_of_a_word(text, terms))
    kind = question_type(text)
    about = earlier
    if follows and _wants_the_same(text, kind, lexicon):
        kind = question_type(earlier[-1])
    elif follows and not _BOTH.search(text):
        about = [without_asking(t, question_type(t)) for t in earlier]
    own = question.profile if _meets_local_rules(text, kind, earlier if follows else []) else None
    places, places_from = _places(text, earlier if follows else [], own, named, lexicon)
    levels = _levels(_UP.sub(" ", text))
    years = _years(text)
    industries = tuple(dict.fromkeys(m.id for m in lexicon.industries.find(text)))
    dwelt = quoted if follows and not _DENIES_IT.search(text) else ()
    if follows:
        if kind == "comparison" and len(terms) == 1:
            terms = (*dict.fromkeys((*lexicon.find_terms(earlier[-1]), *terms)),)
        named = named or next((d for t in reversed(earlier) if (d := lexicon.find_documents(t))), ())
        if not named and places_from != "question" and (named := dwelt[:1]):
            about = [*about[:-1], f"{about[-1]} {_short_name(named[0], language, lexicon)}"]
        industries = industries or tuple(dict.fromkeys(m.id for m in lexicon.industries.find(earlier[-1])))
        before = _levels(" ".join(about[-2 if _BOTH.search(text) else -1 :]))
        levels = levels or (bare_level(text) if before or _levels(question.history[-1].answer) else ()) or before
        years = years or _years(earlier[-1])
    profile = question.profile or Profile()
    levels = levels or ((profile.level,) if profile.level else ())
    if _UP.search(text):
        levels = levels or _the_level_told(question.history)
        levels = (max(levels) + 1,) if levels else ()
    if not industries and profile.industry and (known := lexicon.industries.resolve(profile.industry)):
        industries = (known,)
    query = Query(
        text=text,
        language=language,
        as_of=as_of,
        plan=PLANS[kind],
        lexical=_lexical(text, question.history if follows else (), about, terms, language, lexicon),
        semantic=f"{about[-1]} {text}" if follows else text,
        translated=_translated(text, language, terms, lexicon),
        profile=profile,
        places=places,
        places_from=places_from,  # type: ignore[arg-type]
        industries=industries,
        levels=levels,
        years=years,
        named=named,
        terms=terms,
        previous=" ".join(about[-2:]) if follows else None,
        told="\n".join([*(t.answer for t in question.history), *retold]) if follows else "",
        dwelt=dwelt,
        refusal=refusal(typed, bool(named or terms)) or refusal(text, bool(named or terms)),
        focus=focus_of(text),
    )
    return replace(query, parts=tuple(_part(query, part, lexicon) for part in parts_of(text)))


def _not_of_the_talk(
    named: tuple[str, ...], question: Question, quoted: Sequence[str], lexicon: Lexicon
) -> tuple[str, ...]:
    """The same without a document whose name is only a word of what was told last of another: of "smart factories", asked on
    after Korea's, China's programme of that name is not meant."""
    if not named or not quoted:
        return named
    told = fold(question.history[-1].answer)
    names = {d: lexicon.names_in(d, fold(question.text)) for d in named}
    return tuple(d for d in named if d in quoted or not names[d] or any(n not in told for n in names[d]))


def _part(query: Query, text: str, lexicon: Lexicon) -> Query:
    """One of several questions asked at once; the whole stands behind it like an earlier turn."""
    levels = _levels(_UP.sub(" ", text))
    terms = lexicon.find_terms(text)
    own = lexicon.find_documents(text)
    little = leans(text) and not own
    return replace(
        query,
        text=text,
        focus="",
        lexical=((text, 1.0), (query.text, 1.0 if little else _WHOLE)),
        translated=_translated(query.text if little else text, query.language, terms, lexicon),
        semantic=f"{query.text} {text}" if little else text,
        plan=PLANS[question_type(text)],
        previous=f"{query.previous} {query.text}" if query.previous else query.text,
        levels=levels or query.levels,
        terms=terms,
        named=own or (query.named if little else ()),
        parts=(),
    )


def leans(text: str) -> bool:
    """Whether one of several questions says too little to stand alone: "我们要做吗"."""
    return len(set(tokens(text))) < _LEANS or len(asked_words(text)) < _NAMES_LITTLE


_NAMES_LITTLE = 3  # words of its own matter below which it does as well
_LEANS = 5  # words below which it does
_WHOLE = 0.3  # what the whole message counts in the search for one of its questions


_CLAUSE = re.compile(
    r"[?？。；;]\s*|(?:(?<=[\u4e00-\u9fff])[，,]|(?<=[%\d])，)(?=.{3,})|，?(?:还有(?!没有|[效用啥的吗么]|什么|哪|机会|名额)|另外|以及|同时)|,\s+(?=(?:roughly |about |also )?(?:what|how|which|who|when|where)(?:'?s)?\b)|,?\s+(?:and|or|plus|but)\s+(?=(?:also\s+)?(?:(?:what|how|which|who|when|where)(?:'?s)?|whom|whether|do|does|did|is|are|can|will|would|by|for|from|until|in|at|on)\b)",
    re.I,
)
ASKS = re.compile(
    r"(?:什么|啥|谁|哪[里儿]?)(?![都也])|是[^，,。？?]{1,10}还是|(?<![说讲催]了)多少(?![回遍])|(?<![十百千万好])几(?![乎十百千万]|(?:个?(?:月|星期|礼拜|钟头)|天|年|周|次|回|趟)(?:没|都|才|下来|以?来|[了前]))|哪(?![里儿都也])|(.)不\1|怎|咋|如何|何时|吗|呢|能不能|是不是|有没有|可不可以|能否|是否|多久|多大|为什么|\b(?:what|how|which|who|whom|when|where|whether|why)(?:'?s)?\b|(?:^|[.!,:]\s)\s*(?:do|does|did|is|are|can|will|would|may|must|should)\b",
    re.I,
)


def _clauses(text: str) -> Iterator[tuple[str, bool]]:
    """(clause, whether a question mark ends it)."""
    at = 0
    for cut in (*_CLAUSE.finditer(text), None):
        piece = text[at : cut.start() if cut else len(text)].strip()
        if piece:
            yield piece, bool(cut and re.match(r"[?？]", cut[0]))
        at = cut.end() if cut else at


# "How much each?", "and what the other?" ask the question before once more.
_OF_EACH = re.compile(
    r"^(?:那|又)?(?:[两双](?:边|家|个|方|者|地)|它们)?(?:各|分别)|\beach\W*$|^(?:what |how )?(?:about )?the other(?: one)?\W*$",
    re.I,
)
_AN_EACH = 16  # characters


def parts_of(text: str) -> list[str]:
    """The questions in one message, where there are two or three of them.

    >>> parts_of("What does Anhui pay, and do the rules let us assess ourselves?")
    ['What does Anhui pay', 'do the rules let us assess ourselves']
    >>> parts_of("能补多少？")
    []
    """
    pieces: list[str] = []
    waiting = ""
    for piece, marked in _clauses(text):
        # What leads up to a question belongs to it; a clause that asks nothing waits for the one that does.
        if pieces and not waiting and len(piece) <= _AN_EACH and _OF_EACH.search(piece):
            pieces[-1] += f" {piece}"
        elif (ASKS.search(piece) and (marked or not _LEADS_UP.search(piece))) or (
            marked and len(set(tokens(piece))) >= _LEAST_FOCUS
        ):
            pieces.append(f"{waiting} {piece}".strip())
            waiting = ""
        else:
            waiting = f"{waiting} {piece}".strip()
    if waiting and pieces:
        pieces[-1] = f"{pieces[-1]} {waiting}"
    return [p.rstrip(",， ") for p in pieces] if 2 <= len(pieces) <= 3 else []


# "And when we borrow under it, how much…": a condition, no question.
_LEADS_UP = re.compile(
    r"^(?:and |but |or |so )?(?:when|if|once) (?:we|i|you|they|it|he|she|our|my|your|their|its|the|a|an)\b(?!.*\b(?:what|which|how|who)\b)",
    re.I,
)

# Said to be polite, to hesitate or to begin; nothing in a document answers to it.
_FILLER = re.compile(
    r"(?:你好|您好|请问一下|请问|麻烦(?:问|您|你)?(?:一下)?|打扰(?:了|一下)|想(?:请教|咨询|问)(?:一下|下|您|你)?|请教(?:一下|下)?|谢谢(?:您|你|了|啦)?|多谢|辛苦了|老师(?:好)?|老铁|亲|各位|大佬|专家(?:好)?|帮(?:我)?(?:看看|问问|查查)|跟你说个事|说来话长|不好意思)[,，!！。.~～、\s]*|"
    r"\b(?:hello|hi(?!-)|hey|good (?:morning|afternoon|evening|day)|dear (?:sir or madam|sir|madam|all|team|advisor)s?|greetings|thanks?(?: you)?(?: (?:so|very) much| kindly)?(?: in advance| a lot| for (?:your|the) \w+)?|cheers|please|pls|sorry(?: to bother you| for bothering you)?|excuse me|quick question|just wondering|i was wondering(?: if)?|i wonder(?: if)?|can you tell me|could you (?:please )?tell me|do you know(?: if)?|tell me(?: straight)?|long story(?: short)?|honestly|actually|basically|by the way)\b[,!.:;\s]*",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[。！!？?；;\n])\s*|(?<=[.])\s+(?=[A-Z\"'(])")
_LEAST_FOCUS = 3
_OTHER_NAMES = 8


def focus_of(text: str) -> str:
    """The question without the story before it and without what is only polite; empty where that is the whole text.

    >>> focus_of("My cousin runs a factory near Busan. Can he still apply for the smart factory programme?")
    'Can he still apply for the smart factory programme?'
    >>> focus_of("能补多少？")
    ''
    """
    plain = _FILLER.sub(" ", text).strip()
    pieces = [p for p in _SENTENCE.split(plain) if re.search(r"\w", p)]
    first = next((i for i, p in enumerate(pieces) if re.search(r"[?？]", p) or ASKS.search(p)), 0)
    focus = " ".join(p.strip() for p in pieces[first:])  # what follows a question explains it; what leads up is a story
    words = tokens(focus)
    return focus if len(set(words)) >= _LEAST_FOCUS and words != tokens(text) else ""


def _language(question: Question, text: str, earlier: list[str]) -> Language:
    if question.language != "auto":
        return question.language
    return detect_language(text if re.search(r"\w\w", text) else " ".join([*earlier, text]))


def _command(text: str) -> str | None:
    if len(text) > 60:
        return None
    return next((name for name, pattern in _COMMANDS.items() if re.search(pattern, text, re.I)), None)


def _asks_of_a_word(text: str, terms: tuple[str, ...]) -> bool:
    """What a term means, asked without pointing further back than to it, needs no turn before it."""
    asks = any(question_type(part) == "definition" for part in (text, *parts_of(text)))
    return bool(terms) and asks and not POINTS_BACK.search(POINTS_AT_A_WORD.sub(" ", text))


def _follows(text: str, names_its_own: bool, asks_of_a_word: bool) -> bool:
    """Pointing back, or naming nothing of its own to stand on."""
    if _SHIFT.search(text):
        return False
    content = len(set(tokens(text)))
    if CORRECTS.search(text):
        return True
    if asks_of_a_word:
        return False
    return (not names_its_own and content <= 30) or (content <= 14 and bool(POINTS_BACK.search(text)))


def _places(
    text: str, earlier: list[str], profile: Profile | None, named: tuple[str, ...], lexicon: Lexicon
) -> tuple[tuple[str, ...], str]:
    """Places of the question; else of the last turn that named any, of the last two where both are meant; else the firm's own."""
    if found := _named_in(text, lexicon):
        return found, "question"
    if of_turns := [f for t in reversed(earlier) if (f := _named_in(t, lexicon))]:
        meant = of_turns[1::-1] if _BOTH.search(text) else of_turns[:1]  # the last two in the order of the talk
        return tuple(dict.fromkeys(p for found in meant for p in found)), "history"
    own = lexicon.places.resolve(profile.region) if profile and profile.region else None
    return ((own,), "profile") if own and _reached(own, named, lexicon) else ((), "nowhere")


def _meets_local_rules(text: str, kind: str, earlier: list[str]) -> bool:
    """Whether the firm's own place matters though nobody named it: to money and duties, not to how a thing is done."""
    return kind not in _PLACELESS or asks_for_aid(" ".join([*earlier[-1:], text]))


_PLACELESS = ("how_to", "case", "definition")


def _named_in(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    mentions = _without_names(_without_namesakes(lexicon.places.find(text)), text, lexicon)
    meant = [m for m in mentions if not _DENIED.search(text[: m.start])] or mentions
    return most_specific(tuple(dict.fromkeys(m.id for m in meant)), lexicon)


def _without_namesakes(mentions: Sequence[Mention]) -> list[Mention]:
    """越南平阳 is no county of Zhejiang: what stands right behind the name of another country lies there."""
    abroad = {m.end for m in mentions if not m.id.startswith("CN")}
    return [m for m in mentions if not (m.id.startswith("CN/") and m.start in abroad)]


def _without_names(mentions: Sequence[Mention], text: str, lexicon: Lexicon) -> list[Mention]:
    """Changfeng Chemical of Chongqing is no county of Anhui: a place in the name of what lies elsewhere is part of that name."""
    folded, covers = fold(text), lexicon.places.covers
    inside: list[tuple[int, int, str]] = []
    for document in lexicon.find_documents(text):
        home = lexicon.documents[document].jurisdiction
        names = lexicon.names_in(document, folded) if home else ()
        inside += [(at, at + len(n), home or "") for n in names if (at := folded.find(n)) >= 0]
    return [
        m
        for m in mentions
        if not _is_a_firm_in(m, mentions, folded, covers)
        and not any(a <= m.start and m.end <= b and not (covers(m.id, h) or covers(h, m.id)) for a, b, h in inside)
    ]


def _is_a_firm_in(place: Mention, mentions: Sequence[Mention], folded: str, covers: Callable[[str, str], bool]) -> bool:
    """Whether a place is said to be in another that it does not lie in: "Changfeng in Chongqing" is a firm."""
    behind = next((m for m in mentions if m.start > place.start and folded[place.end : m.start] == " in "), None)
    return behind is not None and not covers(behind.id, place.id)


# "We are in Hefei, not Zhongshan" asks about one place.
_DENIED = re.compile(r"(?:(?<!是)不是|不在|并非)$|\b(?:not|instead of|rather than)(?: in)? $", re.I)


def _reached(place: str, named: tuple[str, ...], lexicon: Lexicon) -> bool:
    """Whether a scheme that was named could be of this place; somebody in Bavaria who asks for Kit Digital means Spain's."""
    homes = [j for d in named if (j := lexicon.documents[d].jurisdiction)]
    covers = lexicon.places.covers
    return not homes or any(covers(h, place) or covers(place, h) for h in homes)


def most_specific(places: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    """浙江宁波 means Ningbo: drop a place whose part is also named."""
    return tuple(p for p in places if not any(q != p and p in lexicon.places.ancestors(q) for q in places))


def _in_full_years(text: str) -> str:
    """The same with the years that are called by their last two digits written out.

    >>> _in_full_years("22年那一期跟25年度的，我们干了20年")
    '2022年那一期跟2025年度的，我们干了20年'
    """
    return _SHORT_YEAR.sub(r"20\1年", text)


# Not how long something takes or has lasted.
_SHORT_YEAR = re.compile(
    r"(?<![\d.,/十百千万几满有近约了过超干做开共达长期限用每届保命龄旧])(1[6-9]|2[1-9]|20(?=年(?:度|版|那|的|底|初|\d)))年(?![来多余前后内间]|以[上内下]|左右|时间|的?(?:老|历史|经验|厂龄)|[^，,。？?]{0,3}(?:合同|质保|折旧|贷款))"
)


def _years(text: str) -> tuple[int, ...]:
    return tuple(q.value[0] for q in quantities(fold(text)) if isinstance(q.value, tuple) and q.value[0])


def _levels(text: str) -> tuple[int, ...]:
    said = (q.value for q in quantities(fold(text)) if q.kind == "level" and not isinstance(q.value, tuple))
    return tuple(int(v) for v in said) or tuple(int(a or b) for a, b in _GRADED.findall(fold(text)))


# "If the assessor gives us a 2": a mark that nobody calls a level.
_GRADED = re.compile(
    r"\b(?:assess\w*|rat(?:ed?|ing)|grad(?:ed?|ing)|auditors?|inspectors?)\b[^.?!,;]{0,25}?\b(?:us|we|it|as|at|with|get|got) (?:an? )?([1-4])\b"
    r"(?! ?(?:%|percent|points?|years?|months?|weeks?|days?|of\b|out\b|[.,]?\d))"
    r"|评(?:了|到|个|上|为|成){1,2}([1-4])(?![\d级分家个.%])",
    re.I,
)


def _the_level_told(history: Sequence[Turn]) -> tuple[int, ...]:
    """The only level that the last answer spoke of."""
    told = set(_levels(history[-1].answer)) if history else set()
    return tuple(told) if len(told) == 1 else ()


def bare_level(text: str) -> tuple[int, ...]:
    """A lone figure where levels were spoken of: "if we only scrape a 2?"."""
    return tuple(map(int, _LONE_LEVEL.findall(fold(text)))) if len(text) <= _SHORT else ()


_SHORT = 40  # characters
_LONE_LEVEL = re.compile(
    r"(?<![a-z0-9.,%])(?:lvl ?|l)?([1-4])(?![a-z0-9%]|[.,]\d)(?! ?(?:%|percent|points?|years?|months?|weeks?|days?|people|persons?|staff|firms?|of (?:us|them)|[个人家年月天周次条点万亿]))"
)


# "One level up" names no level: it is counted from the one that the firm has.
_UP = re.compile(
    r"(?:往上|再|提|升)(?:往上|升|提|上|高)?(?:高)?一(?:个等|个|等)?[级档]|(?<!评)(?:上|下|高)一个?(?:等)?级|\b(?:(?:one|a) (?:level|rung|notch|step|grade|stage) (?:up|higher|more|further)|(?:the )?next level)\b",
    re.I,
)


def _wants_the_same(text: str, kind: str, lexicon: Lexicon) -> bool:
    """Whether a follow-up asks again what was asked before: of another place, trade, level or year, or in a correction."""
    if kind == "fact" or CORRECTS.search(text):
        return True
    rest = _LINK.sub(" ", fold(text))
    for mention in (*lexicon.places.find(text), *lexicon.industries.find(text)):
        rest = rest.replace(fold(text)[mention.start : mention.end], " ")
    for figure in quantities(fold(text)):
        rest = rest.replace(fold(text)[figure.start : figure.end], " ")
    return not tokens(rest)


# What was told of two turns apart, held side by side.
_BOTH = re.compile(
    r"两(?:个|边|地|者|处|家|城|市|国)|哪[个边家](?:地方|城市)?(?:更|比较|给得|补得|补的|给的)*[多高好划合]|\b(?:both|which (?:one |place |city |country )?(?:of (?:them|the two|those)|pays|gives|is (?:better|higher|more)))\b",
    re.I,
)
# What only ties a follow-up to the turn before.
_LINK = re.compile(
    r"那么|那|呢|的话|如果是|如果|要是|换成|改成|还是|同样|一样|也|企业|公司|厂|市|区|"
    r"\b(?:and|what|how|about|if|for|in|at|the|same|it|is|were|was|we|then|also|firms?|compan(?:y|ies)|instead)\b",
    re.I,
)
_LEAST_QUOTE = 12


def _quoted_in(turn: Turn, lexicon: Lexicon) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(documents that an earlier answer quoted, in its order; their sentences that it told in other words): what is asked next
    is mostly asked about the first. A caller, or a chat model, need not have quoted."""
    lines = [re.sub(r"(?:\s*\[\d+\])+\s*$", "", line.strip(" -*")).strip("* ") for line in turn.answer.splitlines()]
    each = [line[a:b].strip() for line in lines for a, b in sentences(line)]
    said = [line for line in dict.fromkeys((*lines, *each)) if len(line) >= _LEAST_QUOTE]
    quoting = [d.id for line in said for d in lexicon.documents.values() if any(line in t for t in d.texts.values())]
    if quoting:
        return tuple(dict.fromkeys(quoting)), ()
    retold = [r for line in each if (r := lexicon.retold(turn.question, line, detect_language(line)))]
    return tuple(dict.fromkeys(d for d, _ in retold)), tuple(text for _, text in retold if text)


def _names_in(language: Language, trade: Named) -> str:
    """What else a trade is called: its documents may use another of its names."""
    names = (trade.name.get(language), *trade.other)
    return " ".join([n for n in names if n.isascii() == (language == "en")][:_OTHER_NAMES])


def _short_name(document: str, language: Language, lexicon: Lexicon) -> str:
    home = lexicon.documents[document]
    return min((*home.aliases.get(language, ()), home.title.get(language)), key=len)


def _lexical(
    text: str,
    history: tuple[Turn, ...],
    about: Sequence[str],
    terms: tuple[str, ...],
    language: Language,
    lexicon: Lexicon,
) -> tuple[tuple[str, float], ...]:
    """Weighted parts for the lexical leg: the words, the earlier turns, other names of the terms."""
    parts = [(text, 1.0)]
    if history:
        parts.append((" ".join(about[-3:]), 0.5))
        parts.append((history[-1].answer[:600], 0.2))
    if terms:
        parts.append((" ".join(lexicon.expansion(t, language) for t in terms), 0.25))
    if trades := [lexicon.industries.entries[m.id] for m in lexicon.industries.find(text)]:
        parts.append((" ".join(_names_in(language, t) for t in trades), 0.25))
    if "start" in wants(text) and not lexicon.things(text):
        parts.append((_BEGINNING[language], 1.0))
    return tuple(parts)


# What the general advice says of itself: whoever asks how to begin names a trade and a trouble instead.
_BEGINNING: dict[Language, str] = {
    "zh": "小厂数字化从哪里开始 第一步 先自测",
    "en": "where to start digitalisation first step self-test small plant",
}


def _translated(
    text: str, language: Language, terms: tuple[str, ...], lexicon: Lexicon
) -> tuple[tuple[str, float], ...]:
    """The question's words in the other language, for passages of that language: the term base knows better than the lexicon."""
    other: Language = "en" if language == "zh" else "zh"
    parts = [(word, 1.2 * weight) for word, weight in lexicon.translate(text, other)]
    return (*parts, *((lexicon.expansion(t, other), 1.0) for t in terms))
