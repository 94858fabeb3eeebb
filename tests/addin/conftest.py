"""What the tests of the add-in share: one running server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.addin_server import Served, require_server, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server over an office with the schools TH01, MN01, CS01; see Served."""
    require_server()
    with serving(tmp_path_factory.mktemp("server")) as served:
        yield served
