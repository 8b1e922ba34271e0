"""question → query: what was asked, of which place, trade, level and year, and how an answer to it should speak."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from advisor.ask.clarify import chosen
from advisor.ask.lexicon import Lexicon
from advisor.ask.plan import PLANS, question_type
from advisor.ask.scope import refusal
from advisor.model import Language, Profile, Query, Question, Turn
from advisor.text import detect_language, fold, quantities, tokens

_FOLLOW_UP = re.compile(
    r"^\s*(?:那|那么|那如果|如果|要是|还有|另外|它|这个|那个|这些|上面|刚才|再|换成|改成|不对|不是|我是说|我说的是|and\b|what about|how about|"
    r"but\b|so\b|then\b|also\b|what if|same\b|no,|not\b|i meant|sorry|ok\b|is it|does it|can it|do they|are they|is that)|"
    r"(?:呢|的话)[？?。！\s]*$|\b(?:it|they|that|this|those|these|them|there)\b|(?:它|这个|那个|该|上述)",
    re.I,
)
_SHIFT = re.compile(
    r"另外(?:问|想)|换个|不相干|别的(?:事|问题)|顺便问|再问个|something else|let'?s talk|another (?:topic|question|thing|matter)|different (?:topic|question|matter)|new question|by the way|unrelated",
    re.I,
)
_CORRECTION = re.compile(r"^\s*(?:不对|不是|错了|我是说|我说的是|我的意思|no,|not\b|i meant|sorry|actually)", re.I)
_COMMANDS = {
    "in_english": r"(?:in english|用英文|用英语|英文版|英文回答)",
    "in_chinese": r"(?:in chinese|用中文|中文回答|中文版)",
    "numbers": r"(?:only|just) the (?:numbers|figures|amounts)|numbers only|只(?:要|说|看)?(?:数字|金额|数)",
    "source": r"(?:give|show|send) me (?:the|your) sources?|what(?:'s| is) (?:the|your) source|where (?:is|does) (?:that|this|it) (?:written|come)|出处|来源(?:是|在)|哪份文件|原文在哪|依据(?:是|在)什么",
    "simpler": r"(?:explain|say|put) (?:it |that |this )?(?:more simply|simpler|in (?:plain|simple) (?:words|terms|english))|simpler,? please|(?:简单|通俗)(?:点|一点|地|些)?(?:说|讲|解释)?|说人话|听不懂|没看懂",
}


def understand(question: Question, lexicon: Lexicon, as_of: date) -> Query:
    """Read the question; earlier turns and the profile fill what it leaves open, the user's own words always stay."""
    text = question.text.strip()
    earlier = [t.question for t in question.history]
    language = _language(question, text, earlier)
    command = _command(text) if earlier else None
    if command:
        language = {"in_english": "en", "in_chinese": "zh"}.get(command, language)  # type: ignore[assignment]
        inner = Question(earlier[-1], language, question.profile, question.history[:-1], question.as_of)
        return replace(understand(inner, lexicon, as_of), language=language, command=command)

    if earlier and (whole := chosen(earlier[-1], question.history[-1].answer, text)):
        return understand(replace(question, text=whole, history=question.history[:-1]), lexicon, as_of)
    named = lexicon.find_documents(text)
    terms = lexicon.find_terms(text)
    follows = bool(earlier) and _follows(text, bool(named))
    kind = question_type(text)
    if follows and kind == "fact":
        kind = question_type(earlier[-1])
    places, places_from = _places(text, earlier if follows else [], question.profile, named, lexicon)
    figures = quantities(fold(text))
    levels = tuple(int(q.value) for q in figures if q.kind == "level" and not isinstance(q.value, tuple))
    years = _years(text)
    industries = tuple(dict.fromkeys(m.id for m in lexicon.industries.find(text)))
    if follows:
        named = named or next((d for t in reversed(earlier) if (d := lexicon.find_documents(t))), ())
        industries = industries or tuple(dict.fromkeys(m.id for m in lexicon.industries.find(earlier[-1])))
        levels = levels or _levels(earlier[-1])
        years = years or _years(earlier[-1])
    profile = question.profile or Profile()
    if not industries and profile.industry and (known := lexicon.industries.resolve(profile.industry)):
        industries = (known,)
    query = Query(
        text=text,
        language=language,
        as_of=as_of,
        plan=PLANS[kind],
        lexical=_lexical(text, question.history if follows else (), terms, language, lexicon),
        semantic=f"{earlier[-1]} {text}" if follows else text,
        translated=_translated(text, language, terms, lexicon),
        profile=profile,
        places=places,
        places_from=places_from,  # type: ignore[arg-type]
        industries=industries,
        levels=levels or ((profile.level,) if profile.level else ()),
        years=years,
        named=named,
        terms=terms,
        previous=" ".join(earlier[-2:]) if follows else None,
        refusal=refusal(text, bool(named or terms)),
    )
    return replace(query, parts=tuple(_part(query, part, lexicon) for part in parts_of(text)))


def _part(query: Query, text: str, lexicon: Lexicon) -> Query:
    """One of several questions asked at once; the whole stands behind it like an earlier turn."""
    figures = quantities(fold(text))
    levels = tuple(int(q.value) for q in figures if q.kind == "level" and not isinstance(q.value, tuple))
    terms = lexicon.find_terms(text)
    return replace(
        query,
        text=text,
        lexical=((text, 1.0), (query.text, _WHOLE)),
        translated=_translated(text, query.language, terms, lexicon),
        semantic=text,
        plan=PLANS[question_type(text)],
        previous=query.text,
        levels=levels or query.levels,
        terms=terms,
        named=lexicon.find_documents(text) or query.named,
        parts=(),
    )


