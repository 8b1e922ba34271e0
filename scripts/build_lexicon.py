"""Build advisor/models/lexicon/lexicon.json.gz: Chinese words and English stems with their likely translations.

    python scripts/build_lexicon.py --parallel DIR [--corpus corpus] [--exclude BEIR_FOLDER …] [--out advisor/models/lexicon]

Word alignment by IBM model 1, both ways, over the dictionary, the sentence pairs and our own two-language corpus. A link
counts for as much as both directions agree (geometric mean). Chinese words are cut by jieba here, and found again in a
question by longest match among the lexicon's own words, so that jieba is no dependency of the product.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from train_embedder import HAN, Pair, read_pairs

from advisor.text import STOP_ZH, tokens

LONGEST_TEXT = 45
KEPT = 4
FLOOR = 0.08
REPEATS = {"dictionary": 1, "corpus": 3}


def english_units(text: str) -> list[str]:
    return [
        t
        for t in dict.fromkeys(tokens(HAN.sub(" ", text)))
        if not t.startswith("=") and not t.isdigit() and "'" not in t
    ][:LONGEST_TEXT]


def chinese_units(text: str) -> list[str]:
    import jieba

    words = (word for run in HAN.findall(text) for word in jieba.cut(run))
    return [w for w in dict.fromkeys(words) if w not in STOP_ZH][:LONGEST_TEXT]


def aligned_texts(pairs: Sequence[Pair]) -> list[tuple[list[str], list[str]]]:
    """Pairs as units; a headword stands both whole and cut, so that its parts learn from it."""
    texts = []
    for pair in pairs:
        en, zh = english_units(pair.en), chinese_units(pair.zh)
        if not en or not zh:
            continue
        texts += [(en, zh)] * REPEATS.get(pair.source, 1)
        if len(zh) > 1 and HAN.fullmatch(pair.zh) and len(pair.zh) <= 8 and len(en) <= 5:
            texts += [(en, [pair.zh])] * REPEATS.get(pair.source, 1)
    return texts


def numbered(texts: Sequence[Sequence[str]]) -> tuple[list[str], list[np.ndarray]]:
    known: dict[str, int] = {}
    rows = [np.array([known.setdefault(w, len(known)) for w in text], dtype=np.int64) for text in texts]
    return list(known), rows


def probabilities(given: np.ndarray, occasion: np.ndarray, link: np.ndarray, links: int, rounds: int = 6) -> np.ndarray:
    """IBM model 1: the chance of each link's target given its source (`given[link]`), from every occasion of a target."""
    chance = np.ones(links)
    for _ in range(rounds):
        share = chance[link]
        share /= np.bincount(occasion, share)[occasion]
        count = np.bincount(link, share, minlength=links)
        chance = count / np.bincount(given, count)[given]
    return chance


def align(
    texts: Sequence[tuple[list[str], list[str]]],
) -> tuple[list[str], list[str], np.ndarray, np.ndarray, np.ndarray]:
    """(English units, Chinese units, and per link: English number, Chinese number, agreed strength)."""
    en_words, en_rows = numbered([en for en, _ in texts])
    zh_words, zh_rows = numbered([zh for _, zh in texts])
    en_at = np.cumsum([0] + [len(r) for r in en_rows])
    zh_at = np.cumsum([0] + [len(r) for r in zh_rows])
    keys, en_occasion, zh_occasion = [], [], []
    for i, (e, z) in enumerate(zip(en_rows, zh_rows, strict=True)):
        keys.append((e[:, None] * len(zh_words) + z).ravel())
        en_occasion.append(np.repeat(np.arange(en_at[i], en_at[i + 1]), len(z)))
        zh_occasion.append(np.tile(np.arange(zh_at[i], zh_at[i + 1]), len(e)))
    unique, link = np.unique(np.concatenate(keys), return_inverse=True)
    en, zh = np.divmod(unique, len(zh_words))
    to_en = probabilities(zh, np.concatenate(en_occasion), link, len(unique))
    to_zh = probabilities(en, np.concatenate(zh_occasion), link, len(unique))
    return en_words, zh_words, en, zh, np.sqrt(to_en * to_zh)


def best_links(
    source: np.ndarray, target: np.ndarray, strength: np.ndarray, sources: Sequence[str], targets: Sequence[str]
) -> dict[str, list[tuple[str, int]]]:
    """The few strongest targets of each source, in percent of the strongest."""
    order = np.lexsort((-strength, source))
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    top: dict[str, float] = {}
    for i in order:
        word = sources[source[i]]
        first = top.setdefault(word, float(strength[i]))
        if (
            len(found[word]) < KEPT
            and strength[i] >= max(0.25 * first, 0.01)
            and (strength[i] >= FLOOR or not found[word])
        ):
            found[word].append((targets[target[i]], round(100 * float(strength[i]) / first)))
    return {word: links for word, links in sorted(found.items()) if links}


def build(pairs: Sequence[Pair]) -> dict[str, dict[str, list[tuple[str, int]]]]:
    en_words, zh_words, en, zh, strength = align(aligned_texts(pairs))
    # A single character is no index term of its own, so it is translated but never a translation.
    long = np.array([len(w) > 1 for w in zh_words])[zh]
    return {
        "zh": best_links(zh, en, strength, zh_words, en_words),
        "en": best_links(en[long], zh[long], strength[long], en_words, zh_words),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parallel", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--exclude", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=Path("advisor/models/lexicon"))
    given = parser.parse_args()
    lexicon = build(read_pairs(given.parallel, given.corpus, given.exclude))
    given.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(lexicon, ensure_ascii=False, separators=(",", ":"))
    path = given.out / "lexicon.json.gz"
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(lexicon['zh'])} Chinese words, {len(lexicon['en'])} English stems, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
