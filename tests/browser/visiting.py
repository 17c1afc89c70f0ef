"""People at their browsers, and what must hold of every page they open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from jingtu.portal.demo.people import PASSWORD

from .served import Site

DESK = (1440, 900)
PHONE = (360, 780)

_RECORD_VIOLATIONS = """
window.jtViolations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.jtViolations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


class Visitor:
    """One person in one browser window; what goes wrong behind the page is written down in ``troubles``."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        page.on("console", self._hear)
        page.on("response", self._received)

    def _hear(self, message: Any) -> None:
        # A page that is refused or absent is reported by the browser too; that is the page's own answer.
        if message.type in {"error", "warning"} and "server responded with a status of 4" not in message.text:
            self.troubles.append(f"console: {message.text} ({self.page.url})")

    def _received(self, response: Any) -> None:
        part_of_page = response.request.resource_type != "document"
        if response.status >= 500 or (part_of_page and response.status >= 400):
            self.troubles.append(f"{response.status} {response.url} ({self.page.url})")

    def open(self, path: str) -> int:
        """Go there; the status of the answer."""
        response = self.page.goto(self.site.url(path))
        assert response is not None
        self.note_violations()
        return response.status

    def note_violations(self) -> None:
        """Take over what the content security policy refused on this page."""
        for found in self.page.evaluate("window.jtViolations.splice(0)"):
            self.troubles.append(f"policy: {found} ({self.page.url})")

    @property
    def heading(self) -> str:
        return self.page.locator("h1").first.inner_text()

    def follow(self, name: str, exact: bool = True) -> None:
        """Click a link of the page's body."""
        self.page.locator("main").get_by_role("link", name=name, exact=exact).first.click()

    def press(self, name: str) -> None:
        """Click a button of the page's body."""
        self.page.locator("main").get_by_role("button", name=name, exact=True).first.click()

    def send(self) -> None:
        """Send the page's form."""
        self.page.locator("main form[method=post] button[type=submit]").first.click()

    @property
    def body(self) -> str:
        return self.page.locator("main").inner_text()


def fill_sign_in(page: Page, site: Site, username: str, password: str = PASSWORD) -> None:
    """Fill in the form of sign-in and send it."""
    page.goto(site.url("/sign-in/"))
    page.locator("#id_username").fill(username)
    page.locator("#id_password").fill(password)
    page.locator("#id_password").press("Enter")


class Visitors:
    """Windows for people of one site; each person signs in once, later windows continue that session."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser = browser
        self.site = site
        self._states: dict[tuple[str, str], StorageState] = {}

    def _context(
        self,
        size: tuple[int, int],
        language: str,
        theme: str,
        state: StorageState | None,
        scale: float = 1,
    ) -> BrowserContext:
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            storage_state=state,
        )
        name = "zh-hans" if language == "zh" else "en"
        context.add_cookies([{"name": "django_language", "value": name, "url": self.site.address}])
        context.add_init_script(_RECORD_VIOLATIONS)
        context.set_default_timeout(15_000)
        return context

    def _state(self, username: str, password: str) -> StorageState:
        if (username, password) not in self._states:
            context = self._context(DESK, "zh", "light", None)
            page = context.new_page()
            fill_sign_in(page, self.site, username, password)
            page.wait_for_url(re.compile(r"^(?!.*/sign-in/)"))
            self._states[username, password] = context.storage_state()
            context.close()
        return self._states[username, password]

    @contextmanager
    def visit(
        self,
        username: str | None,
        *,
        size: tuple[int, int] = DESK,
        language: str = "zh",
        theme: str = "light",
        password: str = PASSWORD,
        scale: float = 1,
    ) -> Iterator[Visitor]:
        """A window in which ``username`` is signed in (nobody when None); it must end without troubles."""
        state = self._state(username, password) if username else None
        context = self._context(size, language, theme, state, scale)
        try:
            visitor = Visitor(context.new_page(), self.site)
            yield visitor
            visitor.note_violations()
            assert visitor.troubles == []
        finally:
            context.close()
