"""A small bilingual cross-encoder of our own, run by onnxruntime: question and sentence are read together."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from advisor.errors import ModelFault
from advisor.ports import Vectors
from advisor.text import fold

START, END = 2, 3  # numbers of its tokens around the texts
QUESTION, SENTENCE = 64, 80  # tokens that are read of each
_AT_ONCE = min(4, os.cpu_count() or 1)  # pairs, a thread each: shared out, one pair would hardly be read faster


class OnnxCrossEncoder:
    """`model.onnx` and `tokenizer.json` of a folder; loaded with the first question."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    @cached_property
    def name(self) -> str:
        """Changes whenever the scores would."""
        model = self._folder / "model.onnx"
        return f"cross-encoder-{sha256(model.read_bytes()).hexdigest()[:12]}" if model.exists() else str(self._folder)

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """float32 (n,): log-odds of each text as the answer, against none being one. Raises ModelFault."""
        each = self._readers.map(lambda text: self._remembered(question, text), texts)
        return np.array([*each], dtype=np.float32)

    @cached_property
    def _readers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="cross-encoder")

    @cached_property
    def _remembered(self) -> Callable[[str, str], float]:
        return lru_cache(maxsize=4096)(self._score)  # the parts of a question are asked of the same sentences

    def _score(self, question: str, text: str) -> float:
        """By itself: the weights are bytes, and what is read beside a text would move how it is rounded."""
        with self._lock:
            tokenizer, session = self._model
        asked, told = (tokenizer.encode(fold(t)).ids for t in (question, text))
        asked, told = [START, *asked[:QUESTION], END], [*told[:SENTENCE], END]
        types = np.repeat([0, 1], [len(asked), len(told)])
        return float(session.run(["answers"], {"ids": np.array([asked + told]), "types": types[None]})[0][0])

    @cached_property
    def _model(self) -> tuple[Any, Any]:
        """(tokenizer, session), once for all threads. Raises ModelFault where the folder holds none."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # memory is given back after the longest pair
        try:
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            model = str(self._folder / "model.onnx")
            return tokenizer, onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # each library has its own
            raise ModelFault("cross_encoder_unreachable", str(self._folder)) from error
