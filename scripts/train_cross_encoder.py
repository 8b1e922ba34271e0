"""Train the small bilingual cross-encoder of advisor/models/cross_encoder: question and sentence are read together.

    python scripts/train_cross_encoder.py --parallel DIR --teacher FOLDER [--reading BEIR_FOLDER …] [--texts JSONL.GZ …]
    python scripts/train_cross_encoder.py … --report   # learns without a fifth of the documents, is asked about them, writes nothing

The log-odds that a sentence answers, against none doing so. The layers start as those of all-MiniLM-L6-v2 (train_embedder.py
says where from), token vectors as its own or as the mean of the English words that our embedder puts near. Three lessons share
--minutes: to lie where MiniLM puts a text or its translation, and to fill in masked words; to choose among near sentences on
the corpus's known questions and reading sets; the same on the typed questions of eval/training. Half an hour is meant for a
GPU, a processor shows that it runs; the clock ends each lesson, so that two runs differ. `onnx` and `onnx-ir` come with the dev extra.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from torch import Tensor, nn
from transformers import BertModel

sys.path.insert(0, str(Path(__file__).resolve().parent))
from reader import LAYERS, LONGEST_PAIR, WIDTH, Reader, write
from train_embedder import Pair, dictionary_pairs, keep_memory, rows, teacher_folder

from advisor.adapters.cross_encoder import END, QUESTION, SENTENCE, START
from advisor.adapters.embedder import StaticEmbedder
from advisor.adapters.originals import FileReader
from advisor.ingest.read import read_corpus
from advisor.ingest.split import split
from advisor.model import LANGUAGES, Document
from advisor.ports import Embedder
from advisor.reading import other_language, spoken, under_its_heading
from advisor.text import detect_language, fold, sentences
from eval.retrieval import load_beir
from eval.sentences import answers_of

ROOT = Path(__file__).resolve().parents[1]
EMBEDDER = ROOT / "advisor" / "models" / "embedder"
TRAINING = ("zh", "en", "lay-zh", "lay-en", "typed-zh", "typed-en")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNK, CLS, SEP, MASK = 0, 1, START, END, 4
LONGEST = 128  # tokens of a text with masked words
HAN = "\u3400-\u9fff"
OTHER = rf"[a-z\u00df-\u024f]+|\d|[^\sa-z\u00df-\u024f\d{HAN}]"
DENIES, LINKS = re.compile("[不未无没非免]"), re.compile("[的了是着过就都也很和与及或您你我他]")

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
# Translations, texts with masked words, questions, and pairs read at once: a processor takes less at a time.
PAIRS, MASKED, LISTS, TOGETHER = (1024, 384, 128, 256) if DEVICE.type == "cuda" else (64, 24, 8, 64)
AMONG, NEAR = 12, 48  # sentences of a list; as many it is drawn from, the nearer the likelier
NONE, ANOTHER = 0.12, 0.5  # lists without what answers; with a second sentence that does, where there is one
ACROSS, REMEMBERED = 0.15, 4000  # known questions that read the other language; that come up among the typed
SEED = 7

Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Key = tuple[str, str, str]  # document, language, text of a sentence


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; what answers it, best first, and what only lies near it, both in one language."""

    document: str
    language: str
    question: str
    right: tuple[str, ...]
    near: tuple[str, ...] = ()


def sentences_of(documents: Iterable[Document]) -> dict[Key, str]:
    """Each as it is read."""
    found: dict[Key, str] = {}
    for passage in (p for d in documents for p in split(d)):
        for a, b in spoken(passage):
            text = passage.text[a - passage.start : b - passage.start]
            found.setdefault((passage.document, passage.language, text), under_its_heading(passage, text))
    return found


def known_questions(documents: Iterable[Document], said: Mapping[Key, str]) -> list[Asked]:
    """Every wording of every known question."""
    rng, found = np.random.default_rng(SEED), []
    for document, known in ((d, q) for d in documents for q in d.questions):
        for language, wording in ((x, w) for x, wordings in known.asked.items() for w in wordings):
            reads = other_language(language) if rng.random() < ACROSS else language
            keys = ((document.id, reads, s.get(reads) or "") for s in known.said)
            found.append(Asked(document.id, reads, wording, tuple(said[k] for k in keys if k in said)))
    return [a for a in found if a.right]


