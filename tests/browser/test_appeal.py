"""An appeal as people live it: a county disputes a number, the analyst accepts, the reviewer decides."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .visiting import PHONE, Visitors

TEXT = "9月过机安检数漏报城关网点当月数据，附网点月报。"


def test_a_county_disputes_a_number_and_gets_an_answer(office: Visitors) -> None:
    with office.visit("county", size=PHONE) as visitor:
        page = visitor.page
        visitor.open("/appeals/open/")
        row = page.locator("main tbody tr").filter(has_text=re.compile("2026年9月.*月度百分考评表")).first
        row.get_by_role("link").first.click()
        expect(page.locator("h1")).to_contain_text("槐岫县")
        page.locator("main tbody tr").filter(has_text="过机安检率").get_by_role("link", name="有异议").click()
        page.locator("#id_claimed").fill("99.00")
        page.locator("#id_text").fill(TEXT)
        visitor.send()
        expect(page.locator("h1")).to_contain_text("申诉第")
        address = page.url
        number = int(address.rstrip("/").rsplit("/", 1)[1])
        expect(page.locator("main")).to_contain_text(TEXT)
    with office.visit("reporter") as visitor:
        # A township below sees nothing of it.
        assert visitor.open(f"/appeals/{number}/") == 404
    with office.visit("analyst") as visitor:
        visitor.open(f"/appeals/{number}/accept/")
        visitor.page.locator("#id_reason").fill("材料齐全")
        visitor.send()
        expect(visitor.page.locator("main")).to_contain_text("已受理")
    with office.visit("reviewer") as visitor:
        page = visitor.page
        visitor.open(f"/appeals/{number}/")
        visitor.follow("裁定")
        page.get_by_label("不成立", exact=True).check()
        page.locator("#id_reason").fill("网点月报与填报数一致，不予更正。")
        visitor.send()
        expect(page.locator("main")).to_contain_text("不予更正")
    with office.visit("county") as visitor:
        visitor.open(f"/appeals/{number}/")
        expect(visitor.page.locator("main")).to_contain_text("不成立")
        assert not visitor.troubles
