"""The tab that looks inside."""

import asyncio
import base64
from collections.abc import AsyncIterator
from itertools import chain
from pathlib import Path
from typing import Any

import gradio as gr

from qibu.core.errors import InputError

from ..page.bundled import readers, the_poet, the_reader
from ..page.error_messages import errors_as_messages, language
from ..page.limits import STATE_BYTES, TEXT, check_number, check_text
from ..page.pace import paced
from ..page.texts import both, say
from ..page.views import fork_view, heat_maps, history_view
from ..read.logic import ink_of
from ..read.tab import DRAWN
from .logic import StateHistory, begin, layers_over_time, loaded, saved, states_of_rows

PACE_SECONDS = 0.06
FORM = "七絕"


def begun(opening: str, seed: float, temperature: float) -> StateHistory:
    """Give the history of an opening, read by the network."""
    text = check_text("opening", opening)
    if not text:
        raise InputError("opening is empty: give the first character, such as 春")
    poet = the_poet()
    history = begin(
        poet, FORM, int(check_number("seed", seed)), check_number("temperature", temperature)
    )
    return history.read(poet, text)


def build(i18n: gr.I18n, drawn: gr.Textbox) -> None:
    """Lay out the tab; `drawn` is where the drawing of the other tab is sent."""
    kept = gr.State(None, time_to_live=3600)
    stepping = [name for name in readers() if the_reader(name).stepper.pairs]
    with gr.Row(elem_classes="qb-columns"):
        with gr.Column(scale=2, min_width=300):
            with gr.Row():
                opening = gr.Textbox("春", label=i18n("start"), max_length=TEXT, min_width=120)
                seed = gr.Number(7, precision=0, minimum=0, label=i18n("seed"), min_width=100)
            temperature = gr.Slider(0.1, 2.0, 0.8, step=0.05, label=i18n("temperature"))
            with gr.Row(elem_classes="qb-buttons"):
                run = gr.Button(i18n("run"), variant="primary", elem_id="qb-run")
                stop = gr.Button(i18n("stop"), variant="stop", elem_id="qb-look-stop")
            with gr.Row(elem_classes="qb-buttons"):
                step = gr.Button(i18n("step"), elem_id="qb-step")
                back = gr.Button(i18n("back"), elem_id="qb-back")
            with gr.Row():
                position = gr.Number(
                    1,
                    precision=0,
                    minimum=1,
                    label=i18n("position"),
                    min_width=100,
                    elem_id="qb-position",
                )
                instead = gr.Textbox(
                    label=i18n("instead"),
                    placeholder="雲",
                    max_length=1,
                    min_width=120,
                    elem_id="qb-instead",
                )
            fork = gr.Button(i18n("what_if"), elem_id="qb-fork-button")
            with gr.Row(elem_classes="qb-buttons"):
                save = gr.Button(i18n("save_state"), size="sm", elem_id="qb-save")
                load = gr.UploadButton(
                    i18n("load_state"),
                    size="sm",
                    file_types=[".npz"],
                    type="filepath",
                    elem_id="qb-load",
                )
            link = gr.HTML("", elem_id="qb-state-link", js_on_load=None)
            with gr.Row():
                model = gr.Dropdown(
                    stepping,
                    value=stepping[0] if stepping else None,
                    label=i18n("model"),
                    min_width=120,
                )
                digit = gr.Button(i18n("a_digit"), elem_id="qb-look-digit", min_width=150)
        with gr.Column(scale=3, min_width=300):
            forks = gr.HTML("", elem_id="qb-forks", js_on_load=None)
            view = gr.HTML(both("state_here"), elem_id="qb-view", js_on_load=None)

    async def write_on(
        opening: str, seed: float, temperature: float, request: gr.Request
    ) -> AsyncIterator[tuple[StateHistory, str, str]]:
        with errors_as_messages():
            first = begun(opening, seed, temperature)
            async for due in paced(chain([first], first.run(the_poet())), PACE_SECONDS):
                yield due[-1], history_view(due[-1], language(request)), ""

    def one_step(
        history: StateHistory | None,
        opening: str,
        seed: float,
        temperature: float,
        request: gr.Request,
    ) -> tuple[StateHistory, str]:
        with errors_as_messages():
            if history is None:
                history = begun(opening, seed, temperature)
            elif not history.moments:
                history = history.read(the_poet(), check_text("opening", opening))
            else:
                history = history.step(the_poet())
        return history, history_view(history, language(request))

    def one_back(
        history: StateHistory | None, request: gr.Request
    ) -> tuple[StateHistory | None, str]:
        history = history and history.back()
        return history, history_view(history, language(request))

    def show_fork(
        history: StateHistory | None, position: float | None, character: str, request: gr.Request
    ) -> str:
        speaks = language(request)
        with errors_as_messages():
            history = wanted(history, speaks)
            poet = the_poet()
            whole = [history, *history.run(poet)][-1]
            character = check_text("character", character)
            place = int(position) if isinstance(position, int | float) else 0
            return fork_view(whole, whole.what_if(poet, place, character), place, character, speaks)

    def save_state(history: StateHistory | None, request: gr.Request) -> str:
        speaks = language(request)
        with errors_as_messages():
            history = wanted(history, speaks)
        data = base64.b64encode(saved(history.moments[-1].state)).decode()
        count = len(history.moments)
        return (
            f'<a class="qb-download" download="qibu-state-{count}.npz" '
            f'href="data:application/octet-stream;base64,{data}">'
            f"{say('download_state', speaks, count=count)}</a>"
        )

    def load_state(
        path: str, seed: float, temperature: float, request: gr.Request
    ) -> tuple[StateHistory, str]:
        with errors_as_messages():
            file = Path(path)
            try:
                with file.open("rb") as stream:
                    data = stream.read(STATE_BYTES + 1)
            finally:
                file.unlink(missing_ok=True)
            state = loaded(data, the_poet())
            number = int(check_number("seed", seed))
            history = StateHistory(
                state, (), number, check_number("temperature", temperature), loaded=True
            )
        return history, history_view(history, language(request))

    async def look_at_digit(picture: str, model: str, request: gr.Request) -> AsyncIterator[str]:
        speaks = language(request)
        if not picture:
            raise gr.Error(say("draw_first", speaks), print_exception=False)
        with errors_as_messages():
            reader = the_reader(model)
            ink = await asyncio.to_thread(ink_of, picture, reader.pictures)
            async for due in paced(states_of_rows(reader, ink), PACE_SECONDS):
                states = due[-1]
                labels = [str(row) for row in range(1, len(states) + 1)]
                yield heat_maps(layers_over_time(states), labels, speaks)

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    shared = {**quiet, "concurrency_limit": 16, "concurrency_id": "look"}
    knobs = [opening, seed, temperature]
    runs = [
        run.click(write_on, knobs, [kept, view, forks], **shared),
        digit.click(
            look_at_digit,
            [drawn, model],
            view,
            js=f"(_, model) => [...({DRAWN})(), model]",
            **shared,
        ),
    ]
    stop.click(None, None, None, cancels=runs, api_visibility="private")
    step.click(one_step, [kept, *knobs], [kept, view], **quiet)
    back.click(one_back, kept, [kept, view], **quiet)
    fork.click(show_fork, [kept, position, instead], forks, **quiet)
    instead.submit(show_fork, [kept, position, instead], forks, **quiet)
    save.click(save_state, kept, link, **quiet)
    load.upload(load_state, [load, seed, temperature], [kept, view], **quiet)


def wanted(history: StateHistory | None, speaks: str) -> StateHistory:
    """Give the history if there is a character in it.

    Raises:
        InputError: nothing has been written yet.
    """
    if history is None or not history.moments:
        raise InputError(say("nothing_yet", speaks))
    return history
