"""Replies, source cards and the rail as HTML: pure functions of the contract's JSON, because that is what the browser keeps.

Every text is escaped before it is put anywhere; links exist only where a document's metadata has an http(s) address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any, Protocol
from urllib.parse import urlsplit

from advisor.model import Document, Passage, Reply
from advisor.wording import say, wording

ENDS_SOON_DAYS = 90
HTML_LANG = {"zh": "zh-CN", "en": "en"}
SCRIPT_WORDS = {"page-title": "page_title", "copied": "copied", "ready": "ready", "lost": "lost", "noted": "note_kept"}

Json = Mapping[str, Any]


class Library(Protocol):
    def document(self, id: str) -> Document: ...
    def passages(self, id: str) -> Sequence[Passage]: ...


def remember(reply: Reply, library: Library) -> dict[str, Any]:
    """What the browser keeps of one turn: the reply without its working papers, and the passages its cards show."""
    kept = {k: v for k, v in reply.as_dict().items() if k not in ("hits", "timings_ms", "receipt")}
    passages: dict[str, Any] = {}
    for citation in (c for s in reply.statements for c in s.citations):
        passage = next(p for p in library.passages(citation.document) if p.id == citation.passage)
        known = passages.get(passage.id, {"start": passage.start, "text": passage.text})
        start, end = min(known["start"], citation.start), max(known["start"] + len(known["text"]), citation.end)
        text = library.document(citation.document).texts[citation.language][start:end]  # a quote may reach beyond
        passages[passage.id] = {"text": text, "start": start, "heading": passage.heading}
    successors = {s.superseded_by for s in reply.sources if s.superseded_by}
    return {
        "question": reply.question,
        "reply": kept,
        "passages": passages,
        "links": {s.document: _link_kind(library.document(s.document), s.url) for s in reply.sources},
        "successors": {id: library.document(id).title.get(reply.language) for id in sorted(successors)},
    }


def _link_kind(document: Document, url: str | None) -> str:
    return next((link.kind for link in document.sources if link.url == url), "own")


# ---------------------------------------------------------------- answers


@dataclass(frozen=True)
class Marker:
    """One [n] of an answer with the citations (statement, citation) it stands for."""

    n: int
    start: int
    end: int
    citations: tuple[tuple[int, int], ...]


def markers(reply: Json) -> list[Marker]:
    """Each [n] belongs to the last statement said before it that cites source n; a [n] inside a quotation is just text."""
    answer, numbers = reply["answer"], {s["n"] for s in reply["sources"]}
    said = list(_positions(reply))
    found = []
    for match in re.finditer(r"\[(\d{1,3})\]", answer):
        n = int(match[1])
        if n not in numbers or any(
            a <= match.start() < b and any(match[0] in c["quote"] for c in s["citations"]) for a, b, _, s in said
        ):
            continue
        citing = [(a, i, s) for a, _, i, s in said if any(c["source"] == n for c in s["citations"])]
        before = [c for c in citing if c[0] <= match.start()] or citing[:1]
        _, i, statement = before[-1] if before else (0, -1, {"citations": ()})
        here = tuple((i, j) for j, c in enumerate(statement["citations"]) if c["source"] == n)
        found.append(Marker(n, match.start(), match.end(), here))
    return found


def _positions(reply: Json) -> Iterator[tuple[int, int, int, Json]]:
    """(start, end, number, statement) of the statements found in the answer; those not found verbatim count from its start."""
    cursor = 0
    for i, statement in enumerate(reply["statements"]):
        at = reply["answer"].find(statement["text"], cursor) if statement["text"] else -1
        if at >= 0:
            cursor = at + len(statement["text"])
            yield at, cursor, i, statement
        else:
            yield cursor, cursor, i, statement


_OPEN, _CLOSE = "\ue000", "\ue001"  # private-use characters stand for markers while Markdown is read


def answer_html(reply: Json) -> str:
    """The answer's Markdown with its markers as buttons; no link, image or tag of the text survives."""
    found = markers(reply)
    text, cursor, parts = reply["answer"], 0, []
    for k, marker in enumerate(found):
        parts += [_plain(text[cursor : marker.start]), f"{_OPEN}{k}{_CLOSE}"]
        cursor = marker.end
    html = markdown("".join([*parts, _plain(text[cursor:])]))
    buttons = [_marker_html(m, reply) for m in found]
    return re.sub(f" ?{_OPEN}(\\d+){_CLOSE}", lambda m: buttons[int(m[1])], _held(html))


