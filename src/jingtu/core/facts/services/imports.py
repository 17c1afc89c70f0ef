"""Importing a file: checked whole, then stored whole or refused whole with everything found."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.facts import checks, queries, store
from jingtu.core.facts.importing.checking import Checked, Rules, check
from jingtu.core.facts.importing.marking import mark
from jingtu.core.facts.matching import compare
from jingtu.core.facts.models import FactBatch, FactImport
from jingtu.core.facts.services.batches import commit, common_region
from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import content_path
from jingtu.core.files.rules import text_encoding
from jingtu.core.files.services import keep_made, receive
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import Progress
from jingtu.core.jobs.services import submit
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, PermissionDenied, Problem
from jingtu.core.regions.models import RegionTree
from jingtu.core.regions.queries import engine_tree, root_of
from jingtu.engine.problems import InvalidInput, refuse
from jingtu.engine.sheet import Sheet, read_sheet

JOB_KIND = "facts.import"
PURPOSE = "facts.import"
ACCEPTED = ("csv", "xlsx")
SMALL_ROWS = 5_000
SMALL_WORKBOOK_BYTES = 300_000
KEPT_PROBLEMS = 500  # on the row of the import; the marked file names all that were listed

Step = Callable[[int], None]


def _silent(percent: int) -> None:
    """For callers who watch no progress."""


def begin_import(actor: Actor, tree: RegionTree, blocks: Iterable[bytes], name: str) -> FactImport:
    """Take in an uploaded file. A small one is checked at once and waits for confirmation (or is refused);
    a large one is checked and stored by a job. Nothing is stored before everything is right."""
    _may_import(actor, tree)
    stored = receive(actor, blocks, name, purpose=PURPOSE, accepted=ACCEPTED)
    made = _new(actor, tree, stored)
    if not _is_large(stored):
        _examine(actor, made)  # outside any transaction: reading a table may take long, and others must write
        return made
    with transaction.atomic():
        made.save()
        made.job = submit(actor, JOB_KIND, {"import": made.pk}, made.region_id)
        made.save(update_fields=["job"])
    return made


def confirm_import(actor: Actor, import_id: int) -> FactImport:
    """Store a file that was found right. It is checked once more: rights and facts may have moved on."""
    made = queries.get_import(actor, import_id)
    _may_import(actor, made.tree)
    if made.state != FactImport.State.READY:
        raise Conflict(Problem("facts.import_not_ready"))
    return _check_and_store(actor, made, _silent)


def import_path(
    actor: Actor, tree: RegionTree, path: Path, step: Step = _silent, *, again: bool = False
) -> FactImport:
    """Import a file from disk in one go, for the command line and set-up.

    A file with the same content that already stands in the tree is not imported again unless ``again``;
    then the earlier import is returned. Raises InvalidInput with all problems when it is refused.
    """
    _may_import(actor, tree)
    if not path.is_file():
        raise refuse("file.no_such_file", path=str(path))
    if not again and (known := queries.standing_import(actor, tree, store.digest_of(path))):
        return known
    with path.open("rb") as stream:
        blocks = iter(lambda: stream.read(1 << 20), b"")
        stored = receive(actor, blocks, path.name, purpose=PURPOSE, accepted=ACCEPTED)
    made = _check_and_store(actor, _new(actor, tree, stored), step)
    if made.state == FactImport.State.REFUSED:
        raise InvalidInput(problems_of(made))
    return made


def run_import_job(job: Job, actor: Actor, progress: Progress) -> Mapping[str, Any]:
    """Check and store a large file. Called again after a restart it finds what it already did."""
    made = FactImport.objects.select_related("tree", "file").get(pk=job.params["import"])
    if made.state in {FactImport.State.CHECKING, FactImport.State.READY}:
        _may_import(actor, made.tree)
        made = _check_and_store(actor, made, progress)
    return {"import": made.pk, "state": made.state, "rows": made.row_count}


def problems_of(made: FactImport) -> list[Problem]:
    """The kept problems of a refused import."""
    return [Problem(found["code"], found["params"], found["row"], found["column"]) for found in made.problems]


def _may_import(actor: Actor, tree: RegionTree) -> None:
    allowed = queries.importable_regions(actor, tree)
    if allowed is not None and len(allowed) == 0:
        raise PermissionDenied(Permission.FACTS_IMPORT)


def _new(actor: Actor, tree: RegionTree, stored: StoredFile) -> FactImport:
    """An import that is not stored yet: it is, with what was found, once it has been examined."""
    return FactImport(
        tree=tree,
        region=root_of(SYSTEM, tree),
        file=stored,
        owner_id=user_id_of(actor),
        actor_label=actor.label[:128],
        created_at=now(),
    )


def _is_large(stored: StoredFile) -> bool:
    if stored.kind == "xlsx":
        return stored.size > SMALL_WORKBOOK_BYTES
    lines = 0
    with content_path(stored).open("rb") as stream:
        while block := stream.read(1 << 20):
            lines += block.count(b"\n")
    return lines > SMALL_ROWS


def _examine(actor: Actor, made: FactImport, step: Step = _silent) -> Checked | None:
    """Check the file and write down what was found; None when it is refused."""
    path = content_path(made.file)
    encoding = ""
    sheet: Sheet | None = None
    try:
        elements = dict(queries.elements(actor))
        if not elements:
            raise refuse("facts.no_elements")
        if made.file.kind == "csv":
            with path.open("rb") as stream:
                encoding = text_encoding(stream)
        sheet = read_sheet(path, elements, made.file.kind, encoding)
        step(10)
        upto = store.latest_sequence(made.tree_id)
        rules = Rules(
            engine_tree(actor, made.tree),
            elements,
            queries.importable_regions(actor, made.tree),
            checks.pairs(elements),
            today(),
            store.read(made.tree_id, upto),
        )
        checked = check(sheet, rules, lambda percent: step(10 + percent * 6 // 10))
        if checked.problems:
            raise InvalidInput(checked.problems)
        if len(checked.facts) == 0:
            raise refuse("facts.no_figures")
    except InvalidInput as error:
        _refuse(actor, made, error.problems, sheet, encoding)
        return None
    before = rules.current.select(periods=checked.facts.period_keys, elements=checked.facts.element_codes)
    new, changed = compare(before, checked.facts)
    made.state = FactImport.State.READY
    made.row_count = len(checked.facts)
    made.added, made.changed = int(new.sum()), int(changed.sum())
    made.unchanged = made.row_count - made.added - made.changed
    made.facts_upto = upto
    made.region_id = common_region(made.tree, checked.facts)
    _keep(made)
    return checked


def _keep(made: FactImport) -> None:
    """Save what was found, unless somebody has stored the same import in the meantime."""
    if made.pk is None:
        made.save()
        return
    values = {
        field.attname: getattr(made, field.attname)
        for field in FactImport._meta.concrete_fields
        if not field.primary_key
    }
    if not FactImport.objects.filter(pk=made.pk).exclude(state=FactImport.State.STORED).update(**values):
        raise Conflict(Problem("facts.import_not_ready"))


def _check_and_store(actor: Actor, made: FactImport, step: Step) -> FactImport:
    checked = _examine(actor, made, step)
    if checked is None:
        return made
    # Written before the transaction, so that nobody waits for the disk; a crash here leaves an orphan.
    written = store.write(checked.facts) if made.added + made.changed else None
    step(90)
    with transaction.atomic():
        locked = FactImport.objects.select_for_update().get(pk=made.pk)
        if locked.state == FactImport.State.STORED:
            raise Conflict(Problem("facts.import_not_ready"))
        if written is not None:
            made.batch = commit(
                actor,
                made.tree_id,
                written,
                kind=FactBatch.Kind.IMPORT,
                region_id=made.region_id,
                file_id=made.file_id,
                note=made.file.name,
            )
        made.state = FactImport.State.STORED
        made.save()
        record(
            actor,
            "facts.imported",
            target_type="fact_import",
            target_id=made.pk,
            region_id=made.region_id,
            after={
                "file": made.file.name,
                "sha256": made.file.sha256,
                "rows": made.row_count,
                "added": made.added,
                "changed": made.changed,
                "batch": made.batch_id,
            },
        )
    return made


def _refuse(
    actor: Actor, made: FactImport, problems: Sequence[Problem], sheet: Sheet | None, encoding: str
) -> None:
    made.state = FactImport.State.REFUSED
    made.problem_count = _count(problems)
    made.problems = [
        {
            "code": problem.code,
            "params": {name: _plain(value) for name, value in problem.params.items()},
            "row": problem.row,
            "column": problem.column,
        }
        for problem in problems[:KEPT_PROBLEMS]
    ]
    if sheet is not None:
        made.marked_file = _marked(actor, made, problems, sheet, encoding)
    with transaction.atomic():
        _keep(made)
        record(
            actor,
            "facts.import_refused",
            target_type="fact_import",
            target_id=made.pk,
            after={"file": made.file.name, "sha256": made.file.sha256, "problems": made.problem_count},
        )


def _count(problems: Sequence[Problem]) -> int:
    """How many were found, those the check only counted included."""
    return sum(
        int(str(problem.params["count"])) if problem.code == "factcheck.more" else 1 for problem in problems
    )


def _marked(
    actor: Actor, made: FactImport, problems: Sequence[Problem], sheet: Sheet, encoding: str
) -> StoredFile:
    name = Path(made.file.name)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"marked.{made.file.kind}"
        mark(content_path(made.file), target, made.file.kind, encoding, sheet, problems, actor.language)
        word = "有错" if actor.language == "zh" else "errors"
        return keep_made(actor, target, f"{name.stem}-{word}.{made.file.kind}", purpose=PURPOSE)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | int | float | None) else str(value)
