"""Single sign-on against a real provider, which the test starts itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from .conftest import copy_of
from .served import free_port, served
from .visiting import Visitor, Visitors

HERE = Path(__file__).parent


@contextmanager
def directory(port: int, callback: str) -> Iterator[None]:
    """The provider, until the block ends."""
    node = shutil.which("node") or str(Path(sys.executable).with_name("node"))
    process = subprocess.Popen(
        [node, str(HERE / "oidc_provider.mjs"), str(port), callback],
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert any(line.strip() == "ready" for line in process.stdout)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def office_with_directory(
    browser: Browser, demo_home: Path, static_files: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitors]:
    port = free_port()
    settings = {
        "JINGTU_OIDC_URL": f"http://127.0.0.1:{port}",
        "JINGTU_OIDC_CLIENT_ID": "jingtu",
        "JINGTU_OIDC_CLIENT_SECRET": "only-for-this-test",
        "JINGTU_OIDC_NAME": "政务统一认证",
    }
    with served(copy_of(demo_home, tmp_path_factory.mktemp("directory")), settings) as site:
        callback = site.url("/sign-in/oidc/office/login/callback/")
        with directory(port, callback):
            yield Visitors(browser, site)


def come_in_as(visitor: Visitor, name: str) -> None:
    """From our page to the directory's, and back."""
    page, site = visitor.page, visitor.site
    page.goto(site.url("/sign-in/?next=/account/"))
    page.get_by_role("button", name="用政务统一认证登录").click()
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("whatever")
    page.locator("button[type=submit]").click()
    page.locator("button[type=submit]").click()  # consent
    page.wait_for_url(re.compile(re.escape(site.address)))
    visitor.troubles.clear()  # what the directory's own pages say is not ours


def test_the_directory_signs_in_whom_we_know_and_gives_nobody_an_account(
    office_with_directory: Visitors,
) -> None:
    site = office_with_directory.site
    with office_with_directory.visit(None) as visitor:
        come_in_as(visitor, "viewer")
        expect(visitor.page.locator("main")).to_contain_text("示例·查阅人")
        assert visitor.page.goto(site.url("/people/")).status == 403  # type: ignore[union-attr]
    with office_with_directory.visit(None) as visitor:
        come_in_as(visitor, "stranger")
        expect(visitor.page.get_by_role("alert").first).to_contain_text("没有对应的有效账号")
        assert visitor.page.goto(site.url("/account/")).url.endswith("/sign-in/?next=/account/")  # type: ignore[union-attr]
    users = site.command("user", "list", "--as", "auditor", "--json")
    assert "stranger" not in users
    trail = site.command("audit", "list", "--action", "accounts.sign_on_refused", "--as", "auditor", "--json")
    assert "stranger" in trail


def test_a_suspended_account_is_not_opened_by_the_directory(office_with_directory: Visitors) -> None:
    site = office_with_directory.site
    site.command("user", "suspend", "reporter", "--reason", "离岗", "--as", "sysadmin")
    with office_with_directory.visit(None) as visitor:
        come_in_as(visitor, "reporter")
        expect(visitor.page.get_by_role("alert").first).to_contain_text("没有对应的有效账号")
