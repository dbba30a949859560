"""The tab that reads handwriting, or whatever an own model was taught."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from html import escape
from pathlib import Path

import gradio as gr

from qibu.pictures.picture_format import MNIST, PictureFormat

from ..page.bundled import readers, the_reader
from ..page.charts import reading
from ..page.error_messages import errors_as_messages, language
from ..page.limits import PICTURE_BYTES
from ..page.pace import paced
from ..page.server import asset
from ..page.texts import WORDS, Words, bilingual, both, joined, listed, say, words
from .logic import ink_of, read_rows

PACE_SECONDS = 0.05  # between two rows: 28 of them take half a millisecond
PAD_PIXELS = 280  # of the longer side of what is drawn on
MOST_LABELS = 8  # that are named
PEN, THINNEST_PEN = 2.2, 10  # in pixels of the model's, and of the pad's
DRAWN = "() => [window.qibu.drawing()]"


async def read_slowly(picture: bytes | str, language: str) -> AsyncIterator[str]:
    """Give the readings again with each row, as HTML."""
    with errors_as_messages():
        models = {name: the_reader(name) for name in readers()}
        pictures = pictures_read()
        ink = await asyncio.to_thread(ink_of, picture, pictures)
        async for due in paced(read_rows(ink, models), PACE_SECONDS):
            row, progress = due[-1]
            yield reading(ink, row, progress, language, pictures)


def pictures_read() -> PictureFormat:
    """Give what the models of the tab read: one kind of pictures."""
    return the_reader(readers()[0]).pictures


def taken(path: str | None) -> bytes:
    """Give an uploaded file's bytes and keep nothing of it on the disk."""
    if path is None:
        return b""
    file = Path(path)
    try:
        with file.open("rb") as stream:
            return stream.read(PICTURE_BYTES + 1)
    finally:
        file.unlink(missing_ok=True)


def build(i18n: gr.I18n) -> gr.Textbox:
    """Lay out the tab; give the component in whose place the drawing is sent."""
    pictures = pictures_read()
    of_digits = pictures == MNIST
    with gr.Row(elem_classes="qb-columns"):
        with gr.Column(scale=2, min_width=300):
            if not of_digits:
                gr.HTML(
                    bilingual(invitation(pictures), style="qb-invitation"),
                    elem_classes="qb-tight",
                    js_on_load=None,
                )
            gr.HTML(_pad(pictures), elem_id="qb-pad", js_on_load=asset("drawing.js"))
            with gr.Row(elem_classes="qb-buttons"):
                read = gr.Button(i18n("read"), variant="primary", elem_id="qb-read")
                clear = gr.Button(i18n("clear"), elem_id="qb-clear")
                upload = gr.UploadButton(
                    i18n("upload_digit"),
                    file_types=[".png", ".jpg", ".jpeg"],
                    type="filepath",
                    elem_id="qb-upload-digit",
                )
            samples = list[gr.Button]()
            if of_digits:
                gr.Markdown(i18n("samples"), elem_classes="qb-small")
                with gr.Row(elem_classes="qb-chips"):
                    samples += [
                        gr.Button(digit, size="sm", min_width=40, elem_classes="qb-sample")
                        for digit in MNIST.labels
                    ]
        with gr.Column(scale=3, min_width=300):
            readings = gr.HTML(
                both("digits_here"),
                elem_id="qb-readings",
                js_on_load=None,
            )
    drawn = gr.Textbox(visible=False)

    async def read_drawing(picture: str, request: gr.Request) -> AsyncIterator[str]:
        speaks = language(request)
        if not picture:
            key = "draw_first" if of_digits else "draw_any_first"
            raise gr.Error(say(key, speaks), print_exception=False)
        async for shown in read_slowly(picture, speaks):
            yield shown

    async def read_upload(path: str, request: gr.Request) -> AsyncIterator[str]:
        async for shown in read_slowly(taken(path), language(request)):
            yield shown

    reads = read.click(
        read_drawing,
        drawn,
        readings,
        js=DRAWN,
        api_visibility="private",
        concurrency_limit=16,
        concurrency_id="read",
        show_progress="hidden",
        trigger_mode="multiple",
    )
    # a picture of a camera takes much memory for a moment, so they come one by one
    upload.upload(
        read_upload,
        upload,
        readings,
        api_visibility="private",
        concurrency_limit=1,
        show_progress="hidden",
        cancels=[reads],
    )
    clear.click(
        None, None, None, js="() => window.qibu.clear()", cancels=[reads], api_visibility="private"
    )
    for digit, sample in enumerate(samples):
        sample.click(
            None, None, None, js=f"() => window.qibu.sample({digit})", api_visibility="private"
        )
    return drawn


def named(labels: Sequence[str]) -> Words:
    """Name the classes of a model; of many, some and how many more."""
    if len(labels) <= MOST_LABELS:
        return listed(labels)
    shown = labels[: MOST_LABELS - 2]
    left = len(labels) - len(shown)
    return words("labels_more", labels=joined(shown), count=left, all=len(labels))


def invitation(pictures: PictureFormat) -> Words:
    """Say what a model of own pictures reads."""
    return words("draw_any", labels=named(pictures.labels))


def _pad(pictures: PictureFormat) -> str:
    """Give what is drawn on: paper of the pictures' background, a pen as wide as in MNIST."""
    of_digits = pictures == MNIST
    names = escape(" / ".join(WORDS["draw"] if of_digits else invitation(pictures)), quote=True)
    helped = "draw_help" if of_digits else "draw_any_help"
    longest = max(pictures.width, pictures.height)
    width, height = (
        max(1, round(PAD_PIXELS * side / longest)) for side in (pictures.width, pictures.height)
    )
    colours = ("#141311", "#ffffff") if pictures.background >= 0.5 else ("#ffffff", "#000000")
    pen = max(THINNEST_PEN, round(PEN * PAD_PIXELS / longest))
    return (
        f'<canvas width="{width}" height="{height}" data-ink="{colours[0]}" '
        f'data-paper="{colours[1]}" data-pen="{pen}" tabindex="0" role="img" aria-label="{names}" '
        f'aria-describedby="qb-draw-help"></canvas><div id="qb-draw-help">'
        f"{both(helped, style='qb-help')}</div>"
    )
