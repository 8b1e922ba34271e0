"""Any sentence-transformers cross-encoder that was trained on entailment → the port; its config says which label that is."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from advisor.errors import ModelFault

_LONGEST = 4000  # characters of a premise; the model cuts what it cannot read anyway


@dataclass(eq=False)
class CrossEncoderEntailment:
    """Loads on the first sentence; one at a time, and each pair is judged once."""

    name: str
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def score(self, premise: str, statement: str) -> float:
        return float(self._remembered(premise[:_LONGEST], statement))

    def warm(self) -> None:
        """Load the weights before the first question; a name that leads nowhere is said when it is used."""
        try:
            self.score("warm", "warm")
        except ModelFault:
            return

    @cached_property
    def _remembered(self) -> Any:
        return lru_cache(maxsize=2048)(self._score)

    def _score(self, premise: str, statement: str) -> float:
        with self._lock:
            model, label = self._model
            try:
                found = model.predict([(premise, statement)], apply_softmax=label is not None, show_progress_bar=False)
                return float(found[0] if label is None else found[0][label])
            except Exception:
                fault = ModelFault("entailment_failed")
        raise fault

    @cached_property
    def _model(self) -> tuple[Any, int | None]:
        """The model and the number of its label for entailment; None where it gives one score."""
        try:
            from sentence_transformers import CrossEncoder

            model = CrossEncoder(self.name, device="cpu")
        except Exception as error:
            raise ModelFault("entailment_unreachable") from error
        return model, label_of(dict(model.config.id2label))


def label_of(labels: dict[int, str]) -> int | None:
    """Which label means entailment, by its name; None where there is but one. Raises ModelFault where none is named so."""
    if len(labels) == 1:
        return None
    found = [n for n, name in labels.items() if str(name).lower().replace("_", " ").startswith("entail")]
    if len(found) != 1:
        raise ModelFault("entailment_unlabelled")
    return int(found[0])


__all__ = ["CrossEncoderEntailment", "label_of"]
