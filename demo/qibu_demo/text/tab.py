"""The tab that writes any text."""

from collections.abc import AsyncIterator
from html import escape
from typing import Any

import gradio as gr

import qibu

from ..page.error_messages import errors_as_messages, language
from ..page.limits import AT_ONCE, LONGEST_TEXT, TEXT
from ..page.pace import paced
from ..page.texts import WORDS, Words, bilingual, both, say, words
from .logic import AT_A_TIME, TextWish, begin, in_parts
from .starts import starts

PACE_SECONDS = 0.01 * AT_A_TIME  # the network is quicker than the eye
MOST_CHARACTERS = 60  # of an alphabet, that are shown
_NEW_SEED = "() => Math.floor(Math.random() * 4294967296)"


def text_sheet(text: str, wish: TextWish, ended: str | None, language: str) -> str:
    """Give the HTML of a text, or of the beginning of one: `ended` is None while it comes."""
    below = [f"{say('seed', language)} {wish.seed}"]
    if ended is not None:
        below.append(say(f"ended_{ended}", language))
    state = " qb-writing" if ended is None else ""
    return (
        f'<article class="qb-sheet{state}" data-seed="{wish.seed}" data-ended="{ended or ""}">'
        f'<pre class="qb-text" tabindex="0">{escape(text)}</pre>'
        f"<footer>{escape(' · '.join(below))}</footer></article>"
    )


def alphabet(writer: qibu.Writer) -> Words:
    """Say which characters a model knows; of many, how many and some."""
    if writer.unit == "byte":
        return WORDS["knows_any"]
    known = writer.vocabulary.characters
    shown = "".join(sorted(character for character in known if character.isprintable())).strip()
    more = "…" if len(shown) > MOST_CHARACTERS else ""
    return words("knows", count=len(known), characters=shown[:MOST_CHARACTERS] + more)


async def write_slowly(writer: qibu.Writer, wish: TextWish, language: str) -> AsyncIterator[str]:
    """Give the sheet again with every few characters, as HTML."""
    with errors_as_messages():
        stream, text = begin(writer, wish), ""
        async for due in paced(in_parts(stream), PACE_SECONDS):
            text += "".join(due)
            yield text_sheet(text, wish, None, language)
        yield text_sheet(text, wish, stream.ended, language)


def build(i18n: gr.I18n, writer: qibu.Writer) -> None:
    """Lay out the tab; called within the page's `gr.Blocks`."""
    usual, known = TextWish(), starts(writer)
    # a model without a token for the beginning has to be given one
    first = known[0] if known and not writer.prompt() else usual.start
    with gr.Row(elem_classes="qb-columns"):
        with gr.Column(scale=2, min_width=300):
            start = gr.Textbox(
                first,
                label=i18n("start_text"),
                placeholder=f"{known[0]}…" if known else None,
                lines=2,
                max_length=TEXT,
                elem_id="qb-text-start",
            )
            gr.HTML(
                bilingual(alphabet(writer), style="qb-help"),
                elem_id="qb-alphabet",
                elem_classes="qb-tight",
                js_on_load=None,
            )
            with gr.Row(elem_classes="qb-chips"):
                chips = [gr.Button(word, size="sm", min_width=60) for word in known]
            with gr.Row(elem_classes="qb-buttons"):
                write = gr.Button(i18n("write"), variant="primary", elem_id="qb-write")
                stop = gr.Button(i18n("stop"), variant="stop", elem_id="qb-stop")
            another = gr.Button(i18n("another_text"), elem_id="qb-another")
            with gr.Row():
                length = gr.Number(
                    usual.length,
                    precision=0,
                    minimum=1,
                    maximum=LONGEST_TEXT,
                    label=i18n("length"),
                    min_width=100,
                    elem_id="qb-length",
                )
                seed = gr.Number(
                    usual.seed,
                    precision=0,
                    minimum=0,
                    label=i18n("seed"),
                    min_width=100,
                    elem_id="qb-seed",
                )
            with gr.Accordion(i18n("more"), open=False, elem_id="qb-more"):
                temperature = gr.Slider(
                    0.1,
                    2.0,
                    usual.temperature,
                    step=0.05,
                    label=i18n("temperature"),
                    info=i18n("temperature_info"),
                )
                top_p = gr.Slider(
                    0.05,
                    1.0,
                    usual.top_p,
                    step=0.05,
                    label=i18n("top_p"),
                    info=i18n("top_p_info"),
                )
                before = gr.Textbox(
                    label=i18n("stop_before"), placeholder=r"\n", max_lines=1, elem_id="qb-before"
                )
        with gr.Column(scale=3, min_width=300):
            written = gr.HTML(both("text_here"), elem_id="qb-written", js_on_load=None)

    async def write_text(
        start: str,
        length: int,
        temperature: float,
        top_p: float,
        seed: int,
        before: str,
        request: gr.Request,
    ) -> AsyncIterator[str]:
        with errors_as_messages():
            wish = TextWish(start, length, temperature, top_p, seed, before)
        async for shown in write_slowly(writer, wish, language(request)):
            yield shown

    ways: dict[str, Any] = {
        "inputs": [start, length, temperature, top_p, seed, before],
        "outputs": written,
        "api_visibility": "private",
        "concurrency_limit": AT_ONCE,
        "concurrency_id": "write",
        "show_progress": "hidden",
    }
    new_seed = another.click(None, None, seed, js=_NEW_SEED, api_visibility="private")
    events = [write.click(write_text, **ways), new_seed.then(write_text, **ways)]
    for chip, word in zip(chips, known, strict=True):
        filled = chip.click(
            lambda word=word: word, None, start, api_visibility="private", queue=False
        )
        events.append(filled.then(write_text, **ways))
    stop.click(None, None, None, cancels=events, api_visibility="private")
