"""Train the small models that choose sentences and decide whether a question is answered at all.

First an affinity of low rank between the vectors of questions and of sentences that answered them, then linear rankers
that see it beside the other signs (each training question through an affinity fitted without its document), then the refusal.

    python scripts/train_rankers.py            # from eval/training/*.jsonl and eval/gold/dev.jsonl
    python scripts/train_rankers.py --report   # cross-fitted figures by document, nothing written
    python scripts/train_rankers.py --reading FOLDER …   # and from BEIR folders whose queries name their answers

Reading sets teach which sentence of a foreign text answers. Known questions are hidden from copies of the training
questions, so that documents without any are not passed over. Training questions lie apart from gold; the sealed test
split is never read.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
from safetensors.numpy import save_file
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from advisor import Settings
from advisor.adapters.exact import ExactEngine
from advisor.adapters.lexical import Bm25Engine
from advisor.adapters.lexicon import translate
from advisor.ask.answer_extractive import ExtractiveAnswerer
from advisor.ask.answerable import NAMES as ANSWERABLE_NAMES
from advisor.ask.answerable import judge_of, signs
from advisor.ask.features import NAMES
from advisor.ask.known import ALIKE, KNOWN, NONE, TOGETHER, KnownQuestions, Matches, learned, learned_reading
from advisor.ask.lexicon import Lexicon
from advisor.ask.nearness import HEADING_SHARE, affinity_by, learned_maps
from advisor.ask.query import understand
from advisor.ask.ranker import Ranker, ranker, ranker_of
from advisor.ask.retrieve import retrieve
from advisor.ask.sentences import SentenceChooser
from advisor.ask.turns import understood
from advisor.batch import question_of
from advisor.model import Query, Question
from advisor.ports import CrossEncoder, Embedder
from advisor.text import fold
from advisor.wiring import Advisor, open_embedder

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from eval.retrieval import build, load_beir  # noqa: E402
from eval.sentences import answers_of  # noqa: E402

REGULARISATION = 1.0
RANK, EPOCHS, BATCH, DECAY, RATE = 16, 6, 16, 0.3, 3e-3  # of the affinity
READ = 1200  # questions of a reading set that are used
MODELS = ROOT / "advisor" / "models"


def load() -> list[dict[str, Any]]:
    """Rows {question, language, history, sentences, answerable, document, group}."""
    rows = []
    for path in sorted((ROOT / "eval" / "training").glob("*.jsonl")):
        if path.stem == "types" or path.stem.startswith("everyday-"):
            continue  # labels, no questions; and those from which train_answerable_read.py learns what these models miss
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            rows.append({**row, "group": row["document"] or row["id"], "gold": False, "file": path.stem})
    for line in (ROOT / "eval" / "gold" / "dev.jsonl").read_text("utf-8").splitlines():
        item = json.loads(line)
        if item["hide"] or item["type"] in ("injection", "ambiguous"):
            continue
        found = [e["quote"][item["language"]] for e in item["evidence"]]
        group = item["evidence"][0]["document"] if item["evidence"] else item["id"]
        rows.append(
            {**item, "sentences": found, "answerable": item["type"] != "unanswerable", "group": group, "gold": True}
        )
    return rows


def tables(advisor: Advisor, rows: list[dict[str, Any]], reranked: bool) -> list[dict[str, Any]]:
    """Per row its feature matrix, which sentences are right, and the signs of being answerable."""
    out = []
    with advisor._shelf.current() as generation:
        lexicon = advisor._lexicon(generation)
        answerer = ExtractiveAnswerer(generation, lexicon, advisor.embedder, advisor.cross_encoder)
        for row in rows:
            question = question_of({**row, "as_of": row.get("as_of") or "2026-11-24"})
            query = understood(question, lexicon, generation, advisor.embedder, question.as_of or date.today())
            hits = retrieve(
                query, generation, lexicon, advisor.embedder, 12, reranked, cross_encoder=advisor.cross_encoder
            )
            chooser = answerer.chooser(query)
            here = [h for h in hits if answerer.applies(query, h)]
            sentences, matrix = chooser.table(here)
            right = np.array([any(_same(s.text, t) for t in row["sentences"]) for _, s in sentences], dtype=bool)
            out.append(
                {
                    "documents": np.array([p.document for p, _ in sentences]),
                    **vectors_of(query, [(s.text, p.heading) for p, s in sentences], lexicon, advisor.embedder),
                    "row": row,
                    "matrix": matrix,
                    "right": right,
                    "query": query,
                    "hits": hits,
                    "here": here,
                    "chooser": chooser,
                    "answerer": answerer,
                }
            )
    return out


@contextmanager
def reading_apart(folders: list[Path], reranked: bool) -> Iterator[Future[list[dict[str, Any]]]]:
    """The tables of the reading sets, made in a process beside this one."""
    with ProcessPoolExecutor(1) as beside:
        yield beside.submit(reading_tables, folders, reranked)


def reading_tables(folders: list[Path], reranked: bool) -> list[dict[str, Any]]:
    """The same of BEIR folders: right is a sentence of the relevant document that holds the answer."""
    return [table for folder in folders for table in _reading_tables(folder, open_embedder(Settings.load()), reranked)]


def _reading_tables(folder: Path, embedder: Embedder, reranked: bool) -> list[dict[str, Any]]:
    beir, answers = load_beir(folder), answers_of(folder)
    asked = [(id, text) for id, text in beir.queries if answers.get(id)]
    out = []
    with tempfile.TemporaryDirectory() as directory:
        generation = build(beir.documents, Path(directory) / "g", embedder, Bm25Engine(), ExactEngine())
        lexicon = Lexicon(generation, translate)
        for id, text in asked[:: max(1, round(len(asked) / READ))]:
            query = understand(Question(text), lexicon, date.today())
            hits = retrieve(query, generation, lexicon, embedder, 12, reranked)
            sentences, matrix = SentenceChooser(query, generation, lexicon, embedder).table(hits)
            right = [
                p.document in beir.qrels[id] and any(fold(a) in fold(s.text) for a in answers[id]) for p, s in sentences
            ]
            out.append(
                {
                    "row": {"group": next(iter(beir.qrels[id])), "gold": False, "reading": folder.name},
                    "matrix": matrix,
                    "right": np.array(right, dtype=bool),
                    "documents": np.array([p.document for p, _ in sentences]),
                }
            )
    return out


def alike_tables(advisor: Advisor, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Per answerable row the signs of the known questions it may resemble, and which of them its right sentences answer."""
    out = []
    with advisor._shelf.current() as generation:
        lexicon = advisor._lexicon(generation)
        for row in (r for r in rows if r["sentences"]):
            question = question_of({**row, "as_of": row.get("as_of") or "2026-11-24"})
            query = understood(question, lexicon, generation, advisor.embedder, question.as_of or date.today())
            chooser = SentenceChooser(query, generation, lexicon, advisor.embedder)
            wordings, matrix = lexicon.known.table(query, advisor.embedder, chooser._near, chooser._same_place)
            keys = [(w.document, w.entry) for w in wordings]
            said = {
                (d, i): [s.get(row["language"]) for s in generation.documents[d].questions[i].said]
                for d, i in set(keys)
            }
            right = [any(_same(s, t) for s in said[k] for t in row["sentences"]) for k in keys]
            table = {"row": row, "matrix": matrix, "right": np.array(right, dtype=bool)}
            out.append({**table, "query": query, "wordings": wordings})
    return out


