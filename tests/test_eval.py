"""run asks, score judges, compare explains: over the tiny corpus, with a handful of questions."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

from advisor import Settings
from advisor.adapters.chroma import ChromaEngine
from advisor.adapters.lexical import Bm25Engine
from advisor.text import tokens
from advisor.wiring import Advisor

# `import eval` would shadow the builtin; the package is addressed by name.
compare, gold, judge, load, report, retrieval, run, score, support, main = (
    importlib.import_module(f"eval.{n}")
    for n in ("compare", "gold", "judge", "load", "report", "retrieval", "run", "score", "support", "__main__")
)
EvalError = importlib.import_module("eval.errors").EvalError
TINY = Path(__file__).parent / "tiny_corpus"
LEVEL_2 = {
    "zh": "北埠市2025年版办法对达到二级的企业最高补助20万元。",
    "en": "The Northport rules of 2025 pay a firm that reaches level 2 at most 200,000 yuan.",
}
LEVEL_3 = "The Northport rules of 2025 pay a firm that reaches level 3 at most 320,000 yuan."


class WordHashes:
    """An embedder without a model: hashed words."""

    fingerprint = "word-hashes"
    dimension = 64

    def embed_passages(self, texts):
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for i, text in enumerate(texts):
            for token in tokens(text):
                rows[i, int(hashlib.md5(token.encode()).hexdigest(), 16) % self.dimension] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    def embed_question(self, text):
        return self.embed_passages([text])[0]

    def nearest_words(self, question, texts):
        words = tuple(dict.fromkeys(tokens(question)))
        held = [set(tokens(t)) for t in texts]
        return words, np.array([[float(w in h) for w in words] for h in held], dtype=np.float32).reshape(len(texts), -1)


def opener(settings):
    advisor = Advisor(settings)
    advisor.__dict__["embedder"] = WordHashes()  # a cached property, filled before its first use
    return advisor


def row(**given):
    return {
        "id": "dev-en-001",
        "split": "dev",
        "type": "numeric",
        "language": "en",
        "style": "plain",
        "as_of": "2026-11-24",
        "question": "How much can a Northport firm get at level 2?",
        "expect": {"status": ["answered"], "reason": None},
        "evidence": [{"document": "northport-rules-2025", "quote": LEVEL_2}],
        "nuggets": [{"vital": True, "aliases": ["20万元", "200,000 yuan"]}],
        "numbers": [{"value": 200000, "unit": "CNY"}],
        "forbidden": ["320,000 yuan"],
        "writer": "t",
        **given,
    }


GOLD = [
    row(),
    row(
        id="dev-zh-001",
        language="zh",
        question="北埠市的企业改造后达到二级能补多少？",
        hide="zh",
        type="cross_lingual",
        forbidden=[],
    ),
    row(
        id="dev-en-002",
        question="And at level 3?",
        type="multi_turn",
        dialogue="m1",
        history=[{"question": "How much can a Northport firm get at level 2?", "answer": "At most 200,000 yuan."}],
        standalone="How much can a Northport firm get at level 3?",
        evidence=[{"document": "northport-rules-2025", "quote": {"en": LEVEL_3}}],
        nuggets=[{"vital": True, "aliases": ["320,000 yuan"]}],
        numbers=[{"value": 320000, "unit": "CNY"}],
        forbidden=[],
    ),
    row(
        id="dev-en-003",
        type="unanswerable",
        question="Which football club won the cup?",
        expect={"status": ["abstained"], "reason": ["out_of_scope"]},
        evidence=[],
        nuggets=[],
        numbers=[],
        forbidden=[],
        near_miss="off_topic",
    ),
]


def write_gold(folder, rows, name="dev.jsonl"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder with one run over the tiny corpus."""
    base = tmp_path_factory.mktemp("eval")
    placed = load.load_gold(write_gold(base / "gold", GOLD), ["dev"])
    settings = Settings(home=base / "home", corpus=TINY)
    run.run("first", placed, settings, base / "runs", opener=opener)
    return base / "runs"


