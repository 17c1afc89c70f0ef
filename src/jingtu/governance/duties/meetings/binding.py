"""PDF files put together: counted, bound one behind the other, stamped with page numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import NameObject

A4 = (595.28, 841.89)
CARRIED_ALONG = ("/Annots", "/AA", "/B", "/Metadata", "/PieceInfo")
"""What a page of an uploaded file may carry besides what is seen: links, forms, scripts. None of it is bound."""


@dataclass(frozen=True)
class Bound:
    """A stretch of the pack: ``pages`` from one file, and the bookmark that leads to it (empty: none)."""

    pages: Sequence[PageObject]
    title: str = ""


def page_count(path: Path) -> int | None:
    """How many pages a PDF has; None for one that cannot be opened, with a password or damaged."""
    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted:
            return None
        return sum(1 for page in reader.pages if page.mediabox.width > 0) or None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        return None  # what a damaged file makes the reader stumble over is not foreseeable


def uploaded_pages(path: Path) -> list[PageObject]:
    """The pages of an uploaded PDF as they are seen: turned upright, without links, forms and scripts."""
    pages = []
    for page in PdfReader(path, strict=False).pages:
        for name in CARRIED_ALONG:
            if name in page:
                del page[NameObject(name)]
        if page.rotation:
            page.transfer_rotation_to_content()
        pages.append(page)
    return pages


def made_pages(content: bytes) -> list[PageObject]:
    """The pages of a PDF that was set here."""
    return list(PdfReader(io.BytesIO(content)).pages)


def first_pages(content: bytes) -> list[int]:
    """On which page (from 0) each top heading of a PDF set here stands, by its bookmarks."""
    reader = PdfReader(io.BytesIO(content))
    found = []
    for entry in reader.outline:
        if not isinstance(entry, list):
            number = reader.get_destination_page_number(entry)
            found.append(number or 0)
    return found


def sizes(parts: Sequence[Bound]) -> list[tuple[float, float]]:
    """Width and height of every page, in points."""
    return [
        (float(page.mediabox.width), float(page.mediabox.height)) for part in parts for page in part.pages
    ]


def bind(parts: Sequence[Bound], stamps: Sequence[PageObject], title: str) -> bytes:
    """All pages in order, each with its stamp, bookmarks where parts begin."""
    writer = PdfWriter()
    number = 0
    for part in parts:
        for index, page in enumerate(part.pages):
            added = writer.add_page(page)
            box = added.mediabox
            added.merge_translated_page(stamps[number], float(box.left), float(box.bottom))
            if index == 0 and part.title:
                writer.add_outline_item(part.title, number)
            number += 1
    writer.add_metadata({"/Title": title})
    writer.compress_identical_objects()
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
