"""What a generation's corpus knows by name: schemes, terms, trades. Built once per generation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from advisor.ask.known import KnownQuestions
from advisor.gazetteer import Gazetteer
from advisor.generation import Generation
from advisor.model import LANGUAGES, Document, Language
from advisor.ports import Embedder, Translate, Vectors
from advisor.records import Records, Term, records_of
from advisor.text import CJK, STOP_EN, fold, sentences, terms

_HAN = re.compile(f"[{CJK}]")
_WORD = re.compile(r"[a-z0-9]")
_LEAST_WORDS, _NEARLY_ALL = 3, 0.6  # words of a sentence that was told in other words, and the share of them by idf
_WHOLE = 0.8  # share of a sentence that was told, from which it was told whole
_PASSAGES_LOOKED_AT = 12
_COLON = re.compile(r"(?<=\w):(?= )")
_ENDING = re.compile(r"(?:e?s)?(?![a-z0-9])")
_REMEMBERED = 20_000  # vectors of sentences: about 30 MB

_THINGS = frozenset({"selection", "equipment", "data", "ai", "cloud", "security", "energy", "e-invoicing"})


class Lexicon:
    def __init__(self, generation: Generation, translate: Translate | None = None) -> None:
        self.translate: Translate = translate or (lambda text, into: [])
        self._generation = generation
        self.documents = generation.documents
        self.places: Gazetteer = generation.places
        self.industries: Gazetteer = generation.industries
        self._vectors: dict[str, Vectors] = {}

    @cached_property
    def records(self) -> dict[str, Records]:
        return {d.id: records_of(d) for d in self.documents.values()}

    @cached_property
    def served_places(self) -> frozenset[str]:
        """Places that have a policy or notice of their own."""
        return frozenset(
            d.jurisdiction for d in self.documents.values() if d.jurisdiction and d.kind in ("policy", "notice")
        )

    @cached_property
    def terms(self) -> dict[str, tuple[str, Term]]:
        """Term id → (document id, term)."""
        return {t.id: (d, t) for d, r in self.records.items() for t in r.term}

    @cached_property
    def _term_names(self) -> NameFinder:
        pairs = []
        for id, (_, term) in self.terms.items():
            for name in {*term.names("zh"), *term.names("en")}:
                pairs.append((name, id))
        return NameFinder(pairs)

    @cached_property
    def _document_names(self) -> NameFinder:
        pairs = []
        for document in self.documents.values():
            for name in {*document.aliases.get("zh", ()), *document.aliases.get("en", ()), *_titles(document)}:
                pairs.append((name, document.id))
            for case in self.records[document.id].case:
                pairs += [(case.company.zh, document.id), (case.company.en, document.id)]
            if document.number:
                pairs += [(n, document.id) for n in re.findall(r"[^\s、,，;；]*〔\d{4}〕\s*\d+\s*号", document.number)]
        return NameFinder(pairs)

    def sentence_vectors(self, texts: Sequence[str], embedder: Embedder) -> Vectors:
        """(n, dimension) vectors of sentences, embedded once as long as they are remembered."""
        if len(self._vectors) > _REMEMBERED:
            self._vectors = {}
        fresh = [t for t in dict.fromkeys(texts) if t not in self._vectors]
        if fresh:
            self._vectors.update(zip(fresh, embedder.embed_passages(fresh), strict=True))
        row = {t: i for i, t in enumerate(dict.fromkeys(texts))}
        return np.stack([self._vectors[t] for t in row])[[row[t] for t in texts]]

    @cached_property
    def known(self) -> KnownQuestions:
        return KnownQuestions(self._generation)

    def find_terms(self, text: str) -> tuple[str, ...]:
        return self._term_names.find(text)

    def things(self, text: str) -> set[str]:
        """The systems and techniques that a text names."""
        return {t for t in self.find_terms(text) if _THINGS & set(self.documents[self.terms[t][0]].topics)}

    def find_documents(self, text: str) -> tuple[str, ...]:
        """Documents called by a title, another name or their number; "Help to Grow: Digital" is Help to Grow Digital."""
        return tuple(
            dict.fromkeys((*self._document_names.find(text), *self._document_names.find(_COLON.sub("", text))))
        )

    def names_in(self, document: str, text: str) -> frozenset[str]:
        """The names by which a folded text calls a document."""
        found = self.documents[document]
        names = {fold(n) for la in LANGUAGES for n in (found.title.get(la), *found.aliases.get(la, ())) if n}
        plain = _COLON.sub("", text)
        return frozenset(n for n in names if n in text or n in plain)

    def retold(self, question: str, sentence: str, language: Language) -> tuple[str, str] | None:
        """(document that a sentence of an answer tells of in its own words; its sentence, where that was told whole), if any: a
        caller or a chat model need not have quoted it."""
        lexical = self._generation.lexical
        weights = {t: lexical.idf(t) for t in {*terms(sentence)}}
        total = sum(weights.values())
        if len(weights) < _LEAST_WORDS:
            return None
        found = lexical.search(((f"{question} {sentence}", 1.0),), _PASSAGES_LOOKED_AT)
        near = (self._generation.passages[id] for id, _ in found)
        said = [(p, p.text[a:b].strip()) for p in near if p.language == language for a, b in sentences(p.text)]
        shares = [sum(weights[t] for t in weights.keys() & {*terms(s)}) / total for _, s in said]
        best = max(range(len(said)), key=lambda i: shares[i], default=None)
        if best is None or shares[best] < _NEARLY_ALL:
            return None
        passage, text = said[best]
        whole = {t: lexical.idf(t) for t in {*terms(text)}}
        told = sum(w for t, w in whole.items() if t in weights) >= _WHOLE * sum(whole.values())
        return passage.document, text if told else ""

    @cached_property
    def _everything(self) -> str:
        return fold(" ".join(t for d in self.documents.values() for t in d.texts.values()))

    def mentions(self, name: str) -> bool:
        """Whether any document holds these words in this order."""
        return fold(name).strip() in self._everything

    def expansion(self, term_id: str, language: Language) -> str:
        """All names of a term in one language, for the lexical leg."""
        return " ".join(self.terms[term_id][1].names(language))


def _titles(document: Document) -> Iterable[str]:
    return (t for t in (document.title.zh, document.title.en) if t)


class NameFinder:
    """Names → ids in folded text; the longest name wins, English names match whole words, one name may mean several ids."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._ids: dict[str, tuple[str, ...]] = {}
        for name, id in pairs:
            key = fold(name).strip()
            # "IT" the abbreviation is "it" the pronoun once folded.
            if len(key) > 1 and key not in STOP_EN and id not in self._ids.get(key, ()):
                self._ids[key] = (*self._ids.get(key, ()), id)
        # Longest first, by their first two characters: one pattern of all names would try each of them at each letter.
        self._chinese = _by_beginning(n for n in self._ids if _HAN.search(n))
        self._english = _by_beginning(n for n in self._ids if not _HAN.search(n))

    def find(self, text: str) -> tuple[str, ...]:
        folded = fold(text)
        found: dict[str, None] = {}
        at = 0
        while at < len(folded) - 1:
            name, end = self._at(folded, at)
            found |= dict.fromkeys(self._ids.get(name, ()))
            at = end
        return tuple(found)

    def _at(self, folded: str, at: int) -> tuple[str, int]:
        """(name that begins here, where it ends), or ("", the next letter)."""
        beginning = folded[at : at + 2]
        for name in self._chinese.get(beginning, ()):
            if folded.startswith(name, at):
                return name, at + len(name)
        if at == 0 or not _WORD.match(folded[at - 1]):
            for name in self._english.get(beginning, ()):
                if folded.startswith(name, at) and (rest := _ENDING.match(folded, at + len(name))):
                    return name, rest.end()
        return "", at + 1


def _by_beginning(names: Iterable[str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        grouped.setdefault(name[:2], []).append(name)
    return grouped