def typed_questions(said: Mapping[Key, str]) -> list[Asked]:
    """Those of eval/training; one that nothing answers teaches that near is not right."""
    lines = (x for n in TRAINING for x in (ROOT / f"eval/training/{n}.jsonl").read_text("utf-8").splitlines())
    found = []
    for row in map(json.loads, lines):
        keys = ((row["document"], row["language"], t) for t in row["sentences"])
        if (right := tuple(said[k] for k in keys if k in said)) or not row["answerable"]:
            found.append(Asked(row["document"] or "", row["language"], row["question"], right))
    return found


def reading_questions(folder: Path) -> Iterator[Asked]:
    """Of a BEIR folder whose queries name their answers: right is a sentence that holds one, near are those beside it."""
    beir, answers = load_beir(folder), answers_of(folder)
    texts = {d.id: next(iter(d.texts.values())) for d in beir.documents}
    for query, question, document in ((q, text, d) for q, text in beir.queries for d in beir.qrels[q]):
        told = [texts[document][a:b] for a, b in sentences(texts[document])]
        right = [t for t in told if any(fold(a) in fold(t) for a in answers.get(query, ()))]
        if near := tuple(t for t in told if right and t not in right):
            yield Asked(document, detect_language(question), question, tuple(right), near)


def mined(asked: Sequence[Asked], said: Mapping[Key, str], embedder: Embedder) -> list[Asked]:
    """With the sentences that the embedder puts nearest to each question, those of its document a little nearer."""
    found, number = [], {d: i for i, d in enumerate(sorted({d for d, _, _ in said}))}
    for language in LANGUAGES:
        pool = [key for key in said if key[1] == language]
        vectors, homes = embedder.embed_passages([t for _, _, t in pool]), np.array([number[d] for d, _, _ in pool])
        of_language = [a for a in asked if a.language == language]
        for part in (of_language[i : i + 500] for i in range(0, len(of_language), 500)):
            scores = embedder.embed_passages([a.question for a in part]) @ vectors.T
            for one, score in zip(part, scores, strict=True):
                score += 0.08 * (homes == number.get(one.document, -1))
                top = np.argpartition(-score, NEAR + 3)[: NEAR + 3]
                read = (said[pool[i]] for i in top[np.argsort(-score[top])])
                found.append(replace(one, near=tuple(r for r in read if r not in one.right)[:NEAR]))
    return found


def make_tokenizer(pieces: Sequence[str]) -> Tokenizer:
    """Runs of Chinese and of letters are cut, the longest piece first; any other sign stands alone."""
    cut = {"unk_token": "[UNK]", "continuing_subword_prefix": "", "max_input_chars_per_word": 400}
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, **cut))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    runs = Regex(rf"[{HAN}]+|[a-zA-Z\u00c0-\u024f]+|\S")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(runs, "removed", invert=True)
    return tokenizer


def numbered(texts: Sequence[str], tokenizer: Tokenizer, longest: int) -> list[Ids]:
    """Token ids, with what the tokenizer puts around a text: MiniLM's does, ours does not."""
    parts = (texts[i : i + 10_000] for i in range(0, len(texts), 10_000))  # encodings are large
    return [np.array(e.ids[:longest], dtype=np.int32) for part in parts for e in tokenizer.encode_batch(part)]


def chinese_pieces(texts: Sequence[str], headwords: set[str], words: Iterable[str]) -> list[str]:
    """Characters that occur twice, and frequent words of two or three; what denies stays a token of its own."""
    characters = Counter(c for t in texts for c in re.findall(f"[{HAN}]", t))
    plain = {w for w in words if not LINKS.search(w) and (len(w) == 2 or w in headwords)}
    short = sorted(w for w in plain | {w for w in headwords if len(w) == 2} if re.fullmatch(f"[{HAN}]{{2,3}}", w))
    candidates = [*SPECIAL, *characters, *(w for w in short if not DENIES.search(w))]
    counts = Counter(i for ids in numbered(texts, make_tokenizer(candidates), 10_000) for i in ids.tolist())
    frequent = [candidates[i] for i, n in counts.most_common() if i >= len(SPECIAL) + len(characters) and n >= 15]
    return [c for c, n in characters.most_common() if n >= 2] + frequent[:13_000]


