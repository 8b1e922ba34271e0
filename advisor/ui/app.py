"""The chat: build() places the widgets, connect() wires them; what is shown comes from render.py, what is said from the advisor."""

from __future__ import annotations

import contextlib
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any, Protocol

import gradio as gr
import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from gradio import events

from advisor.batch import question_of
from advisor.errors import AdvisorError, Busy
from advisor.model import LANGUAGES, Document, Language, Passage, Profile, Question, Reply, Turn
from advisor.settings import Settings
from advisor.ui import render
from advisor.ui.gate import Full, Gate
from advisor.ui.guard import Guard
from advisor.wording import wording

log = logging.getLogger(__name__)

WORKING, WAITING = 16, 112  # questions answered at once, and waiting their turn
WRITING = 112  # answered at once where a chat model writes: most of that is waiting for it
TURNS, TALKS = 20, 12  # kept per conversation, and conversations kept, in the reader's browser
STORAGE = "advisor-1"  # the format's number: what an older page kept is not misread
FONT = [
    "system-ui",
    "-apple-system",
    "PingFang SC",
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "Microsoft YaHei",
    "sans-serif",
]

Json = dict[str, Any]
Updates = dict[Any, Any]  # widget → what to show in it


class AskingAdvisor(Protocol):
    """What the chat needs of an advisor; `stages` names what is being done and ends in the Reply."""

    def ask(self, question: Question) -> Reply: ...
    def stages(self, question: Question) -> Iterator[Any]: ...
    def status(self) -> Mapping[str, Any]: ...
    def document(self, id: str) -> Document: ...
    def passages(self, id: str) -> Sequence[Passage]: ...


# ---------------------------------------------------------------- serving


def build_app(advisor: AskingAdvisor, settings: Settings) -> FastAPI:
    """The whole web application: the chat at /, its API at /ask, /healthz, and nothing else."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthz() -> Response:
        status = _status(advisor)
        if "documents" not in status:
            return JSONResponse({"status": "unavailable", "reason": status.get("reason")}, status_code=503)
        kept = ("documents", "passages", "generation", "corpus_date")
        return JSONResponse({"status": "ok", **{k: status[k] for k in kept if k in status}})

    gr.mount_gradio_app(
        app,
        _blocks(advisor, settings),
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        theme=gr.themes.Base(font=FONT, font_mono=["ui-monospace", "monospace"]),
        head=f"<style>{_asset('style.css')}</style><script>{_asset('script.js')}</script>",
    )
    app.add_middleware(Guard, host=settings.host)
    return app


def _asset(name: str) -> str:
    return (resources.files("advisor") / "ui" / name).read_text("utf-8")


def serve(advisor: AskingAdvisor, settings: Settings, on_ready: Callable[[str], None] = lambda address: None) -> None:
    """Serve until stopped; `on_ready` gets the address once requests are answered. Raises Busy where the port is taken."""
    listener = _listen(settings.host, settings.port)
    app = build_app(advisor, settings)
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=3
    )
    server = _Server(config, lambda: on_ready(f"http://{shown}:{port}/"))
    with listener, contextlib.suppress(KeyboardInterrupt):  # uvicorn has said goodbye by then
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        raise Busy("port_busy", str(port)) from error
    return listener


def _status(advisor: AskingAdvisor) -> Mapping[str, Any]:
    """The advisor's status, or why there is none."""
    try:
        return advisor.status()
    except AdvisorError as error:
        return {"reason": error.reason}
    except Exception:
        log.exception("status failed")
        return {"reason": "failed"}


# ---------------------------------------------------------------- the page


@dataclass(frozen=True)
class Page:
    """The widgets that events read and write."""

    top: gr.HTML
    head: gr.HTML
    firm: gr.HTML
    past: gr.HTML
    panel: gr.HTML
    log: gr.HTML
    live: gr.HTML
    box: gr.Textbox
    how: gr.HTML
    prefs: gr.BrowserState
    talk: gr.BrowserState
    archive: gr.BrowserState

    @property
    def kept(self) -> list[gr.BrowserState]:
        return [self.prefs, self.talk, self.archive]

    @property
    def everything(self) -> list[Any]:
        shown = [self.top, self.head, self.firm, self.past, self.panel, self.log, self.live, self.box, self.how]
        return [*shown, *self.kept]


