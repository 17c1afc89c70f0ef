"""Documents as files: the writers of the bulletins print them."""

from __future__ import annotations

import io
from collections.abc import Callable

from django.http import FileResponse

from jingtu.assessment.bulletins import pdf, sheet, word
from jingtu.assessment.bulletins.content import Bulletin
from jingtu.core.kernel.errors import NotFound

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WRITERS: dict[str, Callable[[Bulletin], bytes]] = {
    "docx": word.render,
    "pdf": pdf.render,
    "xlsx": sheet.render,
}


def printed(bulletin: Bulletin, extension: str) -> bytes:
    """The file. Raises NotFound for a kind of file there is not."""
    if extension not in _WRITERS:
        raise NotFound(extension, "file")
    return _WRITERS[extension](bulletin)


def attached(content: bytes, name: str, extension: str) -> FileResponse:
    """The file as an answer to a browser."""
    response = FileResponse(
        io.BytesIO(content), as_attachment=True, filename=f"{name}.{extension}", content_type=TYPES[extension]
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
