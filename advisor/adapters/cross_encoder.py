"""A small bilingual cross-encoder of our own, run by onnxruntime: question and sentence are read together."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from advisor.errors import ModelFault
from advisor.ports import Vectors
from advisor.text import fold

_START, _END = 2, 3  # of its tokenizer, as scripts/train_cross_encoder.py numbers them
_QUESTION, _SENTENCE = 64, 80  # tokens that are read of each
_REMEMBERED = 4096  # pairs: the parts of a question are asked of the same sentences
_THREADS = 2


class OnnxCrossEncoder:
    """`model.onnx` and `tokenizer.json` of a folder; loaded with the first question, safe for several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._read: dict[tuple[str, str], float] = {}

    @cached_property
    def name(self) -> str:
        """Changes whenever the scores would."""
        model = self._folder / "model.onnx"
        return f"cross-encoder-{sha256(model.read_bytes()).hexdigest()[:12]}" if model.exists() else str(self._folder)

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """float32 (n,): log-odds of each text as the answer, against none being one."""
        with self._lock:
            missing = [t for t in dict.fromkeys(texts) if (question, t) not in self._read]
            if len(self._read) + len(missing) > _REMEMBERED:
                self._read.clear()
                missing = list(dict.fromkeys(texts))
            if missing:
                self._read |= {(question, t): s for t, s in zip(missing, self._judged(question, missing), strict=True)}
            return np.array([self._read[question, t] for t in texts], dtype=np.float32)

    def _judged(self, question: str, texts: Sequence[str]) -> list[float]:
        """One by one: the weights are bytes, and what is read beside a text would move how it is rounded."""
        tokenizer, session = self._model
        cut = [e.ids for e in tokenizer.encode_batch([fold(t) for t in (question, *texts)])]
        asked = [_START, *cut[0][:_QUESTION], _END]
        return [float(session.run(["answers"], _pair(asked, [*t[:_SENTENCE], _END]))[0][0]) for t in cut[1:]]

    @cached_property
    def _model(self) -> tuple[Any, Any]:
        """(tokenizer, session). Raises ModelFault where the folder holds none."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        options.enable_cpu_mem_arena = False  # memory is given back after the longest pair
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the processor is others', too
        try:
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            model = str(self._folder / "model.onnx")
            return tokenizer, onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # each library has its own
            raise ModelFault("cross_encoder_unreachable", str(self._folder)) from error


def _pair(asked: list[int], told: list[int]) -> dict[str, npt.NDArray[np.int64]]:
    """(1, length): both in one row, and which of the two each token is of."""
    ids = np.array([[*asked, *told]], dtype=np.int64)
    return {"ids": ids, "types": (np.arange(ids.shape[1]) >= len(asked)).astype(np.int64)[None]}