def _blocks(advisor: AskingAdvisor, settings: Settings) -> gr.Blocks:
    language: Language = "en" if settings.language == "en" else "zh"
    blocks = gr.Blocks(title=wording("ui.page_title", language), analytics_enabled=False, fill_width=True)
    with blocks:
        connect(build(language), Handlers(advisor, settings), blocks)
    blocks.queue(max_size=4 * (WORKING + WAITING), api_open=False, default_concurrency_limit=None)
    return blocks


def build(language: Language) -> Page:
    """Places the widgets; texts are filled in when the page knows the reader's language."""

    def part(name: str, html: str, *events: str) -> gr.HTML:
        fire = ", ".join(f"{e}: (data) => trigger('{FIRED[e]}', data)" for e in events)
        script = f"window.advisor.wire('{name}', element, {{{fire}}}, watch)"
        return gr.HTML(html, elem_id=name, js_on_load=script, apply_default_css=False)

    prefs = gr.BrowserState({}, storage_key=f"{STORAGE}-prefs", secret=STORAGE)
    talk = gr.BrowserState({"turns": []}, storage_key=f"{STORAGE}-talk", secret=STORAGE)
    archive = gr.BrowserState([], storage_key=f"{STORAGE}-archive", secret=STORAGE)
    top = part("top", render.top_html(language), "act")
    with gr.Column(elem_id="rail"):
        head = part("head", "", "act")
        firm = part("firm", "", "act")
        past = part("past", "", "act")
    with gr.Column(elem_id="middle"):
        conversation = part("log", "", "ask", "act")
        live = part("live", "", "ask")
        with gr.Column(elem_id="dock"):
            box = gr.Textbox(
                label=wording("ui.input_label", language),
                show_label=False,
                container=False,
                lines=1,
                max_lines=6,
                max_length=8000,
                submit_btn=True,
                stop_btn=True,
                elem_id="box",
            )
            how = gr.HTML("", elem_id="how", apply_default_css=False, js_on_load=None)
    panel = part("panel", render.panel_html(language), "ask")
    return Page(top, head, firm, past, panel, conversation, live, box, how, prefs, talk, archive)


FIRED = {"ask": "submit", "act": "select"}  # Gradio's name for each event of script.js

# Runs in the browser before the page is filled: the reader's own language decides until the switch was used.
_LOAD = "(prefs, talk, archive) => [{...(prefs || {}), browser: navigator.language || ''}, talk, archive]"


def connect(page: Page, handlers: Handlers, blocks: gr.Blocks) -> None:
    """Wires the widgets; only /ask is for other programs."""
    private: Any = {"api_visibility": "private", "show_progress": "hidden"}
    blocks.load(handlers.load(page), page.kept, page.everything, js=_LOAD, **private)
    asking = gr.on(
        [page.box.submit, page.log.submit, page.live.submit, page.panel.submit],
        handlers.respond(page),
        [page.box, page.prefs, page.talk],
        [page.log, page.live, page.box, page.firm, page.prefs, page.talk],
        concurrency_limit=None,
        trigger_mode="once",
        **private,
    )
    page.box.stop(handlers.stop(page), None, [page.live], cancels=[asking], **private)
    gr.on(
        [w.select for w in (page.top, page.head, page.firm, page.past, page.log)],
        handlers.act(page),
        page.kept,
        page.everything,
        concurrency_limit=None,
        **private,
    )
    events.api(handlers.api, api_name="ask", concurrency_limit=None)


# ---------------------------------------------------------------- handlers


