"""Teach a cross-encoder on graded lists: python scripts/tune_cross_encoder.py --start FOLDER [--reading BEIR_FOLDER …]

Starts from what train_cross_encoder.py wrote (not from the shipped model: it has seen every list, and no net would be apart from
any document) and the lists of eval/training/graded-*.jsonl.xz (graded.py): for each question the sentences that
the product found for it, each with a grade, and the known questions it took for the same. Three nets, each without a third of
the documents, say what they read in the lists of that third (written back as `answers` and `wanted`: what the lines over
reading are trained by). A student then learns from the grades and, half, from what the nets say. Known questions and
reading sets, beside, keep what was learned before. Five minutes of a GPU; a processor shows that it runs.

Outputs of the model: `answers`, the log-odds that a sentence answers, against none of its list doing so; `wanted`, that who asks
wants to be told it. `onnx` and `onnx-ir` come with the dev extra.
"""

from __future__ import annotations

import argparse
import json
import lzma
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score
from tokenizers import Tokenizer
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parent))
import graded
from reader import Reader, stored, write
from train_cross_encoder import (
    EMBEDDER,
    framed,
    known_questions,
    mined,
    numbered,
    padded,
    reading_questions,
    sentences_of,
)
from train_embedder import keep_memory

from advisor.adapters.cross_encoder import QUESTION, SENTENCE
from advisor.adapters.embedder import StaticEmbedder
from advisor.adapters.originals import FileReader
from advisor.ingest.read import read_corpus
from advisor.model import LANGUAGES
from advisor.text import fold

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "advisor" / "models" / "cross_encoder"
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
TOGETHER = 700 if DEVICE.type == "cuda" else 32  # pairs read at once
PARTS = 3  # of the documents, one of which each net does not see
BESIDE = 9  # near sentences of a list that nobody graded
KNOWN = 20_000  # wordings of known questions that are read beside
SHARES = {"graded": 0.7, "meant": 0.05, "known": 0.15, "foreign": 0.1}  # of the lists of a step, for the nets
STUDENT = {"graded": 0.6, "meant": 0.1, "known": 0.2, "foreign": 0.1}
WEIGHT = {3: 1.0, 2: 0.3, 1: 0.0, 0: 0.0}  # of a grade in what is to be said of a list
NONE = {3: 0.0, 2: 0.4}  # of none answering, by the best grade of a list; 1 where that is lower
REMOVED = 0.1  # lists that nobody graded of which the answer is taken away
SEED = 11

Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


@dataclass(slots=True)
class List:
    """A question and what was found for it, best first; `said` is (n, 2): what the nets say of each."""

    kind: str  # graded, meant: known questions taken for the same; known, foreign: not graded, the first answers
    document: str
    question: str
    texts: tuple[str, ...]
    grades: tuple[int, ...]
    row: str = ""
    said: list[Floats] = field(default_factory=list)
    apart: Floats | None = None

    @property
    def part(self) -> int:
        return int(sha256((self.document or "none").encode()).hexdigest(), 16) % 10 * PARTS // 10


def graded_lists() -> Iterator[List]:
    """Both lists of each graded question."""
    for row in (row for language in LANGUAGES for row in graded.load(language)):
        texts, grades, *_ = zip(*row.read, strict=True)
        yield List("graded", row.document, row.asked, texts, grades, row.id)
        if row.known:
            texts, grades, *_ = zip(*row.known, strict=True)
            yield List("meant", row.document, row.meant, texts, grades, row.id)


def beside(corpus: Path, reading: Sequence[Path]) -> Iterator[List]:
    """Lists that nobody graded: what answers, then some of what lies near, the nearer the likelier."""
    rng = np.random.default_rng(SEED)
    documents = read_corpus([corpus], FileReader()).documents
    said = sentences_of(documents)
    known = known_questions(documents, said)
    some = [known[i] for i in sorted(rng.permutation(len(known))[:KNOWN])]
    asked = [("known", a) for a in mined(some, said, StaticEmbedder(EMBEDDER))]
    asked += [("foreign", a) for folder in reading for a in reading_questions(folder)]
    for kind, one in asked:
        likely = rng.random(len(one.near)) * np.linspace(1, 0.35, len(one.near))
        near = [one.near[i] for i in np.argsort(-likely)[:BESIDE]]
        yield List(kind, one.document, one.question, (one.right[0], *near), (3, *[0] * len(near)))


