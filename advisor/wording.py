"""Every sentence the product says of itself, in the user's language; nothing here knows what it is used for."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml


@cache
def _catalogue(language: str) -> dict[str, Any]:
    path = resources.files("advisor") / "texts" / f"{language}.yaml"
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def wording(key: str, language: str) -> Any:
    """The entry at a dotted key: a string, a list or a mapping; raises KeyError where there is none."""
    node: Any = _catalogue(language)
    for part in key.split("."):
        node = node[part]
    return node


def say(key: str, language: str, /, **blanks: object) -> str:
    """The sentence at a dotted key with its blanks filled."""
    return str(wording(key, language)).format(**blanks)
