"""The small office behind the API, and programs that call it by token."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from jingtu.core.accounts.models import ApiToken, User
from tests.assessment.conftest import own_store  # noqa: F401  (a fixture)
from tests.assessment.office import Office

ROOT = "/api/v1"


@dataclass
class Program:
    """A program of one user; it calls with a token and without cookies."""

    user: User
    language: str = "zh"

    def __post_init__(self) -> None:
        moment = timezone.now()
        token = f"jt_{self.user.username}-{self.language}"
        ApiToken.objects.get_or_create(
            digest=hashlib.sha256(token.encode()).hexdigest(),
            defaults={
                "user": self.user,
                "name": "test",
                "start": token[:11],
                "created_at": moment,
                "expires_at": moment + timezone.timedelta(days=1),
            },
        )
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": self.language}
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(ROOT + path, query, headers=self.headers)

    def post(self, path: str, content: Any = None, **headers: str) -> HttpResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            ROOT + path,
            json.dumps(content) if content is not None else "",
            content_type="application/json",
            headers=self.headers | named,
        )

    def upload(self, path: str, fields: dict[str, Any], **headers: str) -> HttpResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(ROOT + path, fields, headers=self.headers | named)


@pytest.fixture
def office(db: None, own_store: object) -> Office:  # noqa: F811
    return Office()


@pytest.fixture
def analyst(office: Office) -> Program:
    """The city's analyst."""
    return Program(office.cast.user("analyst", "ancestor"))


@pytest.fixture
def reviewer(office: Office) -> Program:
    """The city's reviewer."""
    return Program(office.cast.user("reviewer", "ancestor"))
