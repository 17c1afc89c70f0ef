"""Every page people reach, in both sizes, languages and themes."""

from __future__ import annotations

import pytest

from .checks import Names, barriers, chinese_words, silent_fiction, wide_elements
from .crawl import Reached, crawl
from .visiting import DESK, PHONE, Visitor, Visitors

PEOPLE = ("analyst", "reviewer", "county", "secretary", "sysadmin", "secadmin", "auditor")


@pytest.fixture(scope="module")
def reached(visitors: Visitors) -> list[Reached]:
    pages = crawl(visitors, PEOPLE)
    return [Reached("accounts:sign-in", None, "/sign-in/"), *pages]


def _faults(visitor: Visitor, names: Names, language: str, theme: str) -> list[str]:
    page = visitor.page
    faults = [f"too wide: {wide}" for wide in wide_elements(page)]
    faults += [f"axe ({theme}): {barrier}" for barrier in barriers(page)]
    faults += [f"fiction not said: {name}" for name in silent_fiction(page)]
    if language == "en":
        faults += [f"Chinese: {text}" for text in chinese_words(page) if names.untranslated(text)]
    if page.locator("h1").count() != 1:
        faults.append(f"{page.locator('h1').count()} main headings")
    visitor.note_violations()
    faults += visitor.troubles
    visitor.troubles.clear()
    return faults


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [  # each size in both themes and both languages
        pytest.param(DESK, "zh", "light", id="desk-zh"),
        pytest.param(DESK, "en", "dark", id="desk-en"),
        pytest.param(PHONE, "zh", "dark", id="phone-zh"),
        pytest.param(PHONE, "en", "light", id="phone-en"),
    ],
)
def test_every_page_fits_is_accessible_and_speaks_one_language(
    visitors: Visitors, reached: list[Reached], size: tuple[int, int], language: str, theme: str
) -> None:
    names = Names(visitors.site.home)
    faults: dict[str, list[str]] = {}
    for username in dict.fromkeys(page.username for page in reached):
        with visitors.visit(username, size=size, language=language, theme=theme) as visitor:
            for page in reached:
                if page.username == username:
                    visitor.open(page.path)
                    if found := _faults(visitor, names, language, theme):
                        faults[f"{page.view} {page.path} ({username})"] = found
    assert not faults, "\n".join(f"{page}\n    " + "\n    ".join(found) for page, found in faults.items())