def fit_reading(data: list[dict[str, Any]], cross_encoder: CrossEncoder) -> dict[str, Any]:
    """How likely a known question that was read together with the asked one is the one that answers."""
    signs, labels = [], []
    for d in data:
        right = {(w.document, w.entry) for w, yes in zip(d["wordings"], d["right"], strict=True) if yes}
        found = KnownQuestions.likeliest(d["wordings"], d["matrix"])
        rows = KnownQuestions.read(d["query"], found, cross_encoder)
        signs.append(rows)
        labels += [(w.document, w.entry) in right for w, _ in found[: len(rows)]]
    line = LogisticRegression(C=1.0, max_iter=2000).fit(np.vstack(signs), labels)
    return {
        "weights": dict(zip(TOGETHER, map(float, line.coef_[0].round(4)), strict=True)),
        "bias": round(float(line.intercept_[0]), 4),
    }


def fit_alike(data: list[dict[str, Any]]) -> dict[str, Any]:
    """A line that puts right known questions above others, and where on it the odds are even."""
    weights = fit_line(data)
    scores = np.concatenate([d["matrix"] @ weights for d in data])
    labels = np.concatenate([d["right"] for d in data])
    odds = LogisticRegression().fit(scores[:, None], labels)
    slope = float(odds.coef_[0][0])
    return {
        "weights": dict(zip(ALIKE, map(float, (weights * slope).round(4)), strict=True)),
        "bias": round(float(odds.intercept_[0]), 4),
    }


