"""What a visitor is told when something can't be done."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import gradio as gr

from qibu.core.errors import QibuError

from .server import language_of


@contextmanager
def errors_as_messages(in_page: bool = True) -> Iterator[None]:
    """Turn what a visitor can cause into a message; it takes no harm on the way.

    Args:
        in_page: whether the message will be shown as HTML; a program gets it as it is.
    """
    try:
        yield
    except QibuError as error:
        message = escape(str(error)) if in_page else str(error)
        raise gr.Error(message, print_exception=False, duration=8) from error


def language(request: gr.Request) -> str:
    """Give the visitor's language, "en" or "zh"."""
    headers = request.headers
    return language_of(dict(request.cookies), headers.get("accept-language", ""))
