"""One frozen Settings: defaults < advisor.toml < environment (ADVISOR_…) < command line."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from advisor.errors import UserError


@dataclass(frozen=True)
class Settings:
    """Every field is `ADVISOR_<NAME>` in the environment and `<name>` in advisor.toml."""

    home: Path | None = None  # state folder; .advisor/ in a checkout, else the user's data folder
    corpus: Path | None = None  # another corpus instead of the shipped one
    embedder: str | None = None  # a sentence-transformers model instead of ours
    chat_model: str | None = None  # what LangChain's init_chat_model takes; unset: quotations only
    chat_base_url: str | None = None  # any OpenAI-compatible server
    chat_api_key: str | None = None  # its key; never shown or logged
    chat_timeout_s: float = 20.0  # longest wait for the chat model
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


def _convert(name: str, value: Any, type_: Any) -> Any:
    kind = str(type_)
    try:
        if "Path" in kind:
            return Path(value).expanduser().absolute()
        if "int" in kind:
            return int(value)
        if "float" in kind:
            return float(value)
    except (TypeError, ValueError) as error:
        raise UserError("settings_value", f"ADVISOR_{name.upper()}", value=str(value)) from error
    if name == "language" and value not in ("auto", "zh", "en"):
        raise UserError("settings_value", "ADVISOR_LANGUAGE", value=str(value))
    return str(value)
