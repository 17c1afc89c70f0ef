"""Each role finds its own work from the first page: at a desk and on a phone, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .visiting import DESK, PHONE, Visitor, Visitors


def _leader(page: Page) -> None:
    """From the first page to how the worst number came about."""
    page.locator("#red tbody tr").first.locator("td.jt-n a").first.click()
    expect(page.locator(".jt-sentence")).to_contain_text("2026")


def _analyst(page: Page) -> None:
    """From the list of assessments to a published one with its ranking."""
    page.locator("main tbody tr", has_text=re.compile("已发布|Published")).first.locator("th a").click()
    expect(page).to_have_url(re.compile(r"/runs/\d+/"))
    expect(page.locator("main table").first).to_be_visible()


def _reviewer(page: Page) -> None:
    """To a finding, with who has to answer it."""
    page.locator('main tbody a[href^="/findings/"]').first.click()
    expect(page).to_have_url(re.compile(r"/findings/\d+/"))


def _reporter(page: Page) -> None:
    """To the report of the own township."""
    page.locator('main a[href^="/reports/fill/"]').first.click()
    expect(page.locator("[data-rp-grid]")).to_be_visible()


def _system_administrator(page: Page) -> None:
    """To what renaming a county would touch; nothing is recorded."""
    page.locator('main a[href^="/regions/demo/"]').first.click()
    page.locator("#regions-search").fill("F09")
    page.locator("#regions-answers a").first.click()
    page.locator('main a[href*="/rename/"]').first.click()
    page.locator("#id_name").fill("枕霞市")
    page.locator("main form.jt-form button[type=submit]").first.click()
    expect(page.get_by_role("status").first).to_contain_text("枕霞市")


def _security_administrator(page: Page) -> None:
    """To a person, and what a post would be granted with."""
    page.locator("main tbody a").first.click()
    page.locator('main a[href$="/posts/new/"]').first.click()
    expect(page.locator("#id_role")).to_be_visible()


def _auditor(page: Page) -> None:
    """To the proof that no entry is missing."""
    page.locator("[data-jt-dialog=audit-verify]").click()
    page.locator("#audit-verify button[type=submit]").click()
    expect(page.get_by_role("status").first).to_be_visible()


WORK: tuple[tuple[str, str, Callable[[Page], None]], ...] = (
    ("leader", "/", _leader),
    ("analyst", "/runs/", _analyst),
    ("reviewer", "/findings/", _reviewer),
    ("reporter", "/reports/", _reporter),
    ("sysadmin", "/regions/", _system_administrator),
    ("secadmin", "/people/", _security_administrator),
    ("auditor", "/audit/", _auditor),
)


def _enter(visitor: Visitor, room: str) -> None:
    """Through the rooms on the left, which a phone folds away."""
    visitor.open("/")
    link = visitor.page.locator(f'#jt-rooms a[href="{room}"]').first
    if not link.is_visible():
        visitor.page.locator("[data-jt-nav]").click()
    link.click()
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")])
@pytest.mark.parametrize(("username", "room", "work"), WORK, ids=[who for who, _, _ in WORK])
def test_each_role_reaches_its_work_from_the_first_page(
    visitors: Visitors,
    username: str,
    room: str,
    work: Callable[[Page], None],
    size: tuple[int, int],
    language: str,
) -> None:
    with visitors.visit(username, size=size, language=language) as visitor:
        _enter(visitor, room)
        work(visitor.page)
        assert visitor.page.locator("html").get_attribute("lang") == ("zh-hans" if language == "zh" else "en")
