"""One frozen Settings: defaults < advisor.toml < environment (ADVISOR_…) < command line."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from advisor.errors import UserError


@dataclass(frozen=True)
class Settings:
    """Every field is `ADVISOR_<NAME>` in the environment and `<name>` in advisor.toml."""

    home: Path | None = None  # state folder; .advisor/ in a checkout, else the user's data folder
    corpus: Path | None = None  # another corpus instead of the shipped one
    embedder: str | None = None  # a sentence-transformers model instead of ours
    reranker: str | None = None  # a sentence-transformers CrossEncoder over the best candidates; unset: none
    cross_encoder: str = "ours"  # a folder with another model.onnx and tokenizer.json; "none": none
    chat_model: str | None = None  # what LangChain's init_chat_model takes; unset: quotations only
    chat_base_url: str | None = field(default=None, repr=False)  # any OpenAI-compatible server
    chat_api_key: str | None = field(default=None, repr=False)  # its key; never shown or logged
    chat_timeout_s: float = 20.0  # longest wait for the chat model
    chat_daily_tokens: int = 0  # spent on the chat model a day, about; then quotations until midnight; 0: no limit
    chat_rewrite_s: float = 4.0  # longest wait for the model's wording of a follow-up; 0: it is not asked for one
    entailment: str | None = None  # a cross-encoder by which a model's sentences must follow from their quotes
    language: str = "auto"  # zh or en fixes the language of interface and answers
    top_k: int = 12  # passages handed from retrieval to the answer
    host: str = "127.0.0.1"  # address to serve on
    port: int = 7860  # port to serve on
    max_question_chars: int = 2000  # longer questions are refused with one sentence

    @classmethod
    def load(cls, folder: Path | None = None, **given: Any) -> Settings:
        """Settings from `advisor.toml` in the folder and the environment; `given` wins. Raises UserError for a bad value."""
        known = {f.name: f for f in fields(cls)}
        values: dict[str, Any] = {}
        path = (folder or Path.cwd()) / "advisor.toml"
        if path.exists():
            try:
                values |= tomllib.loads(path.read_text("utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise UserError("settings_broken", str(path), problem=str(error)) from error
            for name in values:
                if name not in known:
                    raise UserError("settings_unknown", str(path), name=name)
        for name in known:
            if (value := os.environ.get(f"ADVISOR_{name.upper()}")) not in (None, ""):
                values[name] = value
        values |= {k: v for k, v in given.items() if v is not None}
        return replace(cls(), **{k: _convert(k, v, known[k].type) for k, v in values.items()})


_ZERO = {("port", 0), ("chat_daily_tokens", 0), ("chat_rewrite_s", 0)}  # any free port; no limit; never


def _convert(name: str, value: Any, type_: Any) -> Any:
    try:
        return _sound(name, value, str(type_))
    except (TypeError, ValueError, RuntimeError) as error:  # RuntimeError: ~name of nobody
        shown = "…" if "key" in name else str(value)
        raise UserError("settings_value", f"ADVISOR_{name.upper()}", value=shown) from error


def _sound(name: str, value: Any, kind: str) -> Any:
    if isinstance(value, bool | list | dict):
        raise TypeError(name)
    if "Path" in kind:
        return Path(value).expanduser().absolute()
    if "int" in kind or "float" in kind:
        number = int(value) if "int" in kind else float(value)
        if not 0 < number < (65536 if name == "port" else float("inf")) and (name, number) not in _ZERO:
            raise ValueError(name)
        return number
    if name == "language" and value not in ("auto", "zh", "en"):
        raise ValueError(name)
    return str(value)
