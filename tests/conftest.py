"""Shared by all tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("jingtu", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("jingtu")


@pytest.fixture(autouse=True)
def chinese_by_default() -> None:
    """Every test starts in the interface's first language."""
    from django.utils import translation

    translation.activate("zh-hans")