def without_known(item: dict[str, Any], share: float, chance: np.random.Generator) -> dict[str, Any]:
    """The table as it would be had that share of the documents no known questions."""
    hidden = [d for d in dict.fromkeys(item["documents"].tolist()) if chance.random() < share]
    matrix = item["matrix"].copy()
    rows = np.flatnonzero(np.isin(item["documents"], hidden))
    matrix[rows[:, None], [NAMES.index(n) for n in KNOWN]] = NONE
    return {**item, "matrix": matrix}


def vectors_of(query: Query, sentences: list[tuple[str, str]], lexicon: Lexicon, embedder: Embedder) -> dict[str, Any]:
    """The vectors that the affinity is learned from."""
    empty = np.zeros((0, embedder.dimension), dtype=np.float32)
    texts, headings = [t for t, _ in sentences], [h.rpartition(" › ")[2] for _, h in sentences]
    return {
        "question": embedder.embed_question(query.semantic),
        "said": lexicon.sentence_vectors(texts, embedder) if texts else empty,
        "headings": lexicon.sentence_vectors(headings, embedder) if texts else empty,
    }


def fit_affinity(data: list[dict[str, Any]], seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Two maps (dimension, RANK): cross-entropy of the right sentences among all of a question, on top of their cosine."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    dimension = len(data[0]["question"])
    ask, say = (torch.nn.Parameter(torch.randn(dimension, RANK) * 0.02) for _ in range(2))
    optimiser = torch.optim.AdamW([ask, say], lr=RATE, weight_decay=DECAY)
    usable = [
        (
            torch.from_numpy(d["question"]),
            torch.from_numpy(d["said"]),
            torch.from_numpy(d["headings"]),
            torch.from_numpy(d["right"]),
        )
        for d in data
        if d["right"].any() and not d["right"].all()
    ]
    order = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        shuffled = order.permutation(len(usable))
        for start in range(0, len(usable), BATCH):
            loss = torch.zeros(())
            for i in shuffled[start : start + BATCH]:
                question, said, headings, right = usable[i]
                score = 100 * ((said + HEADING_SHARE * headings) @ say) @ (question @ ask) + 10 * (said @ question)
                loss = loss - (torch.logsumexp(score[right], 0) - torch.logsumexp(score, 0))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return ask.detach().numpy(), say.detach().numpy()


def cross_affinity(data: list[dict[str, Any]]) -> None:
    """Write into each question's table the affinity as fitted without the questions of its document."""
    column = NAMES.index("affinity")
    for train, test in folds(data):
        ask, say = fit_affinity(train)
        for d in test:
            if len(d["matrix"]):
                d["matrix"][:, column] = affinity_by(ask, say, d["question"], d["said"], d["headings"])


def write_affinity(ask: np.ndarray, say: np.ndarray, embedder: str) -> None:
    meta = {"embedder": embedder, "trained": date.today().isoformat(), "command": "python scripts/train_rankers.py"}
    path = MODELS / "affinity.safetensors"
    save_file({"question": ask, "sentence": say}, path, metadata=meta)
    path.chmod(0o644)


def _same(a: str, b: str) -> bool:
    return a == b or a in b or b in a


def fit_ranker(data: list[dict[str, Any]]) -> dict[str, Any]:
    """A line, and boosted trees that see how signs go together; both count alike in the spread of their scores."""
    usable = [d for d in data if d["right"].any() and not d["right"].all()]
    chance = np.random.default_rng(3)
    own = [d for d in usable if "reading" not in d["row"]]
    usable += [without_known(d, share, chance) for share in (0.5, 1.0) for d in own]
    line, boosted = fit_line(usable), fit_trees(usable)
    spread = [(np.std(d["matrix"] @ line), np.std(boosted.predict(d["matrix"], num_threads=1))) for d in usable]
    trees = [_branch(t["tree_structure"]) for t in boosted.dump_model()["tree_info"]]
    share = float(np.mean([a for a, _ in spread]) / np.mean([b for _, b in spread]))
    return {"weights": named(line), "share": round(share, 4), "trees": trees}


def fit_trees(data: list[dict[str, Any]]) -> lgb.Booster:
    """LambdaMART (Burges 2010) over the questions, each a group."""
    parameters = {
        "objective": "lambdarank", "lambdarank_truncation_level": 8, "label_gain": [0, 1], "learning_rate": 0.05, "num_leaves": 12,
        "min_data_in_leaf": 40, "feature_fraction": 0.5, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5, "seed": 1, "num_threads": 2,
        "deterministic": True, "verbose": -1,
    }  # fmt: skip
    labels = np.concatenate([d["right"].astype(int) for d in data])
    table = lgb.Dataset(np.vstack([d["matrix"] for d in data]), labels, group=[len(d["matrix"]) for d in data])
    return lgb.train(parameters, table, num_boost_round=200)


def _branch(node: dict[str, Any]) -> Any:
    """LightGBM's tree as nested lists: a fork [sign, threshold, below, above], or a leaf's value."""
    if "leaf_value" in node:
        return round(float(node["leaf_value"]), 5)
    sides = [_branch(node[side]) for side in ("left_child", "right_child")]
    return [NAMES[node["split_feature"]], float(f"{node['threshold']:.6g}"), *sides]


def fit_line(data: list[dict[str, Any]]) -> np.ndarray:
    """RankSVM by logistic regression: weights that put right sentences above the others of the same question."""
    differences, weights = [], []
    for item in data:
        right, wrong = item["matrix"][item["right"]], item["matrix"][~item["right"]]
        if not len(right) or not len(wrong):
            continue
        for r in right:
            differences.append(r - wrong)
            weights.append(np.full(len(wrong), 1.0 / (len(wrong) * len(right))))
    x = np.vstack(differences)
    w = np.concatenate(weights)
    scale = np.where(x.std(axis=0) > 1e-9, x.std(axis=0), 1.0)
    model = LogisticRegression(C=REGULARISATION, fit_intercept=False, max_iter=2000)
    both, labels = np.vstack([x, -x]) / scale, np.r_[np.ones(len(x)), np.zeros(len(x))]
    model.fit(both, labels, sample_weight=np.r_[w, w])
    return model.coef_[0] / scale


def at(data: list[dict[str, Any]], by: Ranker, k: int) -> float:
    """Share of questions with a right sentence among the first k."""
    got = [bool(item["right"][np.argsort(-by.score(item["matrix"]))[:k]].any()) for item in data if item["right"].any()]
    return float(np.mean(got))


def folds(data: list[dict[str, Any]], n: int = 5):
    groups = [item["row"]["group"] for item in data]
    for train, test in GroupKFold(n).split(data, groups=groups):
        yield [data[i] for i in train], [data[i] for i in test]


def report_ranker(data: list[dict[str, Any]]) -> dict[str, float]:
    usable = [d for d in data if d["row"].get("sentences") or "reading" in d["row"]]
    scores: dict[str, list[tuple[float, int]]] = {}
    for train, test in folds(usable):
        weights = ranker_of(fit_ranker(train))
        own = [d for d in test if "reading" not in d["row"]]
        bare = [without_known(d, 1.0, np.random.default_rng(4)) for d in own]
        read = {n: [d for d in test if d["row"].get("reading") == n] for n in {d["row"].get("reading") for d in test}}
        parts = {"all": own, "gold": [d for d in own if d["row"]["gold"]], "bare": bare}
        parts |= {f: [d for d in own if d["row"].get("file") == f] for f in {d["row"].get("file") for d in own} if f}
        for name, part in (parts | {n: r for n, r in read.items() if n}).items():
            for k in (1, 3):
                if part:
                    scores.setdefault(f"{name}@{k}", []).append((at(part, weights, k), len(part)))
    found = {k: sum(s * n for s, n in v) / sum(n for _, n in v) for k, v in scores.items()}
    own = [d for d in usable if "reading" not in d["row"]]
    found |= {f"before {k}": at(own, ranker(), k) for k in (1, 3)}
    found["reachable"] = float(np.mean([d["right"].any() for d in own]))
    return found


def sign_rows(data: list[dict[str, Any]], known: bool = True) -> np.ndarray:
    """Of the questions as they are, or as if nobody had written known questions."""
    kind = "signs" if known else "bare signs"
    for d in data:
        if kind not in d:
            chooser = d["chooser"]
            if not known:
                chooser = SentenceChooser(
                    d["query"], d["answerer"].generation, d["answerer"].lexicon, d["answerer"].embedder
                )
                chooser.__dict__["known"] = Matches()
            d[kind] = signs(d["query"], d["hits"], d["here"], chooser, d["answerer"])
    return np.array([d[kind] for d in data])


def fit_answerable(data: list[dict[str, Any]]) -> dict[str, Any]:
    """A straight line and a few shallow trees, averaged: each sees near-misses that the other lets pass."""
    x = np.vstack([sign_rows(data), sign_rows(data, known=False)])
    y = np.tile([d["row"]["answerable"] for d in data], 2)
    mean, scale = x.mean(axis=0), np.where(x.std(axis=0) > 1e-9, x.std(axis=0), 1.0)
    line = LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000).fit((x - mean) / scale, y)
    weights = line.coef_[0] / scale
    boosted = GradientBoostingClassifier(
        n_estimators=120, max_depth=3, subsample=0.7, learning_rate=0.05, random_state=0
    ).fit(x, y)
    trees = [_tree(stage[0].tree_, 0) for stage in boosted.estimators_]
    return {
        "weights": dict(zip(ANSWERABLE_NAMES, map(float, weights.round(4)), strict=True)),
        "bias": round(float(line.intercept_[0] - weights @ mean), 4),
        "trees": trees,
        "rate": 0.05,
    }


