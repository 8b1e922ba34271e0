"""query → hits: both legs fused, then weighed by place, name, kind and validity; two versions of a document count once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from advisor.ask.known import Matches
from advisor.ask.lexicon import Lexicon
from advisor.ask.ranker import ranker
from advisor.ask.sentences import SentenceChooser, is_abroad
from advisor.generation import Generation
from advisor.model import Document, Hit, Passage, Query, context
from advisor.ports import CrossEncoder, Embedder, Reranker

_POOL = 80
_RERANKED = 30
_OF_A_PART = 20  # where several questions stand in one message, each reads less
_KNOWN = 10
_LIKELIEST, _LEAST_LIKELY = 3, 0.1  # known questions, and how likely they must be, whose passages are read in any case
_LOCAL = ("amount", "eligibility", "procedure", "deadline", "status")


@dataclass(frozen=True)
class Weights:
    """How much each sign of relevance counts; `dense` by (question language, passage language)."""

    dense_same: float = 0.35
    dense_cross: float = 0.8
    named: float = 0.5
    place_exact: float = 0.35
    place_inside: float = 0.15
    place_elsewhere: float = -0.6
    industry: float = 0.1
    kind: float = 0.12
    stale: float = -0.12
    abroad: float = -0.1
    rule_of_the_place: float = 0.4
    other_language: float = -0.15
    sentence: float = 0.3
    known: float = 0.5


WEIGHTS = Weights()


def retrieve(
    query: Query,
    generation: Generation,
    lexicon: Lexicon,
    embedder: Embedder,
    k: int,
    reranked: bool = True,
    reranker: Reranker | None = None,
    cross_encoder: CrossEncoder | None = None,
) -> list[Hit]:
    """At most k passages, best first, one language version per document; several questions take turns."""
    head = max(_OF_A_PART if query.parts else _RERANKED, k)
    found = [
        _found(q, generation, lexicon, embedder, k, head, reranked, reranker, cross_encoder)
        for q in (query, *query.parts)
    ]
    if len(found) == 1:
        return found[0]
    turns = [h for row in zip_longest(*found) for h in row if h]
    first = {h.passage.id: h for h in reversed(turns)}
    several = dict.fromkeys(h.passage.id for h in turns)
    return [replace(first[id], rank=rank) for rank, id in enumerate(list(several)[: k + k // 2], 1)]


def _found(
    query: Query,
    generation: Generation,
    lexicon: Lexicon,
    embedder: Embedder,
    k: int,
    head_size: int,
    reranked: bool,
    reranker: Reranker | None,
    cross_encoder: CrossEncoder | None,
) -> list[Hit]:
    chooser = SentenceChooser(query, generation, lexicon, embedder, cross_encoder)
    query = _with_the_firms_place(query, lexicon)
    lexical = lexical_leg(query, generation)
    dense = dict(generation.vector.search(embedder.embed_question(query.semantic), _POOL))
    fused = fuse(query, generation.passages, lexical, dense)
    known = known_leg(query, generation, chooser.known)
    for id, score in known.items():
        fused[id] = fused.get(id, 0.0) + WEIGHTS.known * score
    for name in query.named:
        for passage in generation.by_document.get((name, query.language), ())[:2]:
            fused.setdefault(passage.id, 0.3)
    for id in _of_the_place(query, generation, lexicon):
        fused.setdefault(id, 0.2)
    documents = {generation.passages[id].document for id in fused}
    priors = {d: prior(query, generation.documents[d], lexicon) for d in documents}
    weighed = {
        id: score + priors[(p := generation.passages[id]).document] + _foreign(query, p) for id, score in fused.items()
    }
    ranked = sorted(weighed.items(), key=lambda row: (-row[1], row[0]))
    pool = _one_version(query, ranked, generation, head_size)
    if not reranked:
        return pool[:k]
    head = pool[:head_size]
    if not query.told:  # a further turn says too little by itself for a known question to be likely
        head = _with_known(head, known, weighed, generation)
    head = rerank(query, head, generation, lexicon, chooser)
    if reranker:
        head = second_opinion(query, head, generation, lexicon, reranker)
    # Whoever asks for more gets the rest as it was: reading every sentence of it would cost more than all before.
    tail = [Hit(h.passage, 0.0, h.rank) for h in pool[head_size:]]
    return [*head, *tail][:k]


def _with_the_firms_place(query: Query, lexicon: Lexicon) -> Query:
    """The profile's place is searched for as if it had been typed."""
    if query.places_from != "profile":
        return query
    name = " ".join(lexicon.places.name(p).get(query.language) for p in query.places)
    parts = ((f"{text} {name}", w) if i == 0 else (text, w) for i, (text, w) in enumerate(query.lexical))
    return replace(query, lexical=tuple(parts), semantic=f"{query.semantic} {name}")


