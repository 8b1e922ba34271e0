"""What a model said, piece by piece → the statements in it: tolerant of fences, prose, half lines and other punctuation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_THINK = re.compile(r"<(think|thinking|reasoning|thought)>.*?</\1>", re.S | re.I)
_OPEN_THINK = re.compile(r"<(?:think|thinking|reasoning|thought)>", re.I)
_END_THINK = re.compile(r"</(?:think|thinking|reasoning|thought)>", re.I)
_PAIR = re.compile(
    r"[\"“”'‘’「](text|quote|complete)[\"“”'‘’」]\s*[:：]\s*(?:[\"“'‘「](.*?)[\"”'’」]\s*(?=[,，}｝]|$)|(true|false))",
    re.S,
)
_LABEL = re.compile(r"P\s?(\d{1,3})(?!\d)")
_MARKED = re.compile(r"[\[【(（]\s*(P\s?\d{1,3}(?:\s*[,，、;/ ]\s*P?\s?\d{1,3})*)\s*[\]】)）]")
_LONGEST_OBJECT = 6000


@dataclass(frozen=True, slots=True)
class Said:
    """One statement as the model put it; nothing of it is believed yet."""

    text: str
    labels: tuple[str, ...]
    quotes: tuple[str, ...]


@dataclass
class Ear:
    """Takes pieces of a reply and gives each statement once it is complete."""

    complete: bool = True
    read: int = 0  # characters heard
    said: int = 0  # statements given
    _rest: str = ""
    _prose: list[str] = field(default_factory=list)

    def hear(self, piece: str) -> Iterator[Said]:
        self.read += len(piece)
        self._rest += piece
        if "}" in piece or "｝" in piece or "\n" in piece:
            yield from self._objects()

    def finish(self) -> Iterator[Said]:
        """What is left at the end; where no statement came as JSON, lines that carry a label count."""
        yield from self._objects()
        if not self.said:
            yield from self._counted(
                s for line in "".join([*self._prose, self._rest]).split("\n") if (s := _labelled(line))
            )

    def _counted(self, found: Iterator[Said]) -> Iterator[Said]:
        for said in found:
            self.said += 1
            yield said

    def _objects(self) -> Iterator[Said]:
        """Complete {…} without another inside, in order; think parts are not speech."""
        text = _THINK.sub("", self._rest)
        if opened := _OPEN_THINK.search(text):
            text, self._rest = text[: opened.start()], text[opened.start() :]
        elif (ended := list(_END_THINK.finditer(text))) and not self.said:
            text, self._rest = text[ended[-1].end() :], ""  # a template that opens the think part itself
        else:
            self._rest = ""
        used = 0
        for start, end in _innermost(text):
            self._prose.append(text[used:start])
            used = end
            loaded = _load(text[start:end])
            if loaded is None:
                continue
            if isinstance(loaded.get("complete"), bool) and not loaded["complete"]:
                self.complete = False
            if said := _said(loaded):
                yield from self._counted(iter([said]))
        left = text[used:]
        opening = left.find("{")
        if opening < 0:
            opening = left.rfind("\n") + 1
        elif len(left) - opening > _LONGEST_OBJECT:
            opening += 1  # never closed: go on behind it
        self._prose.append(left[:opening])
        self._rest = left[opening:] + self._rest


def _innermost(text: str) -> list[tuple[int, int]]:
    """Spans of balanced braces that hold no other; a brace inside a string is text, a line break ends a broken string."""
    spans: list[tuple[int, int]] = []
    start, inside, escaped = -1, False, False
    for i, char in enumerate(text):
        if inside:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                inside = False
            elif char == "\n" and text[i + 1 : i + 40].lstrip().startswith("{"):
                start, inside = -1, False
            continue
        if char in "{｛":
            start = i
        elif char in "}｝" and start >= 0:
            spans.append((start, i + 1))
            start = -1
        elif char == '"' and start >= 0:
            inside = True
    return spans


def _load(raw: str) -> dict[str, Any] | None:
    """A JSON object, or what can be made out of one with other quotation marks."""
    try:
        loaded = json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        loaded = {k: v if v is not None and v != "" else t == "true" for k, v, t in _PAIR.findall(raw)}
        if not isinstance(loaded.get("text", ""), str):
            return None
        sources = raw[raw.find("sources") :] if "sources" in raw else ""
        loaded["sources"] = [f"P{n}" for n in _LABEL.findall(sources.split("quote")[0])]
    return loaded if isinstance(loaded, dict) else None


def _said(loaded: dict[str, Any]) -> Said | None:
    text = loaded.get("text", loaded.get("statement"))
    if not isinstance(text, str) or not text.strip():
        return None
    labels = _strings(loaded.get("sources", loaded.get("source", loaded.get("citations"))))
    quotes = _strings(loaded.get("quotes", loaded.get("quote")))
    return Said(
        text,
        tuple(dict.fromkeys(f"P{n}" for s in labels for n in _LABEL.findall(s))),
        tuple(q for q in quotes if q.strip()),
    )


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _labelled(line: str) -> Said | None:
    """A line of prose that ends in the labels of its passages."""
    marks = _MARKED.findall(line)
    text = _MARKED.sub("", line).strip(" \t-*•")
    if not marks or len(text) < 6:
        return None
    return Said(text, tuple(dict.fromkeys(f"P{n}" for m in marks for n in re.findall(r"\d+", m))), ())


__all__ = ["Ear", "Said"]