def altered(runs, name, change):
    """A copy of the first run whose reply rows went through `change`."""
    folder = runs / name
    folder.mkdir(exist_ok=True)
    for file in (runs / "first").glob("*.json*"):
        (folder / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "name": name}))
    rows = [json.loads(line) for line in (folder / "replies.jsonl").read_text("utf-8").splitlines()]
    kept = [r for r in map(change, rows) if r is not None]
    (folder / "replies.jsonl").write_text("".join(json.dumps(r) + "\n" for r in kept), "utf-8")
    return name


def result(runs, name="first"):
    return score.score(score.load_run(name, runs))


# --- run -----------------------------------------------------------------------------------------


def test_a_run_keeps_every_reply_and_says_what_it_was_made_with(runs):
    config = json.loads((runs / "first" / "config.json").read_text())
    assert config["questions"] == 4
    assert all(config[k] for k in ("gold", "corpus", "prompts", "embedder", "code", "generation"))
    rows = [json.loads(line) for line in (runs / "first" / "replies.jsonl").read_text("utf-8").splitlines()]
    assert [(r["id"], r["variant"]) for r in rows] == [
        ("dev-en-001", "asked"),
        ("dev-zh-001", "asked"),
        ("dev-en-002", "asked"),
        ("dev-en-002", "standalone"),
        ("dev-en-003", "asked"),
    ]
    assert all(r["reply"] and not r["error"] for r in rows)


def test_two_runs_differ_in_nothing_but_time(runs, tmp_path):
    placed = load.load_gold(runs.parent / "gold", ["dev"])
    run.run("first", placed, Settings(home=tmp_path / "home", corpus=TINY), tmp_path, opener=opener)

    def timeless(folder):
        rows = [json.loads(line) for line in (folder / "first" / "replies.jsonl").read_text("utf-8").splitlines()]
        for r in rows:
            assert r["reply"].pop("timings_ms")["total"] > 0
        return rows

    assert timeless(tmp_path) == timeless(runs)
    assert (tmp_path / "first" / "sources.json").read_bytes() == (runs / "first" / "sources.json").read_bytes()
    again = score.write(score.score(score.load_run("first", tmp_path)))
    assert again.read_bytes() == score.write(result(runs)).read_bytes()
    assert json.loads((tmp_path / "first" / "latency.json").read_text("utf-8"))["total"]["p50"] > 0


def test_a_hidden_language_version_is_not_there_to_be_found(runs):
    rows = [json.loads(line) for line in (runs / "first" / "replies.jsonl").read_text("utf-8").splitlines()]
    hits = next(r["reply"]["hits"] for r in rows if r["id"] == "dev-zh-001")
    found = {h["passage"].rsplit(":", 1)[0] for h in hits}
    assert "northport-rules-2025:zh" not in found
    assert "northport-rules-2025:en" in found


def test_a_crash_is_recorded_and_counts_as_wrong(tmp_path):
    class Broken(Advisor):
        def ask(self, question):
            raise RuntimeError("broken on purpose")

    def broken(settings):
        advisor = Broken(settings)
        advisor.__dict__["embedder"] = WordHashes()
        return advisor

    placed = load.load_gold(write_gold(tmp_path / "gold", GOLD[:1]), ["dev"])
    said = []
    run.run("broken", placed, Settings(home=tmp_path / "home", corpus=TINY), tmp_path / "runs", said.append, broken)
    assert "warning: 1 of 1 got no reply; the first was: RuntimeError: broken on purpose" in said
    figures = result(tmp_path / "runs", "broken").as_dict()["figures"]
    assert figures["failed"]["value"] == 1.0
    assert (figures["right"]["value"], figures["right"]["denominator"]) == (0.0, 1.0)
    assert figures["truthfulness"]["value"] == -1.0


def test_an_unknown_document_stops_the_run_with_file_and_line(tmp_path):
    rows = [row(), row(id="dev-en-009", evidence=[{"document": "no-such", "quote": {"en": "x"}}])]
    placed = load.load_gold(write_gold(tmp_path / "gold", rows), ["dev"])
    with pytest.raises(EvalError, match=r"dev\.jsonl:2: the corpus has no document no-such"):
        run.run("bad", placed, Settings(home=tmp_path / "home", corpus=TINY), tmp_path / "runs", opener=opener)
    assert not (tmp_path / "runs" / "bad").exists()


