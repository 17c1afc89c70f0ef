"""Sign-in, posts, audit and regions, as people do it on their screens."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .visiting import Visitors, fill_sign_in

OWN_PASSWORD = "青山绿水-2026-Own"


def test_a_new_user_must_choose_a_password_and_sees_nothing_until_a_post_is_granted(office: Visitors) -> None:
    with office.visit("sysadmin") as visitor:
        page = visitor.page
        visitor.open("/people/new/")
        page.locator("#id_username").fill("newcomer")
        page.locator("#id_full_name").fill("示例·新人")
        page.locator("main form.jt-form button[type=submit]").click()
        password = page.locator("main code").inner_text()
    with office.visit(None) as visitor:
        page = visitor.page
        fill_sign_in(page, visitor.site, "newcomer", password)
        page.wait_for_url(re.compile("/account/password/"))
        assert page.request.get(visitor.site.url("/runs/")).url.endswith("/account/password/")
        page.locator("#id_present").fill(password)
        page.locator("#id_new").fill(OWN_PASSWORD)
        page.locator("#id_again").fill(OWN_PASSWORD)
        page.locator("main form.jt-form button[type=submit]").click()
        assert visitor.open("/runs/") == 403
    with office.visit("secadmin") as visitor:
        page = visitor.page
        visitor.open("/people/?q=newcomer")
        page.locator("main tbody a").first.click()
        visitor.follow("授予岗位")
        page.locator("#id_role").select_option("viewer")
        page.locator("#id_tree").select_option(label="示范市（虚构）")
        page.locator("#id_region").fill("F05")
        page.locator("#id_reason").fill("示禁办〔2026〕1号")
        page.locator("main form.jt-form button[type=submit]").click()
        expect(page.locator("main")).to_contain_text("槐岫县")
    with office.visit("newcomer", password=OWN_PASSWORD) as visitor:
        assert visitor.open("/runs/") == 200
        expect(visitor.page.locator("main tbody tr").first).to_be_visible()


def test_wrong_passwords_close_sign_in_and_say_for_how_long(office: Visitors) -> None:
    with office.visit(None) as visitor:
        for _ in range(6):
            fill_sign_in(visitor.page, visitor.site, "nobody-here", "not the password")
        expect(visitor.page.get_by_role("alert").first).to_contain_text("分钟后再试")


def test_the_auditor_verifies_the_chain(office: Visitors) -> None:
    with office.visit("auditor") as visitor:
        visitor.open("/audit/")
        visitor.press("校验完整性")
        visitor.page.locator("#audit-verify button[type=submit]").click()
        expect(visitor.page.get_by_role("status").first).to_contain_text("审计链完整")


def test_regions_are_found_by_old_name_and_initials(office: Visitors) -> None:
    with office.visit("viewer") as visitor:
        visitor.open("/regions/china/")
        field = visitor.page.locator("#regions-search")
        answers = visitor.page.locator("#regions-answers")
        for words, found in (("祁阳县", "祁阳市"), ("jss", "吉首市")):
            field.fill(words)
            expect(answers).to_contain_text(found)


def test_a_rename_is_previewed_before_it_is_recorded(office: Visitors) -> None:
    with office.visit("sysadmin") as visitor:
        page = visitor.page
        visitor.open("/regions/demo/?q=F09")
        page.locator("#regions-answers a").first.click()
        visitor.follow("更名")
        page.locator("#id_name").fill("枕霞市")
        visitor.press("预览影响")
        expect(page.get_by_role("status").first).to_contain_text("枕霞县 改为 枕霞市")
        visitor.follow("取消")
        expect(page.get_by_role("heading", level=1)).to_contain_text("枕霞县")