@dataclass(frozen=True)
class Prefs:
    """What the browser remembers of its reader."""

    language: Language
    chosen: bool
    profile: Json

    def as_dict(self) -> Json:
        return {"language": self.language, "chosen": self.chosen, "profile": self.profile}


class Handlers:
    """Events → replies → HTML; no state of a conversation stays here."""

    def __init__(self, advisor: AskingAdvisor, settings: Settings) -> None:
        self._advisor = advisor
        self._settings = settings
        self._gate = Gate(WRITING if settings.chat_model else WORKING, WAITING)

    # --- reading what the browser sent

    def _prefs(self, raw: Any) -> Prefs:
        """Whatever a browser kept, made sound."""
        raw = raw if isinstance(raw, dict) else {}
        chosen = bool(raw.get("chosen")) and raw.get("language") in LANGUAGES
        fixed = self._settings.language
        if chosen:
            language = raw["language"]
        elif fixed != "auto":
            language = fixed
        elif raw.get("language") in LANGUAGES:
            language = raw["language"]
        else:
            language = "zh" if str(raw.get("browser") or "zh").lower().startswith("zh") else "en"
        return Prefs(language, chosen or fixed != "auto", _sound_profile(raw.get("profile")))

    # --- events

    def load(self, page: Page) -> Callable[..., Updates]:
        def handler(prefs: Any, talk: Any, archive: Any) -> Updates:
            return self._page(page, self._prefs(prefs), _turns(talk), _talks(archive))

        return handler

    def _page(self, page: Page, prefs: Prefs, turns: list[Json], archive: list[Json]) -> Updates:
        language = prefs.language
        status = _status(self._advisor)
        return {
            page.top: render.top_html(language),
            page.head: render.head_html(language),
            page.firm: render.firm_html(language, prefs.profile),
            page.past: render.past_html(language, archive),
            page.panel: render.panel_html(language),
            page.log: render.log_html(turns, language),
            page.live: "",
            page.box: gr.Textbox(
                label=wording("ui.input_label", language), placeholder=wording("ui.placeholder", language)
            ),
            page.how: render.how_html(language, status),
            page.prefs: prefs.as_dict(),
            page.talk: {"turns": turns},
            page.archive: archive,
        }

    def respond(self, page: Page) -> Callable[..., AsyncIterator[Updates]]:
        async def handler(text: str, prefs: Any, talk: Any, event: gr.EventData) -> AsyncIterator[Updates]:
            asked, mine, turns = _asked(text, event), self._prefs(prefs), _turns(talk)
            mine = replace(mine, profile={**mine.profile, **asked.learned})
            if not asked.text.strip():
                yield {page.live: ""}
                return
            counts: dict[str, int] = {}
            written: list[str] = []  # a model's statements, as they are verified
            yield {page.live: render.working_html(asked.text, mine.language, "", counts), **_emptied(page, asked)}
            try:
                async for step in self._gate.run(lambda: self._steps(_question(asked, mine, turns))):
                    if isinstance(step, dict):
                        yield _answered(page, mine, _with_turn(turns, step, asked.instead_of))
                        return
                    name = "checking" if step.name in ("statement", "writing") else step.name
                    counts[name] = step.count
                    written += [s.text for s in getattr(step, "statements", ())]
                    yield {page.live: render.working_html(asked.text, mine.language, name, counts, written)}
            except Exception as error:
                sentence = _sentence(error, mine.language)
                html = render.error_html(asked.text, sentence, mine.language, again=not asked.typed)
                yield {page.live: html, **({page.box: asked.text} if asked.typed else {})}

        return handler

    def _steps(self, question: Question) -> Iterator[Any]:
        """Stages as they begin, then what the browser keeps of the reply."""
        for step in self._advisor.stages(question):
            yield render.remember(step, self._advisor) if isinstance(step, Reply) else step

    def stop(self, page: Page) -> Callable[[], Updates]:
        return lambda: {page.live: ""}

    def act(self, page: Page) -> Callable[..., Updates]:
        def handler(prefs: Any, talk: Any, archive: Any, event: gr.EventData) -> Updates:
            mine, turns, talks = self._prefs(prefs), _turns(talk), _talks(archive)
            data = event._data if isinstance(event._data, dict) else {}
            match data.get("do"):
                case "language" if data.get("value") in LANGUAGES:
                    mine = replace(mine, language=data["value"], chosen=True)
                    turns = self._again(turns, mine)
                case "firm":
                    mine = replace(mine, profile=_sound_profile(data.get("value")))
                case "new" if turns:
                    talks, turns = _archived(turns, talks), []
                case "open" if (chosen := _pick(talks, data.get("value"))) is not None:
                    rest = [t for t in talks if t is not chosen]
                    talks, turns = (_archived(turns, rest) if turns else rest), chosen["turns"]
                case "forget" if (chosen := _pick(talks, data.get("value"))) is not None:
                    talks = [t for t in talks if t is not chosen]
                case "useful" | "wrong" | "note" as what if (chosen := _pick(turns, data.get("turn"))) is not None:
                    marked = _marked(chosen, what, data.get("value"))
                    turns = [marked if t is chosen else t for t in turns]
                    self._feedback(marked)
            return self._page(page, mine, turns, talks)

        return handler

    def _again(self, turns: list[Json], mine: Prefs) -> list[Json]:
        """The conversation in the other language, where asking again costs nothing; a model's answers stay as they are."""
        said: list[Json] = []
        for turn in turns:
            reply = turn["reply"]
            if reply.get("language") != mine.language and reply.get("answerer") == "extractive":
                question = Question(turn["question"], mine.language, _profile(mine.profile), _history(said))
                try:
                    kept: Json = {k: turn[k] for k in ("mark", "note") if k in turn}
                    turn = {**render.remember(self._advisor.ask(question), self._advisor), **kept}
                except Exception:
                    log.exception("a turn could not be asked again")
            said.append(turn)
        return said

    def _feedback(self, turn: Json) -> None:
        """Handed on only where the advisor takes feedback; else it stays in the browser."""
        if turn.get("mark") and callable(give := getattr(self._advisor, "feedback", None)):
            give({"question": turn["question"], "mark": turn["mark"], "note": turn.get("note")})

    # --- for other programs

    async def api(
        self,
        question: str,
        language: str = "auto",
        profile: dict | None = None,  # type: ignore[type-arg]
        history: list | None = None,  # type: ignore[type-arg]
        as_of: str | None = None,
    ) -> dict:  # type: ignore[type-arg]
        """One reply to one question, as the contract's JSON; `{"error": …}` where the input cannot be used."""
        try:
            raw = {"question": question, "language": language, "profile": profile, "history": history, "as_of": as_of}
            asked = question_of(raw)
            async for reply in self._gate.run(lambda: (self._advisor.ask(q) for q in (asked,))):
                return reply.as_dict()
            raise AssertionError("an advisor replies")
        except AdvisorError as error:
            return {"error": error.as_dict("zh" if language == "zh" else "en")}
        except Full:
            return {"error": {"reason": "busy", "message": wording("ui.busy", "en"), "where": None}}
        except Exception:
            log.exception("a question failed")
            return {"error": {"reason": "failed", "message": wording("errors.failed", "en"), "where": None}}


