"""A model of somebody's own pictures, and what Python reads with it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

import qibu
from qibu.core.arrays import Float32Array
from qibu.pictures.picture_file import decode_grey
from qibu.pictures.picture_format import PictureFormat
from qibu_export.trained.export import export
from qibu_train.applications import PRESETS
from qibu_train.core.application import build_network
from qibu_train.core.checkpoint import Checkpoint

PICTURES = PictureFormat(17, 12, ("鞋 shoe", "<b>bag</b>", 'a "hat"'), background=0.0)


def write_own(path: Path, cell: str = "gru") -> Path:
    """Export a network of random weights that reads pictures of 12x17."""
    config = replace(PRESETS["pictures", cell], hidden_size=16, num_layers=1)
    torch.manual_seed(0)
    network = build_network(config, PICTURES)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    weights = {name: value.detach() for name, value in network.state_dict().items()}
    export(Checkpoint(config, weights, PICTURES, {"epoch": 1}), path)
    return path


def greys() -> list[Float32Array]:
    """Give pictures of the model's size, of a larger, of a smaller one, and of a single pixel."""
    random = np.random.default_rng(0)
    sizes = [(17, 12), (100, 43), (5, 7), (17, 50), (1, 1)]
    return [random.random(size, np.float32) for size in sizes]


def read_by_python(path: Path) -> list[dict[str, Any]]:
    """Give each picture, prepared, with what is read in it."""
    reader = qibu.load(path)
    found = []
    for grey in greys():
        picture = reader.pictures.prepare(grey)
        reading = reader.read(picture)
        found.append(
            {
                "grey": grey.tolist(),
                "picture": picture.tolist(),
                "label": reading.label,
                "index": reading.index,
                "probabilities": reading.probabilities.tolist(),
            }
        )
    return found


def pixels_with_greys() -> list[dict[str, Any]]:
    """Give RGBA pixels and the greys that Python makes of a PNG of them."""
    from io import BytesIO

    from PIL import Image

    random = np.random.default_rng(1)
    found = []
    for low, high, alpha in ((0, 256, 255), (0, 256, None), (200, 256, None), (0, 256, 0)):
        pixels = random.integers(low, high, (6, 5, 4)).astype(np.uint8)
        if alpha is not None:
            pixels[..., 3] = alpha
        else:
            pixels[..., 3] = random.choice([0, 90, 255], (6, 5))
        data = BytesIO()
        Image.fromarray(pixels, "RGBA").save(data, "PNG")
        grey = decode_grey(data.getvalue())
        found.append(
            {
                "data": pixels.ravel().tolist(),
                "width": 5,
                "height": 6,
                "grey": grey.ravel().tolist(),
            }
        )
    return found
