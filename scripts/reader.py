"""The cross-encoder's layers in torch, written to bytes for onnxruntime and read back: train_ and tune_cross_encoder.py."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor, nn

from advisor.adapters.cross_encoder import START

WIDTH, HEADS, LAYERS = 384, 12, 6
LONGEST_PAIR = 192  # tokens

Floats = npt.NDArray[np.float32]


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.o = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.a, self.b = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.n1, self.n2 = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor, drop: float) -> Tensor:
        pairs, tokens, _ = x.shape
        q, k, v = self.qkv(x).view(pairs, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        near = torch.softmax(q @ k.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5 + mask, -1)
        seen = (F.dropout(near, drop, self.training) @ v).transpose(1, 2).reshape(pairs, tokens, WIDTH)
        x = self.n1(x + F.dropout(self.o(seen), drop, self.training))
        return self.n2(x + F.dropout(self.b(F.gelu(self.a(x))), drop, self.training))


class Reader(nn.Module):
    """The layers of MiniLM over tokens of ours, with two things to say of a pair."""

    def __init__(self, tokens: int, drop: float = 0.1) -> None:
        super().__init__()
        self.tok, self.pos, self.typ = (
            nn.Embedding(tokens, WIDTH),
            nn.Embedding(LONGEST_PAIR, WIDTH),
            nn.Embedding(2, WIDTH),
        )
        self.n = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.rank = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 2))
        self.drop = drop

    def forward(self, ids: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
        """(pairs,) log-odds each: that the second text answers the first, that it is wanted."""
        x = self.n(self.tok(ids) + self.pos.weight[: ids.shape[1]] + self.typ(types))
        x = F.dropout(x, self.drop, self.training)
        mask = ((ids != 0)[:, None, None, :].to(x.dtype) - 1) * 1e4
        for layer in self.layers:
            x = layer(x, mask, self.drop)
        both = self.rank(x[:, 0])
        return both[:, 0], both[:, 1]


def stored(path: Path) -> Reader:
    """The bytes of a written model as numbers again."""
    graph = onnx.load(path).graph
    held = {t.name: np.array(numpy_helper.to_array(t)) for t in graph.initializer}
    products = [_product(held, node) for node in graph.node if node.op_type in ("MatMulInteger", "MatMulNBits")]
    names = [f"layers.{i}.{part}" for i in range(LAYERS) for part in ("qkv", "o", "a", "b")] + ["rank.0", "rank.2"]
    state = {f"{name}.weight": weights for name, weights in zip(names, products, strict=True)}
    state["tok.weight"] = held["tok.rows"] * held["tok.scale"]
    reader = Reader(len(held["tok.rows"]))
    state |= {name: held[name] for name in reader.state_dict() if name not in state}
    reader.load_state_dict({name: torch.from_numpy(weights.astype(np.float32)) for name, weights in state.items()})
    return reader


def _product(held: Mapping[str, npt.NDArray[Any]], node: onnx.NodeProto) -> Floats:
    """(out, in) weights of one matrix product."""
    bytes_ = held[node.input[1]].astype(np.float32)
    if node.op_type == "MatMulNBits":  # (out, blocks, 128), 128 stands for 0
        return ((bytes_ - 128) * held[node.input[2]].reshape(*bytes_.shape[:2], 1)).reshape(len(bytes_), -1)
    scale = held[node.input[1].replace("_quantized", "_scale")]
    return np.asarray(((bytes_ - held[node.input[3]].astype(np.float32)) * scale).T, dtype=np.float32)


def write(reader: Reader, out: Path) -> None:
    reader.cpu().eval()
    reader.tok = Eighths(reader.tok.weight.detach())
    in_bytes(reader, ["answers", "wanted"], r"layers\.[012]/b/", out)


class Eighths(nn.Module):
    """Token vectors in one byte a number, and a scale for each."""

    def __init__(self, vectors: Tensor) -> None:
        super().__init__()
        self.scale = nn.Buffer(vectors.abs().amax(1, keepdim=True).clamp(min=1e-9) / 127)
        self.rows = nn.Buffer((vectors / self.scale).round().to(torch.int8))

    def forward(self, ids: Tensor) -> Tensor:
        return self.rows[ids].float() * self.scale[ids]


def in_bytes(model: nn.Module, outputs: list[str], with_outliers: str, out: Path) -> None:
    """One byte a weight: token vectors with a scale each, the layers with one a column; what follows the first three
    activations, where single inputs are far larger than the rest, in blocks of 128 with a scale each."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization import matmul_nbits_quantizer as blocks

    example = (torch.full((3, 20), START), torch.zeros(3, 20, dtype=torch.long))
    axes = {name: {0: "pairs", 1: "tokens"} for name in ("ids", "types")} | {o: {0: "pairs"} for o in outputs}
    names: dict[str, Any] = {"input_names": ["ids", "types"], "output_names": outputs, "dynamic_axes": axes}
    plan = blocks.DefaultWeightOnlyQuantConfig(block_size=128, is_symmetric=True, accuracy_level=4, bits=8)
    with tempfile.TemporaryDirectory() as folder:
        torch.onnx.export(model, example, f"{folder}/whole.onnx", opset_version=17, dynamo=False, **names)
        logging.disable(logging.INFO)  # it tells of every node
        whole = onnx.load(f"{folder}/whole.onnx")
        others = [n.name for n in whole.graph.node if not re.search(with_outliers, n.name)]
        made = blocks.MatMulNBitsQuantizer(whole, algo_config=plan, nodes_to_exclude=others)
        made.process()
        made.model.save_model_to_file(f"{folder}/part.onnx")
        how: dict[str, Any] = {
            "op_types_to_quantize": ["MatMul", "Gemm"],
            "per_channel": True,
            "weight_type": QuantType.QUInt8,  # products of signed bytes overflow on processors without VNNI
            "extra_options": {"MatMulConstBOnly": True, "WeightSymmetric": True},
        }
        quantize_dynamic(f"{folder}/part.onnx", out, **how)
