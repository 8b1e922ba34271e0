"""What a level of an assessment in force takes, by its indicator records."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.ask.from_records import cite, level_reached, score_told
from advisor.ask.ground import Ground
from advisor.ask.history import means_edition, replaced_sentence
from advisor.ask.order import AMONG
from advisor.ask.sentences import Candidate
from advisor.model import Document, Hit, Query, Statement


def what_it_takes(
    ground: Ground, query: Query, hits: Sequence[Hit], candidates: Sequence[Candidate]
) -> list[Statement]:
    """What a level of an assessment in force takes, by its records, where these sentences are what was asked for, or
    where a score was told and its level asked for."""
    near = {c.text for c in candidates[:AMONG]}
    score = score_told(query.text)
    for document in ground.first_documents(hits, 4):
        rows = [i for i in ground.records(document).indicator if i.type == "level"]
        if ground.stale(query, document.id) or not rows or (query.named and document.id not in query.named):
            continue
        asked = query.levels if score is None else (level_reached(score, rows),)
        levels = [i for i in rows if i.level in asked]
        figures = [f for i in levels for f in (i.points, i.scenes, i.binding) if f]
        said = dict.fromkeys([*(i.said for i in levels if i.said), *(f.said for f in figures)])
        cited = [c for c in (cite(w, document, ground.generation, query.language) for w in said) if c]
        if cited and (score is not None or any(c.quote in near for c in cited)):
            return [*_no_longer(ground, query, hits, document), *(Statement(c.quote, "quoted", (c,)) for c in cited)]
    return []


def _no_longer(ground: Ground, query: Query, hits: Sequence[Hit], successor: Document) -> list[Statement]:
    """Where the question's figures are those of the rule before, the sentence that says it was replaced."""
    before = [ground.generation.documents[i] for i in successor.supersedes if i in ground.generation.documents]
    meant = next((d for d in before if means_edition(ground, query, d)), None)
    replaced = replaced_sentence(ground, meant, query) if meant else None
    return [replaced.quoted()] if replaced else []