def other_pieces(counts: Counter[str], teacher: Sequence[str]) -> list[str]:
    """MiniLM's words that are common or occur here, frequent words that it lacks, its parts of words, and signs."""
    known, common = set(teacher), set(teacher[:14_000])
    often = sorted(counts, key=lambda w: -counts[w])
    whole = [w for w in teacher if w.isascii() and (w.isalpha() or len(w) == 1) and (w in common or counts[w] > 1)]
    lacked = [w for w in often if len(w) > 1 and w.isascii() and w.isalpha() and counts[w] >= 25 and w not in known]
    parts = [w[2:] for w in teacher if w.startswith("##") and w[2:].isascii() and w[2:].isalpha()]
    return [*whole, *lacked[:1500], *parts, *[w for w in often if len(w) == 1 and not w.isalnum()][:120]]


def first_vectors(pieces: Sequence[str], counts: Counter[str], taught: dict[str, Floats], embedder: Embedder) -> Floats:
    """MiniLM's vector of a piece that it has; else the mean of the English words nearest in our embedder's space."""
    own = [None if re.match(f"[{HAN}]", p) else taught.get(p, taught.get(f"##{p}")) for p in pieces]
    vectors = np.array([np.zeros(WIDTH, np.float32) if v is None else v for v in own])
    anchors = np.array([i for i, p in enumerate(pieces) if p in taught and p.isalpha() and min(len(p), counts[p]) > 2])
    near, length = embedder.embed_passages(pieces), np.linalg.norm(vectors[anchors], axis=1).mean()
    lacking = np.array([i for i, v in enumerate(own) if v is None])
    for part in np.array_split(lacking, len(lacking) // 500 + 1):
        score = near[part] @ near[anchors].T
        top = np.argpartition(-score, 8, axis=1)[:, :8]
        mean = np.einsum("nk,nkd->nd", np.exp(np.take_along_axis(score, top, axis=1) / 0.06), vectors[anchors[top]])
        vectors[part] = mean * length / np.linalg.norm(mean, axis=1, keepdims=True)
    return vectors


class Encoder(nn.Module):
    """MiniLM's layers, on token vectors of ours where they are given, and a head."""

    def __init__(self, teacher: Path, vectors: Floats | None = None) -> None:
        super().__init__()
        self.bert: Any = BertModel.from_pretrained(teacher)
        self.answers = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 1))
        if vectors is not None:
            self.bert.embeddings.word_embeddings = nn.Embedding(len(vectors), WIDTH, _weight=torch.from_numpy(vectors))

    def forward(self, ids: Tensor, types: Tensor) -> Tensor:
        """(pairs,): log-odds that the second text answers the first."""
        return torch.squeeze(self.answers(self.states(ids, types)[:, 0]), 1).float()

    def states(self, ids: Tensor, types: Tensor | None = None) -> Tensor:
        states: Tensor = self.bert(ids, (ids != PAD).long(), types).last_hidden_state
        return states

    def vectors(self, ids: Tensor) -> Tensor:
        """Unit vectors of texts, as sentence-transformers makes MiniLM's."""
        shown = (ids != PAD)[..., None].float()
        return F.normalize((self.states(ids).float() * shown).sum(1) / shown.sum(1), dim=-1)


