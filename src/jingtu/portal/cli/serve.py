"""``jingtu serve``: the site, its worker and its ticker, processes that start and end together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Annotated

import typer
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from jingtu.core.jobs import services as jobs
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.console import err, fail, language, out
from jingtu.engine.problems import Problem, register_texts

register_texts(
    {
        "serve.port_taken": (
            "端口 {port} 已被占用。请换一个：jingtu serve --port {other}",
            "Port {port} is in use. Choose another: jingtu serve --port {other}",
        ),
        "serve.not_migrated": (
            "数据库尚未初始化或版本较旧。请先运行 jingtu demo --no-serve，或 python -m jingtu.portal.cli.manage migrate。",
            "The database is empty or older than the program. Run jingtu demo --no-serve, or "
            "python -m jingtu.portal.cli.manage migrate first.",
        ),
        "serve.no_static": (
            "界面文件尚未收集。请先运行 python -m jingtu.portal.cli.manage collectstatic。",
            "The interface's files are not collected. Run python -m jingtu.portal.cli.manage collectstatic first.",
        ),
        "serve.stopped": (
            "一个进程意外结束，服务已停止。",
            "One of the processes ended unexpectedly; the service has stopped.",
        ),
        "serve.worker_revived": (
            "后台作业进程意外结束，正在重新启动。",
            "The process that runs jobs ended unexpectedly and is started again.",
        ),
    }
)

REVIVALS = 5
TICK_SECONDS = 30
"""How often the ticker looks for what has become due."""
PATIENCE = 20.0
"""Seconds a process is given to end before it is killed with everything it started."""
STEADY = 60.0
"""Seconds after which a revived process counts as steady and its lives are given back."""


def serve(
    host: Annotated[str, typer.Option(help="监听地址 · address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 · port")] = 8000,
    threads: Annotated[int, typer.Option(min=1, max=64, help="线程数 · threads")] = 4,
) -> None:
    """启动网站和后台作业，按 Ctrl+C 停止 · serve the site and run its jobs until Ctrl+C."""
    if not port_is_free(host, port):
        fail(Problem("serve.port_taken", {"port": port, "other": port + 1}).text(language()))
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        fail(Problem("serve.not_migrated").text(language()))
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        fail(Problem("serve.no_static").text(language()))
    # No worker runs yet, so whatever is still marked as running was cut off.
    jobs.recover(SYSTEM, sole_worker=True)
    connection.close()
    out.print(f"http://{host}:{port}/", markup=False)
    run_processes(
        [
            [
                sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
                "--workers", "1", "--blocking-threads", str(threads), "--log-level", "warning",
                "jingtu.portal.wsgi:application",
            ],
            [sys.executable, "-m", "jingtu.portal.cli.manage", "db_worker", "--queue-name", "*", "--no-startup-delay"],
            [sys.executable, "-m", "jingtu", "tick", "--every", str(TICK_SECONDS)],
        ],
        revived={1: _recover, 2: _nothing},
    )  # fmt: skip


def _recover() -> None:
    """What the worker was cut off from is taken up again."""
    try:
        jobs.recover(SYSTEM, sole_worker=True)
    finally:
        connection.close()


def _nothing() -> None:
    """The ticker keeps nothing that would have to be taken up again."""


def run_processes(commands: list[list[str]], revived: Mapping[int, Callable[[], None]] | None = None) -> None:
    """Run the processes until one ends or a stop is asked for; then end all of them.

    Those numbered in ``revived`` are started again instead, after what is to be done before, so that a
    worker that could not reach its database for a moment does not take the site down; not more than
    REVIVALS times in a row.
    """
    revived = revived or {}
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}

    def begin(command: list[str]) -> subprocess.Popen[bytes]:
        # A group of its own: a signal from the terminal reaches only us, and what a process starts ends with it.
        return subprocess.Popen(command, env=environment, start_new_session=True)

    processes = [begin(command) for command in commands]
    asked = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal asked
        asked = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    lives, born = REVIVALS, time.monotonic()
    while not asked:
        time.sleep(0.2)
        ended = [index for index, process in enumerate(processes) if process.poll() is not None]
        if not ended or asked:
            continue
        if time.monotonic() - born > STEADY:
            lives = REVIVALS
        if not revived.keys() >= set(ended) or lives == 0:
            break
        lives, born = lives - 1, time.monotonic()
        err.print(Problem("serve.worker_revived").text(language()), markup=False)
        for index in ended:
            try:
                revived[index]()
            except OperationalError:
                time.sleep(1)  # still out of reach; the next round tries again
                continue
            processes[index] = begin(commands[index])
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if not asked:
        fail(Problem("serve.stopped").text(language()))


def port_is_free(host: str, port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
