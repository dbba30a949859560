from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from visitor import served

PATIENCE_MS = 60_000  # a test machine may do much else


@dataclass(frozen=True)
class Server:
    address: str
    process: int


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with served("--mcp") as (address, process):
        yield Server(address, process)


@pytest.fixture
def context(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A browser of its own: English, with a window to work in, unless parametrised."""
    settings = getattr(request, "param", {})
    context = browser.new_context(
        **{"locale": "en-US", "viewport": {"width": 1120, "height": 860}, **settings}
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: Any, server: Server) -> Any:
    """The page, ready to be used, as long as nothing on it goes wrong."""
    page = context.new_page()
    return opened(page, server.address)


def opened(page: Any, address: str) -> Any:
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_selector("#qb-write")
    return page