def padded(rows: Sequence[Ids]) -> Tensor:
    length = np.array([len(r) for r in rows])
    out = np.full((len(rows), -(-int(length.max()) // 8) * 8), PAD, dtype=np.int64)
    out[np.arange(out.shape[1]) < length[:, None]] = np.concatenate(rows)
    return torch.from_numpy(out).to(DEVICE)


def framed(*texts: Ids) -> Ids:
    """[CLS] a [SEP] or [CLS] a [SEP] b [SEP]."""
    return np.concatenate([[CLS], *(part for text in texts for part in (text, [SEP]))], dtype=np.int32)


def scored(encoder: Encoder, pairs: Sequence[tuple[Ids, Ids]]) -> Tensor:
    """Log-odds of each pair, read in the order of their length so that little is padded."""
    pairs = [(a[:QUESTION], b) for a, b in pairs]
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]) + len(pairs[i][1]))
    parts = []
    for begin in range(0, len(order), TOGETHER):
        part = [pairs[i] for i in order[begin : begin + TOGETHER]]
        types = [np.repeat(np.array([0, 1], dtype=np.int32), [len(a) + 2, len(b) + 1]) for a, b in part]
        parts.append(encoder(padded([framed(*p) for p in part]), padded(types)))
    return torch.cat(parts)[torch.from_numpy(np.argsort(order)).to(DEVICE)]


def learn(name: str, loss_of: Callable[[], Tensor], learnt: Sequence[Tensor], rate: float, seconds: float) -> None:
    """Steps until the time is up; the rate rises for a hundred of them or a twentieth, then falls to nothing."""
    optimiser = torch.optim.AdamW(learnt, lr=rate, weight_decay=0.01, fused=True)
    began, step, mean = time.monotonic(), 0, 0.0
    while (spent := (time.monotonic() - began) / seconds) < 1:
        optimiser.param_groups[0]["lr"] = rate * min(1.0, max((step + 1) / 100, 20 * spent)) * (1 - spent)
        with torch.autocast(DEVICE.type, torch.bfloat16, enabled=DEVICE.type == "cuda"):
            loss = loss_of()
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(learnt, 1.0)
        optimiser.step()
        step += 1
        mean += (loss.item() - mean) / min(step, 50)
        if step % 100 == 0:
            print(f"{name}: step {step}, loss {mean:.3f}", flush=True)
    print(f"{name}: {step} steps in {seconds:.0f} s, loss {mean:.3f}", flush=True)


def base(
    encoder: Encoder, tokenizer: Tokenizer, teacher: Path, pairs: list[Pair], texts: list[str], seconds: float
) -> None:
    """Both sides of a translation come to lie where the teacher puts the English one; masked words are filled in."""
    rng = np.random.default_rng(SEED)
    guide, guided = Encoder(teacher).to(DEVICE).eval(), Tokenizer.from_file(str(teacher / "tokenizer.json"))
    guided.no_padding()
    pairs = sorted(pairs, key=lambda p: len(p.en))  # neighbours are about as long as each other
    goals = numbered([p.en for p in pairs], guided, LONGEST)
    sides = [[framed(r) for r in numbered([fold(getattr(p, x)) for p in pairs], tokenizer, 62)] for x in LANGUAGES]
    masked = sorted((framed(r) for r in numbered(texts, tokenizer, LONGEST)), key=len)
    table = encoder.bert.embeddings.word_embeddings.weight
    bias = nn.Parameter(torch.zeros(len(table), device=DEVICE))

    def loss() -> Tensor:
        begin, at = (int(rng.integers(max(1, len(x) - n))) for x, n in ((goals, PAIRS), (masked, MASKED)))
        with torch.no_grad():
            goal = guide.vectors(padded(goals[begin : begin + PAIRS]))
        text = padded(masked[at : at + MASKED])
        gap = (torch.rand(text.shape, device=DEVICE) < 0.15) & (text > MASK)
        states = encoder.states(text.masked_fill(gap, MASK))[gap]
        total = 0.5 * F.cross_entropy((states @ table.T).float() + bias, text[gap])
        for side in sides:
            own = encoder.vectors(padded(side[begin : begin + PAIRS]))
            apart = F.cross_entropy(20 * own @ goal.T, torch.arange(len(own), device=DEVICE))
            total = total + 4 * (1 - (own * goal).sum(-1)).mean() + 0.5 * apart
        return total

    learn("base", loss, [*encoder.parameters(), bias], 3e-4, seconds)


