"""Filling in on a phone and at a desk, being sent one cell back, and what the page does when the line breaks."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from .checks import barriers, wide_elements
from .visiting import PHONE, Visitors, fill_sign_in

SAVED = re.compile("已保存于")


def status(page: Page) -> Locator:
    return page.locator("[data-rp-said]")


def cell(page: Page, key: str) -> Locator:
    return page.locator(f'[data-rp-cell][data-key="{key}"]').first


def test_one_returned_cell_is_corrected_on_a_phone_resubmitted_and_accepted(office: Visitors) -> None:
    with office.visit("reporter", size=PHONE) as visitor:
        page = visitor.page
        visitor.open("/reports/")
        page.get_by_role("link", name=re.compile("2026年10月")).first.click()
        expect(page.locator("main")).to_contain_text("走访次数与走访记录不一致")
        assert page.locator("[data-rp-cell]").count() == 1
        assert wide_elements(page) == []
        assert barriers(page) == []
        field = cell(page, "visits_done")
        field.fill("9999")
        expect(page.locator(".rp-wrong")).to_contain_text("大于")
        field.fill("120")
        field.press("Tab")
        expect(status(page)).to_contain_text(SAVED)
        page.get_by_role("button", name="提交审核").click()
        expect(page.locator("main")).to_contain_text("已提交，等待审核")
        assert page.locator("[data-rp-cell]").count() == 0
        address = page.url
    with office.visit("analyst") as visitor:
        visitor.open(address.replace(visitor.site.address, ""))
        visitor.press("审核通过")
        expect(visitor.page.locator("main")).to_contain_text("已审核通过")
        visitor.open("/reports/review/?form=township_monthly&period=2026-10&state=accepted")
        expect(visitor.page.locator("main")).to_contain_text("已通过")
    with office.visit("reporter", size=PHONE) as visitor:
        visitor.open(address.replace(visitor.site.address, ""))
        expect(visitor.page.locator(".jt-page-title")).to_contain_text("已通过")
        visitor.open("/notices/")
        expect(visitor.page.locator("main")).to_contain_text("报表已通过")


def paste(field: Locator, text: str) -> None:
    field.evaluate(
        """(field, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def open_draft(page: Page) -> None:
    """The draft of the county's ninth township."""
    page.get_by_role("link", name="澈岭镇", exact=True).first.click()
    expect(page.locator("[data-rp-grid]")).to_be_visible()


def test_the_grid_behaves_like_a_spreadsheet_and_loses_nothing_when_the_line_breaks(office: Visitors) -> None:
    with office.visit("county") as visitor:
        page = visitor.page
        visitor.open("/reports/fill/township_monthly/2026-10/")
        open_draft(page)
        address = page.url.replace(visitor.site.address, "")
        first, second = cell(page, "tests_due"), cell(page, "tests_done")
        first.click()
        paste(first, "60\n50\n")
        expect(second).to_have_value("50")
        expect(status(page)).to_contain_text(SAVED)
        first.press("Enter")
        expect(second).to_be_focused()
        second.press("ArrowUp")
        expect(first).to_be_focused()
        first.press("Control+z")
        expect(second).not_to_have_value("50")
        page.keyboard.press("Control+y")
        expect(second).to_have_value("50")
        second.click()
        second.press("Control+d")
        expect(second).to_have_value("60")
        expect(status(page)).to_contain_text(SAVED)
        # Parts are added up while they are typed.
        total = page.locator('[data-rp-fixed][data-key="users_current"]')
        before = total.inner_text()
        cell(page, "users_current|age=18_35").fill("44")
        expect(total).not_to_have_text(before)
        cell(page, "users_current|age=18_35").press("Tab")
        expect(status(page)).to_contain_text(SAVED)

        page.context.set_offline(True)
        second.fill("55")
        second.press("Tab")
        expect(status(page)).to_contain_text("连接中断")
        page.context.set_offline(False)
        expect(status(page)).to_contain_text(SAVED, timeout=15_000)
        visitor.troubles = [told for told in visitor.troubles if "ERR_INTERNET_DISCONNECTED" not in told]
        page.reload()
        expect(second).to_have_value("55")

        # A server that does not answer loses nothing either.
        page.route("**/reports/save/**", lambda route: route.fulfill(status=503, body=""))
        second.fill("56")
        second.press("Tab")
        expect(status(page)).to_contain_text("连接中断")
        page.unroute("**/reports/save/**")
        expect(status(page)).to_contain_text(SAVED, timeout=15_000)
        # Nor does a session that ended: the same person signs in again in another window.
        page.context.clear_cookies()
        second.fill("55")
        second.press("Tab")
        expect(status(page)).to_contain_text("登录已过期")
        window = page.context.new_page()
        fill_sign_in(window, visitor.site, "county")
        expect(status(page)).to_contain_text(SAVED, timeout=15_000)
        window.close()
        visitor.troubles = [told for told in visitor.troubles if not re.search(r"\b(401|403|503)\b", told)]
        page.reload()
        expect(second).to_have_value("55")

        # Somebody else changes the cell meanwhile; the page asks which figure shall stand.
        other = page.context.new_page()
        other.goto(visitor.site.url(address))
        cell(other, "tests_done").fill("58")
        cell(other, "tests_done").press("Tab")
        expect(status(other)).to_contain_text(SAVED)
        second.fill("57")
        second.press("Tab")
        expect(page.locator(".rp-wrong")).to_contain_text("58")
        # Typing on does not take the choice away.
        second.fill("56")
        second.press("Tab")
        page.get_by_role("button", name="用对方的").click()
        expect(second).to_have_value("58")
        other.close()
        assert barriers(page) == []


def test_a_form_is_drawn_up_on_screen(office: Visitors) -> None:
    with office.visit("sysadmin") as visitor:
        page = visitor.page
        visitor.open("/reports/forms/new/")
        page.locator("#id_code").fill("poppy_weekly")
        page.locator("#id_tree").select_option("demo")
        page.locator("#id_name_zh").fill("铲毒周报")
        page.locator("#id_name_en").fill("Weekly poppy report")
        page.locator("#id_cadence").select_option("week")
        page.locator("#id_level").select_option("county")
        page.locator("#id_review").fill("city")
        page.locator("#id_valid_from").fill("2026-01-05")
        page.locator("[data-rp-find]").fill("罂粟")
        page.locator("#id_sections").fill("# 铲毒 | Eradication\n")
        page.locator("[data-rp-find]").fill("poppy_plants")
        page.locator('[data-rp-add="poppy_plants"]').click()
        assert "poppy_plants" in page.locator("#id_sections").input_value()
        visitor.press("保存草稿")
        expect(page.locator("main")).to_contain_text("预览")
        assert barriers(page) == []
        visitor.press("发布")
        expect(page.locator("main")).to_contain_text("第1版已发布")
