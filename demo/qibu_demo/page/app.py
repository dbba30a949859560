"""The page: its tabs, their looks, and the server behind it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import qibu

from .gradio_import import import_gradio, laid_out_only
from .server import Page, asset

import_gradio()

import gradio as gr  # noqa: E402 - quicker when imported so
from starlette.middleware import Middleware  # noqa: E402

from ..look import tab as look_tab  # noqa: E402
from ..models import tab as models_tab  # noqa: E402
from ..page import programs  # noqa: E402
from ..read import face as read_face  # noqa: E402
from ..read import tab as read_tab  # noqa: E402
from ..step import face as step_face  # noqa: E402
from ..text import face as text_face  # noqa: E402
from ..write import face as write_face  # noqa: E402
from ..write import tab as write_tab  # noqa: E402
from .bundled import show_only  # noqa: E402
from .face import Face  # noqa: E402
from .heading import NAME, heading  # noqa: E402
from .limits import UPLOAD, VISITORS, WAITING  # noqa: E402
from .origin import origin  # noqa: E402
from .texts import translations  # noqa: E402

_SERIF = ("Songti TC", "Songti SC", "Noto Serif CJK TC", "Source Han Serif TC", "STSong", "serif")
_SANS = ("system-ui", "PingFang TC", "Noto Sans CJK TC", "Microsoft JhengHei", "sans-serif")
_HOUR = 3600


# what a page for one model is, by the application of its file; any other is stepped
FACES: Mapping[str, Callable[[Any], Face]] = {
    "poem": write_face.face,
    "text": text_face.face,
    "digits": read_face.face,
}


def build_app(name: str | None = None) -> gr.Blocks:
    """Lay out the page; nothing is served yet.

    Args:
        name: the one model that it is for, a bundled name or a file; None: the bundled ones.

    Raises:
        ModelFileError: there is no such model, or it can't be stepped.
    """
    model = None if name is None else qibu.load(name)
    with laid_out_only():
        i18n = gr.I18n(**translations())
        if name is None:
            app = _lay_out(i18n)
        else:
            show_only(Path(name).stem, model)
            app = _lay_out_for(i18n, model)
        app.queue(max_size=WAITING, default_concurrency_limit=8)
    return app


def _lay_out_for(i18n: gr.I18n, model: Any) -> gr.Blocks:
    """Lay out what one model does."""
    stepper: qibu.Stepper = getattr(model, "stepper", model)
    application = stepper.application
    face_of = FACES.get(application.name) if application else None
    face = face_of(model) if face_of else step_face.face(stepper)
    title, said = stepper.path.name, stepper.spec.description if stepper.spec else ""
    lines = [*([(said, said)] if said else []), face.does, origin(stepper)]
    with _blocks(f"{title} · {NAME}") as app:
        gr.HTML(heading(title, lines), elem_id="qb-header", js_on_load=None)
        face.build(i18n, app)
        about = ". ".join(english.rstrip(".") for english, _ in lines)
        programs.offer(face.programs, f"The model is {title}: {about}.")
    return app


def _blocks(title: str) -> gr.Blocks:
    return gr.Blocks(title=title, analytics_enabled=False, delete_cache=(_HOUR // 6, _HOUR))


def _lay_out(i18n: gr.I18n) -> gr.Blocks:
    with _blocks(NAME) as app:
        gr.HTML(heading(), elem_id="qb-header", js_on_load=None)
        with gr.Tabs(elem_id="qb-tabs"):
            with gr.Tab(i18n("tab_write"), id="write"):
                write_tab.build(i18n, app)
            with gr.Tab(i18n("tab_read"), id="read"):
                drawn = read_tab.build(i18n)
            with gr.Tab(i18n("tab_look"), id="look"):
                look_tab.build(i18n, drawn)
            with gr.Tab(i18n("tab_models"), id="models"):
                models_tab.build(i18n, app)
        programs.offer()
    return app


def launch(app: gr.Blocks, **settings: Any) -> str:
    """Serve the page; give its address.

    Args:
        app: what `build_app` gave.
        settings: of `gr.Blocks.launch`, such as `server_port`; `prevent_thread_lock` returns at
            once.
    """
    _, address, _ = app.launch(
        **{
            "i18n": gr.I18n(**translations()),
            "theme": theme(),
            "css": asset("page.css"),
            "js": asset("page.js"),
            "app_kwargs": {
                "middleware": [Middleware(Page, title=str(app.title))],
                "docs_url": None,
                "redoc_url": None,
            },
            "max_file_size": UPLOAD,
            "enable_monitoring": False,
            "run_history": False,
            "footer_links": ["api"],
            "state_session_capacity": VISITORS,
            "ssr_mode": False,
            "quiet": True,
            "inline": False,
            **settings,
        }
    )
    return str(address)


def theme() -> gr.themes.Base:
    """Give paper, ink and the red of a seal; by night, the other way round."""
    seal = gr.themes.Color(
        "#fbf1ef", "#f6ddd9", "#ecbab3", "#df9289", "#cc6459", "#b23a2f", "#9c3028", "#822822",
        "#6b231f", "#571f1c", "#300e0c",
    )  # fmt: skip
    paper = gr.themes.Color(
        "#fdfbf6", "#f7f3ea", "#ece5d6", "#d9cfba", "#b3a78f", "#857a66", "#635a4a", "#4a4338",
        "#302c26", "#201e1b", "#141311",
    )  # fmt: skip
    return gr.themes.Base(
        primary_hue=seal,
        secondary_hue=seal,
        neutral_hue=paper,
        font=_SANS,
        font_mono=("ui-monospace", "monospace"),
        radius_size=gr.themes.sizes.radius_sm,
    ).set(
        body_background_fill="*neutral_100",
        body_background_fill_dark="*neutral_950",
        block_background_fill="*neutral_50",
        block_background_fill_dark="*neutral_900",
        block_border_width="0px",
        block_shadow="none",
        input_background_fill="white",
        input_background_fill_dark="*neutral_800",
        input_border_width="1px",
        button_primary_background_fill="*primary_500",
        button_primary_background_fill_hover="*primary_600",
        button_primary_text_color="white",
        button_secondary_background_fill="*neutral_200",
        button_secondary_background_fill_dark="*neutral_800",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
    )
