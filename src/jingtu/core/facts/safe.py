"""Text that a spreadsheet must not take for a formula."""

from __future__ import annotations

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_text(text: str) -> str:
    """``text``, led by an apostrophe where a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(_STARTS) else text