def choose(encoder: Encoder, tokenizer: Tokenizer, asked: Sequence[Asked], rate: float, seconds: float) -> None:
    """Of a list of near sentences the one that answers rises above the rest and above 0, which is where none does."""
    rng, ids = np.random.default_rng(SEED), ids_of(asked, tokenizer)
    goals = [torch.tensor(w, device=DEVICE) for w in ([1.0], [0.0, 1.0], [0.0, 0.7, 0.3])]  # of none, one, two answers
    turns = (asked[i] for _ in iter(int, 1) for i in rng.permutation(len(asked)))

    def loss() -> Tensor:
        pairs, lists = [], []
        for one in islice(turns, LISTS):
            right = [] if rng.random() < NONE else list(one.right[:1])
            if right and one.right[1:] and rng.random() < ANOTHER:
                right.append(one.right[rng.integers(1, min(3, len(one.right)))])
            likely = rng.random(len(one.near)) * np.linspace(1, 0.35, len(one.near))
            near = [one.near[i] for i in np.argsort(-likely)[: AMONG - len(right)]]
            pairs += [(ids[one.question], ids[text]) for text in right + near]
            lists.append((goals[len(right)], len(right + near)))
        odds = [F.pad(o, (1, 0)).log_softmax(0) for o in torch.split(scored(encoder, pairs), [n for _, n in lists])]
        return -torch.stack([(w * o[: len(w)]).sum() for (w, _), o in zip(lists, odds, strict=True)]).mean()

    learn(f"{len(asked)} questions", loss, list(encoder.parameters()), rate, seconds)


def ids_of(asked: Sequence[Asked], tokenizer: Tokenizer) -> dict[str, Ids]:
    texts = list(dict.fromkeys(t for a in asked for t in (a.question, *a.right, *a.near)))
    return dict(zip(texts, numbered([fold(t) for t in texts], tokenizer, SENTENCE), strict=True))


@torch.no_grad()
def report(encoder: Encoder, tokenizer: Tokenizer, asked: Sequence[Asked]) -> None:
    """How often a right sentence comes out first, or among three, before the two dozen nearest others."""
    ids = ids_of(asked, tokenizer)
    encoder.eval()
    for language in LANGUAGES:
        lists = [a for a in asked if a.language == language and a.right]
        odds = [scored(encoder, [(ids[a.question], ids[t]) for t in (*a.right, *a.near[:24])]) for a in lists]
        before = [int((o > o[: len(a.right)].max()).sum()) for a, o in zip(lists, odds, strict=True)]
        three = sum(b < 3 for b in before)
        print(f"{language}: right first {before.count(0)} of {len(lists)}, among three {three} of {len(lists)}")


def save(encoder: Encoder, tokenizer: Tokenizer, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(out / "tokenizer.json"))
    write(as_reader(encoder), out / "model.onnx")