def _emptied(page: Page, asked: Asked) -> Updates:
    return {page.box: ""} if asked.typed else {}


def _question(asked: Asked, mine: Prefs, turns: Sequence[Json]) -> Question:
    """In the language chosen by the switch; until it was used, in the language people write in."""
    earlier = turns if asked.instead_of is None else turns[: asked.instead_of]
    language = mine.language if mine.chosen else "auto"
    return Question(asked.text, language, _profile(mine.profile), _history(earlier))


def _answered(page: Page, mine: Prefs, turns: list[Json]) -> Updates:
    return {
        page.log: render.log_html(turns, mine.language),
        page.live: "",
        page.talk: {"turns": turns},
        page.prefs: mine.as_dict(),
        page.firm: render.firm_html(mine.language, mine.profile),
    }


@dataclass(frozen=True)
class Asked:
    """A question however it came: typed, by a chip, as a choice, or once more."""

    text: str
    typed: bool = False
    instead_of: int | None = None
    learned: Mapping[str, Any] = field(default_factory=dict)


def _asked(text: str, event: gr.EventData) -> Asked:
    data = event._data if isinstance(event._data, dict) else {}
    if not isinstance(data.get("text"), str):
        return Asked(str(text or ""), typed=True)
    again = data.get("instead_of")
    choice = str(data.get("choice") or "")
    learned = learn(str(data.get("slot") or ""), choice) if choice else {}
    said = (
        f"{data['text']}（{choice}）" if choice and re.search("[一-鿿]", data["text"]) else f"{data['text']} ({choice})"
    )
    return Asked(
        text=said if choice else data["text"],
        instead_of=again if isinstance(again, int) and again >= 0 else None,
        learned=learned,
    )


