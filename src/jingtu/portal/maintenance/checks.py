"""What ``jingtu doctor`` looks at: each check says what it found and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.queries import damaged_runs
from jingtu.core.accounts import factors as _factors  # noqa: F401  (says where its secrets stand)
from jingtu.core.audit import services as audit
from jingtu.core.facts import store
from jingtu.core.files import services as files
from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import blob_path
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.rules import abandoned
from jingtu.core.kernel import vault
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.walling import POLICY, covered_tables
from jingtu.engine.problems import Problem, register_texts

Verdict = Literal["sound", "warning", "broken"]

register_texts(
    {
        "doctor.migrations": (
            "数据库结构比程序旧，缺{count}步。请运行：python -m jingtu.portal.cli.manage migrate",
            "The database lacks {count} migrations. Run: python -m jingtu.portal.cli.manage migrate",
        ),
        "doctor.not_set_up": (
            "这里还没有安装好：数据库是空的。运行 jingtu demo 装入演示，或按运维手册“安装”一节建库，"
            "再用 jingtu user bootstrap 建立管理员；已有备份可用 jingtu restore 恢复。",
            "Nothing is set up here yet: the database is empty. Run jingtu demo for the demonstration, or set up the "
            'database as the section "Install" of the operations manual says and run jingtu user bootstrap; a '
            "backup is brought back by jingtu restore.",
        ),
        "doctor.database": (
            "数据库完整性检查未通过：{what}。请从备份恢复。",
            "The database fails its integrity check: {what}. Restore a backup.",
        ),
        "doctor.wall_role": (
            "数据库角色“{role}”是超级用户或不受行级安全约束，第二道墙对它不起作用。请改用运维手册“PostgreSQL”一节所说的角色。",
            'The database role "{role}" is a superuser or bypasses row-level security: the second wall does not bind it. '
            'Use a role as the section "PostgreSQL" of the operations manual says.',
        ),
        "doctor.wall_table": (
            "表“{table}”的行级安全被关闭或未强制执行。请从备份恢复结构，或撤销并重新执行该应用的 second_wall 迁移。",
            'Row-level security of table "{table}" is off or not forced. Restore a backup, or undo and repeat that app\'s '
            "second_wall migration.",
        ),
        "doctor.audit": (
            "审计链在第{sequence}条处断开（{what}），该条或其前后曾被改动或删除。请保全现场并报告。",
            "The audit chain breaks at entry {sequence} ({what}): it or its neighbour was changed or removed. Preserve and report.",
        ),
        "doctor.facts_damaged": (
            "第{sequence}批数据的文件缺失或被改动，请从备份恢复该文件。",
            "The file of fact batch {sequence} is missing or altered; restore it from a backup.",
        ),
        "doctor.run_damaged": (
            "考核“{run}”的存档缺失或被改动（{what}），请从备份恢复。",
            'The archive of run "{run}" is missing or altered ({what}); restore it from a backup.',
        ),
        "doctor.file_missing": (
            "上传文件“{name}”的内容缺失，请从备份恢复。",
            'The content of file "{name}" is missing; restore a backup.',
        ),
        "doctor.orphans": (
            "有{count}个中断写入留下的文件，不影响数据。可运行 jingtu doctor --fix 清除。",
            "{count} files were left by interrupted writes; no data is affected. Run jingtu doctor --fix to clear them.",
        ),
        "doctor.swept": (
            "已清除{count}个中断写入留下的文件。",
            "Cleared {count} files that interrupted writes had left.",
        ),
        "doctor.jobs": (
            "有{count}个作业中断。重新启动服务（jingtu serve）会自动恢复。",
            "{count} jobs were cut off. Starting the service (jingtu serve) recovers them.",
        ),
        "doctor.key_missing": (
            "缺少第{version}号加密密钥，用它加密的验证器不能使用（通行密钥不受影响）。请从密钥备份恢复 JINGTU_FIELD_KEYS；"
            "找不回时，请为相关人员重置第二因素。",
            "Encryption key {version} is missing: authenticators under it cannot be used (passkeys can). Restore "
            "JINGTU_FIELD_KEYS from where you keep keys; if it is lost, reset those people's second factors.",
        ),
        "doctor.fonts": (
            "缺少PDF所需的中文字体（{path}）。请运行 make setup。",
            "The Chinese fonts for PDF are missing ({path}). Run make setup.",
        ),
    }
)


@dataclass(frozen=True)
class Finding:
    """The outcome of one check. ``problems`` is empty when it is sound."""

    name_zh: str
    name_en: str
    verdict: Verdict
    problems: tuple[Problem, ...] = ()


def examine(actor: Actor, *, fix: bool = False) -> Iterator[Finding]:
    """Run all checks one after the other. With ``fix``, leftovers of interrupted writes are removed."""
    pending = list(_migrations())
    yield _finding("数据库结构", "Database structure", pending)
    if pending:
        return  # the other checks would read tables that are not there
    yield _finding("数据库完整性", "Database integrity", _integrity())
    yield _finding("数据库行级安全", "Row-level security", gaps_in_the_wall(), "warning")
    yield _finding("审计链", "Audit chain", _audit())
    yield _finding("数据文件", "Fact files", _facts())
    yield _finding("考核存档", "Run archives", _runs(actor))
    yield _finding("上传与文书文件", "Stored files", _files())
    yield _finding("中断写入", "Interrupted writes", _orphans(actor, fix), "sound" if fix else "warning")
    yield _finding("后台作业", "Jobs", _jobs(), "warning")
    yield _finding("加密密钥", "Encryption keys", _keys())
    yield _finding("PDF字体", "PDF fonts", _fonts(), "warning")


def _finding(
    name_zh: str, name_en: str, problems: Iterator[Problem] | list[Problem], worst: Verdict = "broken"
) -> Finding:
    found = tuple(problems)
    return Finding(name_zh, name_en, worst if found else "sound", found)


def _migrations() -> Iterator[Problem]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan and not executor.loader.applied_migrations:
        yield Problem("doctor.not_set_up")
    elif plan:
        yield Problem("doctor.migrations", {"count": len(plan)})


def _integrity() -> Iterator[Problem]:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for pragma in ("integrity_check", "foreign_key_check"):
            cursor.execute(f"PRAGMA {pragma}")
            for row in cursor.fetchmany(20):
                if row != ("ok",):
                    yield Problem("doctor.database", {"what": " ".join(str(cell) for cell in row)})


def gaps_in_the_wall() -> Iterator[Problem]:
    """Where PostgreSQL's row-level security does not hold: a role above it, tables it was taken from."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        role, above = cursor.fetchone()
        if above:
            yield Problem("doctor.wall_role", {"role": role})
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_policies ON tablename = relname AND policyname = %s "
            "AND schemaname::regnamespace = relnamespace "
            "WHERE relrowsecurity AND relforcerowsecurity AND pg_table_is_visible(pg_class.oid)",
            [POLICY],
        )
        standing = {name for (name,) in cursor.fetchall()}
    for table in sorted(covered_tables(MigrationLoader(None).disk_migrations.values()) - standing):
        yield Problem("doctor.wall_table", {"table": table})


