"""Targets by file: a template, an import that takes all rows or none, and an export that can be read back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import xlsxwriter
from django.db import transaction

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.audit.services import record
from jingtu.core.facts.importing.tables import Table, marked_copy, read_table_by_roles
from jingtu.core.files.models import StoredFile
from jingtu.core.files.services import keep_made, receive
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem
from jingtu.core.regions.models import RegionTree
from jingtu.core.regions.queries import engine_tree, groups_with_members, root_of
from jingtu.engine.export import safe_cell
from jingtu.engine.problems import refuse
from jingtu.engine.targetfile import COLUMNS, TargetReader, duplicate_problems, target_roles
from jingtu.engine.targets import BASES, SCOPES, Target
from jingtu.engine.trajectoryfile import WAY_COLUMNS

from ..models import TargetImport
from .proposing import Wanted, propose_all

PURPOSE = "targets.import"
ACCEPTED = ("csv", "xlsx")


def begin_import(actor: Actor, tree: RegionTree, blocks: Iterable[bytes], name: str) -> TargetImport:
    """Take in a file and check every row. Nothing is proposed before all of it is right and confirmed."""
    _require(actor)
    stored = receive(actor, blocks, name, purpose=PURPOSE, accepted=ACCEPTED)
    made = TargetImport(
        tree=tree,
        file=stored,
        owner_id=user_id_of(actor),
        actor_label=actor.label[:128],
        created_at=now(),
    )
    table: Table | None = None
    try:
        table = read_table_by_roles(stored, target_roles)
        wanted = _checked(actor, tree, table)
    except InvalidInput as refused:
        _refuse(actor, made, table, refused.problems)
        return made
    made.state = TargetImport.State.READY
    made.row_count = len(wanted)
    made.save()
    return made


def confirm_import(actor: Actor, import_id: int) -> TargetImport:
    """Propose what a checked file states; it is checked once more, for rights and regions may have moved on."""
    made = TargetImport.objects.select_related("tree", "file").filter(pk=import_id).first()
    if made is None or made.owner_id != user_id_of(actor):
        raise NotFound(import_id, "import")
    _require(actor)
    wanted = _checked(actor, made.tree, read_table_by_roles(made.file, target_roles))
    with transaction.atomic():
        changed = TargetImport.objects.filter(pk=made.pk, state=TargetImport.State.READY).update(
            state=TargetImport.State.STORED
        )
        if not changed:
            raise Conflict(Problem("targets.import_not_ready"))
        made.state = TargetImport.State.STORED
        versions = propose_all(actor, made.tree, wanted, made)
        record(
            actor,
            "targets.imported",
            target_type="target_import",
            target_id=made.pk,
            after={
                "file": made.file.name,
                "sha256": made.file.sha256,
                "rows": len(wanted),
                "new": len(versions),
            },
        )
    return made


def import_path(actor: Actor, tree: RegionTree, path: Path) -> TargetImport:
    """Import a file from disk in one go. Raises InvalidInput with everything wrong in it."""
    if not path.is_file():
        raise refuse("file.no_such_file", path=str(path))
    with path.open("rb") as stream:
        made = begin_import(actor, tree, iter(lambda: stream.read(1 << 20), b""), path.name)
    if made.state == TargetImport.State.REFUSED:
        raise InvalidInput(made.listed_problems())
    return confirm_import(actor, made.pk)


def wanted_of(actor: Actor, made: TargetImport) -> Sequence[Wanted]:
    """What a file that waits for confirmation states, for the preview."""
    return _checked(actor, made.tree, read_table_by_roles(made.file, target_roles))


def make_template(actor: Actor, tree: RegionTree, trajectories: bool = False) -> StoredFile:
    """A workbook to fill in, of targets or of trajectories: the columns, and the indicators and places there are."""
    _require(actor)
    if trajectories:
        name = "轨迹模板" if actor.language == "zh" else "trajectories-template"
        return _workbook(actor, tree, [], name, WAY_COLUMNS)
    return _workbook(actor, tree, [], "目标模板" if actor.language == "zh" else "targets-template")


def export_targets(actor: Actor, tree: RegionTree, targets: Sequence[Target]) -> StoredFile:
    """The given targets in the layout of the template, so that the file can be changed and read back."""
    return _workbook(actor, tree, targets, "目标" if actor.language == "zh" else "targets")


def read_target(actor: Actor, tree: RegionTree, said: Mapping[str, str]) -> Target:
    """The target that some texts state, understood like a row of a file; ``said``: by the columns' names.

    Raises InvalidInput with everything wrong in them.
    """
    _require(actor)
    target, problems = _reader(actor, tree).read(said)
    if target is None:
        raise InvalidInput(problems)
    return target


def _reader(actor: Actor, tree: RegionTree) -> TargetReader:
    groups = {group.code: (group.name_zh, group.name_en) for group in groups_with_members(SYSTEM, tree)}
    if actor.language == "en":
        groups = {code: (en, zh) for code, (zh, en) in groups.items()}
    return TargetReader(engine_tree(SYSTEM, tree), catalogue_of(in_force()), groups)


def _require(actor: Actor) -> None:
    if not actor.can(Permission.TARGETS_MANAGE):
        raise PermissionDenied(Permission.TARGETS_MANAGE)


def _checked(actor: Actor, tree: RegionTree, table: Table) -> list[Wanted]:
    """Every row understood and allowed, or InvalidInput with all that is wrong."""
    reader = _reader(actor, tree)
    places = reader.tree
    root = root_of(SYSTEM, tree)
    problems = list(table.problems)
    found: list[tuple[int, Target]] = []
    wanted: list[Wanted] = []
    allowed: dict[tuple[str, str], bool] = {}
    for number, said in table.rows:
        target, wrong = reader.read(said)
        problems += [problem.at(row=number, column=table.column(problem.column)) for problem in wrong]
        if target is None:
            continue
        if target.region not in allowed:
            group = target.scope == "group"
            region_id = (
                root.pk if group else int(places.ids[places.position(target.region[1], target.region[0])])
            )
            allowed[target.region] = actor.can(Permission.TARGETS_MANAGE, region_id)
        if not allowed[target.region]:
            params = {"region": said.get("region", "") or said.get("group", "")}
            problems.append(Problem("targets.not_yours", params, row=number, column=table.column("region")))
        found.append((number, target))
        wanted.append(Wanted(target, said.get("reason", ""), row=number))
    problems += duplicate_problems(found)
    if problems:
        raise InvalidInput(problems)
    if not wanted:
        raise refuse("targets.no_rows")
    return wanted


def _refuse(actor: Actor, made: TargetImport, table: Table | None, problems: Sequence[Problem]) -> None:
    made.state = TargetImport.State.REFUSED
    made.keep_problems(problems)
    if table is not None:
        made.marked_file = marked_copy(actor, made.file, table, problems, PURPOSE)
    with transaction.atomic():
        made.save()
        record(
            actor,
            "targets.import_refused",
            target_type="target_import",
            target_id=made.pk,
            after={"file": made.file.name, "sha256": made.file.sha256, "problems": made.problem_count},
        )


def _workbook(
    actor: Actor,
    tree: RegionTree,
    targets: Sequence[Target],
    name: str,
    columns: Mapping[str, tuple[str, str]] = COLUMNS,
) -> StoredFile:
    language = 0 if actor.language == "zh" else 1
    catalogue = catalogue_of(in_force())
    places = engine_tree(SYSTEM, tree)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "targets.xlsx"
        with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            head = book.add_format({"bold": True, "bg_color": "#DCE3EC", "border": 1})
            text = book.add_format({"num_format": "@"})
            page = book.add_worksheet(("填写", "Fill in")[language])
            for column, (role, names) in enumerate(columns.items()):
                page.write_string(0, column, names[language], head)
                page.set_column(
                    column, column, 30 if role in ("document", "reason", "milestones") else 16, text
                )
            roles = list(columns)
            words: Mapping[str, list[str]] = {
                "scope": [names[language] for names in SCOPES.values()],
                "basis": [names[language] for names in BASES.values()],
            }
            for role, choices in words.items():
                if role not in columns:
                    continue
                column = roles.index(role)
                page.data_validation(1, column, 5000, column, {"validate": "list", "source": choices})
            for row, target in enumerate(targets, start=1):
                for column, role in enumerate(roles):
                    page.write_string(row, column, safe_cell(_cell(target, role, language)), text)
            page.freeze_panes(1, 1)
            lists = book.add_worksheet(("可选值", "Choices")[language])
            lists.set_column(0, 3, 26)
            heads = (
                ("指标编码", "指标", "地区代码", "地区"),
                ("Indicator code", "Indicator", "Region code", "Region"),
            )
            for column, title in enumerate(heads[language]):
                lists.write_string(0, column, title, head)
            directed = [one for one in catalogue.indicators.values() if one.direction != "none"]
            for row, indicator in enumerate(directed, start=1):
                lists.write_string(row, 0, indicator.code)
                lists.write_string(row, 1, indicator.name(actor.language))
            for row, position in enumerate(range(min(places.size, 3000)), start=1):
                lists.write_string(row, 2, places.codes[position])
                lists.write_string(row, 3, places.names[position])
        return keep_made(actor, path, f"{name}-{tree.slug}.xlsx", purpose=PURPOSE)


def _cell(target: Target, role: str, language: int) -> str:
    match role:
        case "region":
            return target.region[1]
        case "region_level":
            return target.region[0]
        case "scope":
            return SCOPES[target.scope][language]
        case "basis":
            return BASES[target.basis][language]
        case "reason":
            return ""
    value = getattr(target, role)
    return "" if value is None else str(value)
