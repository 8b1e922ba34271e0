"""Names that the corpus has for its documents, and those of others that a statement uses though its sources do not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from advisor.ask.figures import folded
from advisor.model import LANGUAGES, Document
from advisor.text import CJK

_LEAST_ZH, _LONGEST_ZH, _LONGEST_EN = 3, 16, 8  # characters, characters, words
_WORD = re.compile(r"[a-zà-ž0-9][a-zà-ž0-9.&+/-]*")
_RUN = re.compile(f"[{CJK}a-z0-9“”·]+")
_FEW = 3  # a name of more documents than these tells none of them apart


@dataclass(frozen=True)
class KnownNames:
    """Folded names, English ones as words with single blanks; each with the documents that bear it."""

    bearers: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, documents: Mapping[str, Document]) -> KnownNames:
        found: dict[str, set[str]] = {}
        for id, document in documents.items():
            for name in names_of(document):
                for key in _keys(name):
                    found.setdefault(key, set()).add(id)
        return cls({k: frozenset(v) for k, v in found.items() if len(v) <= _FEW})

    def strange(self, text: str, sources: Iterable[str]) -> list[str]:
        """Names in a text of which no source has all the characters, or all the words where it is English."""
        said = folded("\n".join(sources))
        words = {*_WORD.findall(said)}
        return [
            n
            for n in self._found(folded(text))
            if (not {*n} <= {*said} if re.search(f"[{CJK}]", n) else not {*n.split()} <= words)
        ]

    def _found(self, text: str) -> list[str]:
        """The longest names, from left to right."""
        out = []
        for run in _RUN.findall(text):
            if not re.search(f"[{CJK}]", run):
                continue
            at = 0
            while at < len(run):
                size = next(
                    (
                        n
                        for n in range(min(_LONGEST_ZH, len(run) - at), _LEAST_ZH - 1, -1)
                        if run[at : at + n] in self.bearers
                    ),
                    0,
                )
                out += [run[at : at + size]] if size else []
                at += size or 1
        words = _WORD.findall(text)
        at = 0
        while at < len(words):
            name = next(
                (
                    n
                    for k in range(min(_LONGEST_EN, len(words) - at), 0, -1)
                    if (n := " ".join(words[at : at + k])) in self.bearers
                ),
                "",
            )
            out += [name] if name else []
            at += name.count(" ") + 1
        return list(dict.fromkeys(out))


@dataclass(frozen=True, eq=False)
class _These:
    """Documents looked up by identity: a mapping of them is not hashable, and to compare two is dear."""

    documents: Mapping[str, Document]

    def __hash__(self) -> int:
        return id(self.documents)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _These) and other.documents is self.documents


def known_names(documents: Mapping[str, Document]) -> KnownNames:
    """The names of all documents, read once for each mapping."""
    return _known_names(_These(documents))


@lru_cache(maxsize=2)
def _known_names(these: _These) -> KnownNames:
    return KnownNames.of(these.documents)


def names_of(document: Document) -> list[str]:
    names = [document.title.zh, document.title.en]
    for language in LANGUAGES:
        names += document.aliases.get(language, ())
    names += [document.issuer.zh, document.issuer.en] if document.issuer else []
    rows = [row for rows in document.records.values() for row in rows] if document.records else []
    schemes = (row.get("scheme") for row in rows if isinstance(row, Mapping))
    names += [str(v) for scheme in schemes if isinstance(scheme, Mapping) for v in scheme.values()]
    return [n for n in names if n]


_BRACKETS = re.compile(r"[（(][^）)]*[）)]")


def _keys(name: str) -> set[str]:
    plain = folded(name)
    found = set()
    for form in (plain, _BRACKETS.sub(" ", plain)):
        if re.search(f"[{CJK}]", form):
            found |= {r for r in _RUN.findall(form) if _LEAST_ZH <= len(r) <= _LONGEST_ZH and re.search(f"[{CJK}]", r)}
        words = _WORD.findall(form)
        if 0 < len(words) <= _LONGEST_EN and not re.search(f"[{CJK}]", form):
            found.add(" ".join(words))
    return found
