"""How badly a response is supported by the texts it was to be drawn from: features of its sentences, and a small calibrated model.

Knows nothing of our own statements: any text against any texts, Chinese or English.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from advisor.ask.agreement import agreement_faults, content
from advisor.ask.detect import detectors, suspect
from advisor.ask.figures import figure_faults
from advisor.gazetteer import Gazetteer
from advisor.text import STOP_EN, STOP_ZH, fold, quantities, sentences, tokens

_ABOUT_ITSELF = re.compile(
    r"(?:(?:based|according|relying)\s+(?:on|to)\s+(?:the\s+)?(?:given|provided|above|following)?\s*(?:passages?|information|article|text|context|sources?)"
    r"(?:\s+(?:provided|given))?|(?:in|from)?\s*\(?passages?\s*\d+(?:\s*(?:,|and|&)\s*\d+)*\)?\s*(?:(?:states?|mentions?|says?|provides?|explains?|suggests?|describes?|notes?)(?:\s+that)?)?"
    r"|i hope this helps|let me know if|feel free to ask|here(?:'s| is| are)\b[^:\n]{0,90}:|(?:sure|certainly)[!,]"
    r"|(?:根据|依据|按照)(?:以上|上述|所给|提供的|给定的)?(?:资料|材料|文章|段落|信息|内容)|希望(?:以上|这些)?[^。]{0,8}有帮助)",
    re.I,
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|without|cannot|none|nor|neither)\b|n't\b|不(?!断|仅|但|同|超过|少于|低于)|没|未(?!来)|无(?!论)|禁止",
    re.I,
)
_NAME = re.compile(r"(?<![.!?:\n•*\-]\s)(?<!^)\b[A-Z][\w'’-]+")


@dataclass(frozen=True)
class _Texts:
    """What the contexts hold, looked up once for all sentences of a response."""

    sentences: tuple[frozenset[str], ...]
    negated: tuple[bool, ...]
    idf: Mapping[str, float]
    unknown: float
    pairs: frozenset[tuple[str, str]]
    figures: frozenset[object]
    letters: str


@lru_cache(maxsize=64)
def _texts(contexts: tuple[str, ...]) -> _Texts:
    said = [c[a:b] for c in contexts for a, b in sentences(c)]
    words = [_words(s) for s in said]
    found = Counter(t for w in words for t in set(w))
    n = max(1, len(said))
    return _Texts(
        sentences=tuple(frozenset(w) for w in words),
        negated=tuple(bool(_NEGATION.search(s)) for s in said),
        idf={t: math.log(1 + n / c) for t, c in found.items()},
        unknown=math.log(1 + n),
        pairs=frozenset(p for c in contexts for p in _pairs(_words(c))),
        figures=frozenset(q.key[1] for c in contexts for q in quantities(fold(c))),
        letters=fold(" ".join(contexts)),
    )


def _words(text: str) -> list[str]:
    return [t for t in tokens(text) if t not in STOP_EN and t not in STOP_ZH]


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(words, words[1:], strict=False))


@dataclass(frozen=True)
class _Sentence:
    """One sentence of the response against the contexts; every field but `size` is higher where support is worse."""

    size: int
    novel: float  # idf share of its words that no context has
    apart: float  # idf share that the single nearest context sentence lacks
    window: float  # idf share that the nearest two neighbouring sentences lack
    loose: float  # share of its word pairs that no context has
    words: int  # how many words are new
    run: int  # longest row of new words
    names: int
    figures: int
    negation: bool


def _compare(sentence: str, texts: _Texts) -> _Sentence | None:
    words = _words(_ABOUT_ITSELF.sub(" ", sentence))
    if not words:
        return None
    own = set(words)
    weight = {t: texts.idf.get(t, texts.unknown) for t in own}
    total = sum(weight.values()) or 1.0
    known = [sum(weight[t] for t in own & s) for s in texts.sentences]
    near = max(range(len(known)), key=known.__getitem__, default=-1)
    double = max(
        (sum(weight[t] for t in own & (a | b)) for a, b in zip(texts.sentences, texts.sentences[1:], strict=False)),
        default=0.0,
    )
    new = [t not in texts.idf for t in words]
    pairs = _pairs(words)
    return _Sentence(
        size=len(words),
        novel=sum(weight[t] for t in own if t not in texts.idf) / total,
        apart=1 - (known[near] / total if near >= 0 else 0.0),
        window=1 - max(double, known[near] if near >= 0 else 0.0) / total,
        loose=sum(p not in texts.pairs for p in pairs) / len(pairs) if pairs else 0.0,
        words=sum(new),
        run=_longest(new),
        names=sum(fold(m[0]).removesuffix("'s") not in texts.letters for m in _NAME.finditer(sentence)),
        figures=sum(
            q.key[1] not in texts.figures
            for q in quantities(fold(_ABOUT_ITSELF.sub(" ", sentence)))
            if q.kind != "level"
        ),
        negation=near >= 0 and known[near] > 0.5 * total and bool(_NEGATION.search(sentence)) != texts.negated[near],
    )


def _longest(flags: Sequence[bool]) -> int:
    best = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def features(contexts: Sequence[str], response: str) -> dict[str, float]:
    """What the model looks at, by name."""
    texts = _texts(tuple(contexts))
    found = [s for a, b in sentences(response) if (s := _compare(response[a:b], texts))]
    size = sum(s.size for s in found) or 1

    def mean(of: str) -> float:
        return sum(float(getattr(s, of)) * s.size for s in found) / size

    def worst(of: str, rank: int = 0) -> float:
        ordered = sorted((float(getattr(s, of)) for s in found), reverse=True)
        return ordered[rank] if rank < len(ordered) else 0.0

    def total(of: str) -> float:
        return sum(float(getattr(s, of)) for s in found)

    out = {f"mean_{f}": mean(f) for f in ("novel", "apart", "window", "loose")}
    out |= {f"worst_{f}": worst(f) for f in ("novel", "apart", "window", "loose")}
    out |= {f"second_{f}": worst(f, 1) for f in ("novel", "apart", "window")}
    out |= {f"log_{f}": math.log1p(total(f)) for f in ("words", "names", "figures")}
    out |= {
        "worst_run": math.log1p(worst("run")),
        "negation": math.log1p(total("negation")),
        "far": sum(s.apart > 0.5 for s in found) / max(1, len(found)),
        "log_far": math.log1p(sum(s.apart > 0.5 for s in found)),
        "last_apart": found[-1].apart if found else 0.0,
        "last_novel": found[-1].novel if found else 0.0,
    }
    return out


@dataclass(frozen=True)
class _Model:
    mean: Mapping[str, float]
    scale: Mapping[str, float]
    weight: Mapping[str, float]
    bias: float


@cache
def _model() -> _Model:
    """The weights of `scripts/train_support.py`."""
    raw = json.loads((resources.files("advisor") / "models" / "support.json").read_text(encoding="utf-8"))
    columns = raw["features"]
    mean, scale, weight = ({name: float(c[key]) for name, c in columns.items()} for key in ("mean", "scale", "weight"))
    return _Model(mean, scale, weight, float(raw["bias"]))


# A figure that no context holds, or a turned "not", "may" or "only", says more than any overlap: added to the
# log-odds by the share of sentences concerned. On the tuning responses higher weights cost more than they bring.
_FALSE_FIGURE = 2.0
_TURNED = 1.0


def contradictions(contexts: Sequence[str], response: str) -> tuple[float, float]:
    """Share of the response's sentences with a figure that no context holds, and with words turned against the nearest one."""
    held = [c[a:b] for c in contexts for a, b in sentences(c)]
    said = [response[a:b] for a, b in sentences(response)]
    if not held or not said:
        return 0.0, 0.0
    words = [content(s) for s in held]
    nearest = [held[max(range(len(held)), key=lambda i: len(content(s) & words[i]))] for s in said]
    figures = sum(bool(figure_faults(s, held, "opposite")) for s in said)
    turned = sum(bool(agreement_faults(s, [n])) for s, n in zip(said, nearest, strict=True))
    return figures / len(said), turned / len(said)


