"""Drawing up forms: a draft beside the version in force, checked, then published."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from jingtu.core.audit.services import record
from jingtu.core.facts.queries import elements as elements_in_force
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied
from jingtu.core.regions.models import RegionTree
from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts

from ..definition import Definition, problems_of, to_json
from ..models import Form, FormVersion

register_texts(
    {
        "form.bad_code": (
            "报表代码只用小写字母、数字和下划线，以字母开头，最多64个字符。",
            "A form's code is written in small letters, digits and underscores, begins with a letter and has at "
            "most 64 characters.",
        ),
        "form.code_taken": ("代码“{code}”已被另一张报表使用。", 'Another form has the code "{code}".'),
        "form.unchanged": (
            "与现行版本相同，无需发布。",
            "It equals the version in force; there is nothing to publish.",
        ),
        "form.starts_before": (
            "新版本的启用日期（{day}）不得早于现行版本（{before}）。",
            "The new version would begin ({day}) before the one in force ({before}).",
        ),
    }
)


def save_draft(
    actor: Actor, code: str, tree: RegionTree, definition: Definition, note: str = ""
) -> FormVersion:
    """Store a draft of a form, new or beside its published versions. It may still be wrong; publishing checks it."""
    _may(actor)
    if not (
        code.isascii()
        and code.islower()
        and code.replace("_", "").isalnum()
        and code[0].isalpha()
        and len(code) <= 64
    ):
        raise refuse("form.bad_code", column="code")
    with transaction.atomic():
        form = Form.objects.select_for_update().filter(code=code).first()
        if form is None:
            form = Form.objects.create(
                code=code,
                tree=tree,
                name_zh=definition.name_zh,
                name_en=definition.name_en,
                created_at=now(),
            )
        elif form.tree_id != tree.pk:
            raise Conflict(Problem("form.code_taken", {"code": code}))
        draft = form.versions.filter(published_at__isnull=True).first()
        if draft is None:
            newest = form.versions.aggregate(newest=Max("number"))["newest"] or 0
            draft = FormVersion(form=form, number=newest + 1)
        draft.definition = to_json(definition)
        draft.valid_from, draft.valid_to = definition.valid_from, definition.valid_to
        draft.note = note.strip()[:500]
        draft.edited_at = now()
        draft.save()
        record(
            actor,
            "reporting.form_edited",
            target_type="form",
            target_id=form.code,
            after={"version": draft.number, "elements": list(definition.elements)},
            reason=note,
        )
    return draft


def publish_form(actor: Actor, code: str) -> FormVersion:
    """Bring the draft of a form in force from its day on. Reports begun before keep the version they have.

    Raises InvalidInput with everything wrong in the definition.
    """
    _may(actor)
    with transaction.atomic():
        form = Form.objects.select_for_update().filter(code=code).first()
        draft = form.versions.filter(published_at__isnull=True).first() if form else None
        if form is None or draft is None:
            raise NotFound(code, "form")
        definition = draft.content
        problems = problems_of(definition, elements_in_force(actor))
        if problems:
            raise InvalidInput(problems)
        before = form.versions.filter(published_at__isnull=False).first()
        if before is not None and before.definition == draft.definition:
            raise Conflict(Problem("form.unchanged"))
        if before is not None and draft.valid_from < before.valid_from:
            raise refuse(
                "form.starts_before",
                column="valid_from",
                day=str(draft.valid_from),
                before=str(before.valid_from),
            )
        draft.published_at, draft.published_by_id = now(), user_id_of(actor)
        draft.save(update_fields=["published_at", "published_by"])
        form.name_zh, form.name_en = definition.name_zh, definition.name_en
        form.save(update_fields=["name_zh", "name_en"])
        record(
            actor,
            "reporting.form_published",
            target_type="form",
            target_id=form.code,
            after={"version": draft.number, "valid_from": draft.valid_from.isoformat()},
            reason=draft.note,
        )
    return draft


def discard_draft(actor: Actor, code: str) -> None:
    """Throw the draft of a form away; a form that was never published goes with it."""
    _may(actor)
    with transaction.atomic():
        form = Form.objects.select_for_update().filter(code=code).first()
        draft = form.versions.filter(published_at__isnull=True).first() if form else None
        if form is None or draft is None:
            raise NotFound(code, "form")
        record(
            actor,
            "reporting.form_discarded",
            target_type="form",
            target_id=form.code,
            before={"version": draft.number},
        )
        draft.delete()
        if not form.versions.exists():
            form.delete()


def install_form(
    actor: Actor, code: str, tree: RegionTree, definition: Definition
) -> tuple[FormVersion, bool]:
    """Draw up and publish in one go, for files; unchanged content is not published again. Returns whether it was."""
    form = Form.objects.filter(code=code).first()
    standing = form.versions.filter(published_at__isnull=False).first() if form else None
    if standing is not None and standing.definition == to_json(definition):
        return standing, False
    with transaction.atomic():
        save_draft(actor, code, tree, definition)
        return publish_form(actor, code), True


def _may(actor: Actor) -> None:
    if not actor.can(Permission.CATALOGUE_MANAGE):
        raise PermissionDenied(Permission.CATALOGUE_MANAGE)
