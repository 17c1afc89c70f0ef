"""Characters that no record takes."""

from __future__ import annotations

import re
import unicodedata

# Null is kept by no database, the others by no printed document; half of a pair is no character at all.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def unprintable(text: str, *, kept: str | None = None) -> bool:
    """Whether the text holds a control character other than tab and the ends of lines, or half of a pair.

    ``kept``: for text that is printed as it stands, the only control characters it may hold.
    """
    if _UNPRINTABLE.search(text) is not None:
        return True
    return kept is not None and any(
        unicodedata.category(character) == "Cc" and character not in kept for character in text
    )


def unseen(text: str) -> bool:
    """Whether a name holds characters nobody sees, or that turn what stands beside them: it could pass for another."""
    return any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in text)