def as_reader(encoder: Encoder) -> Reader:
    """The same weights, those of question, key and value as one; of what is wanted it says nothing yet."""
    bert, head = encoder.bert.state_dict(), encoder.answers.state_dict()
    table = bert["embeddings.word_embeddings.weight"]
    state = {"tok.weight": table, "pos.weight": bert["embeddings.position_embeddings.weight"][:LONGEST_PAIR]}
    state |= {"typ.weight": bert["embeddings.token_type_embeddings.weight"]}
    for end in ("weight", "bias"):
        state |= {f"n.{end}": bert[f"embeddings.LayerNorm.{end}"], f"rank.0.{end}": head[f"0.{end}"]}
        state |= {f"rank.2.{end}": torch.cat([head[f"2.{end}"], torch.zeros_like(head[f"2.{end}"])])}
        for i in range(LAYERS):
            of, own = f"encoder.layer.{i}", f"layers.{i}"
            each = [bert[f"{of}.attention.self.{part}.{end}"] for part in ("query", "key", "value")]
            state |= {
                f"{own}.qkv.{end}": torch.cat(each),
                f"{own}.o.{end}": bert[f"{of}.attention.output.dense.{end}"],
                f"{own}.n1.{end}": bert[f"{of}.attention.output.LayerNorm.{end}"],
                f"{own}.a.{end}": bert[f"{of}.intermediate.dense.{end}"],
                f"{own}.b.{end}": bert[f"{of}.output.dense.{end}"],
                f"{own}.n2.{end}": bert[f"{of}.output.LayerNorm.{end}"],
            }
    reader = Reader(len(table))
    reader.load_state_dict(state)
    return reader


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parallel", type=Path, required=True, help="folder that train_embedder.py reads")
    parser.add_argument("--teacher", type=Path, default=None, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--reading", type=Path, nargs="*", default=[], help="BEIR folders whose queries name answers")
    parser.add_argument("--texts", type=Path, nargs="*", default=[], help="more texts to mask words of")
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpus")
    parser.add_argument("--out", type=Path, default=ROOT / "advisor" / "models" / "cross_encoder")
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--minutes", type=float, default=30.0, help="of the three lessons together")
    given = parser.parse_args()
    torch.manual_seed(SEED)
    keep_memory()
    teacher, embedder, seconds = teacher_folder(given.teacher), StaticEmbedder(EMBEDDER), 60 * given.minutes
    documents = read_corpus([given.corpus], FileReader()).documents
    apart = {d.id for d in documents if given.report and int(sha256(d.id.encode()).hexdigest(), 16) % 5 == 0}
    kept = [d for d in documents if d.id not in apart]
    said = sentences_of(kept)
    known = mined(known_questions(kept, said), said, embedder)
    foreign = [a for folder in given.reading for a in reading_questions(folder)]
    entries = list(dictionary_pairs(given.parallel / "dictionary-zh-en.jsonl.gz"))
    told = {(s.en, s.zh) for d in kept for q in d.questions for s in q.said if s.en and s.zh}
    pairs = [Pair(en, zh, "corpus") for en, zh in sorted(told)]
    pairs += [Pair(r["en"], r["zh"], r["source"]) for r in rows(given.parallel / "en-zh.jsonl.gz")]
    texts = [*[*said.values()] * 4, *(a.question for a in known), *(f"{p.en} {p.zh}" for p in pairs)]
    texts += [*dict.fromkeys(t for a in foreign for t in (*a.right, *a.near))]
    texts = [fold(t) for t in [*texts, *(r["text"] for path in given.texts for r in rows(path))]]
    pairs += entries[:: max(1, 3 * len(entries) // len(pairs))]  # a quarter of all
    words = (teacher / "vocab.txt").read_text("utf-8").splitlines()
    counts = Counter(w for t in [*texts, *(fold(p.en) for p in entries)] for w in re.findall(OTHER, t))
    ours = Tokenizer.from_file(str(EMBEDDER / "tokenizer.json")).get_vocab()
    chinese = chinese_pieces(texts, {p.zh for p in entries}, ours)
    tokenizer = make_tokenizer(pieces := list(dict.fromkeys([*SPECIAL, *other_pieces(counts, words), *chinese])))
    taught = dict(zip(words, Encoder(teacher).bert.embeddings.word_embeddings.weight.detach().numpy(), strict=True))
    encoder = Encoder(teacher, first_vectors(pieces, counts, taught, embedder)).to(DEVICE).train()

    print(f"{len(known)} + {len(foreign)} questions, {len(pairs)} pairs, {len(texts)} texts, {len(pieces)} tokens")
    base(encoder, tokenizer, teacher, pairs, texts, 0.2 * seconds)
    choose(encoder, tokenizer, known + foreign, 1.3e-4, 0.6 * seconds)
    typed = [a for a in mined(typed_questions(said), said, embedder) if a.document not in apart]
    typed += known[:: max(1, len(known) // REMEMBERED)]
    choose(encoder, tokenizer, typed, 6e-5, 0.2 * seconds)
    if given.report:
        every = sentences_of(documents)
        report(encoder, tokenizer, mined([a for a in typed_questions(every) if a.document in apart], every, embedder))
    else:
        save(encoder, tokenizer, given.out)


if __name__ == "__main__":
    main()