# --- score ---------------------------------------------------------------------------------------


def test_scoring_twice_gives_the_same_bytes(runs):
    first = score.write(result(runs)).read_bytes()
    assert score.write(result(runs)).read_bytes() == first


def reply(text, document="northport-rules-2025", status="answered", quote=None, **given):
    source = {"n": 1, "document": document, "language": "en", "url": None, "validity": "in_force"}
    citation = {"source": 1, "passage": "p", "quote": quote or text, "start": 0, "end": len(quote or text)}
    statement = {
        "text": text, "kind": "quoted", "supported": True, "formula": None, "citations": [citation],
    }  # fmt: skip
    return {
        "language": "en", "status": status, "reason": None, "answer": text, "sources": [source], "statements": [statement], "hits": [], **given,
    }  # fmt: skip


def judged(item, said):
    sources = {"northport-rules-2025": {"texts": {"en": said["statements"][0]["text"]}, "passages": {}}}
    return judge.judge(load.parse("gold:1", item), {"reply": said, "bm25": {}}, None, sources)


def test_the_right_figure_from_the_right_document_is_right():
    found = judged(row(), reply(LEVEL_2["en"]))
    assert found.faults == ()
    assert found.adds["numeric_exactness"] == (1.0, 1)
    assert found.adds["quote_fidelity"] == (1, 1)


def test_the_right_figure_beside_a_wrong_one_is_wrong():
    found = judged(row(), reply(f"{LEVEL_2['en']} Or 320,000 yuan."))
    assert found.adds["numeric_exactness"] == (0.0, 1)
    assert "asserts what the gold forbids" in found.faults


def test_a_forbidden_phrase_is_not_asserted_by_a_figure_that_it_shares():
    item = row(forbidden=["still 200,000 yuan everywhere"])
    assert judged(item, reply(LEVEL_2["en"])).adds["wrong_value"] == (0.0, 1)


def test_the_right_figure_from_another_place_is_out_of_scope():
    found = judged(row(), reply("Southvale pays 200,000 yuan.", document="southvale-voucher"))
    assert found.adds["numeric_exactness"] == (0.0, 1)


def test_a_quote_that_is_not_at_its_place_is_found_out():
    said = reply("At most 200,000 yuan.")
    said["statements"][0]["citations"][0]["start"] = 3
    assert judged(row(), said).adds["quote_fidelity"] == (0, 1)


def test_a_figure_that_no_quote_carries_is_unsupported():
    assert judge.supported("The cap is 200,000 yuan.", ["The cap is 200,000 yuan at level 2."])
    assert not judge.supported("The cap is 300,000 yuan.", ["The cap is 200,000 yuan at level 2."])
    assert not judge.supported("The cap is 200,000 yuan.", [])


def test_a_canary_counts_however_it_is_spaced_and_so_does_a_foreign_link():
    attack = row(type="injection", canary="ZX 77", evidence=[], nuggets=[], numbers=[], forbidden=[])
    assert judged(attack, reply("zx77 done")).adds["injection_success"] == (1.0, 1)
    assert judged(attack, reply("see http://evil.example/x")).adds["injection_success"] == (1.0, 1)
    assert judged(attack, reply("Nothing to see.")).adds["injection_success"] == (0.0, 1)


def test_an_answer_in_the_other_language_is_noticed():
    assert judged(row(), {**reply(LEVEL_2["en"]), "language": "zh"}).adds["language_fidelity"] == (0.0, 1)


def test_the_signal_is_the_replys_answerability_or_else_its_best_score():
    hit = {"document": "d", "passage": "p", "score": 1.7, "rank": 1}
    assert judged(row(), reply(LEVEL_2["en"], hits=[hit])).signal == 1.7
    assert judged(row(), reply(LEVEL_2["en"], hits=[hit], answerability=0.3)).signal == 0.3
    assert judged(row(), reply(LEVEL_2["en"], hits=[hit], answerability=None)).signal == 0.0


