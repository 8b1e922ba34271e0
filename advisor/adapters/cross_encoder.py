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

PAD, _START, _END = 0, 2, 3  # of its tokenizer, as scripts/train_cross_encoder.py numbers them
_QUESTION, _SENTENCE = 64, 80  # tokens that are read of each
_REMEMBERED = 4096  # pairs: the parts of a question are asked of the same sentences
_BATCH = 8  # pairs of about one length, so that little is padded
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
        tokenizer, session = self._model
        cut = [e.ids for e in tokenizer.encode_batch([fold(t) for t in (question, *texts)])]
        asked, told = cut[0][:_QUESTION], [ids[:_SENTENCE] for ids in cut[1:]]
        order = sorted(range(len(texts)), key=lambda i: len(told[i]))
        out = np.zeros(len(texts), dtype=np.float32)
        for begin in range(0, len(order), _BATCH):
            rows = order[begin : begin + _BATCH]
            out[rows] = session.run(["answers"], _pairs(asked, [told[i] for i in rows]))[0]
        return [float(v) for v in out]

    @cached_property
    def _model(self) -> tuple[Any, Any]:
        """(tokenizer, session). Raises ModelFault where the folder holds none."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        options.enable_cpu_mem_arena = False  # memory is given back after the longest pair
        try:
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            model = str(self._folder / "model.onnx")
            return tokenizer, onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # each library has its own
            raise ModelFault("cross_encoder_unreachable", str(self._folder)) from error


def _pairs(asked: list[int], told: Sequence[list[int]]) -> dict[str, npt.NDArray[np.int64]]:
    """[start] question [end] text [end], and which of the two each token is of; shorter rows are padded."""
    ids = np.full((len(told), len(asked) + 3 + max(map(len, told))), PAD, dtype=np.int64)
    types = np.zeros_like(ids)
    for i, text in enumerate(told):
        row = [_START, *asked, _END, *text, _END]
        ids[i, : len(row)] = row
        types[i, len(asked) + 2 : len(row)] = 1
    return {"ids": ids, "types": types}