def _audit() -> Iterator[Problem]:
    # Whoever maintains the system may learn that the trail is sound, not what it says.
    for item in audit.verify(SYSTEM):
        yield Problem("doctor.audit", {"sequence": item.sequence, "what": item.kind})


def _keys() -> Iterator[Problem]:
    for version in sorted(vault.used_versions() - set(vault.versions())):
        yield Problem("doctor.key_missing", {"version": version})


def _facts() -> Iterator[Problem]:
    for batch in store.damaged():
        yield Problem("doctor.facts_damaged", {"sequence": batch.sequence})


def _runs(actor: Actor) -> Iterator[Problem]:
    for run, wrong in damaged_runs(actor):
        yield Problem("doctor.run_damaged", {"run": str(run), "what": wrong})


def _files() -> Iterator[Problem]:
    for name, sha256 in StoredFile.objects.values_list("name", "sha256").order_by("pk").iterator():
        if not blob_path(sha256).exists():
            yield Problem("doctor.file_missing", {"name": name})


def _orphans(actor: Actor, fix: bool) -> Iterator[Problem]:
    found: list[Callable[[], list[object]]] = [
        lambda: list(store.sweep(remove=fix)),
        lambda: list(files.sweep(actor, remove=fix)),
        lambda: list(runs.sweep(actor, remove=fix)),
    ]
    count = sum(len(sweep()) for sweep in found)
    if count:
        yield Problem("doctor.swept" if fix else "doctor.orphans", {"count": count})


def _jobs() -> Iterator[Problem]:
    moment = now()
    count = sum(1 for job in Job.objects.filter(state="running") if abandoned(job.heartbeat_at, moment))
    if count:
        yield Problem("doctor.jobs", {"count": count})


def _fonts() -> Iterator[Problem]:
    for folder in settings.PDF_FONT_FOLDERS:
        if not any(Path(folder).glob("*.ttf")):
            yield Problem("doctor.fonts", {"path": Path(folder).name})
