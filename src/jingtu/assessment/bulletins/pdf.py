"""A bulletin as PDF with its Chinese font embedded, set by Typst; no font of the system is read."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import typst
from django.conf import settings

from jingtu.assessment.bulletins.content import Bulletin, Chart, Heading, Note, Paragraph, Table

_LAYOUT = Path(__file__).with_name("layouts") / "bulletin.typ"


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """The fonts that PDFs may use: those of the settings and nothing of the machine."""
    folders = [str(folder) for folder in settings.PDF_FONT_FOLDERS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def render(bulletin: Bulletin) -> bytes:
    """The .pdf file. The same bulletin gives the same bytes."""
    return typst.compile(
        str(_LAYOUT), font_paths=fonts(), sys_inputs={"bulletin": json.dumps(_plain(bulletin))}, timestamp=0
    )


def _plain(bulletin: Bulletin) -> dict[str, object]:
    blocks: list[dict[str, object]] = []
    notes = 0
    for block in bulletin.blocks:
        if isinstance(block, Heading):
            blocks.append({"kind": "heading", "level": block.level, "text": block.text})
        elif isinstance(block, Paragraph):
            blocks.append({"kind": "paragraph", "text": block.text})
        elif isinstance(block, Note):
            notes += 1
            blocks.append({"kind": "note", "text": f"{notes}. {block.text}"})
        elif isinstance(block, Table):
            blocks.append(
                {
                    "kind": "table",
                    "caption": block.caption,
                    "note": block.note,
                    "columns": [
                        {"title": column.title, "align": column.align, "width": column.width}
                        for column in block.columns
                    ],
                    "rows": [[{"text": cell.text, "url": cell.url} for cell in row] for row in block.rows],
                }
            )
        elif isinstance(block, Chart):
            blocks.append(
                {
                    "kind": "chart",
                    "title": block.title,
                    "unit": block.unit,
                    "categories": list(block.categories),
                    "values": [float(value) for value in block.values],
                    "labels": [str(value) for value in block.values],
                }
            )
    return {
        "language": bulletin.language,
        "issuer": bulletin.issuer,
        "number": bulletin.number,
        "title": bulletin.title,
        "recipient": bulletin.recipient,
        "blocks": blocks,
        "signature": bulletin.signature,
        "date": bulletin.date,
        "distribution": bulletin.distribution,
        "note_label": bulletin.note_label,
        "copies_label": bulletin.copies_label,
        "fictional_notice": bulletin.fictional_notice,
        "running_foot": bulletin.running_foot,
    }
