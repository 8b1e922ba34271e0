"""advisor: answers SME staff's questions on digitalization from documents, every figure with its sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from advisor.errors import AdvisorError
    from advisor.model import Profile, Question, Reply, Turn
    from advisor.settings import Settings
    from advisor.wiring import Advisor, open_advisor

__all__ = ["Advisor", "AdvisorError", "Profile", "Question", "Reply", "Settings", "Turn", "open_advisor"]

_HOMES = {
    "Advisor": "advisor.wiring",
    "AdvisorError": "advisor.errors",
    "Profile": "advisor.model",
    "Question": "advisor.model",
    "Reply": "advisor.model",
    "Settings": "advisor.settings",
    "Turn": "advisor.model",
    "open_advisor": "advisor.wiring",
}


def __getattr__(name: str) -> Any:
    """Names load on first use, so that `advisor --help` is instant."""
    if name not in _HOMES:
        raise AttributeError(name)
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
