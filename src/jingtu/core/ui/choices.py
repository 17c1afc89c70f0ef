"""Lists from which a person chooses without one being chosen for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import pgettext_lazy


def nothing_chosen(offered: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """The choices behind an empty one: nobody is named by forgetting to choose. A single one stays chosen."""
    choices = list(offered)
    return choices if len(choices) < 2 else [("", pgettext_lazy("choices", "请选择")), *choices]