class Lists:
    """The texts of all lists as numbers, and how a model reads them."""

    def __init__(self, lists: Sequence[List], tokenizer: Tokenizer) -> None:
        texts = [*{t: None for one in lists for t in (one.question, *one.texts)}]
        self._ids = dict(zip(texts, numbered([fold(t) for t in texts], tokenizer, SENTENCE), strict=True))

    def scores(self, reader: Reader, pairs: Sequence[tuple[str, str]]) -> Tensor:
        """(pairs, 2), read in the order of their length so that little is padded."""
        numbers = [(self._ids[q][:QUESTION], self._ids[t]) for q, t in pairs]
        order = sorted(range(len(numbers)), key=lambda i: sum(map(len, numbers[i])))
        parts = []
        for begin in range(0, len(order), TOGETHER):
            part = [numbers[i] for i in order[begin : begin + TOGETHER]]
            types = [np.repeat(np.array([0, 1], dtype=np.int32), [len(a) + 2, len(b) + 1]) for a, b in part]
            parts.append(torch.stack(reader(padded([framed(*p) for p in part]), padded(types)), 1).float())
        return torch.cat(parts)[torch.from_numpy(np.argsort(order)).to(DEVICE)]

    @torch.no_grad()
    def said(self, reader: Reader, lists: Sequence[List]) -> Iterator[tuple[List, Floats]]:
        """What a model says of each list, (n, 2)."""
        reader.eval()
        for begin in range(0, len(lists), 256):
            part = lists[begin : begin + 256]
            with torch.autocast(DEVICE.type, torch.bfloat16, enabled=DEVICE.type == "cuda"):
                both = self.scores(reader, [(one.question, t) for one in part for t in one.texts]).cpu().numpy()
            yield from zip(part, np.split(both, np.cumsum([len(one.texts) for one in part])[:-1]), strict=True)
        reader.train()


def without_answer(one: List) -> List:
    """The same list, of which nothing answers any more."""
    return replace(one, texts=one.texts[1:], grades=one.grades[1:], said=[said[1:] for said in one.said])


def goal(one: List) -> Floats:
    """(1 + n,): what is to be said of none answering, and of each."""
    weights = np.array([NONE.get(max(one.grades), 1.0), *(WEIGHT[g] for g in one.grades)], dtype=np.float32)
    return weights / weights.sum()


def loss_of(held: Lists, reader: Reader, lists: Sequence[List], taught: bool) -> Tensor:
    """Cross-entropy over each list and none of it, and of what is wanted; where `taught`, half of the goal is what the nets say."""
    both = held.scores(reader, [(one.question, t) for one in lists for t in one.texts])
    total = torch.zeros((), device=DEVICE)
    for one, said in zip(lists, torch.split(both, [len(one.texts) for one in lists]), strict=True):
        aim = torch.from_numpy(goal(one)).to(DEVICE)
        if taught:
            nets = torch.from_numpy(_of_the_nets(one)).to(DEVICE)
            aim = 0.5 * aim + 0.5 * F.pad(nets[:, 0], (1, 0)).softmax(0)
        total = total - (aim * F.pad(said[:, 0], (1, 0)).log_softmax(0)).sum() / len(lists)
    wanted = [i for i, one in enumerate(lists) if one.kind == "graded"]
    if wanted:
        parts = torch.split(both[:, 1], [len(one.texts) for one in lists])
        goals = [torch.tensor([float(g > 0) for g in lists[i].grades], device=DEVICE) for i in wanted]
        if taught:
            nets_say = [torch.from_numpy(_of_the_nets(lists[i])[:, 1]).to(DEVICE).sigmoid() for i in wanted]
            goals = [0.5 * g + 0.5 * n for g, n in zip(goals, nets_say, strict=True)]
        total = total + 0.5 * F.binary_cross_entropy_with_logits(
            torch.cat([parts[i] for i in wanted]), torch.cat(goals)
        )
    return total


def _of_the_nets(one: List) -> Floats:
    """(n, 2): their mean, drawn half way to what the one says that did not see the document."""
    mean = np.mean(one.said, axis=0)
    return np.asarray(mean if one.apart is None else (mean + one.apart) / 2, dtype=np.float32)


