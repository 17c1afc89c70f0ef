"""What one page asks several times is asked once.

A page is put together from parts that know nothing of each other, and most of them begin with the same small
questions: which state the trees are in, which batches are in force, what was published from them. While a
page is only read the answers are kept until it is finished, so that its parts cannot show two states either.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse

Answer = TypeVar("Answer")

_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("jingtu_reading", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """Keep the answers of :func:`once` inside the block."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once(question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """The answer given before in this reading, else the one asked for now; always the latter outside of one."""
    answers = _answers.get()
    if answers is None:
        return ask()
    if question not in answers:
        answers[question] = ask()
    return cast(Answer, answers[question])


class ReadingMiddleware:
    """Requests that may change nothing are one reading; whoever writes must see what was just written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with one_reading():
            return self.get_response(request)
