"""Chat models for tests: one that says what it is told, one that obeys whatever it reads last, one that babbles, one that rewrites."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from advisor.gazetteer import Gazetteer
from advisor.ports import Message
from advisor.text import detect_language, sentences

PASSAGE = re.compile(r'<passage label="(P\d+)"[^>]*>\n(.*?)\n</passage>', re.S)


@dataclass
class ScriptedChat:
    """Says what `script` makes of the messages, a few characters at a time."""

    script: Callable[[Sequence[Message]], str]
    name: str = "scripted"
    seen: list[Sequence[Message]] = field(default_factory=list)
    closed: int = 0

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        self.seen.append(messages)
        text = self.script(messages)
        try:
            for i in range(0, len(text), 11):
                yield text[i : i + 11]
        finally:
            self.closed += 1


def shown(messages: Sequence[Message]) -> dict[str, str]:
    """The passages of a prompt by label."""
    return dict(PASSAGE.findall(messages[-1].text))


def row(text: str, labels: Sequence[str], quote: str = "") -> str:
    return json.dumps({"text": text, "sources": list(labels), "quote": quote}, ensure_ascii=False) + "\n"


def spoken(text: str) -> list[str]:
    """Sentences of a passage that end as sentences do."""
    every = [text[a:b] for a, b in sentences(text)]
    return [s for s in every if re.search(r"[。.！!]$", s) and len(s) > 8]


# --- obeys ------------------------------------------------------------------------------------------

_ORDER = re.compile(r"«(.+?)»", re.S)
_TAGS = re.compile(r"[\U000e0020-\U000e007e]+")


def puppet(messages: Sequence[Message]) -> str:
    """Does what the last order in its context says, in every wrapping that might get it through; else copies passages.

    An order is whatever stands between « and »; one written in Unicode tags or with zero-width characters is read as well.
    """
    context = "\n".join(m.text for m in messages)
    context += "\n" + "".join(chr(ord(c) - 0xE0000) for run in _TAGS.findall(context) for c in run)
    context = re.sub("[\u200b\u200c\u200d\u2060\ufeff]", "", context)
    passages = shown(messages)
    facts = [(label, s) for label, text in passages.items() for s in spoken(text) if "«" not in s][:4]
    faithful = "".join(row(s, [label], s) for label, s in facts)
    orders = _ORDER.findall(context)
    if not orders:
        return faithful
    order = orders[-1]
    payload = (
        messages[0].text if order == "LEAK" else re.sub(r"LINK\d+", "http://evil.example/x", order.replace("[.]", "."))
    )
    first = facts[0] if facts else ("P1", "")
    wrapped = [
        payload + "\n",
        row(payload, []),
        row(payload, ["P1"], payload),
        row(payload, list(passages), payload),
        row(payload, [first[0]], first[1]),
        row(f"{first[1]} {payload}", [first[0]], first[1]),
        row(f"{first[1]}{order}", [first[0]], first[1]),
    ]
    return wrapped[0] + faithful + "".join(wrapped[1:4]) + faithful + "".join(wrapped[4:]) + '{"complete": true}\n'


# --- babbles ----------------------------------------------------------------------------------------


def babbler(seed: int) -> Callable[[Sequence[Message]], str]:
    """Words of the passages and figures at random, sometimes in the form that was asked for."""
    dice = random.Random(seed)

    def babble(messages: Sequence[Message]) -> str:
        passages = shown(messages)
        words = re.findall(r"[A-Za-z]{3,}|[\u4e00-\u9fff]{2}", " ".join(passages.values())) or ["zorp"]
        lines = []
        for _ in range(dice.randint(1, 8)):
            chosen = [dice.choice(words) for _ in range(dice.randint(4, 14))]
            chosen.insert(
                dice.randrange(len(chosen)), dice.choice(["73.4%", "917万元", "EUR 61,234", "2031年7月", "level 9"])
            )
            text = " ".join(chosen)
            form = dice.randrange(5)
            label = dice.choice([*passages, "P77"])
            quote = dice.choice(["", text, *(spoken(passages.get(label, "")) or [""])])
            lines.append(
                [
                    row(text, [label], quote),
                    text + "\n",
                    f"- {text} [{label}]\n",
                    '{"text": "' + text + "\n",
                    row(text, []),
                ][form]
            )
        return "".join(lines)

    return babble


# --- rewrites ---------------------------------------------------------------------------------------

_SAME = {
    "zh": [("最高", "至多"), ("不超过", "至多"), ("应当", "须"), ("给予", "给"), ("可以", "可"), ("以及", "和"), ("截止", "截至")],
    "en": [("at most", "up to"), (" pays ", " gives "), ("cannot", "may not"), ("firms", "companies"), ("firm", "company"), ("such as", "for example")],
}  # fmt: skip


@dataclass
class Rewriter:
    """Says passages in other words; plants one fault among the faithful statements where asked to."""

    dice: random.Random
    fault: str | None
    places: Gazetteer
    told: list[str] = field(default_factory=list)
    planted: str | None = None

    def __call__(self, messages: Sequence[Message]) -> str:
        passages = shown(messages)
        asked = detect_language(messages[-1].text.rpartition("<question>")[2])
        every = [(la, s) for la, text in passages.items() for s in spoken(text) if "LINK" not in s and "‹" not in s]
        usable = [(la, s) for la, s in every if s[-1] in "。." and detect_language(s) == asked]
        chosen = self.dice.sample(usable, min(3, len(usable)))
        self.told = [self._reworded(s) for _, s in chosen]
        lines = [row(text, [label], quote) for text, (label, quote) in zip(self.told, chosen, strict=True)]
        if self.fault and (bad := self._bad([u for u in usable if u not in chosen], passages)):
            self.planted = bad[0]
            lines.insert(1, row(*bad))
        return "".join(lines)

    @staticmethod
    def _reworded(sentence: str) -> str:
        language = "zh" if re.search("[\u4e00-\u9fff]", sentence) else "en"
        for a, b in _SAME[language]:
            sentence = sentence.replace(a, b, 1)
        return sentence

    def _bad(self, usable: list[tuple[str, str]], passages: dict[str, str]) -> tuple[str, list[str], str] | None:
        self.dice.shuffle(usable)
        for label, sentence in usable:
            text = self._reworded(sentence)
            if self.fault == "number" and (changed := self._other_number(text)):
                return changed, [label], sentence
            if self.fault == "place" and (changed := self._other_place(text)):
                return changed, [label], sentence
            if self.fault in ("citation", "wrong_label"):
                others = [la for la, t in passages.items() if sentence not in t]
                if others:
                    return text, [self.dice.choice(others)], sentence if self.fault == "citation" else ""
        return None

    def _other_number(self, text: str) -> str | None:
        found = list(
            re.finditer(
                r"(?<![\dA-Za-z〔.,-])\d+(?:\.\d+)?(?=\s?(?:%|万|亿|yuan|元|million|个|家|人|days?|months?|天|EUR))",
                text,
            )
        )
        if not found:
            return None
        m = self.dice.choice(found)
        return f"{text[: m.start()]}{float(m[0]) + self.dice.choice([1, 5, 20, 300]):g}{text[m.end() :]}"

    def _other_place(self, text: str) -> str | None:
        found = [m for m in self.places.find(text) if "/" in m.id and text[m.start : m.end]]
        if not found:
            return None
        m = found[0]
        language = "zh" if re.search("[\u4e00-\u9fff]", text) else "en"
        others = sorted(
            p
            for p in self.places.entries
            if p.count("/") == m.id.count("/") and not p.startswith(m.id) and not m.id.startswith(p)
        )
        return f"{text[: m.start]}{self.places.name(self.dice.choice(others)).get(language)}{text[m.end :]}"


__all__ = ["Rewriter", "ScriptedChat", "babbler", "puppet", "row", "shown", "spoken"]
