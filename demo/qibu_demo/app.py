"""The page: write a poem, read a drawn digit."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

import qibu
from qibu.pictures import to_mnist
from qibu.sampling import Sampling
from qibu.verse.forms import FORMS


def build_app() -> Any:
    """Load the bundled models and lay out the page, a `gradio.Blocks`."""
    poet, reader = qibu.load("poem"), qibu.load("digits")

    def write(form: str, start: str, seed: float, temperature: float) -> Iterator[str]:
        """Write a poem, character by character."""
        text = ""
        try:
            for character in poet.stream(
                form, start=start, seed=int(seed), sampling=Sampling(temperature=temperature)
            ):
                text += character + "\n" * (character == "。")
                yield text
        except qibu.InputError as error:
            raise gr.Error(str(error)) from error

    def read(drawing: dict[str, Any] | None) -> dict[str, float]:
        """Read a drawn digit and give the probability of each."""
        if drawing is None:
            raise gr.Error("draw a digit first")
        grey = np.asarray(drawing["composite"], np.float32) / np.float32(255)
        try:
            reading = reader.read(to_mnist(grey))
        except qibu.InputError as error:
            raise gr.Error(str(error)) from error
        return {str(digit): float(p) for digit, p in enumerate(reading.probabilities)}

    with gr.Blocks(title="七步 Qibu") as app:
        gr.Markdown("# 七步 Qibu")
        with gr.Tab("寫詩 / Write"):
            form = gr.Dropdown(list(FORMS), value="七絕", label="Form")
            start = gr.Textbox(label="First characters", placeholder="春")
            seed = gr.Number(7, precision=0, minimum=0, label="Seed")
            temperature = gr.Slider(0.1, 1.5, 0.8, label="Temperature")
            poem = gr.Textbox(label="Poem", lines=4, interactive=False)
            gr.Button("寫 / Write", variant="primary").click(
                write, [form, start, seed, temperature], poem, api_name="write"
            )
        with gr.Tab("手寫 / Read"):
            drawing = gr.Sketchpad(
                label="Draw a digit",
                image_mode="L",
                canvas_size=(280, 280),
                brush=gr.Brush(default_size=22, colors=["#000000"]),
            )
            digits = gr.Label(label="Digit", num_top_classes=10)
            gr.Button("讀 / Read", variant="primary").click(read, drawing, digits, api_name="read")
    return app
