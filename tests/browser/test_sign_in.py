"""Second factors and passkeys as people use them; the browser's virtual authenticator stands for the device."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from .checks import barriers
from .served import Site, served
from .visiting import Visitors, fill_sign_in

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def guarded(
    demo_home: Path, browser: Browser, static_files: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitors]:
    """A site where the auditor's post asks for a second factor at once, and fresh sign-in lasts a second."""
    home = tmp_path_factory.mktemp("guarded") / "home"
    shutil.copytree(demo_home, home)
    asked = {
        "JINGTU_SECOND_FACTOR_ROLES": "auditor",
        "JINGTU_SECOND_FACTOR_GRACE_DAYS": "0",
    }
    with served(home, asked) as site:
        # A passkey belongs to a name, never to a bare address.
        yield Visitors(browser, Site(site.address.replace("127.0.0.1", "localhost"), home))


def device(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session


def test_a_post_that_needs_it_leads_to_a_passkey_which_then_signs_in_alone_and_confirms(
    guarded: Visitors,
) -> None:
    with guarded.visit(None) as visitor:
        page = visitor.page
        session = device(page)
        fill_sign_in(page, visitor.site, "auditor")
        page.wait_for_url(re.compile("/account/factors/"))
        expect(page.get_by_role("alert").first).to_contain_text("要求启用第二因素")
        assert barriers(page) == []
        visitor.follow("添加通行密钥")
        page.locator("#id_name").fill("办公电脑")
        visitor.press("添加通行密钥")
        codes = page.locator(".jt-recovery code")
        expect(codes).to_have_count(10)
        spare = codes.first.inner_text()
        assert barriers(page) == []
        visitor.follow("我已保存，继续")
        expect(page.locator("main")).to_contain_text("还剩 10 个未用")
        assert visitor.open("/audit/") == 200

        sign_out(page)
        assert barriers(page) == []
        page.get_by_role("button", name="使用通行密钥登录").click()
        page.wait_for_url(re.compile("^(?!.*/sign-in/)"))
        assert visitor.open("/audit/") == 200

        sign_out(page)
        fill_sign_in(page, visitor.site, "auditor")
        page.wait_for_url(re.compile("/sign-in/second/"))
        assert barriers(page) == []
        visitor.press("使用通行密钥")
        page.wait_for_url(re.compile("^(?!.*/sign-in/)"))

        sign_out(page)
        fill_sign_in(page, visitor.site, "auditor")
        page.wait_for_url(re.compile("/sign-in/second/"))
        page.locator("#id_code").fill(spare)
        page.locator("#id_code").press("Enter")
        page.wait_for_url(re.compile("^(?!.*/sign-in/)"))
        visitor.open("/account/factors/")
        expect(page.locator("main")).to_contain_text("还剩 9 个未用")
        session.detach()


def test_what_a_page_kept_after_its_session_ended_goes_out_for_the_same_person_only(
    guarded: Visitors,
) -> None:
    with guarded.visit("county") as visitor:
        page = visitor.page
        visitor.open("/account/")
        toasts, field = page.locator("#jt-toasts"), page.locator("#id_email")
        field.fill("kept@example.org")
        page.context.clear_cookies()
        page.evaluate("htmx.ajax('GET', '/notices/unread/', '#jt-search-answers')")
        expect(toasts).to_contain_text("登录已失效")
        for name, told in [("", "请在新窗口重新登录"), ("reporter", "现在登录的是另一个账号")]:
            if name:
                window = page.context.new_page()
                fill_sign_in(window, visitor.site, name)
                window.wait_for_url(re.compile("^(?!.*/sign-in/)"))
                window.close()
            page.locator("#jt-toasts button").first.click()
            expect(toasts).to_be_empty()
            visitor.send()
            expect(toasts).to_contain_text(told)
            expect(field).to_have_value("kept@example.org")
        page.context.clear_cookies()
        window = page.context.new_page()
        fill_sign_in(window, visitor.site, "county")
        window.wait_for_url(re.compile("^(?!.*/sign-in/)"))
        window.close()
        visitor.send()
        expect(page.locator("main")).to_contain_text("已保存")
        expect(field).to_have_value("kept@example.org")
        visitor.troubles = [told for told in visitor.troubles if not told.startswith("401")]


def sign_out(page: Page) -> None:
    page.evaluate(
        """() => { const form = document.createElement("form"); form.method = "post"; form.action = "/sign-out/";
        const field = document.createElement("input"); field.name = "csrfmiddlewaretoken";
        field.value = document.querySelector("[name=csrfmiddlewaretoken]").value; form.append(field);
        document.body.append(form); form.submit(); }"""
    )
    page.wait_for_url(re.compile("/sign-in/"))
