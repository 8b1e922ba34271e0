"""Teach the shipped embedder which wordings ask the same: its vectors move on the corpus's known questions.

    python scripts/tune_embedder.py --parallel DIR [--exclude BEIR_FOLDER …] [--out advisor/models/embedder]

Starts from the folder that scripts/train_embedder.py wrote. A wording should lie near another wording of its question, in
either language, and near the sentence that answers, and far from what else its own document is asked; beside each such
batch stands one of translations, so that what was learned before is not lost. Run it once on fresh vectors: twice is too much.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file
from tokenizers import Tokenizer

sys.path.insert(0, str(Path(__file__).resolve().parent))
from train_embedder import Ragged, contrast, keep_memory, ragged, read_pairs, write_table

from advisor.text import fold


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that changes the result, as recorded beside the model."""

    steps: int = 2800
    batch: int = 256
    translations: int = 512
    rate: float = 1e-3
    scale: float = 20.0
    drop: float = 0.15
    of_few_documents: float = 0.6  # of a batch, so that its questions are hard to tell apart
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """One known question: positions of its wordings and of its first sentence in a list of texts."""

    document: str
    wordings: np.ndarray
    said: np.ndarray
    answer: str


def known_questions(corpus: Path) -> tuple[list[Asked], list[str]]:
    """All of them, and the texts that they point into."""
    texts: list[str] = []

    def put(batch: list[str]) -> np.ndarray:
        texts.extend(map(fold, batch))
        return np.arange(len(texts) - len(batch), len(texts))

    found = []
    for path in sorted(corpus.glob("documents/*/questions.jsonl")):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            first = row["said"][0]
            found.append(
                Asked(path.parent.name, put(row["zh"] + row["en"]), put([first["zh"], first["en"]]), first["zh"])
            )
    return found, texts


def drawn(asked: list[Asked], recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    """A batch: all questions of a few documents, and some of anywhere."""
    documents = np.unique([a.document for a in asked], return_inverse=True)[1]
    order = np.argsort(documents, kind="stable")
    begins = np.searchsorted(documents[order], np.arange(documents.max() + 2))
    chosen: list[int] = []
    for d in rng.permutation(documents.max() + 1):
        chosen += order[begins[d] : begins[d + 1]].tolist()
        if len(chosen) >= recipe.of_few_documents * recipe.batch:
            break
    rest = max(recipe.batch - len(chosen), 0)
    return np.unique(np.r_[chosen, rng.integers(0, len(asked), rest)])


def two_of(question: Asked, rng: np.random.Generator) -> tuple[int, int]:
    """A wording, and with equal chance another of the same question or the sentence that answers."""
    one = int(rng.choice(question.wordings))
    others = question.wordings[question.wordings != one]
    among = question.said if rng.random() < 0.5 or not len(others) else others
    return one, int(rng.choice(among))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parallel", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--exclude", type=Path, nargs="*", default=[])
    parser.add_argument("--model", type=Path, default=Path("advisor/models/embedder"))
    parser.add_argument("--out", type=Path, default=Path("advisor/models/embedder"))
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    given = parser.parse_args()
    recipe = Recipe(**{name: getattr(given, name) for name in asdict(Recipe())})
    keep_memory()
    torch.set_num_threads(2)
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)

    stored = load_file(str(given.model / "model.safetensors"))
    table = stored["mapping"]
    scale = np.zeros(int(table.max()) + 1, dtype=np.float32)
    scale[table] = stored["weights"]
    vectors = torch.nn.Parameter(torch.from_numpy(stored["embeddings"].astype(np.float32) * scale[:, None]))
    tokenizer = Tokenizer.from_file(str(given.model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()

    asked, texts = known_questions(given.corpus)
    pairs = read_pairs(given.parallel, given.corpus, given.exclude)
    print(f"{len(asked)} known questions, {len(pairs)} translations", flush=True)
    words = ragged(texts, tokenizer, table)
    en, zh = (ragged([getattr(p, side) for p in pairs], tokenizer, table) for side in ("en", "zh"))
    sources = np.unique([p.source for p in pairs], return_inverse=True)[1]
    answers = np.unique([a.answer for a in asked], return_inverse=True)[1]
    optimiser = torch.optim.Adam([vectors], lr=recipe.rate, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=recipe.steps, pct_start=0.1)

    def unit(bag: Ragged, which: np.ndarray, drop: float) -> torch.Tensor:
        ids, offsets = bag.bag(which, drop, rng)
        return F.normalize(F.embedding_bag(ids, vectors, offsets, mode="mean"), dim=-1)

    began, losses = time.monotonic(), []
    for step in range(1, recipe.steps + 1):
        batch = drawn(asked, recipe, rng)
        one, other = np.array([two_of(asked[i], rng) for i in batch]).T
        same = torch.from_numpy(answers[batch][:, None] == answers[batch])
        same.fill_diagonal_(False)
        questions = contrast(unit(words, one, recipe.drop), unit(words, other, recipe.drop), recipe.scale, same)
        source = rng.integers(0, sources.max() + 1) if rng.random() < 0.7 else None
        among = np.arange(len(pairs)) if source is None else np.flatnonzero(sources == source)
        which = np.unique(rng.choice(among, recipe.translations))
        none = torch.zeros(len(which), len(which), dtype=torch.bool)
        loss = questions + contrast(unit(en, which, 0.3), unit(zh, which, 0.3), 25.0, none)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(questions.item())
        if step % 100 == 0:
            print(f"step {step}: loss {np.mean(losses[-100:]):.3f}, {time.monotonic() - began:.0f} s", flush=True)

    if given.out != given.model:
        shutil.copytree(given.model, given.out, dirs_exist_ok=True)
    write_table(vectors.detach().numpy(), table, given.out / "model.safetensors")


if __name__ == "__main__":
    main()
