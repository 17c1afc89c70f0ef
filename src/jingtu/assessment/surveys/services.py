"""Bringing in survey results: one wave, all rows or none, kept as facts of a reported element."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import xlsxwriter
from django.db import transaction

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.assessment.targets.visibility import visible
from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.facts import store
from jingtu.core.facts.importing.tables import Table, marked_copy, read_table_by_roles
from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.services import undo_import
from jingtu.core.facts.services.batches import commit, common_region
from jingtu.core.files.models import StoredFile
from jingtu.core.files.services import keep_made, receive
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import engine_tree
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.periods import Period
from jingtu.engine.problems import refuse
from jingtu.engine.tree import RegionTree as Shape

from .elements import survey_elements
from .models import LONGEST, Result, SurveyImport, Wave
from .rules import COLUMNS, FIRST_YEAR, Answer, read_answer, survey_roles

PURPOSE = "surveys.import"
ACCEPTED = ("csv", "xlsx")

register_actions(
    {
        "surveys.imported": ("导入调查结果", "Survey results imported"),
        "surveys.withdrawn": ("撤回调查结果", "Survey results withdrawn"),
        "surveys.refused": ("退回调查结果文件", "File of survey results refused"),
    }
)
register_objects(
    {"survey_wave": ("民意调查", "Survey"), "survey_import": ("民意调查导入", "Import of a survey")}
)


@dataclass(frozen=True)
class About:
    """What is said of a survey: what was measured, when, who asked, how, and where it was published."""

    element: str
    period: str
    agency: str
    method: str = ""
    source: str = ""


@dataclass(frozen=True)
class Row:
    """The checked result of one place."""

    region_id: int
    number: int
    answer: Answer


def begin_import(
    actor: Actor, tree: RegionTree, about: About, blocks: Iterable[bytes], name: str
) -> SurveyImport:
    """Take in a file and check every row. Nothing is stored before all of it is right and confirmed."""
    _require(actor)
    about = _checked_about(tree, about)
    stored = receive(actor, blocks, name, purpose=PURPOSE, accepted=ACCEPTED)
    made = SurveyImport(
        tree=tree,
        file=stored,
        owner_id=user_id_of(actor),
        actor_label=actor.label[:128],
        about=asdict(about),
        created_at=now(),
    )
    table: Table | None = None
    try:
        table = read_table_by_roles(stored, survey_roles)
        rows = _checked(actor, tree, table)
    except InvalidInput as refused:
        _refuse(actor, made, table, refused.problems)
        return made
    made.state = SurveyImport.State.READY
    made.row_count = len(rows)
    made.save()
    return made


def confirm_import(actor: Actor, import_id: int) -> Wave:
    """Store what a checked file states, as facts and as a wave; it is checked once more."""
    made = SurveyImport.objects.select_related("tree", "file").filter(pk=import_id).first()
    if made is None or made.owner_id != user_id_of(actor):
        raise NotFound(import_id, "import")
    _require(actor)
    about = _checked_about(made.tree, About(**made.about))
    rows = _checked(actor, made.tree, read_table_by_roles(made.file, survey_roles))
    period = Period.parse(about.period)
    element = catalogue_of(in_force()).elements[about.element]
    facts = FactTable.from_rows(
        [
            FactRow(
                about.element,
                row.region_id,
                period.key,
                int(row.answer.value * element.scale),
                source_row=row.number,
            )
            for row in rows
        ]
    )
    written = store.write(facts)
    region_id = common_region(made.tree, facts)
    with transaction.atomic():
        # Nobody else brings in the same wave until this is done.
        RegionTree.objects.select_for_update().get(pk=made.tree_id)
        _refuse_what_stands(made.tree, about)
        changed = SurveyImport.objects.filter(pk=made.pk, state=SurveyImport.State.READY).update(
            state=SurveyImport.State.STORED
        )
        if not changed:
            raise Conflict(Problem("surveys.not_ready"))
        batch = commit(
            actor,
            made.tree_id,
            written,
            kind=FactBatch.Kind.IMPORT,
            region_id=region_id,
            file_id=made.file_id,
            note=f"{about.agency} {about.source}".strip(),
        )
        wave = Wave.objects.create(
            tree=made.tree,
            region_id=region_id,
            element=about.element,
            period=period.key,
            start=period.start,
            end=period.end,
            agency=about.agency,
            method=about.method,
            source=about.source,
            fictional=made.tree.fictional,
            batch=batch,
            upload=made,
            stored_by_id=user_id_of(actor),
            stored_at=now(),
        )
        Result.objects.bulk_create(
            Result(
                wave=wave,
                region_id=row.region_id,
                value=row.answer.value,
                sample=row.answer.sample,
                positives=row.answer.positives,
                low=row.answer.low,
                high=row.answer.high,
                interval_given=row.answer.interval_given,
                source_row=row.number,
            )
            for row in rows
        )
        record(
            actor,
            "surveys.imported",
            target_type="survey_wave",
            target_id=wave.pk,
            region_id=region_id,
            after={"file": made.file.name, "sha256": made.file.sha256, "rows": len(rows), **asdict(about)},
        )
    return wave


def withdraw_wave(actor: Actor, wave_id: int, reason: str) -> Wave:
    """Take a wave back that was brought in wrongly, with the reason: its facts are undone, it leaves series, ranks and
    streaks, stays readable, and may be brought in anew. What was published with it stays as it is."""
    _require(actor)
    wave = Wave.objects.filter(visible(actor), pk=wave_id).first()
    if wave is None:
        raise NotFound(wave_id, "survey")
    if not actor.can(Permission.TARGETS_MANAGE, wave.region_id):
        raise PermissionDenied(Permission.TARGETS_MANAGE)
    with transaction.atomic():
        undo_import(actor, wave.batch_id, reason)
        record(
            actor,
            "surveys.withdrawn",
            target_type="survey_wave",
            target_id=wave.pk,
            region_id=wave.region_id,
            after={"element": wave.element, "period": wave.period, "agency": wave.agency},
            reason=reason.strip(),
        )
    return wave


def import_path(actor: Actor, tree: RegionTree, about: About, path: Path) -> Wave:
    """Import a file from disk in one go. Raises InvalidInput with everything wrong in it."""
    if not path.is_file():
        raise refuse("file.no_such_file", path=str(path))
    with path.open("rb") as stream:
        made = begin_import(actor, tree, about, iter(lambda: stream.read(1 << 20), b""), path.name)
    if made.state == SurveyImport.State.REFUSED:
        raise InvalidInput(made.listed_problems())
    return confirm_import(actor, made.pk)


def rows_of(actor: Actor, made: SurveyImport) -> list[tuple[str, Answer]]:
    """Place and result of every row of a file that waits for confirmation."""
    rows = _checked(actor, made.tree, read_table_by_roles(made.file, survey_roles))
    names = Region.objects.in_bulk([row.region_id for row in rows])
    return [(names[row.region_id].name, row.answer) for row in rows]


def make_template(actor: Actor, tree: RegionTree, level: str) -> StoredFile:
    """A workbook with a row for every place of a level over which the actor may bring in results."""
    _require(actor)
    language = 0 if actor.language == "zh" else 1
    places = Region.objects.filter(tree=tree, level=level, position__isnull=False).order_by("position")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.xlsx"
        with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            head = book.add_format({"bold": True, "bg_color": "#DCE3EC", "border": 1})
            page = book.add_worksheet(("调查结果", "Survey")[language])
            titles = [names[language] for names in COLUMNS.values()]
            titles.insert(1, ("地区名称", "note")[language])
            for column, title in enumerate(titles):
                page.write_string(0, column, title, head)
                page.set_column(column, column, 18)
            row = 0
            for place in places:
                if actor.can(Permission.TARGETS_MANAGE, place.pk):
                    row += 1
                    page.write_string(row, 0, place.code)
                    page.write_string(row, 1, place.name)
            page.freeze_panes(1, 2)
        return keep_made(actor, path, f"survey-{tree.slug}.xlsx", purpose=PURPOSE)


def _require(actor: Actor) -> None:
    if not actor.can(Permission.TARGETS_MANAGE):
        raise PermissionDenied(Permission.TARGETS_MANAGE)


def _checked_about(tree: RegionTree, about: About) -> About:
    if about.element not in survey_elements():
        raise refuse("surveys.not_a_survey", element=about.element)
    period = Period.parse(about.period)
    if period.end > today():
        raise refuse("surveys.not_over", column="period", period=period.key)
    if period.start.year < FIRST_YEAR:
        raise refuse("surveys.too_early", column="period", period=period.key, first=FIRST_YEAR)
    clean = About(about.element, period.key, about.agency.strip(), about.method.strip(), about.source.strip())
    for name, most in LONGEST.items():
        if len(getattr(clean, name)) > most:
            raise refuse("surveys.too_long", column=name, most=most)
    _refuse_what_stands(tree, clean)
    return clean


def _refuse_what_stands(tree: RegionTree, about: About) -> None:
    """Refuse a wave that is stored already and was not taken back."""
    alike = Wave.objects.filter(tree=tree, element=about.element, period=about.period, agency=about.agency)
    undone = FactBatch.objects.filter(undoes__in=alike.values("batch"))
    if alike.exclude(batch__in=undone.values("undoes")).exists():
        raise refuse("surveys.wave_stands", agency=about.agency)


def _checked(actor: Actor, tree: RegionTree, table: Table) -> list[Row]:
    """Every row understood and allowed, or InvalidInput with all that is wrong."""
    shape = engine_tree(SYSTEM, tree)
    problems = list(table.problems)
    first: dict[int, int] = {}
    rows: list[Row] = []
    for number, said in table.rows:
        region_id, wrong = _place(shape, said.get("region", ""))
        answer, more = read_answer(said)
        wrong += more
        if region_id is not None:
            if not actor.can(Permission.TARGETS_MANAGE, region_id):
                wrong.append(Problem("surveys.not_yours", {"region": said["region"]}, column="region"))
            if region_id in first:
                wrong.append(Problem("surveys.twice", {"first": first[region_id]}, column="region"))
            first.setdefault(region_id, number)
        problems += [problem.at(row=number, column=_heading(table, problem.column)) for problem in wrong]
        if region_id is not None and answer is not None:
            rows.append(Row(region_id, number, answer))
    if problems:
        raise InvalidInput(problems)
    if not rows:
        raise refuse("surveys.no_rows")
    return rows


def _heading(table: Table, role: str | None) -> str | None:
    """The file's own heading over a role; where the file has no such column, over the one it uses instead."""
    return table.column(role) or table.column({"value": "sample", "low": "high"}.get(role or ""))


def _place(shape: Shape, text: str) -> tuple[int | None, list[Problem]]:
    found = shape.candidates(text) or shape.named(text)
    if len(found) == 1:
        return int(shape.ids[found[0]]), []
    try:
        shape.position(text)
    except InvalidInput as refused:
        return None, [problem.at(column="region") for problem in refused.problems]
    return None, []


def _refuse(actor: Actor, made: SurveyImport, table: Table | None, problems: Sequence[Problem]) -> None:
    made.state = SurveyImport.State.REFUSED
    made.keep_problems(problems)
    if table is not None:
        made.marked_file = marked_copy(actor, made.file, table, problems, PURPOSE)
    with transaction.atomic():
        made.save()
        record(
            actor,
            "surveys.refused",
            target_type="survey_import",
            target_id=made.pk,
            after={"file": made.file.name, "sha256": made.file.sha256, "problems": made.problem_count},
        )