def homes(places: Sequence[str], lexicon: Lexicon) -> tuple[str, ...]:
    """The places themselves, and for a town without rules of its own the smallest region around it that has some."""
    served = lexicon.served_places
    around = (next((a for a in lexicon.places.ancestors(p) if a in served and "/" in a), p) for p in places)
    return tuple(dict.fromkeys((*places, *around)))


def _of_the_place(query: Query, generation: Generation, lexicon: Lexicon) -> list[str]:
    """The first passages of the rules of a place that was named: few words lead to them, the place does."""
    near = homes(query.places[:2], lexicon)
    return [
        p.id
        for place in near
        if "/" in place
        for d in generation.rules_of.get(place, ())
        for p in generation.by_document.get((d.id, query.language), ())[:3]
    ]


def rerank(
    query: Query, hits: Sequence[Hit], generation: Generation, lexicon: Lexicon, chooser: SentenceChooser
) -> list[Hit]:
    """The same hits ordered by their score and by the best sentence that each holds, as the trained ranker sees it."""
    if not hits:
        return []
    best = chooser.best(hits, ranker("reranker"))
    top = hits[0].score or 1.0
    documents = [generation.documents[h.passage.document] for h in hits]
    rules = query.plan.type in _LOCAL
    home = {d.id: _place_prior(query, d, lexicon) * (rules and d.kind in ("policy", "notice")) for d in documents}
    scored = [(h.score / top + WEIGHTS.sentence * best[h.passage.id], h) for h in hits]
    # Rules of another place come last, however well they read.
    scored.sort(key=lambda row: (home[row[1].passage.document] < 0, -row[0], row[1].rank))
    lift = min(score for score, _ in scored)
    return [Hit(h.passage, score - min(lift, 0.0), rank) for rank, (score, h) in enumerate(scored, 1)]


def second_opinion(
    query: Query, hits: Sequence[Hit], generation: Generation, lexicon: Lexicon, reranker: Reranker
) -> list[Hit]:
    """The same hits in the order of another model, which knows words but no places: rules of another place stay last."""
    documents = [generation.documents[h.passage.document] for h in hits]
    texts = [f"{context(d, h.passage)}\n{h.passage.text}" for d, h in zip(documents, hits, strict=True)]
    scores = reranker.scores(query.semantic, texts)
    rows = [(_of_another_place(query, d, lexicon), -s, h) for d, s, h in zip(documents, scores, hits, strict=True)]
    rows.sort(key=lambda row: (row[0], row[1], row[2].rank))
    # The scores stay on their ranks: what comes after compares them, and another model's are of another measure.
    ladder = sorted((h.score for h in hits), reverse=True)
    return [Hit(h.passage, score, rank) for rank, ((_, _, h), score) in enumerate(zip(rows, ladder, strict=True), 1)]


def _of_another_place(query: Query, document: Document, lexicon: Lexicon) -> bool:
    rule = query.plan.type in _LOCAL and document.kind in ("policy", "notice")
    return rule and _place_prior(query, document, lexicon) < 0


def lexical_leg(query: Query, generation: Generation) -> dict[str, float]:
    """Words against passages of the question's language, words and their translations against the other's; best is 1."""
    own = generation.lexical.search(query.lexical, _POOL)
    abroad = query.translated and generation.languages != {query.language}
    across = generation.lexical.search((*query.lexical, *query.translated), _POOL) if abroad else own
    legs = (
        _scaled({i: s for i, s in own if generation.passages[i].language == query.language}),
        _scaled({i: s for i, s in across if generation.passages[i].language != query.language}),
    )
    return legs[0] | legs[1]