def learn(
    name: str,
    held: Lists,
    reader: Reader,
    lists: Sequence[List],
    shares: Mapping[str, float],
    rate: float,
    epochs: float,
    at_once: int,
    taught: bool = False,
) -> Reader:
    """Epochs of the graded lists, with shares of the others; the rate rises, then falls to nothing."""
    rng = np.random.default_rng(SEED)
    of_kind = {kind: [one for one in lists if one.kind == kind] for kind in shares}
    counts = {kind: max(1, round(share * at_once)) for kind, share in shares.items() if of_kind[kind]}
    steps = max(1, int(epochs * len(of_kind["graded"]) / counts["graded"]))
    optimiser = torch.optim.AdamW(reader.parameters(), lr=rate, weight_decay=0.01, fused=True)
    turns: dict[str, list[int]] = {kind: [] for kind in counts}
    began, mean = time.monotonic(), 0.0
    reader.train()
    for step in range(steps):
        drawn = []
        for kind, count in counts.items():
            while len(turns[kind]) < count:
                turns[kind] += rng.permutation(len(of_kind[kind])).tolist()
            some = [of_kind[kind][turns[kind].pop()] for _ in range(count)]
            bare = kind in ("known", "foreign")
            drawn += [without_answer(one) if bare and rng.random() < REMOVED else one for one in some]
        optimiser.param_groups[0]["lr"] = rate * min(1.0, (step + 1) / max(20, 0.06 * steps)) * (1 - step / steps)
        with torch.autocast(DEVICE.type, torch.bfloat16, enabled=DEVICE.type == "cuda"):
            loss = loss_of(held, reader, drawn, taught)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        mean += (loss.item() - mean) / min(step + 1, 50)
    print(f"{name}: {steps} steps in {time.monotonic() - began:.0f} s, loss {mean:.3f}", flush=True)
    return reader


def report(lists: Sequence[List]) -> None:
    """Of lists read by a net that had not seen their document: is the best one that leads, and is there an answer at all."""
    read = [(one, one.apart) for one in lists if one.kind == "graded" and one.apart is not None]
    leads = [one.grades[int(said[:, 0].argmax())] == 3 for one, said in read if max(one.grades) == 3]
    answered = [max(one.grades) >= 2 for one, _ in read]
    best = [float(said[:, 0].max()) for _, said in read]
    pairs = [(g > 0, w) for one, said in read for g, w in zip(one.grades, said[:, 1], strict=True) if g < 3]
    print(f"one that leads is read as the best {np.mean(leads):.3f} of {len(leads)}")
    print(
        f"AUROC: answered at all {roc_auc_score(answered, best):.3f}, wanted besides {roc_auc_score(*zip(*pairs, strict=True)):.3f}"
    )


def write_back(lists: Sequence[List]) -> None:
    """What the nets said of documents that they had not seen, beside the grades."""
    said = {(one.kind, one.row): one.apart for one in lists if one.apart is not None}
    for language in LANGUAGES:
        path = graded.FOLDER / f"graded-{language}.jsonl.xz"
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        for row in rows:
            for name, kind, width in (("read", "graded", 2), ("known", "meant", 1)):
                pairs = zip(row.get(name, ()), said.get((kind, row["id"]), ()), strict=True)
                row |= {name: [[*r[:2], *np.round(s[:width], 2).tolist()] for r, s in pairs]} if name in row else {}
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        path.write_bytes(lzma.compress(text.encode(), preset=9))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--start", type=Path, required=True, help="folder of a cross-encoder that has seen no graded list"
    )
    parser.add_argument("--reading", type=Path, nargs="*", default=[], help="BEIR folders whose queries name answers")
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpus")
    parser.add_argument("--out", type=Path, default=MODEL, help="folder of the model that is written")
    parser.add_argument("--epochs", type=float, default=3.0, help="of the nets; the student has a third more")
    parser.add_argument("--report", action="store_true", help="the nets only, write nothing")
    given = parser.parse_args()
    torch.manual_seed(SEED)
    keep_memory()
    start = given.start / "model.onnx"
    own = [*graded_lists()]
    rest = [*beside(given.corpus, given.reading)]
    held = Lists([*own, *rest], Tokenizer.from_file(str(given.start / "tokenizer.json")))
    print(f"{len(own)} graded lists, {len(rest)} beside", flush=True)
    for part in range(PARTS):
        seen = [one for one in own if one.part != part] + rest
        net = learn(f"net {part}", held, stored(start).to(DEVICE), seen, SHARES, 5e-5, given.epochs, 64)
        for one, said in held.said(net, [*own, *rest]):
            one.said.append(said)
            one.apart = said if one.kind in ("graded", "meant") and one.part == part else one.apart
    report(own)
    if given.report:
        return
    student = stored(start).to(DEVICE)
    learn("student", held, student, [*own, *rest], STUDENT, 8e-5, given.epochs * 4 / 3, 96, taught=True)
    write_back(own)
    shutil.copy(given.start / "tokenizer.json", given.out)
    write(student, given.out / "model.onnx")


if __name__ == "__main__":
    main()
