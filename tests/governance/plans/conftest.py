from __future__ import annotations

from collections.abc import Iterator

import pytest

from jingtu.core.kernel.clock import frozen
from tests.access.cast import Cast

from .board import MORNING, Board


@pytest.fixture
def board(cast: Cast) -> Iterator[Board]:
    with frozen(MORNING):
        yield Board(cast)