def _tree(tree: Any, node: int) -> Any:
    """A leaf is its value; a fork is [sign, threshold, below, above]."""
    if tree.children_left[node] == -1:
        return round(float(tree.value[node][0][0]), 5)
    below, above = (_tree(tree, n[node]) for n in (tree.children_left, tree.children_right))
    return [ANSWERABLE_NAMES[tree.feature[node]], round(float(tree.threshold[node]), 5), below, above]


def cross_answerable(data: list[dict[str, Any]], known: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(cross-fitted scores, labels, is gold)."""
    scores, labels, gold = [], [], []
    for train, test in folds(data):
        scores += judge_of(fit_answerable(train)).log_odds(sign_rows(test, known)).tolist()
        labels += [d["row"]["answerable"] for d in test]
        gold += [d["row"]["gold"] for d in test]
    return np.array(scores), np.array(labels), np.array(gold)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--false-refusal", type=float, default=0.04)
    parser.add_argument("--reading", type=Path, nargs="*", default=[])
    parser.add_argument("--refusal-only", action="store_true", help="keep the rankers, train only what refuses")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        advisor = Advisor(Settings.load(home=home))
        advisor.ingest()
        if not args.refusal_only:
            train_reranker(advisor, args)
        with reading_apart([] if args.refusal_only else args.reading, reranked=True) as reading:
            data = tables(advisor, load(), reranked=True)
            cross_affinity(data)
            read = reading.result()
    print(f"{len(data)} questions, {len(read)} of reading sets", file=sys.stderr)
    if not args.refusal_only:
        print(json.dumps(report_ranker([*data, *read]), indent=1))
        weights = fit_ranker([*data, *read])
        if not args.report:
            write("sentence_ranker", weights)
            ranker.cache_clear()
    train_refusal(data, args)
    return 0


def train_reranker(advisor: Advisor, args: argparse.Namespace) -> None:
    """How alike two questions are, the affinity, and what reorders passages: all that the second tables are made with."""
    if not args.report:
        asked = alike_tables(advisor, load())
        alike = fit_alike(asked)
        write("known", {**alike, "read": {}})
        learned.cache_clear()
        write("known", {**alike, "read": fit_reading(asked, advisor.cross_encoder)})
        learned_reading.cache_clear()
    with reading_apart(args.reading, reranked=False) as reading:
        first = tables(advisor, load(), reranked=False)
        cross_affinity(first)
        read = reading.result()
    if not args.report:
        write("reranker", fit_ranker([*first, *read]))
        write_affinity(*fit_affinity(first), advisor.embedder.fingerprint)
        learned_maps.cache_clear()
        ranker.cache_clear()


def train_refusal(data: list[dict[str, Any]], args: argparse.Namespace) -> None:
    """Prints what it does cross-fitted, with known questions and as if there were none."""
    scores, labels, gold = cross_answerable(data)
    threshold = float(np.quantile(scores[labels], args.false_refusal))
    bare, *_ = cross_answerable(data, known=False)
    for name, found, part in (
        ("all", scores, np.ones_like(gold, dtype=bool)),
        ("gold", scores, gold),
        ("bare", bare, ~gold),
    ):
        s, y = found[part], labels[part]
        print(
            f"{name}: AUROC {roc_auc_score(y, s):.3f}, refused {np.mean(s[~y] < threshold):.2f} of {np.sum(~y)} unanswerable, {np.mean(s[y] < threshold):.3f} of {np.sum(y)} answerable"
        )
    if not args.report:
        write("answerable", {**fit_answerable(data), "threshold": round(threshold, 4)})


def named(weights: np.ndarray) -> dict[str, float]:
    return dict(zip(NAMES, map(float, weights.round(4)), strict=True))


def write(name: str, model: dict[str, Any]) -> None:
    card = {"trained": date.today().isoformat(), "command": "python scripts/train_rankers.py", **model}
    fields = (f"{json.dumps(key)}: {_lines(value)}" for key, value in card.items())
    (MODELS / f"{name}.json").write_text("{\n" + ",\n".join(fields) + "\n}\n", "utf-8")


def _lines(value: Any) -> str:
    """One tree a line, so that a change can be read."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(v) for v in value) + "\n]"
    return json.dumps(value, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    raise SystemExit(main())
