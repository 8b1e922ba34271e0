"""Command line of the evaluation: run asks, score judges, compare explains; each can be repeated alone."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from advisor.errors import AdvisorError
from eval.errors import EvalError


def main(given: Sequence[str] | None = None) -> int:
    """0 well, 1 bad input or a regression, 2 wrong usage."""
    args = _parser().parse_args(given)
    try:
        return int(args.does(args))
    except (EvalError, AdvisorError) as error:
        if getattr(args, "json", False):
            print(json.dumps({"error": error.as_dict()}, ensure_ascii=False))
        print(f"eval: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        problem = EvalError("disk", str(error.filename or "disk"), f"cannot be read or written ({error.strerror}).")
        if getattr(args, "json", False):
            print(json.dumps({"error": problem.as_dict()}, ensure_ascii=False))
        print(f"eval: {problem}", file=sys.stderr)
        return 1


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, does: Any, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(does=does)
        return added

    def runs_of(added: argparse.ArgumentParser) -> None:
        added.add_argument("--runs", type=Path, help="folder of the runs; eval/runs unless given")

    run = command("run", _run, "ask the gold questions and keep the replies in eval/runs/NAME")
    run.add_argument("name")
    run.add_argument("--split", choices=("dev", "test", "all"), default="dev")
    run.add_argument("--gold", type=Path, help="folder with dev.jsonl and test.jsonl; eval/gold unless given")
    runs_of(run)
    run.add_argument("--limit", type=_positive, help="only the first so many questions")
    run.add_argument("--json", action="store_true")

    score = command("score", _score, "score a run without asking")
    score.add_argument("name")
    runs_of(score)
    score.add_argument("--json", action="store_true")

    compare = command(
        "compare", _compare, "B against A, question by question; exit 1 where B is worse beyond the interval"
    )
    compare.add_argument("a")
    compare.add_argument("b")
    runs_of(compare)
    compare.add_argument("--json", action="store_true")

    report = command("report", _report, "one HTML file about a run")
    report.add_argument("name")
    report.add_argument("--baseline", default="baseline")
    runs_of(report)
    report.add_argument("--out", type=Path, help="eval/runs/NAME/report.html unless given")

    judge = command("judge", _judge, "a second opinion on a run by RAGAS and the configured chat model")
    judge.add_argument("name")
    judge.add_argument("--limit", type=_positive, help="only the first so many answers")
    judge.add_argument("--json", action="store_true")
    runs_of(judge)

    retrieval = command("retrieval", _retrieval, "the product's own retrieval over a BEIR folder")
    retrieval.add_argument("--beir", type=Path, required=True, metavar="DIR")
    retrieval.add_argument("--json", action="store_true")

    sentences = command("sentences", _sentences, "does the one sentence shown hold the answer, over a BEIR folder")
    sentences.add_argument("--beir", type=Path, required=True, metavar="DIR")
    sentences.add_argument("--json", action="store_true")

    support = command("support", _support, "the product's own verifier over labelled responses")
    support.add_argument("--pairs", type=Path, required=True, metavar="FILE")
    support.add_argument("--json", action="store_true")

    paraphrases = command(
        "paraphrases", _paraphrases, "hand-written paraphrases and planted faults, as a model's words"
    )
    paraphrases.add_argument("--file", type=Path, required=True)
    paraphrases.add_argument("--json", action="store_true")

    leads = command("leads", _leads, "does the sentence lead that somebody chose for a question as people ask it")
    leads.add_argument("--file", type=Path, action="append", help="eval/asked/*.jsonl unless given; may be repeated")
    leads.add_argument("--json", action="store_true")

    rewriting = command(
        "rewriting", _rewriting, "what a model's rewrite of dev follow-ups adds, and what a bad one costs"
    )
    runs_of(rewriting)
    rewriting.add_argument("--json", action="store_true")

    feedback = command("from-feedback", _from_feedback, "thumbs-down with a correction → candidate gold questions")
    feedback.add_argument("file", type=Path)
    feedback.add_argument("--out", type=Path, help="eval/gold/candidates.jsonl unless given")
    feedback.add_argument("--json", action="store_true")

    gold = command("gold", _gold, "check the gold questions against their format and the corpus")
    gold.add_argument("--gold", type=Path)
    gold.add_argument("--json", action="store_true")
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _show(args: argparse.Namespace, result: Any, text: str) -> None:
    print(json.dumps(result, ensure_ascii=False, indent=1) if args.json else text)


def _run(args: argparse.Namespace) -> int:
    from advisor import Settings
    from eval.load import GOLD, SPLITS, load_gold
    from eval.run import RUNS, run

    gold = load_gold(args.gold or GOLD, SPLITS if args.split == "all" else (args.split,))
    folder = run(args.name, gold[: args.limit], Settings.load(), args.runs or RUNS, progress=_say)
    _show(args, {"run": args.name, "folder": str(folder)}, f"{folder}\nnow: python -m eval score {args.name}")
    return 0


def _score(args: argparse.Namespace) -> int:
    from eval import score
    from eval.run import RUNS

    scores = score.score(score.load_run(args.name, args.runs or RUNS))
    score.write(scores)
    result = scores.as_dict()
    _show(args, result, score.table(result))
    return 0


def _compare(args: argparse.Namespace) -> int:
    from eval import compare
    from eval.run import RUNS

    result = compare.compare(args.a, args.b, args.runs or RUNS)
    _show(args, result, compare.table(result))
    return 1 if result["regressions"] else 0


def _report(args: argparse.Namespace) -> int:
    from eval import report
    from eval.run import RUNS

    print(report.write(args.name, args.baseline, args.out, args.runs or RUNS))
    return 0


def _judge(args: argparse.Namespace) -> int:
    from advisor import Settings
    from eval import judge_ragas, score
    from eval.run import RUNS

    scores = score.score(score.load_run(args.name, args.runs or RUNS))
    result = judge_ragas.judge(scores, judge_ragas.RagasJudge(Settings.load()), args.limit)
    _show(args, result, judge_ragas.table(result))
    return 0


def _retrieval(args: argparse.Namespace) -> int:
    from advisor import Settings
    from advisor.adapters.exact import VectorsBySize
    from advisor.adapters.lexical import Bm25Engine
    from advisor.wiring import open_embedder, open_reranker
    from eval import retrieval

    beir = retrieval.load_beir(args.beir)
    settings = Settings.load()
    result = retrieval.measure(beir, open_embedder(settings), Bm25Engine(), VectorsBySize(), open_reranker(settings))
    _show(args, result, retrieval.table(result))
    return 0


def _sentences(args: argparse.Namespace) -> int:
    from advisor import Settings
    from advisor.adapters.exact import VectorsBySize
    from advisor.adapters.lexical import Bm25Engine
    from advisor.wiring import open_embedder
    from eval import sentences

    result = sentences.measure(args.beir, open_embedder(Settings.load()), Bm25Engine(), VectorsBySize())
    _show(args, result, sentences.table(result))
    return 0


def _support(args: argparse.Namespace) -> int:
    from functools import partial

    from advisor.ask.support import support_score
    from advisor.ingest.read import read_places
    from advisor.wiring import shipped_corpus
    from eval import support

    score = partial(support_score, places=read_places([shipped_corpus()]))
    result = support.measure(support.load_pairs(args.pairs), score)
    _show(args, result, support.table(result))
    return 0


def _paraphrases(args: argparse.Namespace) -> int:
    from datetime import date

    from advisor import Settings
    from eval import paraphrases
    from eval.run import desk

    cases = paraphrases.load_cases(args.file)
    with desk(Settings.load(), None, []) as where:
        result = paraphrases.measure(cases, where.advisor, where.generation, date.today())
    _show(args, result, paraphrases.table(result))
    return 0


def _leads(args: argparse.Namespace) -> int:
    from datetime import date

    from advisor import Settings
    from eval import leads
    from eval.run import desk

    rows = [row for file in args.file or leads.ASKED for row in leads.load_asked(file, date.today())]
    with desk(Settings.load(), None, []) as where:
        result = leads.measure(rows, where.advisor.ask)
    _show(args, result, leads.table(result))
    return 0


def _rewriting(args: argparse.Namespace) -> int:
    import logging

    from advisor import Settings
    from eval import rewriting
    from eval.load import load_gold
    from eval.run import RUNS

    logging.getLogger("advisor.ask.flow").setLevel(logging.ERROR)  # the scripted models never answer
    result = rewriting.measured(load_gold(splits=("dev",)), Settings.load(), args.runs or RUNS, _say)
    _show(args, result, rewriting.table(result))
    return 0


def _from_feedback(args: argparse.Namespace) -> int:
    from datetime import date

    from advisor import Settings
    from eval import feedback
    from eval.run import desk

    complaints, others = feedback.read(args.file)
    with desk(Settings.load(), None, []) as where:
        items = [feedback.candidate(c, where.generation, date.today()) for c in complaints]
    path = args.out or feedback.CANDIDATES
    added = feedback.append(items, path)
    result = {"candidates": str(path), "added": added, "known": len(items) - added, "without_correction": others}
    text = f"{added} new candidates in {path}, {result['known']} known already, {others} rows without a thumbs-down and a correction"
    _show(args, result, f"{text}\naccept one: check it, move its line to dev.jsonl, then python -m eval gold")
    return 0


def _gold(args: argparse.Namespace) -> int:
    from advisor import Settings
    from eval import gold
    from eval.load import GOLD

    result = gold.check(args.gold or GOLD, Settings.load())
    _show(args, result, gold.table(result))
    return 1 if result["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
