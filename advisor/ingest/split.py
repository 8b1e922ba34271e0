"""Documents → passages: verbatim slices on the document's own structure, never across a heading or a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from advisor.model import LANGUAGES, Document, Language, Passage
from advisor.text import detect_language, sentences

VERSION = "1"
SIZE = {"zh": 280, "en": 700}  # characters; about 200 tokens either way

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*$", re.M)


@dataclass(frozen=True)
class _Section:
    trail: tuple[str, ...]
    start: int
    end: int


def split(document: Document) -> list[Passage]:
    """All passages of all language versions, in order; `texts[language][p.start:p.end] == p.text` holds for each."""
    passages = []
    for language in LANGUAGES:
        if language in document.texts:
            passages += list(_split_text(document, language))
    return passages


def _split_text(document: Document, language: Language) -> Iterator[Passage]:
    text = document.texts[language]
    size = SIZE[detect_language(text[:2000])]
    count = 0
    for section in _sections(text, document, language):
        for start, end in _pack(text, section.start, section.end, size):
            yield Passage(
                id=f"{document.id}:{language}:{count}",
                document=document.id,
                language=language,
                start=start,
                end=end,
                text=text[start:end],
                heading=" › ".join(section.trail),
                at=_location(document, language, start),
            )
            count += 1


def _sections(text: str, document: Document, language: Language) -> Iterator[_Section]:
    """The stretches between headings and page starts, each with its heading trail."""
    pages = [p.start for p in document.pages.get(language, ())]
    trail: list[tuple[int, str]] = []
    cursor = 0

    def stretch(end: int) -> Iterator[_Section]:
        names = tuple(name for _, name in trail) or (document.title.get(language),)
        edges = [cursor, *(p for p in pages if cursor < p < end), end]
        for a, b in zip(edges, edges[1:], strict=False):
            if text[a:b].strip():
                yield _Section(names, a, b)

    for heading in _HEADING.finditer(text):
        yield from stretch(heading.start())
        level = len(heading[1])
        trail = [*((n, name) for n, name in trail if n < level), (level, heading[2])]
        cursor = heading.end()
    yield from stretch(len(text))


def _pack(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """Whole sentences, packed up to `size` characters; a sentence longer than that is cut at the size."""
    first: int | None = None
    last = start
    for a, b in sentences(text[start:end]):
        a, b = a + start, b + start
        if first is not None and b - first > size:
            yield first, last
            first = None
        while b - a > 2 * size:
            yield a, a + size
            a += size
        first = a if first is None else first
        last = b
    if first is not None:
        yield first, last


def _location(document: Document, language: Language, start: int) -> dict[str, object] | None:
    at = None
    for page in document.pages.get(language, ()):
        if page.start <= start:
            at = dict(page.at)
    return at
