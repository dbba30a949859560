"""The tab about the models."""

from pathlib import Path

import gradio as gr

import qibu
from qibu.core.errors import InputError

from ..page.error_messages import errors_as_messages, language
from ..page.views import file_view, model_table, times_view
from .logic import describe_upload, step_time, table

LARGEST = 40_000_000  # bytes; an upload's own limit


def read_upload(path: str) -> bytes:
    """Give an uploaded file's bytes and keep nothing of it on the disk.

    Raises:
        InputError: it is empty or too large.
    """
    file = Path(path)
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    finally:
        file.unlink(missing_ok=True)
    if not 0 < len(data) <= LARGEST:
        raise InputError(f"the file must have 1..{LARGEST} bytes")
    return data


def build(i18n: gr.I18n, app: gr.Blocks) -> None:
    """Lay out the tab."""
    gr.Markdown(i18n("bundled"), elem_classes="qb-heading")
    models = gr.HTML("", elem_id="qb-models", js_on_load=None)
    with gr.Row(elem_classes="qb-buttons"):
        measure = gr.Button(i18n("measure"), elem_id="qb-measure")
    times = gr.HTML("", elem_id="qb-times", js_on_load=None)
    gr.Markdown(i18n("inspect"), elem_classes="qb-heading")
    gr.Markdown(i18n("inspect_help"), elem_classes="qb-small")
    upload = gr.UploadButton(
        i18n("upload_model"), file_types=[".onnx"], type="filepath", elem_id="qb-upload-model"
    )
    inspected = gr.HTML("", elem_id="qb-inspected", js_on_load=None)

    def show_models(request: gr.Request) -> str:
        return model_table(table(), language(request))

    def measure_steps(request: gr.Request) -> str:
        return times_view([step_time(name) for name in qibu.bundled_models()], language(request))

    def inspect_upload(path: str, request: gr.Request) -> str:
        with errors_as_messages():
            return file_view(Path(path).name, describe_upload(read_upload(path)), language(request))

    app.load(show_models, None, models, api_visibility="private", show_progress="hidden")
    measure.click(measure_steps, None, times, api_visibility="private", concurrency_limit=1)
    upload.upload(inspect_upload, upload, inspected, api_visibility="private", concurrency_limit=2)
