"""What every answer stands on: an open generation, what its corpus knows by name, and whose rules they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from advisor.ask.followups import followups
from advisor.ask.lexicon import Lexicon
from advisor.ask.plan import asks_for_aid
from advisor.ask.sentences import SentenceChooser, words_of
from advisor.generation import Generation
from advisor.model import Answer, Document, Hit, Language, Passage, Query, Statement, context
from advisor.ports import CrossEncoder, Embedder
from advisor.records import Records

_SEVERAL = 2
PLACE_BOUND = ("policy", "notice")
WIDER = ("CN", "EU", "INTL", "OECD", "G7")  # what holds in all of these is nobody's local rule
_REMEMBERED = 16  # queries: the parts of one question and what it may have meant
ABOUT_MONEY = ("amount", "eligibility", "deadline", "status", "procedure")


@dataclass(frozen=True)
class Ground:
    generation: Generation
    lexicon: Lexicon
    embedder: Embedder
    cross_encoder: CrossEncoder | None = None
    _choosers: dict[Query, SentenceChooser] = field(default_factory=dict, init=False, repr=False, compare=False)

    def chooser(self, query: Query) -> SentenceChooser:
        """One a query: what it found out once is asked of it at several steps of an answer."""
        if query not in self._choosers:
            if len(self._choosers) >= _REMEMBERED:
                self._choosers.clear()
            self._choosers[query] = SentenceChooser(
                query, self.generation, self.lexicon, self.embedder, self.cross_encoder
            )
        return self._choosers[query]

    def followups(self, query: Query, document: Document, statements: Iterable[Statement] = ()) -> tuple[str, ...]:
        """What can be asked next of the document that answered, beyond what these statements say."""
        shown = [c.quote for s in statements for c in s.citations]
        return followups(query, document, self.generation, self.chooser(query).known, shown)

    def answered(self, query: Query, statements: Iterable[Statement], document: Document) -> Answer:
        told = tuple(statements)
        return Answer("answered", told, followups=self.followups(query, document, told))

    def cited(self, statement: Statement) -> Document:
        return self.generation.documents[statement.citations[0].document]

    def document(self, hit: Hit) -> Document:
        return self.generation.documents[hit.passage.document]

    def applies(self, query: Query, hit: Hit) -> bool:
        """Rules of another place are not mine; guides, standards and cases may come from anywhere."""
        document = self.document(hit)
        if not query.places or document.kind not in PLACE_BOUND or document.jurisdiction is None:
            return True
        if document.id in query.named:
            return True
        covers, here = self.lexicon.places.covers, document.jurisdiction
        return any(covers(here, p) or covers(p, here) for p in query.places)

    def is_the_rule_meant(self, query: Query, document: Document) -> bool:
        """Whether a document is named, or is a rule that reaches the place which the question names, but not all others."""
        home = document.jurisdiction
        if document.id in query.named:
            return True
        if query.places_from != "question" or document.kind not in PLACE_BOUND or home is None or home in WIDER:
            return False
        return any(self.lexicon.places.covers(home, p) for p in query.places)

    def nobody_spoke_of(self, query: Query, document: Document) -> bool:
        """Whether a document is the rule of a town or region, no place was told, and the talk is not about that rule."""
        local = document.kind in PLACE_BOUND and document.jurisdiction not in (None, *WIDER)
        return local and not (query.places or query.told or document.id in query.named)

    def tells_of_elsewhere(self, query: Query, text: str) -> bool:
        """Whether a sentence tells of other places only: their sums must not pass for mine."""
        if not query.places or not (query.plan.type in ABOUT_MONEY or asks_for_aid(query.text)):
            return False
        return self.names_only_others(query, text, passed_over=("CN", "EU", "INTL"))

    def names_only_others(self, query: Query, text: str, passed_over: Collection[str] = ()) -> bool:
        """Whether a sentence names places, and none that lies in an asked one or around it; what it says of several towns of a
        province is nothing of the others."""
        covers = self.lexicon.places.covers
        told = {m.id for m in self.lexicon.places.find(text)} - {*passed_over}
        within = {p for p in query.places if any(covers(p, t) for t in told)}
        around = {t for t in told for p in query.places if covers(t, p)}
        listed = [t for t in told - around if any(covers(a, t) for a in around)]
        own = any(not any(covers(a, t) for t in listed) for a in around)  # one of them in which the asked place lies
        return bool(told) and not within and (not around or (len(listed) >= _SEVERAL and not own))

    def things_of(self, passage: Passage) -> set[str]:
        """The systems or techniques that a document is about, by its title."""
        return self.lexicon.things(self.generation.documents[passage.document].title.get(passage.language))

    def title_words(self, document: str, language: Language) -> set[str]:
        """Index terms of a document's title."""
        return set(words_of(self.generation.documents[document].title.get(language)))

    def coverage(self, hit: Hit, chooser: SentenceChooser) -> float:
        document = self.document(hit)
        words = set(words_of(f"{context(document, hit.passage)} {hit.passage.text}"))
        words |= self.place_tokens(document.jurisdiction)
        return chooser.coverage(words)

    def stale(self, query: Query, document: str) -> bool:
        return self.generation.documents[document].validity(query.as_of) in ("superseded", "expired")

    def rules_of(self, query: Query) -> list[Hit]:
        """The passages of the rules of the asked place and of what it lies in: what they do not say is the nearest to an answer."""
        near = {a for p in query.places for a in self.lexicon.places.ancestors(p)} - {*WIDER}
        documents = [d for d in self.generation.documents.values() if d.jurisdiction in near and d.kind in PLACE_BOUND]
        passages = [p for d in documents for p in self.generation.by_document.get((d.id, query.language), ())]
        return [Hit(p, 1.0, i + 1) for i, p in enumerate(passages)]

    def place_tokens(self, place: str | None) -> set[str]:
        """Index terms of all names of a place and of what contains it."""
        around = self.lexicon.places.ancestors(place) if place else ()
        return {t for p in around for t in self.own_tokens(p)}

    def reached_tokens(self, query: Query, document: Document | None) -> set[str]:
        """Index terms of the asked towns that lie where the document's rules hold, below the whole country: Bavaria's reach Munich."""
        here = document.jurisdiction if document else None
        if not here or here in WIDER:
            return set()
        return {t for p in query.places if here in self.lexicon.places.ancestors(p) for t in self.own_tokens(p)}

    def own_tokens(self, place: str) -> set[str]:
        """Index terms of all names of a place itself."""
        entry = self.lexicon.places.entries.get(place)
        return set(words_of(" ".join((entry.name.zh or "", entry.name.en or "", *entry.other)))) if entry else set()

    def first_documents(self, hits: Sequence[Hit], n: int) -> list[Document]:
        ids = list(dict.fromkeys(h.passage.document for h in hits))
        return [self.generation.documents[i] for i in ids[:n]]

    def records(self, document: Document) -> Records:
        return self.lexicon.records[document.id]