_WHOLE = 0.3  # what the whole message counts in the search for one of its questions


_CLAUSE = re.compile(
    r"[?？。；;]\s*|(?<=[\u4e00-\u9fff])[，,](?=.{4,})|，?(?:还有|另外|以及|同时)|,?\s+(?:and|or|plus|but)\s+(?=(?:also\s+)?(?:what|how|which|who|whom|when|where|whether|do|does|did|is|are|can|will|would|by|for|from|until|in|at|on)\b)",
    re.I,
)
_ASKS = re.compile(
    r"什么|啥|多少|几|哪|谁|怎|咋|如何|何时|吗|呢|能不能|是不是|有没有|可不可以|能否|是否|多久|多大|为什么|\b(?:what|how|which|who|whom|when|where|whether|why)\b|^\s*(?:do|does|did|is|are|can|will|would|may|must|should)\b",
    re.I,
)


def parts_of(text: str) -> list[str]:
    """The questions in one message, where there are two or three of them.

    >>> parts_of("What does Anhui pay, and do the rules let us assess ourselves?")
    ['What does Anhui pay', 'do the rules let us assess ourselves']
    >>> parts_of("能补多少？")
    []
    """
    pieces: list[str] = []
    waiting = ""
    for piece in (p.strip() for p in _CLAUSE.split(text) if p and p.strip()):
        # What leads up to a question belongs to it; a clause that asks nothing waits for the one that does.
        if _ASKS.search(piece):
            pieces.append(f"{waiting} {piece}".strip())
            waiting = ""
        else:
            waiting = f"{waiting} {piece}".strip()
    if waiting and pieces:
        pieces[-1] = f"{pieces[-1]} {waiting}"
    return [p.rstrip(",， ") for p in pieces] if 2 <= len(pieces) <= 3 else []


def _language(question: Question, text: str, earlier: list[str]) -> Language:
    if question.language != "auto":
        return question.language
    return detect_language(text if re.search(r"\w\w", text) else " ".join([*earlier, text]))


def _command(text: str) -> str | None:
    if len(text) > 60:
        return None
    return next((name for name, pattern in _COMMANDS.items() if re.search(pattern, text, re.I)), None)


def _follows(text: str, names_its_own: bool) -> bool:
    """Pointing back, or naming nothing of its own to stand on."""
    if _SHIFT.search(text):
        return False
    content = len(set(tokens(text)))
    if _CORRECTION.search(text):
        return True
    return (not names_its_own and content <= 30) or (content <= 14 and bool(_FOLLOW_UP.search(text)))


def _places(
    text: str, earlier: list[str], profile: Profile | None, named: tuple[str, ...], lexicon: Lexicon
) -> tuple[tuple[str, ...], str]:
    """Places of the question; else those of the last turn that named any; else the firm's own, as if it had typed it."""
    for source, words in [("question", text), *(("history", t) for t in reversed(earlier))]:
        found = most_specific(tuple(dict.fromkeys(m.id for m in lexicon.places.find(words))), lexicon)
        if found:
            return found, source
    own = lexicon.places.resolve(profile.region) if profile and profile.region else None
    return ((own,), "profile") if own and _reached(own, named, lexicon) else ((), "nowhere")


def _reached(place: str, named: tuple[str, ...], lexicon: Lexicon) -> bool:
    """Whether a scheme that was named could be of this place; somebody in Bavaria who asks for Kit Digital means Spain's."""
    homes = [j for d in named if (j := lexicon.documents[d].jurisdiction)]
    covers = lexicon.places.covers
    return not homes or any(covers(h, place) or covers(place, h) for h in homes)


def most_specific(places: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    """浙江宁波 means Ningbo: drop a place whose part is also named."""
    return tuple(p for p in places if not any(q != p and p in lexicon.places.ancestors(q) for q in places))


def _years(text: str) -> tuple[int, ...]:
    return tuple(q.value[0] for q in quantities(fold(text)) if isinstance(q.value, tuple) and q.value[0])


def _levels(text: str) -> tuple[int, ...]:
    return tuple(int(q.value) for q in quantities(fold(text)) if q.kind == "level" and not isinstance(q.value, tuple))


def _lexical(
    text: str, history: tuple[Turn, ...], terms: tuple[str, ...], language: Language, lexicon: Lexicon
) -> tuple[tuple[str, float], ...]:
    """Weighted parts for the lexical leg: the words, the earlier turns, other names of the terms."""
    parts = [(text, 1.0)]
    if history:
        parts.append((" ".join(t.question for t in history[-3:]), 0.5))
        parts.append((history[-1].answer[:600], 0.2))
    if terms:
        parts.append((" ".join(lexicon.expansion(t, language) for t in terms), 0.25))
    return tuple(parts)


def _translated(
    text: str, language: Language, terms: tuple[str, ...], lexicon: Lexicon
) -> tuple[tuple[str, float], ...]:
    """The question's words in the other language, for passages of that language: the term base knows better than the lexicon."""
    other: Language = "en" if language == "zh" else "zh"
    parts = [(word, 1.2 * weight) for word, weight in lexicon.translate(text, other)]
    return (*parts, *((lexicon.expansion(t, other), 1.0) for t in terms))
