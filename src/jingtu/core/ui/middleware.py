"""Turns the project's own errors into pages (or, for htmx, into one sentence that a toast shows)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.translation import get_language

from jingtu.core.kernel.characters import unprintable
from jingtu.core.kernel.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Problem,
    register_texts,
)

register_texts(
    {
        "ui.characters": (
            "“{field}”中有看不见的控制字符，无法保存。请删去这些字符（可重新手工录入）后再提交。",
            '"{field}" holds invisible control characters that cannot be kept. '
            "Remove them (or type the text anew), then send it again.",
        ),
        "ui.only_sent": (
            "这个地址只接收页面上提交的内容，不能直接打开。请回到原来的页面，从那里操作。",
            "This address only takes what a page sends and cannot be opened by itself. Go back to that page and do it there.",
        ),
    }
)


def interface_language() -> Literal["zh", "en"]:
    """The language of the page being drawn, as the engine names it."""
    return "en" if (get_language() or "").startswith("en") else "zh"


class PlainErrorsMiddleware:
    """Views stay thin: they let PermissionDenied, NotFound, Conflict and InvalidInput pass upward."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            isinstance(response, HttpResponseNotAllowed)
            and request.method == "GET"
            and not _for_programs(request)
        ):
            page = answer(request, 405, [Problem("ui.only_sent")])
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse characters that no record takes before any view meets them.

        What reads its body by itself is exempt from Django's check of forms, and looks at it by itself.
        """
        if getattr(view, "csrf_exempt", False):
            return None
        given = [("", request.path)]
        given += [(name, value) for name, values in request.GET.lists() for value in (name, *values)]
        if request.method == "POST":
            given += [(name, value) for name, values in request.POST.lists() for value in (name, *values)]
        wrong = next((name for name, value in given if unprintable(value)), None)
        if wrong is None:
            return None
        field = "" if unprintable(wrong) else wrong[:80]
        return answer(request, 400, [Problem("ui.characters", {"field": field or "–"})])

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
    language = interface_language()
    # A row is a line of somebody's file; a field of a form has a name in code that nobody reads on a screen.
    sentences = [
        problem.text(language) if problem.row is None else problem.located_text(language)
        for problem in problems
    ]
    if request.headers.get("HX-Request") == "true":
        return HttpResponse("\n".join(sentences), status=status, content_type="text/plain; charset=utf-8")
    template = {403: "403.html", 404: "404.html"}.get(status, "ui/refused.html")
    return render(request, template, {"sentences": sentences, "status": status}, status=status)


def _for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
