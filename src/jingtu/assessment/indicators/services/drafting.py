"""Drawing up the next version: open a draft, edit definition by definition, undo, bring it up to date.

Every edit is checked as the file would be (schema, formulas) before anything is stored, is kept with what
it changed, and is audited. Whether all definitions fit together is asked when the draft is validated.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import transaction

from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.characters import refuse_unseen, unseen_problem
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied, Problem, refuse
from jingtu.engine.catalogue import load_catalogue, plain
from jingtu.engine.catalogue.editing import (
    HEAD,
    Change,
    Plain,
    applied,
    change_of,
    changes_between,
    clashes,
    entry_of,
    read_entry,
    to_json,
)

from ..models import CatalogueDraft, CatalogueVersion, DraftEdit
from ..rules import LONGEST_ENTRY, MOST_BYTES, DraftAct, DraftState, reason_problem, undoable
from ..standing import base_content, draft_with, require
from ..store import catalogue_of, latest

TITLE_LENGTH, TEXT_LENGTH = 128, 2000
KEPT_SUBJECTS = 500

register_actions(
    {
        "indicators.draft_opened": ("起草指标目录", "Catalogue draft opened"),
        "indicators.draft_edited": ("修改目录草案", "Catalogue draft edited"),
        "indicators.draft_undone": ("撤销或重做目录草案的修改", "Edit of a catalogue draft undone or redone"),
        "indicators.draft_rebased": ("目录草案更新到最新版", "Catalogue draft brought up to date"),
    }
)
register_objects({"catalogue_draft": ("目录草案", "Catalogue draft")})


def open_draft(actor: Actor, title: str, purpose: str = "") -> CatalogueDraft:
    """Begin a draft from the version adopted last. Needs CATALOGUE_DRAFT or CATALOGUE_MANAGE.

    Asked the same again by the same person before anything was edited (a second click), it is the draft begun
    already.
    """
    person = user_id_of(actor)
    allowed = actor.can(Permission.CATALOGUE_DRAFT) or actor.can(Permission.CATALOGUE_MANAGE)
    if person is None or not allowed:
        raise PermissionDenied(Permission.CATALOGUE_DRAFT)
    title, purpose = title.strip(), purpose.strip()
    if not title:
        raise refuse("indicators.title_missing", column="title")
    refuse_unseen(title=title)
    for name, text, limit in (("title", title, TITLE_LENGTH), ("purpose", purpose, TEXT_LENGTH)):
        if len(text) > limit:
            raise refuse("indicators.text_too_long", column=name, limit=limit)
    base = latest()
    if base is None:
        raise refuse("kernel.not_found.any_catalogue", what="")
    same = {"title": title, "purpose": purpose, "base": base, "opened_by_id": person}
    with transaction.atomic():
        # Two requests at once wait for each other here, and the second finds the draft of the first.
        # Not the key: whoever only refers to the version (a run, another draft) does not wait, nor is waited for.
        CatalogueVersion.objects.select_for_update(no_key=True).only("pk").get(pk=base.pk)
        begun = CatalogueDraft.objects.filter(**same, state=DraftState.DRAFT, revision=0).first()
        if begun is not None:
            return begun
        draft = CatalogueDraft.objects.create(
            **same, text=_text(plain(catalogue_of(base))), opened_at=now(), edited_at=now()
        )
        record(
            actor,
            "indicators.draft_opened",
            target_type="catalogue_draft",
            target_id=draft.pk,
            after={"title": title, "base": base.number},
            reason=purpose,
        )
    return draft


def put_entry(
    actor: Actor, draft_id: int, revision: int, kind: str, code: str, entry: Plain | str, note: str = ""
) -> CatalogueDraft:
    """Put a definition (from a form, or as YAML text) in the place of ``code``; an empty code adds a new one.

    ``revision`` is the draft's when the editor began: somebody else's later edit of the same definition is a
    Conflict, of another one is not. Raises InvalidInput for what cannot be read, with field and line.
    """
    if isinstance(entry, str) and len(entry) > LONGEST_ENTRY:
        raise refuse("indicators.entry_too_long", limit=LONGEST_ENTRY)
    read = read_entry(kind, entry)
    _refuse_unseen_names(read)
    with transaction.atomic():
        draft = draft_with(actor, draft_id, lock=True)
        person = require(actor, draft, DraftAct.EDIT)
        if kind != HEAD:
            if code and read["code"] != code:
                raise refuse("indicators.code_fixed", column=f"{code}.code")
            if not code and entry_of(draft.content, kind, read["code"]) is not None:
                raise refuse("indicators.code_taken", column=f"{read['code']}.code", code=read["code"])
        _unmoved(draft, revision, kind, code)
        after = applied(draft.content, [Change(kind, code or read.get("code", ""), None, read, 10**6)])
        change = change_of(draft.content, kind, code, entry_of(after, kind, read.get("code", "")))
        if change is None:
            return draft
        return _store(actor, person, draft, DraftAct.EDIT, [change], after, note)


def _refuse_unseen_names(entry: Plain) -> None:
    """Refuse a definition whose name or title could pass for another."""
    problems = []
    for field in ("name", "title"):
        named = entry.get(field)
        for language, text in (named if isinstance(named, dict) else {"zh": named}).items():
            if isinstance(text, str):
                problems.append(unseen_problem(f"{entry.get('code', '')}.{field}_{language}", text))
    if any(problems):
        raise InvalidInput([problem for problem in problems if problem is not None])


def remove_entry(
    actor: Actor, draft_id: int, revision: int, kind: str, code: str, note: str = ""
) -> CatalogueDraft:
    """Take a definition out of the draft; versions before keep it, so it stays readable."""
    with transaction.atomic():
        draft = draft_with(actor, draft_id, lock=True)
        person = require(actor, draft, DraftAct.EDIT)
        _unmoved(draft, revision, kind, code)
        change = change_of(draft.content, kind, code, None)
        if kind == HEAD or change is None:
            raise refuse("kernel.not_found.definition", what=code)
        return _store(actor, person, draft, DraftAct.EDIT, [change], applied(draft.content, [change]), note)


def import_text(actor: Actor, draft_id: int, revision: int, text: str, note: str = "") -> CatalogueDraft:
    """Replace all definitions of the draft by those of a YAML text, as one edit that can be undone."""
    if len(text.encode()) > MOST_BYTES:
        raise refuse("catalogue.too_large", where="YAML", limit=MOST_BYTES >> 20)
    content = plain(load_catalogue(text.encode(), strict=False))
    with transaction.atomic():
        draft = draft_with(actor, draft_id, lock=True)
        person = require(actor, draft, DraftAct.IMPORT)
        if draft.revision != revision:
            raise _moved(draft, draft.title)
        changes = changes_between(draft.content, content)
        if not changes:
            return draft
        for change in changes:
            _refuse_unseen_names(change.after or {})
        return _store(actor, person, draft, DraftAct.IMPORT, changes, content, note)


def undo(actor: Actor, draft_id: int) -> CatalogueDraft:
    """Take back the last edit that was not taken back yet."""
    return _go_back(actor, draft_id, DraftAct.UNDO)


def redo(actor: Actor, draft_id: int) -> CatalogueDraft:
    """Do again what was undone last."""
    return _go_back(actor, draft_id, DraftAct.REDO)


def _go_back(actor: Actor, draft_id: int, act: DraftAct) -> CatalogueDraft:
    with transaction.atomic():
        draft = draft_with(actor, draft_id, lock=True)
        person = require(actor, draft, act)
        found = undoable(
            (number, DraftAct(name))
            for number, name in draft.edits.order_by("number").values_list("number", "act")
        )
        number = found.undo if act is DraftAct.UNDO else found.redo
        if number is None:
            raise Conflict(Problem(f"indicators.nothing_to_{act.value}"))
        changes = draft.edits.get(number=number).listed
        if act is DraftAct.UNDO:
            changes = [change.reversed() for change in reversed(changes)]
        content = applied(draft.content, changes)
        return _store(actor, person, draft, act, changes, content, f"#{number}")


def rebase(actor: Actor, draft_id: int) -> CatalogueDraft:
    """Put the draft's changes on the version adopted last.

    Refused, naming each definition, where draft and version changed the same one differently.
    """
    with transaction.atomic():
        draft = draft_with(actor, draft_id, lock=True)
        person = require(actor, draft, DraftAct.REBASE)
        newer = latest()
        if newer is None or newer.pk == draft.base_id:
            raise Conflict(Problem("indicators.draft_up_to_date"))
        before, target = base_content(draft), plain(catalogue_of(newer))
        mine, theirs = changes_between(before, draft.content), changes_between(before, target)
        clashing = clashes(mine, theirs)
        if clashing:
            raise InvalidInput(
                Problem(
                    "indicators.draft_clash",
                    {"code": change.code or HEAD, "newest": newer.number},
                    column=f"{change.code}.code",
                )
                for change in clashing
            )
        content = applied(target, mine)
        changes = changes_between(draft.content, content)
        number = draft.base.number
        draft.base = newer
        return _store(actor, person, draft, DraftAct.REBASE, changes, content, f"v{number} → v{newer.number}")


def _store(
    actor: Actor,
    person: int,
    draft: CatalogueDraft,
    act: DraftAct,
    changes: Sequence[Change],
    content: Plain,
    note: str,
) -> CatalogueDraft:
    """Write the edit, its audit entry and the draft as it is now; a validated draft is a draft again."""
    if len(note) > TEXT_LENGTH // 4:
        raise refuse("indicators.text_too_long", column="note", limit=TEXT_LENGTH // 4)
    subjects = [[change.kind, change.code, change.what] for change in changes]
    draft.revision += 1
    draft.text = _text(content)
    draft.state = DraftState.DRAFT.value
    draft.validated_by, draft.validated_at, draft.edited_at = None, None, now()
    draft.__dict__.pop("content", None)
    draft.save(
        update_fields=["revision", "text", "state", "validated_by", "validated_at", "edited_at", "base"]
    )
    DraftEdit.objects.create(
        draft=draft,
        number=draft.revision,
        act=act.value,
        changes=to_json(changes),
        subjects=subjects[:KEPT_SUBJECTS],
        note=note.strip(),
        person_id=person,
        at=draft.edited_at,
    )
    actions = {
        DraftAct.UNDO: "indicators.draft_undone",
        DraftAct.REDO: "indicators.draft_undone",
        DraftAct.REBASE: "indicators.draft_rebased",
    }
    single = changes[0] if len(changes) == 1 else None
    record(
        actor,
        actions.get(act, "indicators.draft_edited"),
        target_type="catalogue_draft",
        target_id=draft.pk,
        before={"definition": single.before} if single else None,
        after={
            "revision": draft.revision,
            "act": act.value,
            "changed": len(changes),
            "subjects": subjects[:20],
            **({"definition": single.after} if single else {}),
        },
        reason=note,
    )
    return draft


def _unmoved(draft: CatalogueDraft, revision: int, kind: str, code: str) -> None:
    """Raises Conflict when the definition was changed after the revision the editor saw."""
    for edit in draft.edits.filter(number__gt=revision).select_related("person"):
        if any(change.kind == kind and change.code == code for change in edit.listed):
            raise _moved(draft, code or draft.title, edit)


def _moved(draft: CatalogueDraft, what: str, edit: DraftEdit | None = None) -> Conflict:
    edit = edit or draft.edits.select_related("person").first()
    who = edit.person.full_name or edit.person.username if edit else "–"
    return Conflict(Problem("indicators.draft_moved", {"code": what, "who": who}))


def _text(content: Plain) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def required_reason(reason: str) -> str:
    """The reason without blanks around it. Raises InvalidInput without one."""
    problem = reason_problem(reason)
    if problem is not None:
        raise InvalidInput([problem])
    if len(reason) > TEXT_LENGTH:
        raise refuse("indicators.text_too_long", column="reason", limit=TEXT_LENGTH)
    return reason.strip()
