"""Build advisor/models/support_words.txt.gz: how rare a word is, and which words of its language may stand for it.

python scripts/build_words.py --parallel DIR

One line a word: word, rarity in tenths of a nat, then neighbour and likeness in percent, all by tab. Likeness is the cosine of our
embedder's vectors, which were trained on translations: words that translate alike are near, mere members of one kind are not.
English words are index stems, Chinese ones the words of the embedder's tokenizer.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from advisor.adapters.embedder import StaticEmbedder
from advisor.text import CJK, STOP_EN, fold, sentences, tokens

ROOT = Path(__file__).parent.parent
EMBEDDER = ROOT / "advisor" / "models" / "embedder"
TARGET = ROOT / "advisor" / "models" / "support_words.txt.gz"
LEAST, MOST = 0.25, 12
ENGLISH, SEEN = 24_000, 2
SOURCES = ("tatoeba", "cedpane")
LONGEST = 6
_HAN = re.compile(f"[{CJK}]+")
_WORD = re.compile(r"[a-z]{2,}")
_PLAIN = re.compile(r"(?<![A-Za-z])[a-z]{2,}(?![A-Za-z])")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][A-Za-z]+")


def texts(parallel: Path) -> Iterator[str]:
    """Sentences of our corpus and of Tatoeba, and what a dictionary says: no manuals, whose identifiers look like words."""
    for path in sorted((ROOT / "corpus" / "documents").glob("*/??.md")):
        text = path.read_text("utf-8")
        yield from (text[a:b] for a, b in sentences(text))
    for name in ("en-zh", "dictionary-zh-en"):
        with gzip.open(parallel / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            rows = (json.loads(line) for line in file)
            yield from (row[k] for row in rows if row["source"] in SOURCES for k in ("en", "zh") if row[k])


def chinese_words(run: str, known: frozenset[str]) -> list[str]:
    out, at = [], 0
    while at < len(run):
        size = next((n for n in range(min(LONGEST, len(run) - at), 1, -1) if run[at : at + n] in known), 1)
        out.append(run[at : at + size])
        at += size
    return out


def counted(parallel: Path, known: frozenset[str]) -> tuple[Counter[str], Counter[str], dict[str, Counter[str]], int]:
    """Sentences a Chinese word and an English stem stand in, the surface forms of a stem, and how many sentences there are."""
    chinese: Counter[str] = Counter()
    english: Counter[str] = Counter()
    named: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}
    n = 0
    for text in texts(parallel):
        n += 1
        folded = fold(text)
        chinese.update({w for run in _HAN.findall(folded) for w in chinese_words(run, known)})
        said = {w for w in _WORD.findall(folded) if w not in STOP_EN}
        for word in said:
            for stem in tokens(word):
                forms.setdefault(stem, Counter())[word] += 1
        english.update({s for w in said for s in tokens(w)})
        named.update({s for w in _NAME.findall(text) for s in tokens(w)})
        plain.update({s for w in _PLAIN.findall(text) for s in tokens(w)})
    # A word that is mostly written with a capital inside sentences is a name: nothing may stand for it.
    common = Counter({s: c for s, c in english.items() if plain[s] >= named[s]})
    return chinese, common, forms, n


def neighbours(vectors: np.ndarray) -> Iterator[list[tuple[int, int]]]:
    for start in range(0, len(vectors), 1000):
        near = vectors[start : start + 1000] @ vectors.T
        for i, row in enumerate(near):
            row[start + i] = 0
            best = np.argpartition(-row, MOST)[:MOST]
            yield [(int(j), round(100 * float(row[j]))) for j in best[np.argsort(-row[best])] if row[j] >= LEAST]


def lines(words: list[str], count: Counter[str], n: int, vectors: np.ndarray) -> Iterator[str]:
    both: list[dict[int, int]] = [{} for _ in words]
    for i, near in enumerate(neighbours(vectors)):
        for j, likeness in near:
            both[i][j] = both[j][i] = likeness
    for word, found in zip(words, both, strict=True):
        near = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[: 2 * MOST]
        rarity = round(10 * math.log((n + 1) / (count[word] + 1)))
        yield "\t".join([word, str(rarity), *(f"{words[j]}\t{p}" for j, p in near)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parallel", type=Path, required=True)
    chosen = parser.parse_args()
    vocabulary = Tokenizer.from_file(str(EMBEDDER / "tokenizer.json")).get_vocab()
    known = frozenset(w for w in vocabulary if _HAN.fullmatch(w) and len(w) <= LONGEST and fold(w) == w)
    chinese, english, forms, n = counted(chosen.parallel, known)
    embedder = StaticEmbedder(EMBEDDER)
    zh = sorted(known)
    en = sorted(s for s, c in english.most_common(ENGLISH) if c >= SEEN)
    stems = []
    for stem in en:
        surface = list(forms[stem])
        weight = np.array([forms[stem][w] for w in surface], dtype=np.float32)
        stems.append(weight @ embedder.embed_passages(surface) / weight.sum())
    unit = np.stack(stems)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-9)
    out = [*lines(zh, chinese, n, embedder.embed_passages(zh)), *lines(en, english, n, unit)]
    with gzip.GzipFile(TARGET, "wb", mtime=0) as file:
        file.write(("\n".join(out) + "\n").encode())
    print(f"{len(zh)} Chinese words, {len(en)} English stems, {n} sentences, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
