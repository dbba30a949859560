"""The bundled poem model's weights, in torch and in the forms that the peers want.

No corpus and no checkpoint is needed: the weights are read back out of the bundled float file,
where each row of a matrix is kept in 8 bits and a step. They are the ones that the bundled int8
file was made from, to that rounding.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from qibu.core.arrays import Array, Float32Array
from qibu.core.model_file import KEY, ModelSpec
from qibu.core.port import StatePair
from qibu.loading import model_path
from qibu.text.vocabulary import Vocabulary
from qibu_export.core.export import SAMPLER_DEFAULTS
from qibu_export.core.graph import PRECISIONS, Precision, build_poem_graph
from qibu_export.core.recurrent_float32 import OPERATORS
from qibu_train.core.recurrent import PoemNetwork


def spec_of(path: Path) -> ModelSpec:
    """Read what a file says of itself."""
    properties = {p.key: p.value for p in onnx.load(path).metadata_props}
    return ModelSpec.from_json(properties[KEY])


def bundled_network() -> PoemNetwork:
    """Fill a torch network with the bundled weights."""
    path = model_path("poem", "cuda")  # the float file, which every provider but the CPU's gets
    spec = spec_of(path)
    assert spec.vocabulary is not None
    stored: dict[str, Array] = {
        c.name: numpy_helper.to_array(c) for c in onnx.load(path).graph.initializer
    }

    def read(name: str) -> Float32Array:
        if f"{name}_whole" in stored:
            return stored[f"{name}_whole"].astype(np.float32) * stored[f"{name}_step"]
        return stored[name].copy()

    order = np.argsort(OPERATORS[spec.cell].gate_order)  # back to torch's

    def gates(stacked: Float32Array) -> torch.Tensor:
        parts = np.split(stacked, len(order))
        return torch.from_numpy(np.concatenate([parts[gate] for gate in order]))

    weights = {
        "embedding.weight": torch.from_numpy(read("embedding")),
        "bias": torch.from_numpy(read("output_bias")),
    }
    for layer in range(spec.num_layers):
        biases = np.split(read(f"B{layer}")[0], 2)
        weights[f"rnn.weight_ih_l{layer}"] = gates(read(f"W{layer}")[0])
        weights[f"rnn.weight_hh_l{layer}"] = gates(read(f"R{layer}")[0])
        weights[f"rnn.bias_ih_l{layer}"] = gates(biases[0])
        weights[f"rnn.bias_hh_l{layer}"] = gates(biases[1])
    network = PoemNetwork(spec.cell, len(spec.vocabulary), spec.hidden_size, spec.num_layers)
    network.load_state_dict(weights)
    return network.eval()


def write_model(
    network: PoemNetwork, vocabulary: Vocabulary, precision: Precision, path: Path
) -> Path:
    """Write a network as a model file, unverified: its speed is asked for, not its poems."""
    names = network.kind.states
    shape = (network.num_layers, None, network.hidden_size)
    spec = ModelSpec(
        task="text",
        cell=network.cell,
        num_layers=network.num_layers,
        hidden_size=network.hidden_size,
        streaming=True,
        states=tuple(StatePair(f"{name}_in", f"{name}_out", shape) for name in names),
        weights_sha256="0" * 64,
        defaults=SAMPLER_DEFAULTS,
        vocabulary=vocabulary,
        quantization=PRECISIONS[precision].quantization,
    )
    model = build_poem_graph(network, precision)
    onnx.helper.set_model_props(model, {KEY: spec.to_json()})
    onnx.save(model, path)
    return path


def without_sampler(path: Path, target: Path) -> Path:
    """Write the part of a poem model that ends at the logits and the states."""
    spec = spec_of(path)
    inputs = ["tokens", *(pair.input for pair in spec.states)]
    outputs = ["logits", *(pair.output for pair in spec.states)]
    onnx.utils.extract_model(path, target, inputs, outputs)
    return target
