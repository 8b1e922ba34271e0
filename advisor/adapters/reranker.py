"""A cross-encoder of the user's choice, over the passages that retrieval found best."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from advisor.errors import ModelFault


class CrossEncoderReranker:
    """Any sentence-transformers CrossEncoder, by name or folder; loaded with the first question."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def _model(self) -> Any:
        from sentence_transformers import CrossEncoder

        try:
            return CrossEncoder(self.name, device="cpu")
        except Exception as error:
            raise ModelFault("reranker_unreachable", self.name) from error

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        if not texts:
            return []
        rows = self._model.predict([(question, t) for t in texts], show_progress_bar=False, convert_to_numpy=True)
        if rows.ndim != 1:
            raise ModelFault("reranker_unreachable", self.name)  # a classifier of several labels ranks nothing
        return [float(r) for r in rows]