def _held(html: str) -> str:
    """Markers stay on the line of the last character before them, inside its emphasis."""
    run = f"(?: ?{_OPEN}\\d+{_CLOSE})+"
    html = re.sub(f"((?:</(?:strong|em)>)+)({run})", r"\2\1", html)
    return re.sub(f"(&\\w+;|&#\\w+;|[^\\s<>;&])({run})", r'<span class="held">\1\2</span>', html)


def _plain(text: str) -> str:
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def _marker_html(marker: Marker, reply: Json) -> str:
    source = next(s for s in reply["sources"] if s["n"] == marker.n)
    quotes = [reply["statements"][i]["citations"][j]["quote"] for i, j in marker.citations]
    label = say("ui.marker", reply["language"], n=marker.n, title=source["title"])
    return (
        f'<button type="button" class="cite {escape(validity(source, _as_of(reply)), True)}" data-n="{marker.n}"'
        f' data-c="{" ".join(f"{i}-{j}" for i, j in marker.citations)}" data-quote="{escape(" … ".join(quotes), True)}"'
        f' data-title="{escape(source["title"], True)}" aria-label="{escape(label, True)}">{marker.n}</button>'
    )


def markdown(text: str) -> str:
    """Paragraphs, lists, tables, quotations, bold and italics; everything else is text."""
    return "".join(_block(lines) for lines in _blocks(text))


def _blocks(text: str) -> Iterator[list[str]]:
    """Runs of lines of one kind; an indented line goes on with the list item above it."""
    run: list[str] = []
    for line in [*text.splitlines(), ""]:
        if run and _kind(run[0]) in ("ul", "ol") and line.startswith("  ") and line.strip() and _kind(line) == "p":
            run[-1] += "\n" + line.strip()
            continue
        if run and (not line.strip() or _kind(line) != _kind(run[-1])):
            yield run
            run = []
        if line.strip():
            run.append(line)


_KINDS = (
    ("ul", re.compile(r"\s*[-*•]\s+")),
    ("ol", re.compile(r"\s*\d{1,2}[.、)]\s+")),
    ("table", re.compile(r"\s*\|")),
    ("quote", re.compile(r"\s*>\s?")),
    ("heading", re.compile(r"\s*#{1,6}\s+")),
)


def _kind(line: str) -> str:
    return next((name for name, pattern in _KINDS if pattern.match(line)), "p")


def _block(lines: Sequence[str]) -> str:
    kind = _kind(lines[0])
    bare = [re.sub(pattern, "", line, count=1) for line in lines for name, pattern in _KINDS if name == kind] or lines
    match kind:
        case "ul" | "ol":
            return f"<{kind}>{''.join(f'<li>{_inline(line)}</li>' for line in bare)}</{kind}>"
        case "table":
            return _table(lines)
        case "quote":
            return f"<blockquote>{'<br>'.join(map(_inline, bare))}</blockquote>"
        case "heading":
            return "".join(f'<p class="heading">{_inline(line)}</p>' for line in bare)
        case _:
            return f"<p>{'<br>'.join(map(_inline, bare))}</p>"


def _table(lines: Sequence[str]) -> str:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    ruled = len(rows) > 1 and all(re.fullmatch(r":?-{2,}:?", c) for c in rows[1])
    head = "".join(f'<th scope="col">{_inline(c)}</th>' for c in rows[0]) if ruled else ""
    body = "".join(
        f"<tr>{''.join(f'<td>{_inline(c)}</td>' for c in row)}</tr>" for row in (rows[2:] if ruled else rows)
    )
    return f'<div class="table"><table>{f"<thead><tr>{head}</tr></thead>" if head else ""}<tbody>{body}</tbody></table></div>'


