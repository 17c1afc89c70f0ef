"""``jingtu demo``: from an empty folder to a published, explained ranking."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jingtu.assessment.runs import queries as run_queries
from jingtu.core.kernel.actor import actor_named
from jingtu.core.kernel.console import fail, language, out, print_table, speaking_plainly
from jingtu.core.kernel.wall import reading_as_system
from jingtu.engine.problems import Problem, register_texts
from jingtu.portal.cli.assess_printing import rank_words
from jingtu.portal.cli.serve import port_is_free, serve
from jingtu.portal.demo import (
    alerts,
    cycle,
    desk,
    findings,
    goals,
    looking_back,
    outside,
    planning,
    redrawing,
    steps,
)
from jingtu.portal.demo.drafting import draft_catalogue
from jingtu.portal.demo.governance import (
    bodies,
    dutyreports,
    letters,
    listings,
    measures,
    meetings,
    supervising,
)
from jingtu.portal.demo.governance import plans as duty_plans
from jingtu.portal.demo.people import PASSWORD, PEOPLE
from jingtu.portal.demo.reporting import load_forms

register_texts(
    {
        "demo.port_taken": (
            "端口 {port} 已被占用。请换一个：make demo PORT={other}",
            "Port {port} is in use. Choose another: make demo PORT={other}",
        ),
    }
)

app = typer.Typer(help="演示：装入数据并启动 · load the demo and serve it")
OUT = Path("out")


@app.callback(invoke_without_command=True)
def demo(
    serve_after: Annotated[
        bool, typer.Option("--serve/--no-serve", help="随后启动网站 · then serve the site")
    ] = True,
    villages: Annotated[
        bool, typer.Option("--villages", help="连同62万个村（居） · with 620,573 villages")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 · port")] = 8000,
) -> None:
    """装入真实区划、真实公开数字和虚构城市，算出、发布并通报，然后启动网站。再次运行不改动任何数据。

    Load real regions, real published figures and a fictional city; assess, publish, report; serve.
    Running it again changes nothing.
    """
    zh = language() == "zh"
    if serve_after and not port_is_free("127.0.0.1", port):
        fail(Problem("demo.port_taken", {"port": port, "other": port + 1}).text(language()))
    started = time.monotonic()
    with reading_as_system("the demonstration is laid out at every place"), speaking_plainly():
        with _bars() as step:
            step("数据库" if zh else "database", lambda _: steps.prepare_database())
            step("全国区划" if zh else "regions of China", lambda report: steps.load_china(villages, report))
            step("示范市（虚构）" if zh else "fictional city", steps.load_city)
            step("指标目录" if zh else "catalogue", lambda _: steps.load_catalogue())
            step("演示用户" if zh else "demo users", steps.load_people)
            step(
                "公开数字与月报" if zh else "published figures, monthly reports",
                lambda report: list(steps.import_figures(report)),
            )
            step("目标与民意调查" if zh else "targets, surveys", goals.load)
            step("考核与通报" if zh else "assessments, bulletins", steps.assess)
            step("申诉、文号、计划" if zh else "appeals, numbers, schedules", cycle.run)
            step("核查意见" if zh else "findings of the checks", lambda _: findings.settle())
            step("预警" if zh else "alerts", alerts.settle)
            step("报表" if zh else "report forms", lambda _: load_forms())
            step("等待中的计划" if zh else "schedules that wait", lambda _: planning.set_out())
            step("目录草案" if zh else "catalogue draft", lambda _: draft_catalogue())
            step("组织机构与制度" if zh else "bodies and their rules", lambda _: bodies.set_out())
            step("多期回溯" if zh else "look back over a year", lambda _: looking_back.set_out())
            step("形势分析与视图" if zh else "situation report, views", lambda _: desk.set_out())
            step("计划与任务" if zh else "plans and tasks", lambda _: duty_plans.set_out())
            step("会议" if zh else "meetings", lambda _: meetings.set_out())
            step("挂牌整治" if zh else "listings", listings.load)
            step("追责" if zh else "accountability", measures.set_out)
            step("外报表" if zh else "sheets for other evaluations", lambda _: outside.set_out())
            step("责任书" if zh else "letters of responsibility", letters.set_out)
            step("督办" if zh else "supervision", lambda _: supervising.set_out())
            step("指挥部报告" if zh else "report of the headquarters", lambda _: bodies.report())
            step("述职" if zh else "duty reports", lambda _: dutyreports.set_out())
            step("区划变更" if zh else "a redrawn township", lambda _: redrawing.set_out())
        _show_ranking(zh)
        written = steps.write_bulletin(OUT)
    out.print(
        ("通报：" if zh else "Bulletin: ") + "  ".join(str(path) for path in written),
        markup=False,
        soft_wrap=True,
    )
    print_table(
        f"演示账号（口令均为 {PASSWORD}）" if zh else f"Demo accounts (password of all: {PASSWORD})",
        ["用户名", "身份"] if zh else ["username", "who"],
        [(person.username, person.what_zh if zh else person.what_en) for person in PEOPLE],
    )
    seconds = time.monotonic() - started
    out.print(f"{'就绪，用时' if zh else 'Ready in'} {seconds:.0f} {'秒' if zh else 's'}")
    if serve_after:
        serve(host="127.0.0.1", port=port)


Action = Callable[[steps.Report], object]


@contextmanager
def _bars() -> Iterator[Callable[[str, Action], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:

        def step(name: str, action: Action) -> None:
            task = progress.add_task(name, total=None)
            action(lambda done, total: progress.update(task, completed=done, total=total))
            progress.update(task, total=1, completed=1)

        yield step


def _show_ranking(zh: bool) -> None:
    ranking = run_queries.ranking(actor_named("analyst"), steps.main_run().pk)
    marks = "●▲◆"
    rows = []
    for row in ranking.rows:
        moved = "" if not row.moved else ("↑" if row.moved > 0 else "↓") + str(abs(row.moved))
        counts = " ".join(
            f"{mark}{row.counts.get(name, 0)}"
            for mark, name in zip(marks, ("met", "watch", "below"), strict=True)
        )
        rows.append(
            (
                rank_words(row.rank, tied=row.tied),
                row.name,
                row.total if row.total is not None else "—",
                moved,
                counts,
            )
        )
    run = ranking.run
    print_table(
        f"{run.region.name} {run.period_label} {run.scorecard_name}",
        ["位次", "县区", "总分", "较上期", "达标 关注 红线"]
        if zh
        else ["rank", "county", "total", "moved", "met watch below"],
        rows,
        right=(0, 2),
    )