def known_leg(query: Query, generation: Generation, known: Matches) -> dict[str, float]:
    """The passages of the sentences that answer the nearest known questions, by how near those are."""
    found: dict[str, float] = {}
    for match in known.best[:_KNOWN]:
        spans = known.answers(match, query.language)
        for passage in generation.by_document.get((match.document, query.language), ()):
            if any(passage.start <= start < passage.end for start, _ in spans[:1]):
                found[passage.id] = max(match.score, found.get(passage.id, 0.0))
    return found


def _with_known(
    head: list[Hit], known: Mapping[str, float], weighed: Mapping[str, float], generation: Generation
) -> list[Hit]:
    """The same, and what the likeliest known questions lead to, however far behind their own words leave it."""
    likely = [i for i in sorted(known, key=lambda i: -known[i])[:_LIKELIEST] if known[i] >= _LEAST_LIKELY]
    here = {h.passage.id for h in head}
    more = [Hit(generation.passages[i], weighed[i], 0) for i in likely if i not in here]
    return [*head, *(replace(h, rank=len(head) + n) for n, h in enumerate(more, 1))]


def _scaled(scores: dict[str, float]) -> dict[str, float]:
    best = max(scores.values(), default=0.0)
    return {i: s / best for i, s in scores.items()} if best else {}


def fuse(
    query: Query, passages: Mapping[str, Passage], lexical: Mapping[str, float], dense: Mapping[str, float]
) -> dict[str, float]:
    """Lexical score plus the dense similarity above its pool's floor, weighted by language pair.

    The dense leg counts little where words can match and much where they cannot: naive fusion of equals
    falls far below the better leg in either direction.
    """
    floor = min(dense.values(), default=0.0)
    spread = (max(dense.values(), default=1.0) - floor) or 1.0
    fused: dict[str, float] = {}
    for id in {*lexical, *dense}:
        weight = WEIGHTS.dense_same if passages[id].language == query.language else WEIGHTS.dense_cross
        fused[id] = lexical.get(id, 0.0) + weight * max(0.0, dense.get(id, floor) - floor) / spread
    return fused


def _foreign(query: Query, passage: Passage) -> float:
    return WEIGHTS.other_language if passage.language != query.language else 0.0


def prior(query: Query, document: Document, lexicon: Lexicon) -> float:
    """What speaks for a document's passages beyond their words."""
    score = 0.0
    if document.id in query.named:
        score += WEIGHTS.named
    score += _place_prior(query, document, lexicon)
    if is_abroad(query, document):
        score += WEIGHTS.abroad
    if query.industries and set(query.industries) & set(document.industries):
        score += WEIGHTS.industry
    if document.kind in query.plan.kinds:
        score += WEIGHTS.kind
    if document.validity(query.as_of) in ("superseded", "expired") and query.plan.type != "status":
        score += WEIGHTS.stale
    return score


def _place_prior(query: Query, document: Document, lexicon: Lexicon) -> float:
    if not query.places or document.jurisdiction is None:
        return 0.0
    here = document.jurisdiction
    if any(here == p for p in homes(query.places, lexicon)):
        rule = query.plan.type in _LOCAL and document.kind in ("policy", "notice")
        return WEIGHTS.place_exact + (WEIGHTS.rule_of_the_place if rule else 0.0)
    if any(lexicon.places.covers(p, here) for p in query.places):
        return WEIGHTS.place_inside
    if any(lexicon.places.covers(here, p) for p in query.places):
        return 0.0
    return WEIGHTS.place_elsewhere


def _one_version(query: Query, ranked: list[tuple[str, float]], generation: Generation, k: int) -> list[Hit]:
    """Both versions of a document count once: the one in the question's language, where there is one."""
    hits: dict[str, Hit] = {}
    for id, score in ranked:
        passage = _in_language(generation.passages[id], query, generation)
        if passage.id not in hits:
            hits[passage.id] = Hit(passage, score, len(hits) + 1)
        if len(hits) == k:
            break
    return list(hits.values())


def _in_language(passage: Passage, query: Query, generation: Generation) -> Passage:
    """The passage at the same place of the version in the question's language; itself where there is none."""
    if passage.language == query.language:
        return passage
    own = generation.by_document.get((passage.document, query.language), ())
    if not own:
        return passage
    here = generation.by_document[(passage.document, passage.language)]
    return own[here.index(passage) * len(own) // len(here)]
