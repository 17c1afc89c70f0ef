"""The ``jingtu`` command: groups are imported only when called, so a command that needs no
database (``jingtu assess run`` on files) never loads the web framework."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import typer
from typer.main import get_command

# name -> (module:attribute, needs the database, help)
GROUPS: dict[str, tuple[str, bool, str]] = {
    "adjustments": (
        "jingtu.assessment.adjustments.commands:app",
        True,
        "加减分与一票否决 · bonus, deduction, vetoes",
    ),
    "alerts": ("jingtu.assessment.alerts.commands:app", True, "预警 · alerts"),
    "appeal": ("jingtu.assessment.appeals.commands:app", True, "申诉 · appeals"),
    "assess": (
        "jingtu.portal.cli.assess:app",
        False,
        "考核：计算、说明、比较、发布 · run, show, explain, diff, publish",
    ),
    "audit": ("jingtu.core.audit.commands:app", True, "审计 · audit trail"),
    "bodies": ("jingtu.governance.duties.bodies.commands:app", True, "组织机构 · bodies and their members"),
    "bulletin": ("jingtu.assessment.bulletins.commands:app", True, "通报 · bulletins"),
    "catalogue": ("jingtu.portal.cli.catalogue:app", False, "指标目录 · catalogue"),
    "demo": ("jingtu.portal.cli.demo:app", True, "演示 · load the demo and serve it"),
    "doctor": ("jingtu.portal.cli.maintain:doctor", True, "体检 · check the store"),
    "backup": ("jingtu.portal.cli.maintain:backup", True, "备份 · back up database and files together"),
    "restore": ("jingtu.portal.cli.maintain:restore", True, "恢复 · restore a backup"),
    "duty-reports": ("jingtu.governance.duties.dutyreports.commands:app", True, "述职 · duty reports"),
    "facts": ("jingtu.core.facts.commands:app", True, "数据 · import and export facts"),
    "findings": ("jingtu.assessment.runs.commands:app", True, "核查意见 · findings of the checks"),
    "keys": ("jingtu.portal.cli.keys:app", True, "加密密钥 · encryption keys"),
    "letters": (
        "jingtu.governance.duties.letters.commands:app",
        True,
        "责任书 · letters of responsibility",
    ),
    "meetings": ("jingtu.governance.duties.meetings.commands:app", True, "会议 · meetings"),
    "measures": (
        "jingtu.governance.accountability.measures.commands:app",
        True,
        "追责 · accountability: proposals and measures",
    ),
    "plans": ("jingtu.governance.duties.plans.commands:app", True, "计划与任务 · plans and tasks"),
    "regions": ("jingtu.core.regions.commands:app", True, "区划 · region trees"),
    "reports": ("jingtu.assessment.reporting.commands:app", True, "报表 · fill in and review report forms"),
    "schedules": ("jingtu.assessment.schedules.commands:app", True, "计划 · schedules"),
    "serve": ("jingtu.portal.cli.serve:serve", True, "启动服务 · serve the site and run jobs"),
    "listings": ("jingtu.governance.accountability.listings.commands:app", True, "挂牌整治 · listings"),
    "outputs": ("jingtu.assessment.outputs.commands:app", True, "外报表 · sheets for other evaluations"),
    "simulate": ("jingtu.assessment.simulations.commands:app", True, "模拟 · simulation"),
    "situation": ("jingtu.assessment.situation.commands:app", True, "形势分析 · situation reports"),
    "tick": ("jingtu.core.jobs.commands:tick", True, "定时 · do what has become due"),
    "supervision": (
        "jingtu.governance.duties.supervising.commands:app",
        True,
        "督办 · supervision of late work",
    ),
    "surveys": ("jingtu.assessment.surveys.commands:app", True, "民意调查 · results of outside surveys"),
    "targets": ("jingtu.assessment.targets.commands:app", True, "目标 · dated targets and trajectories"),
    "user": ("jingtu.core.accounts.commands:app", True, "用户 · users"),
}


def set_up_django() -> None:
    """Load settings and apps for a command that works on the database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingtu.portal.settings.local")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def build(words: Sequence[str]) -> typer.Typer:
    """The command tree for a command line: only the group it names is imported."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        help="净土 · Jingtu: from reported figures to a published, explained ranking.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def root() -> None:
        """净土 · Jingtu: from reported figures to a published, explained ranking."""

    chosen = next((word for word in words if not word.startswith("-")), None)
    for name, (address, needs_database, help_text) in sorted(GROUPS.items()):
        if name != chosen:
            app.command(name, help=help_text)(_not_chosen)
            continue
        if needs_database:
            set_up_django()
        module, _, attribute = address.partition(":")
        target = getattr(importlib.import_module(module), attribute)
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name, help=help_text)
        else:
            app.command(name, help=help_text)(target)
    return app


def _not_chosen() -> None:
    """Stands in the list of commands for a group that this command line does not call."""


def main() -> None:
    """Entry point of the ``jingtu`` command: every wrong use is one line on standard error and exit code 2."""
    from jingtu.portal.cli.refusing import one_line

    try:
        code = get_command(build(sys.argv[1:])).main(prog_name="jingtu", standalone_mode=False)
    except Exception as error:
        line = one_line(error)
        if line is None:
            raise
        print(line, file=sys.stderr)
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)
