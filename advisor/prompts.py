"""Prompts are prose files in prompts/: this loads them, fills their blanks and says which set was used."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib import resources
from pathlib import Path


def prompts_folder() -> Path:
    """`prompts/` of the checkout, or the copy bundled in a wheel."""
    checkout = Path(__file__).resolve().parent.parent / "prompts"
    return checkout if checkout.is_dir() else Path(str(resources.files("advisor") / "_prompts"))


@cache
def fingerprint() -> str:
    """Hash of the whole set, for receipts."""
    digest = hashlib.sha256()
    for path in sorted(prompts_folder().glob("*.md")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def render(name: str, /, **blanks: object) -> str:
    """The prompt file `<name>.md` with its {blanks} filled."""
    text = (prompts_folder() / f"{name}.md").read_text("utf-8")
    # All at once: what fills one blank may itself hold the name of another.
    return re.sub(r"\{(\w+)\}", lambda m: str(blanks.get(m[1], m[0])), text)
