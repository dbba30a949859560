"""`qibu demo`: serve the page, or write it as a Hugging Face Space."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from qibu.core.errors import InputError, MissingExtraError


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu demo",
        description="Serve a page that writes poems, reads digits and shows the state moving; or, "
        "with --model, one for a file: it writes, reads, or steps over CSV with plots.",
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        help="serve what this model does: a bundled name or any .onnx file with explicit state",
    )
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    parser.add_argument("--port", type=int, default=7860, help="default: 7860")
    parser.add_argument("--root-path", default="", help="where a proxy serves it, such as /qibu")
    parser.add_argument("--share", action="store_true", help="a public link through Gradio")
    parser.add_argument("--mcp", action="store_true", help="serve MCP tools too")
    parser.add_argument(
        "--space", type=Path, metavar="DIR", help="write a Hugging Face Space there, serve nothing"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu demo`."""
    arguments = build_parser().parse_args(argv)
    if arguments.space is not None:
        if arguments.model is not None:
            raise InputError("--space writes the page of the bundled models: leave --model")
        from .page.space import write_space

        write_space(arguments.space)
        print(arguments.space)
        return 0
    if not 0 < arguments.port < 65536:
        raise InputError(f"--port must be 1..65535, got {arguments.port}")
    from .page.gradio_import import import_gradio

    try:
        import_gradio(mcp=arguments.mcp)
    except ModuleNotFoundError as error:
        if error.name != "mcp":
            raise
        raise MissingExtraError("--mcp needs the package mcp: pip install 'qibu[mcp]'") from error
    from .page.app import build_app, launch

    app = build_app(arguments.model)
    try:
        address = launch(
            app,
            server_name=arguments.host,
            server_port=arguments.port,
            root_path=arguments.root_path,
            share=arguments.share,
            mcp_server=arguments.mcp,
            prevent_thread_lock=True,
        )
    except OSError as error:
        raise InputError(
            f"port {arguments.port} can't be had: choose another with --port"
        ) from error
    print(app.share_url or address, flush=True)
    print("Ctrl-C stops it", file=sys.stderr)
    app.block_thread()
    return 0