_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4}


def learn(slot: str, choice: str) -> Json:
    """What a clicked choice says of the firm, for the profile."""
    if slot in ("region", "industry"):
        return {slot: choice}
    number = re.search(r"\d+|[一二三四]", choice)
    if slot == "level" and number and (level := _DIGITS.get(number[0]) or int(number[0])) in range(1, 5):
        return {"level": level}
    if slot == "size" and (count := re.search(r"\d+", choice)):
        return {"employees": int(count[0])}
    return {}


def _sound_profile(raw: Any) -> Json:
    """The four facts of the form, as far as they make sense."""
    raw = raw if isinstance(raw, dict) else {}
    sound: Json = {k: str(raw[k]).strip()[:60] for k in ("region", "industry") if str(raw.get(k) or "").strip()}
    for name, low, high in (("employees", 1, 9_999_999), ("level", 1, 4)):
        digits = re.sub(r"\D", "", str(raw.get(name) or ""))[:8]
        if digits and low <= int(digits) <= high:
            sound[name] = int(digits)
    return sound


def _profile(sound: Json) -> Profile | None:
    return Profile(**sound) if sound else None


def _turns(talk: Any) -> list[Json]:
    """The turns that this version can show; anything else a browser kept is left out."""
    raw = talk.get("turns") if isinstance(talk, dict) else None
    return [t for t in raw if render.readable(t, 0) is not None][-TURNS:] if isinstance(raw, list) else []


def _talks(archive: Any) -> list[Json]:
    raw = archive if isinstance(archive, list) else []
    return [{"turns": turns} for talk in raw[:TALKS] if (turns := _turns(talk))]


def _history(turns: Sequence[Json]) -> tuple[Turn, ...]:
    return tuple(Turn(str(t["question"]), str(t["reply"]["answer"])) for t in turns)


def _with_turn(turns: list[Json], turn: Json, instead_of: int | None) -> list[Json]:
    if instead_of is not None and instead_of < len(turns):
        return [*turns[:instead_of], turn, *turns[instead_of + 1 :]]
    return [*turns, turn][-TURNS:]


def _archived(turns: list[Json], talks: list[Json]) -> list[Json]:
    return [{"turns": turns}, *talks][:TALKS]


def _pick(rows: list[Json], index: Any) -> Json | None:
    return rows[index] if isinstance(index, int) and 0 <= index < len(rows) else None


def _marked(turn: Json, what: str, value: Any) -> Json:
    """A second click takes the mark back."""
    if what == "note":
        return {**turn, "mark": "wrong", "note": str(value or "")[:500]}
    return {**turn, "mark": None if turn.get("mark") == what else what}


def _sentence(error: Exception, language: Language) -> str:
    """One sentence for the reader; the rest goes to the log."""
    if isinstance(error, AdvisorError):
        return error.message(language)
    if isinstance(error, Full):
        return str(wording("ui.busy", language))
    log.error("a question failed", exc_info=error)
    return str(wording("errors.failed", language))
