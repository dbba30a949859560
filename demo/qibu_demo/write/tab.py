"""The tab that writes poems."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from qibu.verse.forms import FORMS
from qibu.verse.report import check
from qibu.verse.tones import LEVEL_RHYMES

from ..page.bundled import authors
from ..page.error_messages import errors_as_messages, language
from ..page.limits import AT_ONCE, CANDIDATES, TEXT
from ..page.pace import paced
from ..page.texts import both
from .logic import Wish, compose, stream, wish_of
from .sheet import rules, sheet

PACE_SECONDS = 0.045  # between two characters: the network is quicker than the eye
EXAMPLES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("七絕 · 春", {"form": "七絕", "start": "春"}),
    ("五律 · 春望 · 杜甫", {"form": "五律", "title": "春望", "author": "杜甫"}),
    ("藏頭 · 七步成詩", {"form": "七絕", "acrostic": "七步成詩"}),
    ("五絕 · 東韻", {"form": "五絕", "rhyme": "東"}),
    ("古風 · 明月", {"form": "七古", "start": "明月"}),
)
FIELDS = tuple(Wish.__dataclass_fields__)
_NEW_SEED = "() => Math.floor(Math.random() * 4294967296)"


async def write_slowly(wish: Wish, language: str) -> AsyncIterator[tuple[str, str]]:
    """Give the sheet again with each character, and the report at the end, both as HTML."""
    with errors_as_messages():
        if wish.best_of > 1:
            characters = iter((await asyncio.to_thread(compose, wish)).text)
        else:
            characters = stream(wish)
        text = ""
        async for due in paced(characters, PACE_SECONDS):
            text += "".join(due)
            yield sheet(text, wish, None, language), ""
        report = check(text, wish.form)
        yield sheet(text, wish, report, language), rules(report, language)


def build(i18n: gr.I18n, app: gr.Blocks) -> None:
    """Lay out the tab; called within the page's `gr.Blocks`."""
    none = "—"
    with gr.Row(elem_classes="qb-columns"):
        with gr.Column(scale=2, min_width=300):
            with gr.Row():
                form = gr.Dropdown(
                    list(FORMS), value="七絕", label=i18n("form"), elem_id="qb-form", min_width=120
                )
                author = gr.Dropdown(
                    [(none, ""), *authors()], value="", label=i18n("author"), min_width=120
                )
            with gr.Row():
                start = _text(i18n, "start", "qb-start")
                acrostic = _text(i18n, "acrostic", "qb-acrostic")
            title = _text(i18n, "title", "qb-title")
            with gr.Row(elem_classes="qb-buttons"):
                write = gr.Button(i18n("write"), variant="primary", elem_id="qb-write")
                stop = gr.Button(i18n("stop"), variant="stop", elem_id="qb-stop")
            with gr.Row(elem_classes="qb-buttons"):
                another = gr.Button(i18n("another"), elem_id="qb-another")
                again = gr.Button(i18n("again"), elem_id="qb-again")
            with gr.Row(elem_classes="qb-chips"):
                chips = [gr.Button(label, size="sm", min_width=70) for label, _ in EXAMPLES]
            with gr.Accordion(i18n("more"), open=False, elem_id="qb-more"):
                with gr.Row():
                    seed = gr.Number(
                        7,
                        precision=0,
                        minimum=0,
                        label=i18n("seed"),
                        info=i18n("seed_info"),
                        min_width=120,
                        elem_id="qb-seed",
                    )
                    rhyme = gr.Dropdown(
                        [(none, ""), *LEVEL_RHYMES],
                        value="",
                        label=i18n("rhyme"),
                        min_width=100,
                        info=i18n("rhyme_info"),
                        allow_custom_value=True,
                    )
                script = gr.Radio(
                    [("繁體", "traditional"), ("简体", "simplified")],
                    value="traditional",
                    label=i18n("script"),
                )
                temperature = gr.Slider(
                    0.1,
                    2.0,
                    0.8,
                    step=0.05,
                    label=i18n("temperature"),
                    info=i18n("temperature_info"),
                )
                top_p = gr.Slider(
                    0.05, 1.0, 0.9, step=0.05, label=i18n("top_p"), info=i18n("top_p_info")
                )
                best_of = gr.Slider(
                    1, CANDIDATES, 1, step=1, label=i18n("best_of"), info=i18n("best_of_info")
                )
        with gr.Column(scale=3, min_width=300):
            poem = gr.HTML(both("poem_here"), elem_id="qb-poem", js_on_load=None)
            with gr.Row(elem_classes="qb-toolbar"):
                direction = gr.Radio(
                    [("直排", "vertical"), ("橫排", "horizontal")],
                    value="vertical",
                    label=i18n("direction"),
                    elem_id="qb-direction",
                    container=False,
                    min_width=150,
                )
                tones = gr.Checkbox(
                    False, label=i18n("tones"), elem_id="qb-tones", container=False, min_width=190
                )
                copy = gr.Button(i18n("copy"), size="sm", min_width=80, elem_id="qb-copy")
                link = gr.Button(i18n("copy_link"), size="sm", min_width=80, elem_id="qb-link")
            report = gr.HTML("", elem_id="qb-report", js_on_load=None)

    # in the order of FIELDS
    fields: list[Any] = [
        form,
        start,
        acrostic,
        rhyme,
        title,
        author,
        temperature,
        top_p,
        seed,
        script,
        best_of,
    ]

    async def write_poem(
        form: str,
        start: str,
        acrostic: str,
        rhyme: str,
        title: str,
        author: str,
        temperature: float,
        top_p: float,
        seed: int,
        script: str,
        best_of: int,
        request: gr.Request,
    ) -> AsyncIterator[tuple[str, str]]:
        with errors_as_messages():
            wish = Wish(
                form,
                start,
                acrostic,
                rhyme,
                title,
                author,
                temperature,
                top_p,
                seed,
                script,
                best_of,
            )
        async for shown in write_slowly(wish, language(request)):
            yield shown

    def open_link(request: gr.Request) -> list[Any]:
        if "seed" not in request.query_params:
            return [gr.skip()] * len(FIELDS)  # what was typed meanwhile stays
        wish = wish_of(dict(request.query_params))
        return [getattr(wish, name) for name in FIELDS]

    ways: dict[str, Any] = {
        "inputs": fields,
        "outputs": [poem, report],
        "api_visibility": "private",
        "concurrency_limit": AT_ONCE,
        "concurrency_id": "write",
        "show_progress": "hidden",
    }
    events = [button.click(write_poem, **ways) for button in (write, again)] + [
        start.submit(write_poem, **ways),
        title.submit(write_poem, **ways),
    ]
    events.append(
        another.click(None, None, seed, js=_NEW_SEED, api_visibility="private").then(
            write_poem, **ways
        )
    )
    for chip, (_, values) in zip(chips, EXAMPLES, strict=True):
        wish = Wish(**values)
        filled = [getattr(wish, name) for name in FIELDS]
        events.append(
            chip.click(
                lambda filled=filled: filled, None, fields, api_visibility="private", queue=False
            ).then(write_poem, **ways)
        )
    stop.click(
        None, None, None, cancels=events, js="() => window.qibu.stopped()", api_visibility="private"
    )
    copy.click(None, None, None, js="() => window.qibu.copyPoem()", api_visibility="private")
    link.click(None, None, None, js="() => window.qibu.copyLink()", api_visibility="private")
    direction.change(
        None, direction, None, js="(way) => window.qibu.turn(way)", api_visibility="private"
    )
    tones.change(
        None, tones, None, js="(on) => window.qibu.showTones(on)", api_visibility="private"
    )
    app.load(open_link, None, fields, api_visibility="private", queue=False).then(
        None, None, None, js="() => window.qibu.opened()", api_visibility="private"
    )


def _text(i18n: gr.I18n, key: str, name: str) -> gr.Textbox:
    return gr.Textbox(
        label=i18n(key),
        placeholder=i18n(f"{key}_hint"),
        max_length=TEXT,
        max_lines=1,
        elem_id=name,
        min_width=120,
    )
