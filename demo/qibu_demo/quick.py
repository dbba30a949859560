"""Importing gradio without what it does for other programs: half the time until the page is there.

While gradio defines a component it rewrites the stub file that editors read, and it takes pandas
and the MCP package along. None of this serves a page that has no tables; pandas and MCP still come
when something asks for them.
"""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_WRITES_STUBS = "gradio.component_meta"
_LATER = "pandas"
_ONLY_WHEN_ASKED = "mcp"


class _Later(ModuleType):
    """Stands for a package until one of its names is used."""

    def __getattr__(self, name: str) -> Any:
        # `inspect` asks every module for its file; only importlib asks for a path
        if name.startswith("__") and name != "__path__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


class _Finder(MetaPathFinder):
    """Finds gradio's modules as usual, and takes out what they needn't do."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == _ONLY_WHEN_ASKED:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        if fullname != _WRITES_STUBS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            module.__dict__["create_or_modify_pyi"] = lambda *_: None

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def import_gradio(mcp: bool = False) -> None:
    """Import gradio; a second time costs nothing.

    Args:
        mcp: whether the page will be an MCP server too; decides at the first import.
    """
    if "gradio" in sys.modules:
        return
    finder = _Finder()
    if not mcp and _LATER not in sys.modules and PathFinder.find_spec(_LATER) is not None:
        sys.modules[_LATER] = _Later(_LATER)
    if mcp:
        import_module(_ONLY_WHEN_ASKED)
    sys.meta_path.insert(0, finder)
    gc.disable()  # nothing that an import makes is garbage
    try:
        import_module("gradio")
    finally:
        sys.meta_path.remove(finder)
        gc.enable()
