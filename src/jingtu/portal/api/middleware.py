"""Around everything below /api/: whatever goes wrong, the caller gets a problem document."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from jingtu.core.accounts.middleware import below_api

from . import errors


class ProblemDocumentsMiddleware:
    """Turns error answers of other layers (no such address, sign-in, crash) into problem documents."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            below_api(request)
            and response.status_code >= 400
            and response.get("Content-Type") != errors.CONTENT_TYPE
        ):
            return errors.from_status(request, response)
        return response
