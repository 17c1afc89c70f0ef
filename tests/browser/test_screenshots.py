"""The pictures of the README. ``JINGTU_SCREENSHOTS=1`` writes them to docs/images; otherwise they are only made."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from .served import PROJECT
from .visiting import Visitor, Visitors

SCALE = 0.7
LIMIT = 150 * 1024
COLOURS = 128


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.environ.get("JINGTU_SCREENSHOTS") == "1":
        return PROJECT / "docs" / "images"
    return tmp_path_factory.mktemp("images")


def _cockpit(visitor: Visitor) -> None:
    visitor.open("/")


def _explanation(visitor: Visitor) -> None:
    visitor.open("/?strand=recovery")
    visitor.page.locator("#red tbody td.jt-n a").first.click()
    visitor.page.wait_for_load_state()


def _scorecard(visitor: Visitor) -> None:
    visitor.open("/runs/?tree=demo&scorecard=county_monthly&period=2026-09")
    visitor.page.locator("main tbody tr th a").first.click()
    visitor.page.wait_for_load_state()
    visitor.open(visitor.page.url.removeprefix(visitor.site.address) + "scorecard/")


def _bulletin(visitor: Visitor) -> None:
    visitor.open("/bulletins/?q=9号")
    visitor.page.locator("main tbody a").last.click()
    visitor.page.wait_for_load_state()


def _figures(visitor: Visitor) -> None:
    visitor.open("/figures/")


PICTURES = {
    "cockpit": _cockpit,
    "explanation": _explanation,
    "scorecard": _scorecard,
    "bulletin": _bulletin,
    "figures": _figures,
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_for_the_readme(visitors: Visitors, folder: Path, name: str, language: str) -> None:
    with visitors.visit("reviewer", language=language, scale=SCALE) as visitor:
        PICTURES[name](visitor)
        visitor.page.wait_for_load_state("networkidle")
        path = folder / f"{name}-{language}.png"
        picture = Image.open(io.BytesIO(visitor.page.screenshot(animations="disabled")))
        # A page has few colours; a palette of them makes a picture a third as large.
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        assert path.stat().st_size <= LIMIT
