"""Places and industries by any of their names, and who contains whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from advisor.model import Bilingual
from advisor.text import CJK, fold

_REMEMBERED = 20_000
_ENDINGS = ("", "'s", "s", "ns")  # Longyans, the Americans
_BEFORE_A_TOWN = r"\b(?:in|near|from|at|of|to|around|outside)\s+"


@dataclass(frozen=True)
class Named:
    id: str
    name: Bilingual
    other: tuple[str, ...] = ()
    parent: str | None = None
    eu: bool = False
    not_in: tuple[str, ...] = ()  # longer words in which a name of it means something else
    word: bool = False  # its English name is a common word: Nice, Reading, Bath


@dataclass(frozen=True)
class Mention:
    id: str
    start: int
    end: int


@dataclass(frozen=True)
class Gazetteer:
    """Finds entries by name in folded text; the longest name wins, English names match whole words."""

    entries: Mapping[str, Named] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Named]) -> Gazetteer:
        return cls({e.id: e for e in entries})

    @cached_property
    def _names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for entry in self.entries.values():
            for name in (entry.name.zh, *(() if entry.word else (entry.name.en,)), *entry.other):
                if name and len(fold(name)) > 1:
                    names.setdefault(fold(name), entry.id)
        return names

    @cached_property
    def _words(self) -> dict[str, str]:
        """Names that are common words, as they are written."""
        return {e.name.en: e.id for e in self.entries.values() if e.word and e.name.en}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        others = {fold(w) for e in self.entries.values() for w in e.not_in}
        ordered = sorted({*self._names, *others}, key=len, reverse=True)
        chinese = _by_first_letters([n for n in ordered if re.search(f"[{CJK}]", n)])
        english = _by_first_letters([n for n in ordered if not re.search(f"[{CJK}]", n)])
        return re.compile(rf"{chinese}|(?<![a-z])(?:{english})(?:n?s|'s)?(?![a-z])")

    @cached_property
    def _word_pattern(self) -> re.Pattern[str]:
        words = "|".join(map(re.escape, self._words))
        return re.compile(rf"{_BEFORE_A_TOWN}(?P<name>{words})(?![A-Za-z])" if words else r"(?!)")

    @cached_property
    def _found(self) -> dict[str, tuple[Mention, ...]]:
        """The same sentences are looked at again and again; a thousand names make each look dear."""
        return {}

    def find(self, text: str) -> tuple[Mention, ...]:
        """Mentions in order of appearance; offsets count in `fold(text)`."""
        if text not in self._found:
            if len(self._found) > _REMEMBERED:
                self._found.clear()
            found = (*self._look(fold(text)), *self._look_for_words(text))
            self._found[text] = tuple(sorted(found, key=lambda m: m.start))
        return self._found[text]

    def _look(self, folded: str) -> tuple[Mention, ...]:
        return tuple(
            Mention(id, m.start(), m.end())
            for m in self._pattern.finditer(folded)
            if (id := next((self._names[n] for e in _ENDINGS if (n := m[0].removesuffix(e)) in self._names), None))
        )

    def _look_for_words(self, text: str) -> tuple[Mention, ...]:
        return tuple(
            Mention(self._words[m["name"]], len(fold(text[: m.start("name")])), len(fold(text[: m.end()])))
            for m in self._word_pattern.finditer(text)
        )

    def resolve(self, name: str | None) -> str | None:
        """The id for an id, any exact name, or names that narrow each other: 武汉江夏 is Jiangxia."""
        if not name:
            return None
        if name in self.entries:
            return name
        if exact := self._names.get(fold(name)):
            return exact
        place: str | None = None
        for found in (m.id for m in self.find(name)):
            if place is None or place in self.ancestors(found):
                place = found
        return place

    def ancestors(self, id: str) -> tuple[str, ...]:
        """The entry itself, then its parents, outermost last; EU members end in EU."""
        if id not in self._above:
            self._above[id] = self._chain(id)
        return self._above[id]

    @cached_property
    def _above(self) -> dict[str, tuple[str, ...]]:
        return {}

    def _chain(self, id: str) -> tuple[str, ...]:
        chain: list[str] = []
        node: str | None = id
        while node and node not in chain:
            chain.append(node)
            entry = self.entries.get(node)
            parent = (entry.parent if entry else None) or (node.rpartition("/")[0] or None)
            node = parent or ("EU" if entry and entry.eu else None)
        return tuple(chain)

    def covers(self, outer: str, inner: str) -> bool:
        """Whether rules of `outer` reach firms in `inner`; international texts reach everybody."""
        return outer in ("INTL", "OECD", "G7") or outer in self.ancestors(inner)

    def name(self, id: str) -> Bilingual:
        return self.entries[id].name if id in self.entries else Bilingual(id, id.rpartition("/")[2])


def _by_first_letters(names: Iterable[str], letters: int = 2) -> str:
    """A pattern for any of the names, each kept in its order: one look at the first letters rules out most of a thousand."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name[:1], []).append(name[1:])
    if not groups:
        return r"(?!)"
    rest = (
        _by_first_letters(tails, letters - 1) if letters > 1 and all(tails) else "|".join(map(re.escape, tails))
        for tails in groups.values()
    )
    whole = "|".join(f"{re.escape(first)}(?:{tail})" for first, tail in zip(groups, rest, strict=True))
    firsts = "".join(map(re.escape, groups))
    return f"(?=[{firsts}])(?:{whole})"
