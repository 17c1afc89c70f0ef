"""One demo for all browser tests, built once; each group of tests that changes something gets its own copy.

``JINGTU_DEMO_HOME`` names a folder in which ``jingtu demo`` has run: it is copied instead of built anew.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from .served import Site, chromium_arguments, manage, run, served
from .visiting import Visitors


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test, and may take its time."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that ``make`` has filled, once for all processes of this session."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            home.mkdir()
            make(home)
            done.touch()
    return home


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium_arguments()))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The interface's files, collected as for an installation."""
    made_once(
        tmp_path_factory,
        "static",
        lambda home: manage(home, "collectstatic", "--noinput", "--verbosity", "0"),
    )


@pytest.fixture(scope="session", autouse=True)
def tables_only(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Future[Path] | None]:
    """The folder of an installation fresh from its first command, made while the demo is built beside it."""
    if not any("empty" in getattr(item, "fixturenames", ()) for item in request.session.items):
        yield None
        return

    def migrate(home: Path) -> None:
        manage(home, "migrate", "--verbosity", "0", "--no-input")

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(made_once, tmp_path_factory, "tables", migrate)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished demo; never served itself, only copied."""
    if standing := os.environ.get("JINGTU_DEMO_HOME"):
        return Path(standing)
    return made_once(tmp_path_factory, "demo", lambda home: run(home, "-m", "jingtu", "demo", "--no-serve"))


def copy_of(home: Path, target: Path) -> Path:
    """A fresh copy of an installation."""
    return Path(shutil.copytree(home, target / "home", ignore=shutil.ignore_patterns("*.log")))


@pytest.fixture(scope="session")
def site(demo_home: Path, static_files: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo, to look at."""
    with served(copy_of(demo_home, tmp_path_factory.mktemp("site"))) as site:
        yield site


@pytest.fixture(scope="session")
def visitors(browser: Browser, site: Site) -> Visitors:
    """People of the demo who only look."""
    return Visitors(browser, site)


@pytest.fixture(scope="module")
def office(
    browser: Browser, demo_home: Path, static_files: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitors]:
    """People of a demo of their own, who change what they find."""
    with served(copy_of(demo_home, tmp_path_factory.mktemp("office"))) as site:
        yield Visitors(browser, site)


@pytest.fixture(scope="module")
def empty(
    browser: Browser,
    static_files: None,
    tables_only: Future[Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Visitors]:
    """An installation fresh from its first command: tables, three administrators, nothing else."""
    with served(copy_of(tables_only.result(), tmp_path_factory.mktemp("empty"))) as site:
        yield Visitors(browser, site)
