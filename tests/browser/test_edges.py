"""Pages that refuse, that are absent, and that have nothing to show yet."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from .checks import barriers, wide_elements
from .visiting import PHONE, Visitors, fill_sign_in


@pytest.mark.parametrize(
    ("path", "status"), [("/audit/", 403), ("/runs/999999/", 404), ("/nothing-here/", 404)]
)
def test_a_refusal_is_a_page_with_a_way_back(visitors: Visitors, path: str, status: int) -> None:
    with visitors.visit("viewer", size=PHONE) as visitor:
        assert visitor.open(path) == status
        assert visitor.page.locator("h1").count() == 1
        assert visitor.page.locator("main").get_by_role("link").count() >= 1
        assert wide_elements(visitor.page) == []
        assert barriers(visitor.page) == []


def test_a_county_does_not_learn_that_a_siblings_import_exists(visitors: Visitors) -> None:
    with visitors.visit("reporter") as visitor:
        assert visitor.open("/facts/imports/1/") == 404


def test_a_fresh_installation_says_what_comes_where(empty: Visitors) -> None:
    printed = empty.site.command("user", "bootstrap", "--json")
    assert "sysadmin" in printed
    with empty.visit(None) as visitor:
        fill_sign_in(visitor.page, visitor.site, "sysadmin", _password(printed, "sysadmin"))
        visitor.page.wait_for_url(re.compile("/account/password/"))
        own = "清泉-2026-Fresh"
        visitor.page.locator("#id_present").fill(_password(printed, "sysadmin"))
        visitor.page.locator("#id_new").fill(own)
        visitor.page.locator("#id_again").fill(own)
        visitor.send()
        visitor.page.wait_for_url(re.compile("^(?!.*/password/)"))
        for path in (
            "/",
            "/regions/",
            "/indicators/catalogue/",
            "/documents/",
            "/jobs/",
            "/people/",
            "/notices/",
            "/help/",
        ):
            assert visitor.open(path) == 200
            assert visitor.page.locator("main").inner_text().strip()
            assert barriers(visitor.page) == []
        visitor.open("/indicators/catalogue/")
        expect(visitor.page.locator(".jt-empty")).to_contain_text("尚未导入指标目录")


def _password(printed: str, username: str) -> str:
    return str(next(row["password"] for row in json.loads(printed) if row["username"] == username))
