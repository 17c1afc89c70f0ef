from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path

from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.errors import (
    Conflict,
    NotFound,
    PermissionDenied,
    Problem,
    refuse,
    register_texts,
)
from jingtu.core.ui import navigation, search
from jingtu.core.ui.middleware import PlainErrorsMiddleware
from tests.access.cast import make_cast

register_texts({"test.ui": ("第几格不对：{cell}", "wrong cell: {cell}")})


class Person:
    """An actor that holds the permissions it is given."""

    actor_id = "user:1"
    label = "王建国"
    language = "zh"

    def __init__(self, *permissions: Permission) -> None:
        self.permissions = permissions

    def can(self, permission: Permission, region_id: int | None = None) -> bool:
        return permission in self.permissions

    def scopes(self, permission: Permission) -> tuple[()]:
        return ()


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_entries", {})
    navigation.register(navigation.Entry("帮助", "ui:help", "help", 900))
    navigation.register(navigation.Entry("搜索", "ui:search", "search", 100, (Permission.AUDIT_READ,)))
    navigation.register(navigation.Entry("没有的页", "nowhere:list", "help", 50))


@pytest.mark.usefixtures("rooms")
def test_the_navigation_shows_only_the_rooms_that_a_post_opens() -> None:
    assert [room.label for room in navigation.open_to(Person(), "main")] == ["帮助"]
    assert [room.label for room in navigation.open_to(Person(Permission.AUDIT_READ), "main")] == [
        "搜索",
        "帮助",
    ]
    assert [room.label for room in navigation.open_to(None, "main")] == ["帮助"]


@pytest.mark.usefixtures("rooms")
def test_the_present_room_is_marked() -> None:
    assert [room.current for room in navigation.open_to(Person(), "main", "ui:help-topic")] == [True]
    assert [room.current for room in navigation.open_to(Person(), "main", "facts:list")] == [False]
    entry = navigation.Entry("用户", "accounts:people", "users", 1, except_views=("accounts:account",))
    assert entry.covers("accounts:user")
    assert not entry.covers("accounts:account")


@pytest.mark.django_db
@pytest.mark.parametrize("topic", ["start", "screens", "numbers", "states", "keyboard"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_help_is_open_to_everyone_in_both_languages(client: Client, topic: str, language: str) -> None:
    client.cookies["django_language"] = language
    answer = client.get(f"/help/{topic}/")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.content.decode()


@pytest.mark.django_db
def test_an_english_help_page_holds_no_chinese_but_the_way_back_to_it(client: Client) -> None:
    client.cookies["django_language"] = "en"
    text = client.get("/help/numbers/").content.decode()
    chinese = {character for character in text if "\u4e00" <= character <= "\u9fff"}
    assert chinese <= set("切换为中文")


@pytest.mark.django_db
def test_the_policy_of_every_page_forbids_inline_scripts_and_styles(client: Client) -> None:
    policy = client.get("/help/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_the_chosen_theme_is_on_the_page_before_any_script_runs(client: Client) -> None:
    assert "data-bs-theme" not in client.get("/help/").content.decode().split("<head>")[0]
    client.cookies["jingtu_theme"] = "dark"
    assert 'data-bs-theme="dark"' in client.get("/help/").content.decode()
    client.cookies["jingtu_theme"] = '"><script>'
    assert "<script>" not in client.get("/help/").content.decode()


@pytest.mark.django_db
def test_the_language_switch_returns_to_the_page_and_never_leaves_the_site(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/help/states/"})
    assert answer["Location"] == "/help/states/"
    assert answer.cookies["django_language"].value == "en"
    assert client.post("/language/", {"language": "en", "next": "//evil.example/"})["Location"] == "/"


def raising(error: Exception) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


def broken_answer(error: Exception, **headers: str) -> HttpResponse:
    request = RequestFactory().get("/", **headers)
    request.user = type("Nobody", (), {"is_authenticated": False})()
    request.resolver_match = None
    answer = PlainErrorsMiddleware(lambda _request: HttpResponse()).process_exception(request, error)
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PermissionDenied("审批"), 403),
        (NotFound("评估"), 404),
        (Conflict(Problem("test.ui", {"cell": "乙"})), 409),
        (refuse("test.ui", cell="乙"), 400),
    ],
)
def test_an_error_of_the_project_becomes_a_page_with_its_sentence(error: Exception, status: int) -> None:
    answer = broken_answer(error)
    assert answer.status_code == status
    text = answer.content.decode()
    assert "审批" in text or "评估" in text or "第几格不对：乙" in text
    assert 'href="/"' in text


def test_a_field_is_not_named_as_the_code_names_it_but_a_row_of_a_file_is() -> None:
    page = broken_answer(refuse("test.ui", column="cells", cell="乙")).content.decode()
    assert "第几格不对：乙" in page
    assert "cells" not in page
    page = broken_answer(refuse("test.ui", row=3, column="地区", cell="乙")).content.decode()
    assert "第3行“地区”列：第几格不对：乙" in page


@pytest.mark.django_db
def test_an_address_that_only_takes_forms_says_so_when_it_is_opened(client: Client) -> None:
    client.force_login(make_cast().user("auditor"))
    opened = client.get("/audit/verify/")
    assert (opened.status_code, opened.headers["Allow"]) == (405, "POST")
    assert "不能直接打开" in opened.content.decode()
    assert client.put("/audit/verify/").content == b""


def test_htmx_gets_the_sentence_alone() -> None:
    answer = broken_answer(refuse("test.ui", cell="乙"), HTTP_HX_REQUEST="true")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode() == "第几格不对：乙"


def test_other_exceptions_are_left_to_the_framework() -> None:
    request = RequestFactory().get("/")
    middleware = PlainErrorsMiddleware(lambda _request: HttpResponse())
    assert middleware.process_exception(request, ValueError()) is None


urlpatterns = [
    path("boom/", raising(RuntimeError("x")), name="boom"),
    path("", include("jingtu.portal.urls")),
]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__, PUBLIC_VIEWS={"boom"})
def test_a_crash_shows_a_way_out_and_no_detail() -> None:
    answer = Client(raise_request_exception=False).get("/boom/")
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "服务器出错" in text
    assert "RuntimeError" not in text


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_in_plain_words() -> None:
    answer = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


