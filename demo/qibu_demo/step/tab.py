"""The tab that steps any model over a recording."""

import time
from collections.abc import Iterator
from pathlib import Path

import gradio as gr

import qibu
from qibu.core.errors import InputError

from ..page.error_messages import errors_as_messages, language
from ..page.limits import CSV_BYTES
from ..page.texts import both
from .columns import columns_in_short, example
from .logic import rows_of, walk
from .view import walk_view

PAUSE_SECONDS = 0.25  # between two looks at a long walk


def step_over(stepper: qibu.Stepper, csv: str, language: str) -> Iterator[str]:
    """Step over CSV; give the plots now and then, and at the end."""
    with errors_as_messages():
        rows = rows_of(csv)
        shown, walked = time.monotonic(), None
        for walked in walk(stepper, rows):
            if time.monotonic() - shown > PAUSE_SECONDS:
                yield walk_view(walked, language, stepper.spec)
                shown = time.monotonic()
        if walked is not None:
            yield walk_view(walked, language, stepper.spec)


def uploaded(path: str) -> str:
    """Give an uploaded CSV and keep nothing of it on the disk.

    Raises:
        InputError: it is too large, or no UTF-8.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
    finally:
        file.unlink(missing_ok=True)
    if len(data) > CSV_BYTES:
        raise InputError(f"the file has {len(data)} bytes, at most {CSV_BYTES} are read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"the file is no UTF-8: byte {error.start + 1}") from error


def build(i18n: gr.I18n, stepper: qibu.Stepper) -> None:
    """Lay out the tab for a model; called within the page's `gr.Blocks`."""
    with gr.Row(elem_classes="qb-columns"):
        with gr.Column(scale=2, min_width=300):
            csv = gr.Textbox(
                example(stepper),
                label=i18n("csv"),
                info=", ".join(columns_in_short(stepper)),
                lines=12,
                max_lines=12,
                placeholder=",".join(columns_in_short(stepper)),
                elem_id="qb-csv",
            )
            with gr.Row(elem_classes="qb-buttons"):
                run = gr.Button(i18n("run_rows"), variant="primary", elem_id="qb-run-rows")
                upload = gr.UploadButton(
                    i18n("upload_csv"),
                    file_types=[".csv", ".tsv", ".txt"],
                    type="filepath",
                    elem_id="qb-upload-csv",
                )
        with gr.Column(scale=3, min_width=300):
            plots = gr.HTML(both("plots_here"), elem_id="qb-plots", js_on_load=None)

    def run_rows(text: str, request: gr.Request) -> Iterator[str]:
        yield from step_over(stepper, text, language(request))

    def take(path: str) -> str:
        with errors_as_messages():
            return uploaded(path)

    run.click(
        run_rows,
        csv,
        plots,
        api_visibility="private",
        concurrency_limit=4,
        show_progress="hidden",
    )
    upload.upload(take, upload, csv, api_visibility="private", concurrency_limit=2)
