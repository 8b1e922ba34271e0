"""What growing costs: index, question and memory at 1,000, 10,000 and all passages, beside LangChain's quickstart.

    make bench-scale PASSAGES=passages.jsonl.gz

One row a line, `{"_id", "text"}`. Every figure comes from a process of its own: ours in our environment, LangChain's in
the peers', both with our embedder. Questions are pieces of the passages and, as people ask, the dev questions. Writes JSON
and a plot (SVG) into --out; the largest size is also held against the bars.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / ".venv-peers" / "bin" / "python"
SIZES = (1_000, 10_000, 1_000_000)
ASKED = 150  # of each kind of question
BARS = {"index_s": 300, "query_ms_p50": 15, "query_ms_p95": 50, "memory_mb": 900, "add_s": 20}
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

Ask = Callable[[str], object]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("passages", type=Path)
    parser.add_argument("--out", type=Path, default=Path("bench-scale"), help="folder for the JSON and the plot")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="passages; more than there are means all")
    parser.add_argument("--only", choices=("advisor", "langchain"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        print(json.dumps(MEASURES[args.only](rows_of(args.passages, args.sizes[0]))))
        return 0
    results = [one(name, args.passages, size) for size in args.sizes for name in MEASURES if runs(name)]
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "scale.json").write_text(json.dumps(results, indent=1), "utf-8")
    plot(results, args.out / "scale.svg")
    for r in results:
        print("  ".join(f"{k} {v:g}" if isinstance(v, int | float) else f"{v:10}" for k, v in r.items()))
    ours = [r for r in results if r["system"] == "advisor"][-1]
    broken = [f"{name} {ours[name]:g}, bar {bar}" for name, bar in BARS.items() if ours[name] > bar]
    print("; ".join(broken) or f"all bars kept at {ours['passages']} passages")
    return int(bool(broken))


def runs(name: str) -> bool:
    if name == "langchain" and not PEERS.exists():
        print("left out: LangChain (make bench-scale installs it in an environment of its own)", file=sys.stderr)
        return False
    return True


def one(name: str, passages: Path, size: int) -> dict[str, Any]:
    python = sys.executable if name == "advisor" else str(PEERS)
    command = [python, __file__, str(passages), "--sizes", str(size), "--only", name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return {"system": name, **json.loads(done.stdout.splitlines()[-1])}


def rows_of(path: Path, size: int) -> list[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line, _ in zip(file, range(size), strict=False)]
    return [(str(r["_id"]), str(r["text"])) for r in rows]


def questions(rows: Sequence[tuple[str, str]]) -> list[str]:
    chance = random.Random(20261126)
    long = [t for t in (re.sub(r"\s+", " ", text).strip() for _, text in rows) if len(t) > 80]
    pieces = [t[(at := chance.randrange(len(t) - 30)) : at + 30] for t in chance.sample(long, min(ASKED, len(long)))]
    lines = (ROOT / "eval/gold/dev.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines]
    return [*pieces, *chance.sample(asked, min(ASKED, len(asked)))]


def timed(ask: Ask, texts: Sequence[str]) -> dict[str, float]:
    """In process and warm."""
    for text in texts[:5]:
        ask(text)
    taken = []
    for text in texts:
        began = time.perf_counter()
        ask(text)
        taken.append(1000 * (time.perf_counter() - began))
    p50, p95 = np.percentile(taken, [50, 95])
    return {"query_ms_p50": round(float(p50), 2), "query_ms_p95": round(float(p95), 2)}


def memory_mb(what: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return round(next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what)), 1)


def measure_advisor(rows: Sequence[tuple[str, str]]) -> dict[str, Any]:
    from advisor.adapters.memory import give_back
    from advisor.model import Question
    from advisor.settings import Settings
    from advisor.wiring import Advisor

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        corpus, texts = Path(folder) / "corpus", questions(rows)
        as_documents(rows, corpus)
        advisor = Advisor(Settings(home=Path(folder) / "home", corpus=corpus))
        advisor.embedder.embed_question("warm")
        began = time.perf_counter()
        passages = advisor.ingest().passages
        index_s = time.perf_counter() - began
        advisor.warm()
        with advisor._shelf.current() as generation:
            figures = timed(asking(generation, advisor.embedder, advisor.settings.top_k), texts)
        give_back()
        memory = {"memory_mb": memory_mb("VmRSS"), "peak_mb": memory_mb("VmHWM")}
        del generation
        as_documents([("one-more", "灯塔每九年油漆一次。\n")], corpus)
        began = time.perf_counter()
        advisor.ingest()
        advisor.ask(Question("灯塔多久油漆一次？"))
        added = time.perf_counter() - began
        advisor.close()
    size = {"texts": len(rows), "passages": passages, "index_s": round(index_s, 2)}
    return {**size, **figures, **memory, "add_s": round(added, 2)}


def asking(generation: Any, embedder: Any, k: int) -> Ask:
    """Our retrieval as the product asks it."""
    from advisor.adapters.lexicon import translate
    from advisor.ask.lexicon import Lexicon
    from advisor.ask.query import understand
    from advisor.ask.retrieve import retrieve
    from advisor.model import Question

    lexicon = Lexicon(generation, translate)
    day = date(2026, 11, 24)
    return lambda text: retrieve(understand(Question(text), lexicon, day), generation, lexicon, embedder, k)


def as_documents(rows: Sequence[tuple[str, str]], corpus: Path) -> None:
    """A hundred texts a document, each under a heading of its own, so that a text stays a passage."""
    for at in range(0, len(rows), 100):
        part = rows[at : at + 100]
        folder = corpus / "documents" / re.sub(r"[^a-z0-9]+", "-", f"d-{part[0][0]}".lower())
        folder.mkdir(parents=True)
        body = "\n\n".join(f"## {id}\n\n{re.sub(r'(?m)^#+ *', '', text)}" for id, text in part)
        (folder / "zh.md").write_text(body + "\n", "utf-8")
        title = json.dumps(part[0][1].strip().splitlines()[0][:40], ensure_ascii=False)
        (folder / "document.yaml").write_text(f"title: {{zh: {title}}}\nkind: guide\ntext_origin: original\n", "utf-8")


def measure_langchain(rows: Sequence[tuple[str, str]]) -> dict[str, Any]:
    from bench_peers import MODEL, langchain

    from advisor.adapters.embedder import StaticEmbedder

    embedder = StaticEmbedder(MODEL)
    langchain([["warm", "zh", "warm"]], embedder)("warm")
    texts = questions(rows)
    began = time.perf_counter()
    ask = langchain([[id, "zh", text] for id, text in rows if text.strip()], embedder)
    index_s = time.perf_counter() - began
    figures = timed(ask, texts)
    memory = {"memory_mb": memory_mb("VmRSS"), "peak_mb": memory_mb("VmHWM")}
    return {"texts": len(rows), "passages": len(rows), "index_s": round(index_s, 2), **figures, **memory}


MEASURES = {"advisor": measure_advisor, "langchain": measure_langchain}


def plot(results: Sequence[dict[str, Any]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    wanted = (("index_s", "index, s"), ("query_ms_p50", "question p50, ms"), ("memory_mb", "memory, MB"))
    for axis, (name, label) in zip(axes, wanted, strict=True):
        for system in MEASURES:
            mine = [r for r in results if r["system"] == system]
            axis.plot([r["texts"] for r in mine], [r[name] for r in mine], marker="o", label=system)
        axis.axhline(BARS[name], color="grey", linestyle=":", label="bar at 72,000")
        axis.set(xscale="log", yscale="log", xlabel="texts", title=label)
    axes[0].legend()
    figure.savefig(path)


if __name__ == "__main__":
    sys.exit(main())
