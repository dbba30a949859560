"""Importing gradio without what it does for other programs.

While gradio defines its components it rewrites the stub files and documentation that editors read,
and it takes pandas, its command line and its clients of other services along. None of this serves
a page; whatever it is that a name stands for comes when it is used.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

# modules that are left for later, with the functions that gradio itself takes from them
_LATER: Mapping[str, tuple[str, ...]] = {
    "pandas": (),
    "gradio.cli": ("deploy",),
    "gradio.external": ("load", "load_chat", "load_openapi"),
}
_ONLY_WHEN_ASKED = "mcp"
# statistics of each button for a monitoring page that isn't served: they take pandas, and a row of
# memory for each press
_SETTINGS: Mapping[str, str] = {
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(2**31),
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
}


def _write_no_stubs(module: ModuleType) -> None:
    module.__dict__["create_or_modify_pyi"] = lambda *_: None


def _write_no_documentation(module: ModuleType) -> None:
    module.__dict__["EventListener"].set_doc = lambda *_, **__: None


class _WithoutBlocks:
    """A page as it is, but for its components."""

    blocks: Mapping[int, Any] = {}

    def __init__(self, page: Any) -> None:
        self._page = page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._page, name)


def _keep_no_configurations(module: ModuleType) -> None:
    """Keep no copy of the whole page for each visitor: only gradio's own deep links read it."""
    session = module.__dict__["SessionState"]
    begin = session.__init__
    session.__init__ = lambda self, page: begin(self, _WithoutBlocks(page))
    session._update_value_in_config = lambda *_: None


_TRIMMED: Mapping[str, Callable[[ModuleType], None]] = {
    "gradio.component_meta": _write_no_stubs,
    "gradio.events": _write_no_documentation,
    "gradio.state_holder": _keep_no_configurations,
}


class _Later(ModuleType):
    """Stands for a module until one of its names is used."""

    def __init__(self, name: str, functions: Sequence[str]) -> None:
        super().__init__(name)
        for function in functions:
            self.__dict__[function] = self._lend(function)

    def _load(self) -> ModuleType:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return import_module(self.__name__)

    def _lend(self, name: str) -> Callable[..., Any]:
        def function(*arguments: Any, **named: Any) -> Any:
            return getattr(self._load(), name)(*arguments, **named)

        return function

    def __getattr__(self, name: str) -> Any:
        # `inspect` asks every module for its file; only importlib asks for a path
        if name.startswith("__") and name != "__path__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self._load(), name)


class _Finder(MetaPathFinder):
    """Finds gradio's modules as usual, and takes out what they needn't do."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == _ONLY_WHEN_ASKED:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        if fullname not in _TRIMMED:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            _TRIMMED[fullname](module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def import_gradio(mcp: bool = False) -> None:
    """Import gradio; a second time costs nothing.

    Args:
        mcp: whether the page will be an MCP server too; decides at the first import.
    """
    if "gradio" in sys.modules:
        return
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    finder = _Finder()
    if mcp:
        import_module(_ONLY_WHEN_ASKED)
    else:
        for name, functions in _LATER.items():
            sys.modules.setdefault(name, _Later(name, functions))
    sys.meta_path.insert(0, finder)
    gc.disable()  # nothing that an import makes is garbage
    try:
        import_module("gradio")
    finally:
        sys.meta_path.remove(finder)
        gc.enable()


@contextmanager
def laid_out_only() -> Iterator[None]:
    """Lay out a page without the servers that gradio makes on the way; `launch` makes its own."""
    from gradio.routes import App

    create = App.create_app
    App.create_app = staticmethod(lambda *_, **__: None)
    try:
        yield
    finally:
        App.create_app = create
