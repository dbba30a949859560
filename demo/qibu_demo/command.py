"""`qibu demo`: serve the page."""

import argparse
from collections.abc import Sequence

from .app import build_app


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu demo`."""
    parser = argparse.ArgumentParser(
        prog="qibu demo", description="Serve a page that writes poems and reads drawn digits."
    )
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    parser.add_argument("--port", type=int, default=7860, help="default: 7860")
    parser.add_argument("--share", action="store_true", help="a public link through Gradio")
    arguments = parser.parse_args(argv)
    build_app().launch(
        server_name=arguments.host, server_port=arguments.port, share=arguments.share
    )
    return 0
