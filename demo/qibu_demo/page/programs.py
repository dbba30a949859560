"""What programs can ask of the page: through `gradio_client`, over HTTP, and as MCP tools."""

from collections.abc import Iterator, Sequence
from inspect import getdoc
from typing import Any

import gradio as gr

from qibu.verse.report import check

from ..look.logic import begin
from ..models import logic as models
from ..read.programs import answers
from ..write.logic import Wish
from ..write.logic import compose as compose_wish
from ..write.logic import stream as stream_wish
from .bundled import the_poet, the_reader
from .error_messages import errors_as_messages
from .face import Program
from .limits import AT_ONCE, CHECKED_TEXT, check_number, check_text


def write(
    form: str = "七絕",
    start: str = "",
    acrostic: str = "",
    rhyme: str = "",
    title: str = "",
    author: str = "",
    temperature: float = 0.8,
    top_p: float = 0.9,
    seed: int = 7,
    script: str = "traditional",
) -> Iterator[str]:
    """Write a poem in the manner of the Tang, streaming the text so far with each character.

    Args:
        form: 五絕, 七絕, 五律, 七律, 五排, 七排, 五古, 七古, 古風 or 雜言.
        start: the first characters, at most a line.
        acrostic: the first character of each line, one for each; empty for none.
        rhyme: a rhyme group such as 東, or a character in it; empty: as the poem likes.
        title: what the poem is about; empty for none.
        author: a Tang poet in whose manner it is, such as 李白; empty for nobody.
        temperature: 0.1 to 2; lower is safer, higher is wilder.
        top_p: 0.05 to 1; draw among the likeliest characters that together have this probability.
        seed: the same seed gives the same poem.
        script: traditional or simplified.
    """
    with errors_as_messages(in_page=False):
        wish = Wish(form, start, acrostic, rhyme, title, author, temperature, top_p, seed, script)
        text = ""
        for character in stream_wish(wish):
            text += character
            yield text


def compose(
    form: str = "七絕",
    start: str = "",
    acrostic: str = "",
    rhyme: str = "",
    title: str = "",
    author: str = "",
    temperature: float = 0.8,
    top_p: float = 0.9,
    seed: int = 7,
    script: str = "traditional",
    best_of: int = 1,
) -> dict[str, Any]:
    """Write a whole poem in the manner of the Tang, with a report on the rules that it keeps.

    Args:
        form: 五絕, 七絕, 五律, 七律, 五排, 七排, 五古, 七古, 古風 or 雜言.
        start: the first characters, at most a line.
        acrostic: the first character of each line, one for each; empty for none.
        rhyme: a rhyme group such as 東, or a character in it; empty: as the poem likes.
        title: what the poem is about; empty for none.
        author: a Tang poet in whose manner it is, such as 李白; empty for nobody.
        temperature: 0.1 to 2; lower is safer, higher is wilder.
        top_p: 0.05 to 1; draw among the likeliest characters that together have this probability.
        seed: the same seed gives the same poem.
        script: traditional or simplified.
        best_of: write so many, 1 to 16, and give the best.
    """
    with errors_as_messages(in_page=False):
        wish = Wish(
            form, start, acrostic, rhyme, title, author, temperature, top_p, seed, script, best_of
        )
        poem = compose_wish(wish)
        return {
            "text": poem.text,
            "heading": poem.heading,
            "lines": list(poem.lines),
            "form": wish.form,
            "seed": poem.seed,
            "link": f"?{wish.query()}",
            "report": poem.report.to_json(),
        }


def check_poem(text: str, form: str = "") -> dict[str, Any]:
    """Say what a Chinese poem is, regulated or old style, and which rules of that it breaks.

    Args:
        text: the poem in either script, with or without punctuation.
        form: what it should be, such as 七律; empty: what its lines, rhyme and tones say.
    """
    with errors_as_messages(in_page=False):
        return check(check_text("text", text, CHECKED_TEXT), form or None).to_json()


def read_digit(picture: str, model: str = "digits") -> Iterator[dict[str, Any]]:
    """Read a handwritten digit row by row, streaming the probabilities of 0 to 9 with each row.

    Args:
        picture: a PNG or JPEG of one digit as base64 or as a data: URL.
        model: a bundled digits model.
    """
    with errors_as_messages(in_page=False):
        for answer in answers(picture, the_reader(check_text("model", model))):
            digit, chances = answer.pop("index"), list(answer["probabilities"].values())
            yield {**answer, "digit": digit, "probabilities": chances}


def what_if(
    start: str, position: int, character: str, seed: int = 7, temperature: float = 0.8
) -> dict[str, str]:
    """Write a poem, and again with one character exchanged: the state is forked there.

    Args:
        start: the first characters.
        position: which character to exchange, 1 for the first.
        character: what stands there instead.
        seed: the same seed gives the same poem.
        temperature: 0.1 to 2; lower is safer, higher is wilder.
    """
    with errors_as_messages(in_page=False):
        poet = the_poet()
        history = begin(
            poet,
            "七絕",
            int(check_number("seed", seed)),
            check_number("temperature", temperature),
        ).read(poet, check_text("start", start))
        whole = [history, *history.run(poet)][-1]
        return {
            "as_it_was": whole.text,
            "what_if": whole.what_if(poet, int(position), check_text("character", character)).text,
        }


def list_models() -> list[dict[str, Any]]:
    """List the models that come with Qibu: task, cell, sizes and quality on the test split."""
    return models.table()


def step_time(model: str = "poem") -> dict[str, Any]:
    """Measure how long a step of a bundled model takes on this machine, in microseconds.

    Args:
        model: a bundled model's name.
    """
    with errors_as_messages(in_page=False):
        return models.step_time(check_text("model", model))


# what may run at once: streams are light, whole poems and pictures less so
POEM_PROGRAMS: tuple[Program, ...] = (
    (write, AT_ONCE),
    (compose, 4),
    (check_poem, 8),
    (what_if, 4),
)
PROGRAMS: tuple[Program, ...] = (
    *POEM_PROGRAMS,
    (read_digit, 4),
    (list_models, 4),
    (step_time, 1),
)


def offer(programs: Sequence[Program] = PROGRAMS, about: str = "") -> None:
    """Add functions to the page; called within its `gr.Blocks`.

    Args:
        programs: the functions, with how many of each may run at once.
        about: the model that they are of, said of each in its description; "": the bundled ones.
    """
    for function, limit in programs:
        said, _, _ = (getdoc(function) or "").partition("\n\n")
        gr.api(
            function,
            api_name=function.__name__,
            api_description=f"{said} {about}" if about else None,
            concurrency_limit=limit,
        )