def _inline(text: str) -> str:
    html = escape(text.strip(), quote=True).replace("\n", "<br>")
    html = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"<strong>\1</strong>", html)
    return re.sub(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=\S)\*(?![\w*])", r"<em>\1</em>", html)


# ---------------------------------------------------------------- source cards


def _as_of(reply: Json) -> date:
    return date.fromisoformat(reply["as_of"])


def validity(source: Json, as_of: date) -> str:
    """The contract's validity, with `ends_soon` for what ends within 90 days."""
    ends = source["in_force_to"]
    if source["validity"] == "in_force" and ends and (date.fromisoformat(ends) - as_of).days <= ENDS_SOON_DAYS:
        return "ends_soon"
    return str(source["validity"])


def cards_html(turn: Json) -> str:
    """One card per source: what it is, whether it holds, and the passage with the quoted words marked."""
    return "".join(_card(source, turn) for source in turn["reply"]["sources"])


def _card(source: Json, turn: Json) -> str:
    reply, language = turn["reply"], turn["reply"]["language"]
    badge = validity(source, _as_of(reply))
    facts = [source["issuer"], source["number"], source["issued"] and say("ui.issued", language, date=source["issued"])]
    return (
        f'<li class="card" tabindex="-1" data-n="{source["n"]}">'
        f'<div class="card-head"><span class="num">{source["n"]}</span>'
        f'<h3 lang="{HTML_LANG[source["language"]]}">{escape(source["title"])}</h3></div>'
        f'<p class="standing"><span class="badge {escape(badge, True)}">{escape(wording(f"ui.validity.{badge}", language))}</span>'
        f"{_until(source, badge, turn)}</p>"
        f'<p class="meta">{_unbroken(" · ".join(f for f in facts if f))}</p>'
        f'<p class="origin">{escape(_origin(source, language))}</p>'
        f"{''.join(_passages(source, turn))}"
        f"{_link(source, turn)}</li>"
    )


def _unbroken(text: str) -> str:
    """Escaped, with dates that do not break at their hyphens."""
    return re.sub(r"\d{4}-\d\d-\d\d", r'<span class="date">\g<0></span>', escape(text))


def _until(source: Json, badge: str, turn: Json) -> str:
    language = turn["reply"]["language"]
    ends = source["in_force_to"]
    if badge == "superseded":
        return (f" <s>{escape(ends)}</s>" if ends else "") + _successor(source, turn)
    if not ends:
        return ""
    if badge == "expired":
        return f" <s>{escape(say('ui.until', language, date=ends))}</s>"
    days = (date.fromisoformat(ends) - _as_of(turn["reply"])).days
    key = "ui.until_days" if badge == "ends_soon" else "ui.until"
    return f" {_unbroken(say(key, language, date=ends, days=days))}"


def _successor(source: Json, turn: Json) -> str:
    """A jump to the successor's card where it is cited too, else one click asks about it."""
    id, language = source["superseded_by"], turn["reply"]["language"]
    if not id:
        return ""
    cited = next((s for s in turn["reply"]["sources"] if s["document"] == id), None)
    title = cited["title"] if cited else turn.get("successors", {}).get(id)
    if not title:
        return ""
    label = escape(say("ui.successor", language, title=title))
    if cited:
        return f' <button type="button" class="link" data-go="{cited["n"]}">{label}</button>'
    question = escape(say("ui.ask_about", language, title=title), True)
    return f' <button type="button" class="link" data-ask="{question}">{label}</button>'


def _origin(source: Json, language: str) -> str:
    parts = [wording(f"ui.origin.{source['text_origin']}", language)]
    if source["text_origin"] != "own":
        parts.append(wording(f"ui.verification.{source['verification']}", language))
    return str(wording("ui.joined", language)).join(parts)


