"""Shared by all tests."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

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
