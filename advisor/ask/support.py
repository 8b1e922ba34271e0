"""How badly a response is supported by texts it was to be drawn from: figures first, then words."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.text import fold, quantities, sentences, tokens

_FIGURE_WEIGHT = 0.6


def support_score(contexts: Sequence[str], response: str) -> float:
    """0 (every sentence stays within the contexts) to 1; the worst sentence decides.

    >>> support_score(["The cap is 300,000 yuan."], "The cap is 500,000 yuan.") > 0.5
    True
    >>> support_score(["The cap is 300,000 yuan."], "The cap is 300,000 yuan.")
    0.0
    """
    words = {t for c in contexts for t in tokens(c)}
    figures = {q.key[1] for c in contexts for q in quantities(fold(c))}
    return max((_score(response[a:b], words, figures) for a, b in sentences(response)), default=0.0)


def _score(sentence: str, words: set[str], figures: set[object]) -> float:
    own = [t for t in tokens(sentence) if not t.startswith("=")]
    novelty = sum(t not in words for t in own) / len(own) if own else 0.0
    missing = any(q.key[1] not in figures for q in quantities(fold(sentence)))
    return _FIGURE_WEIGHT * missing + (1 - _FIGURE_WEIGHT) * novelty
