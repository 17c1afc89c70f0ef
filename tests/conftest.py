"""Shared by all tests."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest
from hypothesis import settings
from typer.testing import CliRunner

settings.register_profile("jingtu", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("jingtu")


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: garbage need not be looked for in it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 20)


@pytest.fixture(autouse=True)
def chinese_by_default() -> None:
    """Every test starts in the interface's first language."""
    from django.utils import translation

    translation.activate("zh-hans")


@pytest.fixture(autouse=True)
def commands_of_their_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command is a process of its own: whom it reads as ends with it, and with the test."""
    invoke = CliRunner.invoke

    def apart(self: CliRunner, *args: Any, **kwargs: Any) -> Any:
        return copy_context().run(invoke, self, *args, **kwargs)

    monkeypatch.setattr(CliRunner, "invoke", apart)
    from jingtu.core.kernel.actor import SYSTEM
    from jingtu.core.kernel.wall import reading_as

    with reading_as(SYSTEM):
        yield