def _passages(source: Json, turn: Json) -> Iterator[str]:
    """The passages quoted from, in the document's order, each under its heading."""
    quotes: dict[str, list[tuple[int, int, str]]] = {}
    place: dict[str, Json | None] = {}
    for i, statement in enumerate(turn["reply"]["statements"]):
        for j, citation in enumerate(statement["citations"]):
            if citation["source"] == source["n"] and citation["passage"] in turn["passages"]:
                row = (citation["start"], citation["end"], f"{i}-{j}")
                quotes.setdefault(citation["passage"], []).append(row)
                place[citation["passage"]] = citation["at"]
    above = ""
    for id in sorted(quotes, key=lambda id: turn["passages"][id]["start"]):
        passage = turn["passages"][id]
        where = _where(passage["heading"], place[id], source["title"], turn["reply"]["language"])
        note = f'<p class="where">{escape(where)}</p>' if where and where != above else ""
        above = where
        yield f'{note}<blockquote lang="{HTML_LANG[source["language"]]}">{highlighted(passage, quotes[id])}</blockquote>'


def _where(heading: str, at: Json | None, title: str, language: str) -> str:
    trail = " › ".join(h for h in heading.split(" › ") if h != title)
    names = wording("ui.at", language)
    places = [names[k].format(at=v) for k, v in (at or {}).items() if k in names]
    return " · ".join(p for p in (trail, *places) if p)


def highlighted(passage: Json, quotes: Iterable[tuple[int, int, str]]) -> str:
    """The passage with every quoted stretch in <mark>; stretches that overlap share one mark."""
    text, origin = passage["text"], passage["start"]
    merged: list[tuple[int, int, list[str]]] = []
    for start, end, name in sorted(quotes):
        a, b = max(0, start - origin), min(len(text), end - origin)
        if merged and a < merged[-1][1]:
            first, last, names = merged[-1]
            merged[-1] = (first, max(last, b), [*names, name])
        elif a < b:
            merged.append((a, b, [name]))
    cursor, parts = 0, []
    for a, b, names in merged:
        parts += [escape(text[cursor:a]), f'<mark data-c="{" ".join(names)}">{escape(text[a:b])}</mark>']
        cursor = b
    return "".join([*parts, escape(text[cursor:])])


def _link(source: Json, turn: Json) -> str:
    """The way to the source itself, named by what is found there."""
    url = source["url"]
    if not url or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        return ""
    names = wording("ui.link", turn["reply"]["language"])
    label = names.get(turn.get("links", {}).get(source["document"]), names["own"])
    return (
        f'<p class="official"><a href="{escape(url, True)}" target="_blank" rel="noopener noreferrer">{escape(label)} ↗</a>'
        f" <span>{escape(urlsplit(url).hostname or '')}</span></p>"
    )


# ---------------------------------------------------------------- turns


def turn_html(turn: Json, index: int) -> str:
    """A question and its reply; labels speak the reply's language."""
    reply = turn["reply"]
    language = reply["language"]
    status = reply["status"]
    ribbon = "" if status == "answered" else f'<p class="ribbon {escape(status, True)}">{escape(_ribbon(reply))}</p>'
    return (
        f'<article class="turn" data-turn="{index}">{_asked(turn["question"], language)}'
        f'<div class="answer" lang="{HTML_LANG[language]}" data-text="{escape(copy_text(reply), True)}">'
        f'{ribbon}<div class="prose">{answer_html(reply)}</div>'
        f"{_arithmetic(reply)}{_left_out(reply)}{_fallback(reply)}"
        f"{_clarify(turn)}{_sources(turn)}{_followups(reply)}{_tools(turn, index)}</div></article>"
    )


def _asked(question: str, language: str) -> str:
    return f'<div class="asked"><span class="sr">{escape(wording("ui.you_asked", language))}</span><p>{escape(question)}</p></div>'


def _ribbon(reply: Json) -> str:
    ribbons = wording("ui.ribbon", reply["language"])
    return str(ribbons.get(reply["reason"] or "") or ribbons[reply["status"]])


def _arithmetic(reply: Json) -> str:
    """Derived figures show how they were worked out, unless the answer already says so."""
    said = re.sub(r"\W", "", reply["answer"])
    rows = [s["formula"] for s in reply["statements"] if s["formula"] and re.sub(r"\W", "", s["formula"]) not in said]
    if not rows:
        return ""
    label = escape(wording("ui.arithmetic", reply["language"]))
    return f'<p class="formula"><span>{label}</span> {"<br>".join(escape(r) for r in rows)}</p>'