# A statement's odds reach from -10 to 13, those by overlap from -5 to 3: unbounded, a tenth of the first drowns the second.
_FARTHEST, _SLOPE = 2.0, 8.0


def _narrow(sentences_: int, held: int) -> float:
    """1 for a statement of up to three sentences beside the few it cites, 0 for an essay or for long passages."""
    short = min(1.0, max(0.0, (5 - sentences_) / 2))
    return short * min(1.0, max(0.0, (14 - held) / 6))


def _statement_odds(contexts: Sequence[str], said: Sequence[str], places: Gazetteer | None) -> float:
    """Log-odds of the worst sentence, 0 where 95 in 100 faithful paraphrases lie below; no further out than overlap goes."""
    worst = max((suspect(s, contexts, places).odds for s in said), default=0.0)
    return _FARTHEST * math.tanh((worst - detectors().usual) / _SLOPE)


def support_score(contexts: Sequence[str], response: str, places: Gazetteer | None = None) -> float:
    """Chance, 0 to 1, that the response holds content that the contexts do not support.

    >>> good, bad = "The cap is 300,000 yuan.", "The cap in Wuhan is 500,000 yuan, paid by banks."
    >>> support_score([good], good) < support_score([good], bad)
    True
    """
    said = [response[a:b] for a, b in sentences(response)]
    narrow = _narrow(len(said), sum(len(sentences(c)) for c in contexts)) if said and any(contexts) else 0.0
    z = narrow * _statement_odds(contexts, said, places) if narrow else 0.0
    if narrow < 1:
        z += (1 - narrow) * _overlap_odds(contexts, response)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


def _overlap_odds(contexts: Sequence[str], response: str) -> float:
    model = _model()
    found = features(contexts, response)
    z = model.bias + sum(w * (found[n] - model.mean[n]) / model.scale[n] for n, w in model.weight.items())
    false_figures, turned = contradictions(contexts, response)
    return z + _FALSE_FIGURE * false_figures + _TURNED * turned
