"""Which sentences of the retrieved passages speak to the question, by plain and honest signs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.ask.lexicon import Lexicon
from advisor.generation import Generation
from advisor.model import Citation, Hit, Passage, Query, QuestionType, context
from advisor.text import STOP_ZH, fold, quantities, sentences, tokens


@dataclass(frozen=True, slots=True)
class Candidate:
    passage: Passage
    start: int
    end: int
    text: str
    score: float
    coverage: float

    def citation(self) -> Citation:
        p = self.passage
        return Citation(p.document, p.language, p.id, self.text, self.start, self.end, p.at)


# Words that ask rather than name what is asked about; they never stand in an answer.
_ASKING = re.compile(
    r"多少钱|多少|什么时候|什么意思|什么|怎么样|怎么|怎样|如何|哪些|哪个|哪里|哪儿|为什么|是不是|能不能|可不可以|有没有|可以|能否|是否|请问|我们|我想|想问|老板|一下|吗|呢|吧|啊|咱们|咱|你们|你好|谢谢|厂里|一家|现在|目前|"
    r"知道|告诉|帮我|需要|应该|这个|那个|一个|还能|到底|究竟|大概|"
    r"\b(?:how much|how many|please|tell me|we are|we're|i am|i'm|our|my|want|know|need|would like|could|give|get|gets|got|firm|company|business|question|hello|hi|thanks|currently|now|just|really|anyone|somebody|one|also|does|say|says)\b",
    re.I,
)

# What a sentence must hold, or stand under, to speak to a type of question.
_HEADINGS: dict[QuestionType, str] = {
    "amount": r"补多少|多少钱|pays|figures|数据|funding",
    "eligibility": r"适用|要求|条件|who it is for|requires|eligib",
    "deadline": r"时间|效力|dates|validity|是什么|what it is",
    "status": r"时间|效力|dates|validity|是什么|what it is",
    "procedure": r"申请|拿到钱|怎么拿|apply|how the money|流程",
    "definition": r"是什么|what it is|术语|terms|definition",
    "case": r"效果|怎么做|results|what they did|投入|问题",
    "how_to": r"怎么做|步骤|先|how|steps|method|where to start|注意|ask",
    "assessment": r"等级|级别|评|level|score|scene|points|要求",
}
_NOT_KNOWN = re.compile(r"不清楚|未知|not known|unclear", re.I)


def asked_words(text: str) -> list[str]:
    """Index terms of what the question is about, without the asking itself."""
    return [t for t in dict.fromkeys(tokens(_ASKING.sub(" ", fold(text)))) if t not in STOP_ZH]


def is_not_known(passage: Passage) -> bool:
    """A passage under the heading that says what the material does not tell."""
    return bool(_NOT_KNOWN.search(passage.heading.rpartition(" › ")[2]))


class SentenceChooser:
    """Scores every sentence of the hits; the weights were chosen on the dev questions."""

    def __init__(self, query: Query, generation: Generation, lexicon: Lexicon) -> None:
        self._query, self._generation, self._lexicon = query, generation, lexicon
        idf = generation.lexical.idf
        self._weights = {t: idf(t) for t in asked_words(query.text)}
        if query.previous:
            for t in asked_words(query.previous):
                self._weights.setdefault(t, 0.5 * idf(t))
        self._total = sum(self._weights.values()) or 1.0
        self._names = self._synonyms()

    def _synonyms(self) -> dict[str, list[frozenset[str]]]:
        """Per asked token, the token sets of other names that count as the same word."""
        sets: dict[str, list[frozenset[str]]] = {}
        folded = fold(self._query.text)
        for id in self._query.terms:
            term = self._lexicon.terms[id][1]
            names = [*term.names("zh"), *term.names("en")]
            asked = {t for n in names if fold(n) in folded for t in tokens(n)}
            others = [frozenset(tokens(n)) for n in names if tokens(n)]
            for token in asked:
                sets.setdefault(token, []).extend(others)
        return sets

    def covers(self, words: set[str], token: str) -> bool:
        return token in words or any(s <= words for s in self._names.get(token, ()))

    def coverage(self, words: set[str]) -> float:
        """Share of the question's words, by idf, that stand in `words`."""
        return sum(w for t, w in self._weights.items() if self.covers(words, t)) / self._total

    def missing(self, words: set[str]) -> dict[str, float]:
        """The asked words that do not stand in `words`, with their share of the question."""
        return {t: w / self._total for t, w in self._weights.items() if not self.covers(words, t)}

    def candidates(self, hits: Sequence[Hit]) -> list[Candidate]:
        """All sentences of the hits, best first."""
        found = [c for hit in hits for c in self._of(hit, hits[0].score if hits else 1.0)]
        return sorted(found, key=lambda c: (-c.score, c.passage.document, c.start))

    def _of(self, hit: Hit, best: float) -> list[Candidate]:
        passage = hit.passage
        document = self._generation.documents[passage.document]
        around = set(tokens(context(document, passage)))
        rows = []
        for a, b in sentences(passage.text):
            text = passage.text[a:b]
            if not re.search(r"[。.！？!?；;:：]$|\d", text) and len(text) < 25:
                continue
            words = set(tokens(text))
            own = self.coverage(words)
            whole = self.coverage(words | around)
            score = 0.55 * own + 0.35 * whole + 0.35 * hit.score / max(best, 1e-9) + self._fit(passage, text)
            rows.append(Candidate(passage, passage.start + a, passage.start + b, text, score, whole))
        return rows

    def _fit(self, passage: Passage, text: str) -> float:
        kind = self._query.plan.type
        heading = passage.heading.rpartition(" › ")[2]
        figures = quantities(fold(text))
        kinds = {q.kind for q in figures}
        score = 0.0
        if pattern := _HEADINGS.get(kind):
            score += 0.12 if re.search(pattern, heading, re.I) else 0.0
        if kind == "amount":
            score += 0.2 if kinds & {"money", "percent"} else 0.08 if "number" in kinds else -0.15
        if kind in ("deadline", "status"):
            score += 0.15 if "date" in kinds else 0.0
            score += 0.12 if _STATUS_WORDS.search(text) else 0.0
        if kind == "case":
            score += 0.1 if kinds & {"percent", "money", "number"} else 0.0
        levels = {int(q.value) for q in figures if q.kind == "level" and not isinstance(q.value, tuple)}
        if self._query.levels and levels:
            score += 0.2 if levels & set(self._query.levels) else -0.25
        years = {q.value[0] for q in figures if q.kind == "date" and isinstance(q.value, tuple)}
        if self._query.years and years:
            score += 0.1 if years & set(self._query.years) else -0.08
        if is_not_known(passage):
            score -= 0.3
        return score


_STATUS_WORDS = re.compile(
    r"截止|关闭|结束|停止|终止|失效|废止|取代|有效期|有效|截至|受理|申报时间|继续|closed|ended|expired|no longer|superseded|replaced|until|valid|runs? (?:from|to|until)|open|deadline|in force|by \d",
    re.I,
)


def shares_words(a: str, b: str) -> float:
    """Jaccard overlap of two sentences' index terms."""
    x, y = set(tokens(a)), set(tokens(b))
    return len(x & y) / len(x | y) if x | y else 1.0