@pytest.mark.django_db
def test_searching_asks_for_sign_in(client: Client) -> None:
    answer = client.get("/search/?q=a")
    assert answer.status_code == 302
    assert "sign-in" in answer["Location"]


def test_search_asks_every_source_with_the_actor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_sources", {})
    asked: list[object] = []

    def find(actor: object, text: str, limit: int) -> list[search.Hit]:
        asked.append((actor, text))
        return [search.Hit("临川县", "/regions/4/")] if text == "lcx" else []

    search.register_source(search.Source("regions", "区划", find))
    person = Person()
    assert search.search(person, " lcx ") == [("区划", [search.Hit("临川县", "/regions/4/")])]
    assert search.search(person, "zzz") == []
    assert search.search(person, "  ") == []
    assert asked == [(person, "lcx"), (person, "zzz")]


@pytest.mark.django_db
def test_a_place_is_found_by_its_name_with_the_path_that_tells_it_from_namesakes(client: Client) -> None:
    people = make_cast()
    client.force_login(people.user("viewer", "own"))
    text = client.get("/search/", {"q": "甲一镇"}, HTTP_HX_REQUEST="true").content.decode()
    assert "甲一镇" in text
    assert "甲县" in text
    assert "<html" not in text
    assert "没有找到“无此地”" in client.get("/search/", {"q": "无此地"}).content.decode()


@pytest.mark.django_db
def test_search_names_only_the_rooms_that_are_open(client: Client) -> None:
    people = make_cast()
    client.force_login(people.user("viewer", "own"))
    assert "/audit/" not in client.get("/search/", {"q": "审计"}).content.decode()
    client.force_login(people.user("auditor"))
    assert "/audit/" in client.get("/search/", {"q": "审计"}).content.decode()


def test_main_rooms_stand_under_headings_and_a_heading_without_rooms_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(navigation, "_entries", {})
    monkeypatch.setattr(navigation, "_headings", {})
    navigation.register(navigation.Entry("搜索", "ui:search", "search", 100))
    navigation.register(navigation.Entry("审计", "ui:help-topic-nowhere", "audit", 250))
    navigation.register(navigation.Entry("帮助", "ui:help", "help", 900))
    for order, heading in ((200, "指标"), (700, "资料")):
        navigation.register_heading(order, heading)
    parts = navigation.under_headings(Person())
    assert [(heading, [room.label for room in rooms]) for heading, rooms in parts] == [
        ("", ["搜索"]),
        ("资料", ["帮助"]),
    ]
    assert [room.label for room in navigation.open_to(Person(), "main")] == ["搜索", "帮助"]
