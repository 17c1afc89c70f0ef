from __future__ import annotations

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_GET

from jingtu.core.accounts.access import actor_of
from jingtu.core.files import queries, services
from jingtu.core.files.models import StoredFile

CONTENT_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
}


@require_GET
def download(request: HttpRequest, file_id: int) -> FileResponse:
    """Hand out a stored file."""
    stored = queries.get_file(actor_of(request), file_id)
    services.record_download(actor_of(request), stored)
    return attachment(stored)


def attachment(stored: StoredFile) -> FileResponse:
    """A file to be saved, never shown inside our own origin nor kept by a cache.

    For a file that a query or service has given to the actor, with the download recorded.
    """
    response = FileResponse(
        queries.content_path(stored).open("rb"),
        as_attachment=True,
        filename=stored.name,
        content_type=CONTENT_TYPES[stored.kind],
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