def _left_out(reply: Json) -> str:
    rows = [s for s in reply["statements"] if not s["supported"]]
    if not rows:
        return ""
    items = "".join(f"<li><s>{escape(s['text'])}</s> {escape(' · '.join(s['unsupported_because']))}</li>" for s in rows)
    return (
        f'<details class="left-out"><summary>{escape(say("ui.left_out", reply["language"], count=len(rows)))}</summary>'
        f"<ul>{items}</ul></details>"
    )


def _fallback(reply: Json) -> str:
    if not reply["fallback"]:
        return ""
    return f'<p class="notice">{escape(wording("ui.fallback", reply["language"]))}</p>'


def _clarify(turn: Json) -> str:
    clarify, language = turn["reply"]["clarify"], turn["reply"]["language"]
    if not clarify:
        return ""
    asked = "" if clarify["question"] in turn["reply"]["answer"] else f"<p>{escape(clarify['question'])}</p>"
    elsewhere = wording("clarify.other_place", language)
    chips = "".join(
        f'<button type="button" class="chip" data-choice="{escape(c, True)}" data-slot="{escape(clarify["slot"], True)}">'
        f"{escape(c)}</button>"
        for c in clarify["choices"]
        if c != elsewhere
    )
    label = elsewhere if clarify["slot"] == "region" else wording("ui.other_choice", language)
    other = f'<button type="button" class="chip quiet" data-other="{escape(turn["question"], True)}">{escape(label)}</button>'
    return f'<div class="choices" role="group" aria-label="{escape(clarify["question"], True)}">{asked}{chips}{other}</div>'


def _sources(turn: Json) -> str:
    count = len(turn["reply"]["sources"])
    if not count:
        return ""
    label = escape(say("ui.sources_count", turn["reply"]["language"], count=count))
    return f'<details class="sources"><summary>{label}</summary><ol class="cards">{cards_html(turn)}</ol></details>'


def _followups(reply: Json) -> str:
    if not reply["followups"]:
        return ""
    chips = "".join(
        f'<button type="button" class="chip" data-ask="{escape(f, True)}">{escape(f)}</button>'
        for f in reply["followups"]
    )
    label = escape(wording("ui.followups", reply["language"]), True)
    return f'<div class="followups" role="group" aria-label="{label}">{chips}</div>'


def _tools(turn: Json, index: int) -> str:
    language, mark = turn["reply"]["language"], turn.get("mark")
    words = wording("ui.tools", language)
    tool = '<button type="button" class="tool" data-{what}="{index}"{pressed}>{label}</button>'
    row = [
        tool.format(what="copy", index=index, pressed="", label=escape(words["copy"])),
        tool.format(what="again", index=index, pressed="", label=escape(words["again"])),
        *(
            tool.format(
                what=name,
                index=index,
                pressed=f' aria-pressed="{str(mark == name).lower()}"',
                label=escape(words[name]),
            )
            for name in ("useful", "wrong")
        ),
    ]
    return f'<div class="tools">{"".join(row)}{_noted(turn, index)}</div>'


def _noted(turn: Json, index: int) -> str:
    language, mark = turn["reply"]["language"], turn.get("mark")
    if not mark:
        return ""
    if mark == "useful":
        return f'<span class="noted">{escape(wording("ui.marked_useful", language))}</span>'
    placeholder = escape(wording("ui.note_placeholder", language), True)
    return (
        f'<form class="note" data-note="{index}"><label><span>{escape(wording("ui.marked_wrong", language))}</span>'
        f'<input name="note" maxlength="500" value="{escape(turn.get("note") or "", True)}" placeholder="{placeholder}"></label>'
        f'<button type="submit" class="tool">{escape(wording("ui.note_keep", language))}</button></form>'
    )


def copy_text(reply: Json) -> str:
    """The answer with its sources, as plain text for the clipboard."""
    rows = [
        f"[{s['n']}] " + " · ".join(p for p in (s["title"], s["issuer"], s["number"], s["issued"], s["url"]) if p)
        for s in reply["sources"]
    ]
    return "\n".join(
        [re.sub(r"\*\*|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)", "", reply["answer"]), *([""] if rows else []), *rows]
    )


