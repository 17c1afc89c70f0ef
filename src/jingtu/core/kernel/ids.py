"""Own ids as browsers send them."""

from __future__ import annotations

from collections.abc import Iterable

LARGEST = 2**63 - 1
"""No row has a larger id; databases refuse to be asked for one."""


def ids_in(texts: Iterable[str]) -> list[int]:
    """The texts that can be somebody's id, as numbers; anything else is passed over."""
    digits = (text for text in texts if text.isascii() and text.isdigit() and len(text) < 20)
    return [number for number in map(int, digits) if number <= LARGEST]


def id_in(text: str | None) -> int | None:
    """The own id that a text of an address or a form states; None for anything else."""
    return next(iter(ids_in((text,))), None) if text else None