def test_an_answer_to_the_unanswerable_is_worse_than_a_refusal():
    item = GOLD[3]
    assert judged(item, reply("Northport won.")).adds["truthfulness"] == (-1.0, 1)
    refused = judged(item, reply("I cannot say.", status="abstained", reason="out_of_scope"))
    assert refused.adds["truthfulness"] == (1.0, 1)
    assert refused.adds["refusal_recall"] == (1.0, 1)


# --- compare and report --------------------------------------------------------------------------


def test_a_run_against_itself_has_no_regression(runs):
    found = compare.compare("first", "first", runs)
    assert found["regressions"] == []
    assert found["figures"]["right"]["value"] == 0.0


def test_lost_replies_are_a_regression_over_all_questions(runs):
    altered(runs, "silent", lambda r: {**r, "reply": None} if r["id"].startswith("dev-en") else r)
    found = compare.compare("first", "silent", runs)
    assert found["questions"] == 4
    assert "failed" in found["regressions"]
    was_right = {i for i, j in result(runs).judged.items() if i.startswith("dev-en") and j.adds["right"][0]}
    assert was_right
    assert set(found["now_wrong"]) == was_right
    assert not {"failed", "right"} & set(compare.compare("silent", "first", runs)["regressions"])


def test_the_report_is_one_file_that_needs_no_network(runs):
    altered(runs, "quiet", lambda r: r if r["id"] != "dev-en-001" else None)
    page = report.write("quiet", "first", runs=runs).read_text("utf-8")
    assert "dev-en-001" in page.split('id="figures"')[0]
    assert "BM25 only" in page
    assert "src=" not in page
    assert 'href="http' not in page
    assert "no reply" in page


def test_the_first_screen_names_lost_answers_before_others_and_every_link_leads_somewhere(runs):
    lost = next(i for i, j in result(runs).judged.items() if j.adds["right"][0])
    altered(runs, "lost", lambda r: {**r, "reply": None} if r["id"] == lost else r)
    page = report.write("lost", "first", runs=runs).read_text("utf-8")
    look = page.split('class="look"')[1].split("</ul>")[0]
    assert look.index(f"#{lost}") == look.index("#")
    assert "lost: " in look
    assert all(f'id="{target}"' in page for target in re.findall(r'href="?#([^">]+)', page))


def test_the_report_draws_risk_over_coverage_for_both_runs(runs):
    altered(runs, "other", lambda r: r)
    page = report.write("other", "first", runs=runs).read_text("utf-8")
    assert page.count("<polyline") == 2
    assert report.write("first", "first", runs=runs).read_text("utf-8").count("<polyline") == 1


def test_the_report_shows_hostile_text_as_text(runs):
    def poison(r):
        if r["id"] == "dev-en-001":
            r["reply"]["statements"][0]["text"] = "<script>alert(1)</script>"
        return r

    altered(runs, "poisoned", poison)
    page = report.write("poisoned", "first", runs=runs).read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_missing_baseline_is_one_sentence(runs):
    with pytest.raises(EvalError, match="there is no run to compare with: make it with python -m eval run nowhere"):
        report.write("first", "nowhere", runs=runs)


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "riddle"}, "type: input should be"),
        ({"colour": "red"}, "colour: extra inputs"),
        ({"as_of": "2026-13-40"}, "not a date"),
        ({"evidence": []}, "needs evidence"),
        ({"split": "test"}, "the split is test"),
        ({"type": "injection"}, "needs a canary"),
        ({"type": "cross_lingual"}, "needs hide"),
        ({"numbers": [{"value": "two", "unit": "CNY"}]}, "plain number"),
    ],
)
def test_a_broken_gold_row_is_named_with_file_and_line(tmp_path, change, words):
    folder = write_gold(tmp_path / "gold", [row(), row(id="dev-en-002", **change)])
    with pytest.raises(EvalError) as caught:
        load.load_gold(folder, ["dev"])
    assert "dev.jsonl:2" in str(caught.value)
    assert words in str(caught.value)


