"""What is asked once while a page is read, and what never is."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from jingtu.core.kernel.reading import ReadingMiddleware, once, one_reading


class Counter:
    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        return self.asked


def test_outside_of_a_reading_everything_is_asked_anew() -> None:
    ask = Counter()
    assert [once("state", ask), once("state", ask)] == [1, 2]


def test_a_reading_asks_each_question_once_and_forgets_the_answers_at_its_end() -> None:
    ask, other = Counter(), Counter()
    with one_reading():
        assert [once("state", ask), once("state", ask), once(("state", 2), other)] == [1, 1, 1]
    with one_reading():
        assert once("state", ask) == 2


def test_an_answer_of_nothing_is_an_answer() -> None:
    asked = []
    with one_reading():
        for _ in range(2):
            assert once("version", lambda: asked.append(1)) is None  # type: ignore[func-returns-value]
    assert asked == [1]


@pytest.mark.parametrize(("method", "answers"), [("GET", [1, 1]), ("HEAD", [1, 1]), ("POST", [1, 2])])
def test_who_writes_sees_what_was_just_written(method: str, answers: list[int]) -> None:
    ask = Counter()
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.extend([once("state", ask), once("state", ask)])
        return HttpResponse()

    ReadingMiddleware(view)(RequestFactory().generic(method, "/"))
    assert seen == answers
