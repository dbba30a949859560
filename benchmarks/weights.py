"""The bundled poem model's weights, in torch and in the forms that the peers want.

No corpus and no checkpoint is needed: the weights are read back out of the bundled float file.
They are the ones that the bundled int8 file was made from, to the rounding of 8 bits.
"""

from dataclasses import replace
from pathlib import Path

import onnx

from qibu.core.model_file import KEY, ModelSpec
from qibu.text.vocabulary import Vocabulary
from qibu_export.trained.export import export
from qibu_train.applications import PRESETS
from qibu_train.core.checkpoint import Checkpoint
from qibu_train.core.initial_weights import read_weights
from qibu_train.text.initial_weights import initial_weights, stored_vocabulary
from qibu_train.text.network import TextNetwork


def spec_of(path: Path) -> ModelSpec:
    """Read what a file says of itself."""
    properties = {p.key: p.value for p in onnx.load(path).metadata_props}
    return ModelSpec.from_json(properties[KEY])


def bundled_network() -> TextNetwork:
    """Fill a torch network with the bundled weights."""
    stored = read_weights("poem")
    vocabulary = stored_vocabulary(stored)
    network = TextNetwork(stored.cell, len(vocabulary), stored.hidden_size, stored.num_layers)
    network.load_state_dict(initial_weights(stored, network.state_dict(), vocabulary))
    return network.eval()


def write_model(network: TextNetwork, vocabulary: Vocabulary, precision: str, path: Path) -> Path:
    """Write a network as a model file, unmeasured: its speed is asked for, not its poems."""
    config = replace(
        PRESETS["poem", network.cell],
        hidden_size=network.hidden_size,
        num_layers=network.num_layers,
    )
    checkpoint = Checkpoint(config, dict(network.state_dict()), vocabulary)
    export(checkpoint, path, lambda path: {}, precision)
    return path


def without_sampler(path: Path, target: Path) -> Path:
    """Write the part of a poem model that ends at the logits and the states."""
    spec = spec_of(path)
    inputs = ["tokens", *(pair.input for pair in spec.states)]
    outputs = ["logits", *(pair.output for pair in spec.states)]
    onnx.utils.extract_model(path, target, inputs, outputs)
    return target