def log_html(turns: Sequence[Json], language: str) -> str:
    """The conversation; what cannot be read (kept by another version) is left out. Empty: a welcome with questions to try."""
    shown = [html for i, turn in enumerate(turns) if (html := readable(turn, i))]
    return "".join(shown) or welcome_html(language)


def readable(turn: Json, index: int) -> str | None:
    try:
        return turn_html(turn, index)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, StopIteration):
        return None


def welcome_html(language: str) -> str:
    words = wording("ui.welcome", language)
    chips = "".join(
        f'<button type="button" class="starter" data-ask="{escape(q, True)}">{escape(q)}</button>'
        for q in wording("starters", language)
    )
    return (
        f'<section class="welcome" lang="{HTML_LANG[language]}"><h1>{escape(words["title"])}</h1>'
        f'<p>{escape(words["promise"])}</p><div class="starters" role="group" aria-label="{escape(words["try"], True)}">{chips}</div>'
        f"</section>"
    )


def working_html(
    question: str, language: str, reached: str, counts: Mapping[str, int], written: Sequence[str] = ()
) -> str:
    """The turn in the making: three named stages with what they have counted so far, and what is written and verified."""
    stages = wording("ui.stages", language)
    order = list(stages)
    at = order.index(reached) if reached in order else 0
    rows = []
    for k, name in enumerate(order):
        state = "done" if k < at else "now" if k == at else "next"
        count = counts.get(name)
        words = stages[name]["counted"].format(count=count) if count is not None else stages[name]["name"]
        rows.append(
            f'<li class="{state}"{" aria-current=" + chr(34) + "step" + chr(34) if state == "now" else ""}>{escape(words)}</li>'
        )
    lines = "".join(f"<p>{escape(text)}</p>" for text in written)
    said = f'<div class="answer"><div class="prose">{lines}</div></div>' if written else ""
    return (
        f'<article class="turn working" lang="{HTML_LANG[language]}">{_asked(question, language)}'
        f'<ol class="stages" role="status">{"".join(rows)}</ol>{said}</article>'
    )


def error_html(question: str, sentence: str, language: str, again: bool) -> str:
    """One sentence in the reader's language; `again` offers to ask once more where the words are not in the box."""
    words = escape(wording("ui.tools.again", language))
    button = f'<button type="button" class="tool" data-ask="{escape(question, True)}">{words}</button>' if again else ""
    return (
        f'<article class="turn error" lang="{HTML_LANG[language]}">{_asked(question, language)}'
        f'<div class="answer"><p class="ribbon failed" role="alert">{escape(sentence)}</p>'
        f'<div class="tools">{button}</div></div></article>'
    )


# ---------------------------------------------------------------- rail, panel, bottom line


def how_html(language: str, status: Json) -> str:
    """How answers are made here, in one line."""
    model, counted = status.get("chat_model"), status.get("documents")
    if counted is None:
        return f'<p class="how">{escape(wording("ui.how.offline", language))}</p>'
    made = say("ui.how.written", language, model=model) if model else say("ui.how.quoted", language, documents=counted)
    dated = status.get("corpus_date")
    tail = say("ui.how.corpus", language, date=dated) if dated else ""
    return f'<p class="how">{_unbroken(wording("ui.dot", language).join(p for p in (made, tail) if p))}</p>'


def top_html(language: str) -> str:
    """The bar of narrow screens: the way to the rail, the name, the language switch."""
    menu, close = escape(wording("ui.menu", language), True), escape(wording("ui.close", language), True)
    return (
        f'<div class="top"><button type="button" class="icon" data-rail aria-expanded="false" aria-controls="rail"'
        f' aria-label="{menu}" data-close="{close}" data-open="{menu}"><i></i></button>'
        f"<strong>{escape(wording('ui.brand', language))}</strong>{_switch(language)}</div>"
    )


