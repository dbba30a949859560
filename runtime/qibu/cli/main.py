"""The program `qibu`: finds the subcommand, and turns errors into messages and exit codes."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

import qibu
from qibu.cli.any_console import (
    any_console,
    is_closed_pipe,
    is_misread,
    read_anew,
    silence,
    tell_misread,
    unwritable,
)
from qibu.core.errors import QibuError, VerificationError

DONE, CHECK_FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Command:
    """A subcommand: the module whose `main` runs it, and what it is for."""

    module: str
    summary: str
    extra: str | None = None  # what to install for it beyond the base package


COMMANDS: Mapping[str, Command] = {
    "poem": Command("qibu.cli.poem", "write a poem"),
    "text": Command("qibu.cli.text", "write any text with a model of your own, or score one"),
    "check": Command("qibu.cli.check", "judge a poem by the rules of its form"),
    "digit": Command("qibu.cli.digit", "read handwritten digits in pictures"),
    "step": Command("qibu.cli.step", "run any stateful model over a recording"),
    "models": Command("qibu.cli.models", "list the models that come with it"),
    "inspect": Command("qibu.cli.inspect", "show what a model file says of itself"),
    "trace": Command("qibu.cli.trace", "note what a model computes, or hold it to such a note"),
    "evaluate": Command("qibu.cli.evaluate", "measure a model on the test data"),
    "fetch": Command("qibu.cli.fetch", "get the poems or the digits", "data"),
    "train": Command("qibu_train.command", "train a network", "train"),
    "export": Command("qibu_export.command", "turn a trained run into a model file", "export"),
    "verify": Command("qibu.cli.verify", "prove that a model file computes what it did", "export"),
    "demo": Command("qibu_demo.command", "serve the page that writes and reads", "demo"),
}


def usage() -> str:
    """Give the help of the program itself."""
    width = max(map(len, COMMANDS))
    lines = [
        f"  {name:{width}}  {command.summary}"
        + (f" (needs pip install 'qibu[{command.extra}]')" if command.extra else "")
        for name, command in COMMANDS.items()
    ]
    return "\n".join(
        [
            "usage: qibu COMMAND …        (qibu COMMAND --help tells more)",
            "",
            "Small recurrent networks in one ONNX file, stepped without torch.",
            "",
            *lines,
            "",
            "  --version  show the version",
        ]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Returns:
        0 done, 1 a check failed, 2 bad usage or input, 130 stopped with Ctrl-C.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    with any_console():
        if not is_misread(arguments):
            return _main(arguments)
        code = _main(read_anew(arguments))
        if code == BAD_INPUT:
            tell_misread()
        return code


def _main(arguments: Sequence[str]) -> int:
    if not arguments:
        print(usage(), file=sys.stderr)
        return BAD_INPUT
    name, *rest = arguments
    if name in ("-h", "--help"):
        print(usage())
        return DONE
    if name == "--version":
        print(f"qibu {qibu.__version__}")
        return DONE
    if name not in COMMANDS:
        print(f"qibu: no command {name!r}; there are {', '.join(COMMANDS)}", file=sys.stderr)
        return BAD_INPUT
    return _guarded(name, lambda: _run(COMMANDS[name], rest))


def _run(command: Command, arguments: Sequence[str]) -> int:
    run: Callable[[Sequence[str]], int] = import_module(command.module).main
    return run(arguments)


def _guarded(name: str, run: Callable[[], int]) -> int:
    """Turn what a user can cause into one line on stderr and an exit code."""
    try:
        code = run()
        print(end="", flush=True)  # which bears a stdout that is closed
        return code
    except VerificationError as error:
        print(f"qibu {name}: {error}", file=sys.stderr)
        return CHECK_FAILED
    except QibuError as error:
        print(f"qibu {name}: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        extra = COMMANDS[name].extra
        if extra is None or (error.name or "").partition(".")[0] in ("qibu", "numpy"):
            raise
        print(
            f"qibu {name} needs {error.name}, which isn't installed: pip install 'qibu[{extra}]'",
            file=sys.stderr,
        )
    except OSError as error:
        if is_closed_pipe(error):  # whoever read us has had enough
            silence()
            return DONE
        # a full disk, a folder that can't be written
        print(f"qibu {name}: {error}", file=sys.stderr)
    except UnicodeEncodeError as error:
        print(f"qibu {name}: {unwritable(error)}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"\nqibu {name}: stopped", file=sys.stderr)
        return INTERRUPTED
    return BAD_INPUT