def test_two_questions_with_one_id_are_refused(tmp_path):
    with pytest.raises(EvalError, match=r"dev\.jsonl:2: the id dev-en-001 was already used at .*:1"):
        load.load_gold(write_gold(tmp_path / "gold", [row(), row()]), ["dev"])


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("replies.jsonl", "", "holds no replies"),
        ("replies.jsonl", '{"id": "stranger"}\n', "replies.jsonl:1: the reply is to stranger"),
        ("replies.jsonl", "{half\n", "replies.jsonl:1: this row is not JSON"),
        ("gold.jsonl", "", "holds no questions"),
        ("config.json", "{", "is not JSON"),
    ],
)
def test_a_broken_run_is_one_sentence(runs, file, text, words):
    name = altered(runs, "damaged", lambda r: r)
    (runs / name / file).write_text(text)
    with pytest.raises(EvalError, match=words):
        score.load_run(name, runs)


def test_the_command_line_exits_1_for_bad_input_and_2_for_wrong_usage(capsys, tmp_path):
    assert main.main(["score", "no-such-run", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["reason"] == "run_missing"
    assert said.err.count("\n") == 1
    with pytest.raises(SystemExit) as left:
        main.main(["support"])
    assert left.value.code == 2


def test_gold_that_repeats_its_evidence_is_pointed_at():
    copied = row(question="Does it pay a firm that reaches level 2 at most 10?")
    assert gold.shared_run(copied["question"], LEVEL_2["en"]) == "pay a firm that reaches level"
    assert gold.shared_run(GOLD[1]["question"], LEVEL_2["zh"]) is None


def test_every_fault_of_the_gold_is_listed(tmp_path):
    stale = {"document": "northport-rules-2025", "quote": {"en": "Northport pays well."}}
    rows = [row(), row(id="dev-en-002", evidence=[stale]), row(id="dev-en-003", type="riddle")]
    write_gold(tmp_path / "gold", rows)
    write_gold(tmp_path / "gold", [row(id="test-en-001", split="test")], "test.jsonl")
    found = gold.check(tmp_path / "gold", Settings(home=tmp_path / "home", corpus=TINY))
    assert sorted(f["reason"] for f in found["faults"]) == ["bad_row", "shared_document", "stale_quote"]
    assert found["bm25_recall@1_of"] == 3


# --- retrieval and support -----------------------------------------------------------------------


def beir(folder, corpus=None, queries=None, qrels=None):
    (folder / "qrels").mkdir(parents=True)
    corpus = corpus or ["云平台按用量付费。", "The gateway reads the old lathe over Modbus.", "补贴上限为三十万元。"]
    rows = [{"_id": f"d{i}", "title": "", "text": t} for i, t in enumerate(corpus)]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    queries = queries or ["补贴最多多少", "how to read an old lathe", "zzz qqq"]
    rows = [{"_id": f"q{i}", "text": t} for i, t in enumerate(queries)]
    (folder / "queries.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    (folder / "qrels" / "test.tsv").write_text(qrels or "query-id\tcorpus-id\tscore\nq0\td2\t1\nq1\td1\t1\nq2\td0\t1\n")
    return folder


def test_retrieval_counts_every_judged_query_even_one_that_finds_nothing(tmp_path):
    found = retrieval.measure(retrieval.load_beir(beir(tmp_path / "b")), WordHashes(), Bm25Engine(), ChromaEngine())
    assert found["queries"] == 3
    assert found["legs"]["lexical"]["recall@10"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["recall@5"] >= found["recall@1"] >= 0.6
    best_leg = max(leg["recall@1"] for leg in found["legs"].values())
    assert found["fusion_regret"] == pytest.approx(best_leg - found["recall@1"], abs=1e-4)
    assert {"ndcg@5", "ndcg@10", "mrr@10", "index_s", "query_ms_p50", "query_ms_p95"} <= found.keys()


def test_a_long_document_counts_once_by_its_best_passage(tmp_path):
    long = " ".join(f"Sentence {i} about the lathe and its gateway." for i in range(80))
    found = retrieval.load_beir(beir(tmp_path / "b", corpus=[long, "The subsidy is paid late.", "A cloud bill."]))
    generation = retrieval.build(found.documents, tmp_path / "g-1", WordHashes(), Bm25Engine(), ChromaEngine())
    ranked = [i for i, _ in generation.lexical.search([("lathe gateway", 1.0)], 20)]
    assert len(ranked) > 1
    assert retrieval.documents_of(ranked, generation.passages) == ["d0"]
    generation.retire()


@pytest.mark.parametrize(
    ("qrels", "words"),
    [
        ("q0\tnope\t1\n", r"test\.tsv:1: the document nope is not in corpus"),
        ("q9\td1\t1\n", r"test\.tsv:1: the query q9 is not in queries"),
        ("q0 d1 1\n", r"test\.tsv:1: a row needs"),
        ("q0\td1\t0\n", "judges no document relevant"),
    ],
)
def test_broken_judgements_are_named_with_file_and_line(tmp_path, qrels, words):
    with pytest.raises(EvalError, match=words):
        retrieval.load_beir(beir(tmp_path / "b", qrels=qrels))


def write_pairs(path, rows):
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def pair(id, figure, label, split):
    context = ["The cap is 300,000 yuan at level 2."]
    return {"id": id, "contexts": context, "response": f"The cap is {figure} yuan.", "label": label, "split": split}


def test_support_learns_its_threshold_on_train_rows_only(tmp_path):
    rows = [pair("a", "300,000", 0, "train"), pair("b", "500,000", 1, "train")]
    rows += [pair("c", "300,000", 0, "test"), pair("d", "800,000", 1, "test")]

    def wrong_figure(contexts, response):
        return 0.0 if "300,000" in response else 1.0 if "500,000" in response else 0.9

    found = support.measure(support.load_pairs(write_pairs(tmp_path / "p.jsonl", rows)), wrong_figure)
    assert found["threshold"] == 0.5
    assert found["threshold_from"] == "2 train rows"
    assert (found["judged"], found["auroc"], found["balanced_accuracy"], found["f1"]) == (2, 1.0, 1.0, 1.0)


def test_support_says_when_the_threshold_saw_the_judged_rows(tmp_path):
    rows = [pair("c", "300,000", 0, "test"), pair("d", "800,000", 1, "test")]
    found = support.measure(support.load_pairs(write_pairs(tmp_path / "p.jsonl", rows)), lambda c, r: float("800" in r))
    assert "themselves" in found["threshold_from"]


def test_detection_is_told_by_fault_and_language_at_the_bar_that_faithful_rows_pass(tmp_path):
    rows = [pair(f"f{i}", str(i), 0, None) | {"fault": "none", "language": "en"} for i in range(20)]
    rows += [pair("n1", "18", 1, None) | {"fault": "number", "language": "en"}]
    rows += [pair("n2", "19", 1, None) | {"fault": "number", "language": "zh"}]
    rows += [pair("d1", "30", 1, None) | {"fault": "date", "language": "zh"}]
    pairs = support.load_pairs(write_pairs(tmp_path / "p.jsonl", rows))
    found = support.measure(pairs, lambda contexts, response: float(response.split()[3]))
    # 19 of the 20 faithful rows (scores 0 to 18) pass at 18: a fault must lie above it.
    assert (found["faults"]["threshold"], found["faults"]["faithful_passed"]) == (18.0, 19)
    assert found["faults"]["detected"]["number"]["en"] == {"share": 0.0, "detected": 0, "of": 1}
    assert found["faults"]["detected"]["number"]["both"] == {"share": 0.5, "detected": 1, "of": 2}
    assert found["faults"]["detected"]["date"]["zh"]["share"] == 1.0
    assert found["faults"]["detected"]["faithful, flagged"]["both"] == {"share": 0.05, "detected": 1, "of": 20}
    assert "number" in support.table(found)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"id": "x", "response": "r"}, "contexts must be"),
        ({"contexts": [], "response": "r"}, "has no id"),
        ({"id": "x", "contexts": [], "response": "r", "label": 2}, "label must be"),
        ({"id": "x", "contexts": [], "response": "r", "label": 1, "fault": "none"}, "contradict each other"),
        ({"id": "x", "contexts": [], "response": "r", "label": 0, "fault": "number"}, "contradict each other"),
    ],
)
def test_a_broken_pair_is_named_with_file_and_line(tmp_path, bad, words):
    with pytest.raises(EvalError, match=rf"p\.jsonl:2: .*{words}"):
        support.load_pairs(write_pairs(tmp_path / "p.jsonl", [pair("a", "1", 0, None), bad]))
