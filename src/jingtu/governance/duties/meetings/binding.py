"""PDF files put together: counted, bound one behind the other, stamped with page numbers."""

from __future__ import annotations

from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError


def page_count(path: Path) -> int | None:
    """How many pages a PDF has; None for one that cannot be opened, with a password or damaged."""
    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted:
            return None
        return len(reader.pages) or None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        return None  # what a damaged file makes the reader stumble over is not foreseeable
