"""What anybody's first try would say: BM25 over the same passages, then the sentences that share most with the question."""

from __future__ import annotations

from typing import Any

from advisor.generation import Generation
from advisor.text import sentences, tokens

_HITS = 10
_SENTENCES = 3


def bm25_answer(question: str, generation: Generation) -> dict[str, Any]:
    """Hits, the three sentences of the first passage with most idf-weighted overlap, and the passage's share of the question."""
    found = generation.lexical.search([(question, 1.0)], _HITS)
    hits = [
        {"passage": id, "document": generation.passages[id].document, "score": round(score, 6), "rank": rank}
        for rank, (id, score) in enumerate(found, 1)
    ]
    if not found:
        return {"hits": [], "statements": [], "coverage": 0.0}
    weights = {t: generation.lexical.idf(t) for t in tokens(question)}
    text = generation.passages[found[0][0]].text
    total = sum(weights.values()) or 1.0

    def weigh(part: str) -> float:
        words = set(tokens(part))
        return sum(w for t, w in weights.items() if t in words) / total

    parts = [text[a:b] for a, b in sentences(text)]
    chosen = sorted(range(len(parts)), key=lambda i: (-weigh(parts[i]), i))[:_SENTENCES]
    return {"hits": hits, "statements": [parts[i] for i in chosen], "coverage": round(weigh(text), 6)}
