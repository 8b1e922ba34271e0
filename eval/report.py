"""One self-contained HTML file about a run: better or worse, where, and which answers to look at."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval import judge_ragas
from eval.compare import differences, verdict
from eval.errors import EvalError
from eval.load import Item
from eval.metrics import paired, risk_coverage
from eval.run import RUNS
from eval.score import FIGURES, SLICES, Scores, load_run, score

WORST = 20
_LOOK = 6
_FIFTHS = 5
_HEADLINE = (
    "right",
    "vital_recall",
    "numeric_exactness",
    "recall@5",
    "refusal_recall",
    "false_refusal",
    "truthfulness",
    "wrong_value",
)
_PAIRED_WITH_BM25 = ("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10", "document_recall@5", "vital_recall")
_SLICED = ("right", "vital_recall", "recall@5", "truthfulness")

_STYLE = """
:root{color-scheme:light dark;--ink:#1c2326;--soft:#5d6a70;--line:#d8dee1;--paper:#fff;--wash:#f4f6f7;--good:#12713f;--bad:#b3261e;--mark:#fff1b8}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaec;--soft:#9aa7ad;--line:#39444a;--paper:#161b1e;--wash:#1f262a;--good:#66c893;--bad:#ff8a80;--mark:#4d4317}}
*{box-sizing:border-box}body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--paper);color:var(--ink);
font:15px/1.55 system-ui,-apple-system,"Noto Sans CJK SC","Microsoft YaHei",sans-serif}
h1{font-size:1.35rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .6rem}p{margin:.4rem 0}a{color:inherit}
.lead{font-size:1.7rem;font-weight:650;line-height:1.25;margin:.6rem 0}.good{color:var(--good)}.bad{color:var(--bad)}.soft{color:var(--soft)}
.wide{overflow-x:auto;margin:.6rem 0 1.4rem}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.32rem .6rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top;white-space:nowrap}
th:first-child,td:first-child{text-align:left}th.words{text-align:left}td.words{text-align:left;white-space:normal;color:var(--soft)}th{font-weight:600;color:var(--soft)}
article{border:1px solid var(--line);border-radius:8px;padding: .9rem 1.1rem;margin:.9rem 0}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}@media(max-width:48rem){.pair{grid-template-columns:1fr}}
.pair>div{background:var(--wash);border-radius:6px;padding:.6rem .8rem;overflow-wrap:anywhere;min-width:0}mark{background:var(--mark);color:inherit}
ul,ol{margin:.3rem 0;padding-left:1.2rem}summary{cursor:pointer}small{color:var(--soft)}nav a{margin-right:1rem;white-space:nowrap}h1 small{font-weight:400}
.look{list-style:none;padding:0}.look li{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.look small.bad{color:var(--bad)}

svg{display:block;max-width:40rem;width:100%}svg line{stroke:var(--line)}svg text{fill:var(--soft);font-size:11px}
svg polyline{fill:none;stroke:var(--ink);stroke-width:2}svg .then{stroke:var(--soft);stroke-dasharray:4 3}
"""


def write(name: str, baseline: str, out: Path | None = None, runs: Path = RUNS) -> Path:
    """Raises EvalError where the run or the baseline is missing; a run may be its own baseline."""
    scores = score(load_run(name, runs))
    try:
        before = score(load_run(baseline, runs))
    except EvalError as error:
        if error.reason != "run_missing":
            raise
        raise EvalError(
            "baseline_missing",
            error.where,
            f"there is no run to compare with: make it with python -m eval run {baseline} and commit its folder, or name another run with --baseline.",
        ) from error
    path = out or scores.run.folder / "report.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(scores, before), "utf-8")
    return path


def page(scores: Scores, before: Scores) -> str:
    """The same two runs always give the same bytes."""
    change = differences(before, scores)
    name = str(scores.run.config["name"])
    if scores.run.folder == before.run.folder:
        before = scores
    body = "".join(
        (
            _first_screen(scores, before, change),
            _figures(scores, change),
            _bm25(scores),
            _refusal(scores, before),
            _slices(scores, before),
            _second_opinion(scores),
            _latency(scores, before),
            _worst(scores, before),
            _about(scores, change),
        )
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_e(name)} – evaluation</title><style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _e(text: object) -> str:
    return html.escape(str(text))


# --- first screen --------------------------------------------------------------------------------


def _first_screen(scores: Scores, before: Scores, change: Mapping[str, Any]) -> str:
    """Better or worse, where, which answers to look at."""
    name, base = _e(scores.run.config["name"]), _e(before.run.config["name"])
    right = change["figures"]["right"]
    tone = {"better": "good", "worse": "bad"}.get(right["verdict"], "")
    word = {"better": f"Better than {base}", "worse": f"Worse than {base}"}.get(
        right["verdict"], f"No clear change from {base}"
    )
    if scores.run.folder == before.run.folder:
        tone, word = "", "This run is its own baseline"
    elif change["regressions"] and right["verdict"] != "worse":
        tone, word = "bad", f"{word}, but worse in {len(change['regressions'])} figures"
    points = (
        f"{100 * right['value']:+.1f} points [{100 * right['low']:+.1f}, {100 * right['high']:+.1f}]"
        if right["value"] is not None
        else ""
    )
    count = sum(j.adds["right"][0] for j in scores.judged.values())
    where = _where(scores, before)
    return (
        f"<h1>{name} <small>against {base}</small></h1>"
        f'<p class="lead {tone}">{_e(word)}</p>'
        f"<p><b>{count:.0f} of {len(scores.items)}</b> questions answered right{f'; against {base} {_e(points)}' if points and scores is not before else ''}.</p>"
        f"<p>Worse beyond the interval: {_names(change['regressions'], 'bad')}. Better: {_names(change['improvements'], 'good')}.</p>"
        f"<p>Where: {where}</p>"
        f"{_look(scores, before)}"
        f"<nav><a href=#figures>figures</a><a href=#bm25>BM25 only</a><a href=#refusal>refusal</a><a href=#slices>slices</a><a href=#latency>latency</a>"
        f"<a href=#worst>worst answers</a><a href=#about>about this run</a></nav>{_headline(change)}"
    )


def _look(scores: Scores, before: Scores) -> str:
    """The answers to read first, those that were right before at the top; each in one line."""

    def was_right(item: Item) -> bool:
        old = before.judged.get(item.id)
        return bool(old and old.adds["right"][0])

    chosen = sorted(worst(scores, before), key=lambda i: not was_right(i))[:_LOOK]
    lines = "".join(
        f'<li><a href="#{_e(i.id)}">{_e(i.id)}</a> <small class="bad">{"lost: " if was_right(i) else ""}'
        f"{_e(next(iter(scores.judged[i.id].faults), ''))}</small> {_e(i.question)}</li>"
        for i in chosen
    )
    return (
        f'<p>Look at <small>(lost: was right before)</small></p><ul class="look">{lines}</ul>'
        if chosen
        else "<p>No answer to look at.</p>"
    )


def _names(names: Sequence[str], tone: str) -> str:
    return ", ".join(f'<span class="{tone}">{_e(n)}</span>' for n in names) or "none"


def _where(scores: Scores, before: Scores) -> str:
    """Slices by type and language whose share of right answers moved most."""
    moved = []
    for name, items in scores.sliced(SLICES["type and language"]).items():
        ids = {i.id for i in items}
        now = paired(before.counts("right", [i for i in before.items if i.id in ids]), scores.counts("right", items))
        if now.value:
            moved.append((now.value, name, len(items)))
    moved.sort()
    down = [f'<span class="bad">{_e(n)} {100 * v:+.0f}</span> <small>of {k}</small>' for v, n, k in moved[:3] if v < 0]
    up = [
        f'<span class="good">{_e(n)} {100 * v:+.0f}</span> <small>of {k}</small>'
        for v, n, k in moved[::-1][:3]
        if v > 0
    ]
    if down or up:
        return ", ".join([*down, *up]) + " (points right)."
    shares = {n: scores.figure("right", items) for n, items in scores.sliced(SLICES["type and language"]).items()}
    low = sorted((f.value or 0.0, n, f.denominator) for n, f in shares.items())[:3]
    return (
        "weakest are " + ", ".join(f"{_e(n)} {v:.2f} <small>of {d:.0f}</small>" for v, n, d in low) + " (share right)."
    )


def _headline(change: Mapping[str, Any]) -> str:
    return _table(
        ("", change["a"], change["b"], "change", "95 %"), [_change_row(n, change["figures"][n]) for n in _HEADLINE]
    )


# --- tables --------------------------------------------------------------------------------------


def _table(head: Sequence[object], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th{' class=words' if h == 'of' else ''}>{_e(h)}</th>" for h in head)
    body = "".join("<tr>" + "".join(cells) + "</tr>" for cells in rows)
    return f'<div class="wide"><table><tr>{top}</tr>{body}</table></div>'


def _cell(text: object, tone: str = "") -> str:
    return f'<td class="{tone}">{_e(text)}</td>' if tone else f"<td>{_e(text)}</td>"


def _n(value: float | None, signed: bool = False) -> str:
    return "–" if value is None else f"{value:+.3f}" if signed else f"{value:.3f}"


def _change_row(name: str, row: Mapping[str, Any]) -> list[str]:
    tone = {"better": "good", "worse": "bad"}.get(row["verdict"], "")
    span = "–" if row["low"] is None else f"{row['low']:+.3f} to {row['high']:+.3f}"
    arrow = " ↓" if FIGURES[name].better == "lower" else ""
    return [
        _cell(name + arrow),
        _cell(_n(row["a"])),
        _cell(_n(row["b"])),
        _cell(_n(row["value"], True), tone),
        _cell(span),
    ]


def _figures(scores: Scores, change: Mapping[str, Any]) -> str:
    rows = []
    for name, entry in FIGURES.items():
        if entry.group == "BM25 only":
            continue
        figure = scores.figure(name)
        row = change["figures"].get(name, {"value": None, "low": None, "high": None, "p": None, "verdict": "same"})
        tone = {"better": "good", "worse": "bad"}.get(row["verdict"], "")
        span = "" if figure.low is None else f"{figure.low:.2f} to {figure.high:.2f}"
        rows.append(
            [
                _cell(f"{name}{' ↓' if entry.better == 'lower' else ''}"), _cell(_n(figure.value)), _cell(span),
                _cell(f"{figure.numerator:g}/{figure.denominator:g}"), _cell(_n(row["value"], True), tone),
                _cell(_n(row["p"])), _cell(entry.of, "words"),
            ]
        )  # fmt: skip
    head = ("figure (↓ lower is better)", "value", "95 %", "count", f"against {change['a']}", "p", "of")
    return f'<h2 id="figures">All figures</h2><p class="soft">{_e(change["interval"])}</p>{_table(head, rows)}'


def _bm25(scores: Scores) -> str:
    """The system's row and the plain one, over the same questions."""
    system = [_cell("this run"), *(_cell(_n(scores.figure(n).value)) for n in _PAIRED_WITH_BM25)]
    system.append(_cell(_n(scores.figure("refusal_auroc").value)))
    plain = [_cell("BM25 only"), *(_cell(_n(scores.figure(f"bm25_{n}").value)) for n in _PAIRED_WITH_BM25)]
    plain.append(_cell(_n(scores.figure("bm25_refusal_auroc").value)))
    n = scores.figure("recall@5").denominator
    gaps = ", ".join(f"{k} {'–' if v is None else v}" for k, v in scores.language_gap().items())
    return (
        f'<h2 id="bm25">Against BM25 only</h2>{_table(("", *_PAIRED_WITH_BM25, "refusal AUROC"), [system, plain])}'
        f'<p class="soft">Retrieval over {n:g} questions with evidence; BM25 searches the same passages with the question as typed and '
        f"always answers with three sentences of its first. Language gap in recall@5, points: {_e(gaps)}.</p>"
    )


def _refusal(scores: Scores, before: Scores) -> str:
    """Does the signal know when to keep silent? Fifths of it, and what answering less would save."""
    rows = sorted(scores.signals(scores.items, False, "wrong"), key=lambda r: (r.score, r.item))
    items = {i.id: i for i in scores.items}
    cells = []
    for k in range(_FIFTHS if len(rows) >= _FIFTHS else 0):
        part = rows[k * len(rows) // _FIFTHS : (k + 1) * len(rows) // _FIFTHS]
        n = len(part)
        answerable = sum(items[r.item].answerable for r in part)
        status = [((scores.run.rows.get((r.item, "asked")) or {}).get("reply") or {}).get("status") for r in part]
        right = sum(bool(scores.judged[r.item].adds["right"][0]) for r in part)
        cells.append(
            [
                _cell(f"{part[0].score:.3f} to {part[-1].score:.3f}"), _cell(n), _cell(f"{answerable / n:.2f}"),
                _cell(f"{sum(s == 'abstained' for s in status) / n:.2f}"), _cell(f"{right / n:.2f}"),
            ]
        )  # fmt: skip
    shown = _table(("signal, in fifths", "n", "answerable", "refused", "right"), cells)
    areas = ", ".join(
        f"{_e(s.run.config['name'])} {_n(s.figure('risk_coverage_area').value)}"
        for s in ((scores,) if before is scores else (scores, before))
    )
    return (
        f'<h2 id="refusal">Refusal</h2><p class="soft">The signal is the reply\'s answerability where it gives one, else the score of its '
        f"best hit. A signal that knows has few answerable questions in its lowest fifth and is mostly right in its highest.</p>{shown}"
        f'<p class="soft">Wrong answers if only the most confident share of these questions were answered, answering the unanswerable counted '
        f"as wrong; area under the line: {areas}.</p>{_risk_chart(scores, before)}"
    )


def _risk_chart(scores: Scores, before: Scores) -> str:
    """Risk over coverage as an inline drawing: this run solid, the one before dashed."""

    def line(of: Scores, style: str) -> str:
        rows = of.signals(of.items, False, "wrong")
        risks = risk_coverage([r.score for r in rows], [r.positive for r in rows])
        points = " ".join(f"{40 + 400 * (i + 1) / len(risks):.1f},{170 - 150 * r:.1f}" for i, r in enumerate(risks))
        return f'<polyline points="{points}" class="{style}"/>'

    grid = "".join(
        f'<line x1="40" x2="440" y1="{170 - 150 * v:.0f}" y2="{170 - 150 * v:.0f}"/><text x="34" y="{174 - 150 * v:.0f}" text-anchor="end">{v:.1f}</text>'
        for v in (0, 0.2, 0.4, 0.6, 0.8, 1)
    )
    ticks = "".join(
        f'<text x="{40 + 400 * v:.0f}" y="188" text-anchor="middle">{v:g}</text>' for v in (0, 0.25, 0.5, 0.75, 1)
    )
    old = "" if before is scores else line(before, "then")
    key = f"solid: {scores.run.config['name']}" + ("" if before is scores else f", dashed: {before.run.config['name']}")
    return (
        f'<svg viewBox="0 0 460 206" role="img" aria-label="risk over coverage">{grid}{ticks}{old}{line(scores, "now")}'
        f'<text x="240" y="203" text-anchor="middle">share answered</text><text x="440" y="14" text-anchor="end">share wrong; {_e(key)}</text></svg>'
    )


def _slices(scores: Scores, before: Scores) -> str:
    parts = ['<h2 id="slices">Slices</h2><p class="soft">Small slices are smoke tests: read the interval.</p>']
    for kind, of in SLICES.items():
        rows = []
        for name, items in scores.sliced(of).items():
            ids = {i.id for i in items}
            old = [i for i in before.items if i.id in ids]
            moved = paired(before.counts("right", old), scores.counts("right", items))
            tone = {"better": "good", "worse": "bad"}.get(verdict(moved.low, moved.high, "higher"), "")
            cells = []
            for figure in _SLICED:
                f = scores.figure(figure, items)
                cells.append(_cell("–" if f.value is None else f"{f.value:.2f} ({f.low:.2f} to {f.high:.2f})"))
            rows.append([_cell(name), _cell(len(items)), *cells, _cell(_n(moved.value, True), tone)])
        parts.append(_table((kind, "n", *_SLICED, "right, change"), rows))
    return "".join(parts)


def _second_opinion(scores: Scores) -> str:
    """What an optional judge said, with its agreement with us; nothing where none was asked."""
    found = judge_ragas.load(scores.run.folder)
    if found is None:
        return ""
    cells = [[_cell(c) for c in row] for row in judge_ragas.rows(found)]
    return (
        f'<h2 id="judge">Second opinion</h2><p class="soft">{_e(found["judge"])} over {found["asked"]} answers, beside our figures and '
        f"never instead of them.</p>{_table(judge_ragas.HEAD, cells)}"
    )


def _latency(scores: Scores, before: Scores) -> str:
    now, then = scores.latency(), before.latency()
    rows = []
    for stage, row in now.items():
        old = then.get(stage, {})
        rows.append(
            [
                _cell(stage),
                _cell(row["p50"]),
                _cell(row["p95"]),
                _cell(old.get("p50", "–")),
                _cell(old.get("p95", "–")),
                _cell(row["n"]),
            ]
        )
    head = ("stage", "p50 ms", "p95 ms", "p50 before", "p95 before", "replies")
    return f'<h2 id="latency">Latency</h2>{_table(head, rows)}'


# --- answers -------------------------------------------------------------------------------------


def worst(scores: Scores, before: Scores) -> list[Item]:
    """Wrong answers in the order of harm: wrong values and attacks, then lost against before, then wrong, then withheld."""

    def harm(item: Item) -> tuple[float, ...]:
        adds = scores.judged[item.id].adds
        old = before.judged.get(item.id)
        return (
            -adds.get("injection_success", (0, 1))[0],
            -adds.get("wrong_value", (0, 1))[0],
            -float(bool(old and old.adds["right"][0])),
            adds["truthfulness"][0],
            -len(scores.judged[item.id].faults),
        )

    wrong = [i for i in scores.open_items if not scores.judged[i.id].adds["right"][0]]
    return sorted(wrong, key=lambda i: (harm(i), i.id))[:WORST]


def _worst(scores: Scores, before: Scores) -> str:
    chosen = worst(scores, before)
    total = sum(not j.adds["right"][0] for j in scores.judged.values())
    sealed = len(scores.items) - len(scores.open_items)
    note = f'<p class="soft">{sealed} sealed questions are counted and not shown.</p>' if sealed else ""
    head = f'<h2 id="worst">Worst answers: {len(chosen)} of {total} that are wrong</h2>{note}'
    return head + "".join(_answer(i, scores, before) for i in chosen)


def _answer(item: Item, scores: Scores, before: Scores) -> str:
    row = scores.run.rows.get((item.id, "asked")) or {}
    old = before.judged.get(item.id)
    lost = ' <span class="bad">was right before</span>' if old and old.adds["right"][0] else ""
    history = "".join(f"<p><small>{_e(t.question)} → {_e(t.answer)}</small></p>" for t in item.history)
    details = "; ".join(filter(None, (item.type, item.language, item.style, item.near_miss, f"as of {item.as_of}")))
    return (
        f'<article id="{_e(item.id)}"><p><b>{_e(item.id)}</b> <small>{_e(details)}</small>{lost}</p>{history}'
        f"<p><b>{_e(item.question)}</b></p>"
        f'<p class="bad">{_e("; ".join(scores.judged[item.id].faults))}</p>'
        f'<div class="pair"><div>{_said(row, scores)}</div><div>{_gold(item, scores)}</div></div></article>'
    )


def _said(row: Mapping[str, Any], scores: Scores) -> str:
    """What was shown, each statement with the sentences around its quote."""
    reply = row.get("reply")
    if not reply:
        error = row.get("error") or {"message": "no reply"}
        return f'<p class="bad">{_e(error["message"])}</p>'
    sources = {s["n"]: s for s in reply["sources"]}
    lines = []
    for statement in reply["statements"]:
        cited = "".join(_around(c, sources.get(c["source"]), scores) for c in statement["citations"])
        lines.append(f"<li>{_e(statement['text'])} <small>{_e(statement['kind'])}</small>{cited}</li>")
    reason = f", {reply['reason']}" if reply["reason"] else ""
    return f"<p><b>Reply: {_e(reply['status'])}{_e(reason)}</b></p><ol>{''.join(lines)}</ol>"


def _around(citation: Mapping[str, Any], source: Mapping[str, Any] | None, scores: Scores) -> str:
    if source is None:
        return '<p class="bad">cites a source that is not listed</p>'
    text = scores.run.sources.get(source["document"], {"texts": {}})["texts"].get(source["language"], "")
    start, end = citation["start"], citation["end"]
    return (
        f"<details><summary><small>[{_e(source['n'])}] {_e(source['document'])}, {_e(source['language'])}, {_e(source['validity'])}"
        f"</small></summary><small>…{_e(text[max(0, start - 120) : start])}<mark>{_e(text[start:end])}</mark>{_e(text[end : end + 120])}…</small></details>"
    )


def _gold(item: Item, scores: Scores) -> str:
    hits = ((scores.run.rows.get((item.id, "asked")) or {}).get("reply") or {}).get("hits") or []
    rank = {h["document"]: h["rank"] for h in reversed(hits)}
    evidence = "".join(
        f"<li>{_e(e.document)} <small>{'hit ' + str(rank[e.document]) if e.document in rank else 'not among the hits'}</small>"
        + "".join(f"<br><mark>{_e(q)}</mark>" for _, q in e.quotes(item.hide))
        + "</li>"
        for e in item.evidence
    )
    facts = "".join(
        f"<li>{_e(n.aliases[0])} <small>{'vital' if n.vital else 'okay'}</small></li>" for n in item.nuggets
    )
    extra = "".join(
        f"<p><small>{_e(label)}: {_e('; '.join(map(str, values)))}</small></p>"
        for label, values in (
            ("must not say", item.forbidden),
            ("readings", item.readings),
            ("note", (item.note,) if item.note else ()),
        )
        if values
    )
    wanted = " or ".join(item.expect.status) + (f" ({' or '.join(item.expect.reason)})" if item.expect.reason else "")
    return f"<p><b>Gold: {_e(wanted)}</b></p><ul>{facts}</ul><p>Evidence</p><ul>{evidence or '<li>none in the corpus</li>'}</ul>{extra}"


def _about(scores: Scores, change: Mapping[str, Any]) -> str:
    config = scores.run.config
    rows = [[_cell(k), f'<td class="words">{_e(v)}</td>'] for k, v in config.items()]
    differs = ", ".join(change["config"]) or "nothing that is recorded"
    return f'<h2 id="about">About this run</h2><p>Differs from {_e(change["a"])} in {_e(differs)}.</p>{_table(("", ""), rows)}'
