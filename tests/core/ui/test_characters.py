"""Characters that no database keeps are refused in words, wherever they are sent."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.access.cast import Cast, make_cast

pytestmark = pytest.mark.django_db
WORDS = "看不见的控制字符"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def analyst(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.user("analyst", "own"))
    return client


@pytest.mark.parametrize(
    "address", ["/search/?q=a%00b", "/search/?%0b=1", "/documents/a%00b/", "/sign-in/?next=%01"]
)
def test_in_an_address(analyst: Client, address: str) -> None:
    answer = analyst.get(address)
    assert answer.status_code == 400
    assert WORDS in answer.content.decode()


def test_in_a_form(analyst: Client) -> None:
    answer = analyst.post(reverse("accounts:account"), {"full_name": "王\x00建国"})
    assert answer.status_code == 400
    assert "full_name" in answer.content.decode()


def test_by_a_person_who_is_not_signed_in() -> None:
    answer = Client().post(reverse("accounts:sign-in"), {"username": "a\x00", "password": "b"})
    assert answer.status_code == 400


def test_tabs_and_ends_of_lines_are_kept(analyst: Client) -> None:
    assert analyst.get("/search/", {"q": "一\t二\r\n三"}).status_code == 200
