"""Turns the project's own errors into pages (or, for htmx, into one sentence that a toast shows)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem


def interface_language() -> Literal["zh", "en"]:
    """The language of the page being drawn, as the engine names it."""
    return "en" if (get_language() or "").startswith("en") else "zh"


class PlainErrorsMiddleware:
    """Views stay thin: they let PermissionDenied, NotFound, Conflict and InvalidInput pass upward."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, PermissionDenied):
            return answer(request, 403, [error.problem])
        if isinstance(error, NotFound):
            return answer(request, 404, [error.problem])
        if isinstance(error, Conflict):
            return answer(request, 409, [error.problem])
        if isinstance(error, InvalidInput):
            return answer(request, 400, error.problems)
        return None


def answer(request: HttpRequest, status: int, problems: Sequence[Problem]) -> HttpResponse:
    """The error page for ``status`` with the sentences of the problems, in the reader's language."""
    sentences = [problem.located_text(interface_language()) for problem in problems]
    if request.headers.get("HX-Request") == "true":
        return HttpResponse("\n".join(sentences), status=status, content_type="text/plain; charset=utf-8")
    template = {403: "403.html", 404: "404.html"}.get(status, "ui/refused.html")
    return render(request, template, {"sentences": sentences, "status": status}, status=status)