def _switch(language: str) -> str:
    label = escape(wording("ui.language", language), True)
    options = "".join(
        f'<button type="button" data-language="{code}" lang="{HTML_LANG[code]}" aria-pressed="{str(code == language).lower()}">{name}</button>'
        for code, name in (("zh", "中文"), ("en", "EN"))
    )
    return f'<div class="switch" role="group" aria-label="{label}">{options}</div>'


def head_html(language: str) -> str:
    """The top of the rail: brand, language, a new conversation; with the words that the script says."""
    said = {"lang": HTML_LANG[language], **{k: wording(f"ui.{v}", language) for k, v in SCRIPT_WORDS.items()}}
    data = "".join(f' data-{k}="{escape(v, True)}"' for k, v in said.items())
    return (
        f'<div class="head" lang="{HTML_LANG[language]}"{data}><div class="brand">'
        f"<strong>{escape(wording('ui.brand', language))}</strong><span>{escape(wording('ui.tagline', language))}</span></div>"
        f'{_switch(language)}<button type="button" class="new" data-new>{escape(wording("ui.rail.new", language))}</button></div>'
    )


def past_html(language: str, archive: Sequence[Json]) -> str:
    """Earlier conversations, and where they are kept."""
    words = wording("ui.rail", language)
    return (
        f'<nav lang="{HTML_LANG[language]}" aria-label="{escape(words["history"], True)}"><h2>{escape(words["history"])}</h2>'
        f'{_history(words, archive)}</nav><p class="private">{escape(words["private"])}</p>'
    )


def _history(words: Json, archive: Sequence[Json]) -> str:
    rows = [
        f'<li><button type="button" class="past" data-past="{i}">{escape(str(talk["turns"][0]["question"]))}</button>'
        f'<button type="button" class="forget" data-forget="{i}" aria-label="{escape(words["forget"], True)}">×</button></li>'
        for i, talk in enumerate(archive)
        if talk.get("turns")
    ]
    return f"<ul>{''.join(rows)}</ul>" if rows else f'<p class="none">{escape(words["none"])}</p>'


def firm_html(language: str, profile: Json) -> str:
    """The facts of the firm that make answers fit it."""
    words = wording("ui.firm", language)
    industries = "".join(f'<option value="{escape(name, True)}"></option>' for name in words["industries"])
    levels = "".join(
        f'<option value="{value}"{" selected" if str(profile.get("level") or "") == value else ""}>{escape(label)}</option>'
        for value, label in (("", words["level_unknown"]), *((str(n), words["levels"][n - 1]) for n in range(1, 5)))
    )

    def field(name: str, more: str) -> str:
        value = profile.get(name)
        return (
            f'<label><span>{escape(words[name])}</span><input name="{name}" value="{escape(str(value or ""), True)}"'
            f' placeholder="{escape(words[name + "_example"], True)}" autocomplete="off" {more}></label>'
        )

    filled = " · ".join(escape(str(profile[k])) for k in ("region", "industry") if profile.get(k))
    return (
        f'<details class="firm" lang="{HTML_LANG[language]}"><summary>{escape(words["title"])}{f"<span>{filled}</span>" if filled else ""}</summary>'
        f"<form data-firm><p>{escape(words['why'])}</p>"
        f"{field('region', 'maxlength=60')}{field('industry', 'maxlength=60 list=firm-industries')}"
        f'<datalist id="firm-industries">{industries}</datalist>{field("employees", "inputmode=numeric maxlength=7")}'
        f'<label><span>{escape(words["level"])}</span><select name="level">{levels}</select></label>'
        f'<div class="row"><button type="submit" class="keep">{escape(words["keep"])}</button>'
        f'<button type="button" class="link" data-clear-firm>{escape(words["clear"])}</button></div></form></details>'
    )


def panel_html(language: str) -> str:
    """The shell of the right column; the script shows the cards of the answer being read in it."""
    words = wording("ui.panel", language)
    return (
        f'<aside class="panel" lang="{HTML_LANG[language]}" aria-label="{escape(words["title"], True)}"><h2>{escape(words["title"])}</h2>'
        f'<p class="empty">{escape(words["empty"])}</p><ol class="cards"></ol></aside>'
    )
