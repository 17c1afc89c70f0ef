"""An installation of Jingtu that a browser can visit: its folder, its processes, its address."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@dataclass(frozen=True)
class Site:
    """A served installation: where it listens and where it keeps its data."""

    address: str
    home: Path

    def url(self, path: str) -> str:
        return self.address + path

    def command(self, *words: str) -> str:
        """What ``jingtu WORDS`` prints on this installation."""
        return run(self.home, "-m", "jingtu", *words)


def environment(home: Path, **more: str) -> dict[str, str]:
    """The settings of an installation in ``home``, whatever this test process itself uses."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("JINGTU_", "DJANGO_"))
    }
    # Figures come in at the wall clock of the office, and the commands speak Chinese.
    return inherited | {
        "JINGTU_HOME": str(home),
        "PYTHONPATH": str(PROJECT / "src"),
        "LANG": "C.UTF-8",
        # A person signs in once for all tests; asking again has tests of its own.
        "JINGTU_CONFIRM_SECONDS": "36000",
        **more,
    }


def run(home: Path, *arguments: str) -> str:
    """Run Python with these arguments on the installation; its output, or an error that shows what it said."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode:
        raise RuntimeError(
            f"{arguments} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
    return done.stdout


def manage(home: Path, *words: str) -> str:
    """Run a management command on the installation."""
    return run(home, "-m", "jingtu.portal.cli.manage", *words)


@contextmanager
def served(home: Path, settings: Mapping[str, str] | None = None) -> Iterator[Site]:
    """Serve the installation with its worker on a free port until the block ends."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    log = home / "serve.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jingtu", "serve", "--port", str(port)],
            env=environment(home, JINGTU_BASE_URL=address, **(settings or {})),
            cwd=home,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(process, address, log)
        yield Site(address, home)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/sign-in/", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"The site does not answer at {address}:\n{log.read_text()[-4000:]}")


def chromium_arguments() -> Sequence[str]:
    """Switches for a browser that talks to nobody but the site, also as root in a container."""
    return (
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--font-render-hinting=none",
    )
