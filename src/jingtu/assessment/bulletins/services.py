"""Issuing bulletins."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from django.db import IntegrityError, transaction

from jingtu.assessment.bulletins import gathering, pdf, sheet, word
from jingtu.assessment.bulletins import queries as reading
from jingtu.assessment.bulletins.compose import compose
from jingtu.assessment.bulletins.content import Bulletin as Composed
from jingtu.assessment.bulletins.models import Bulletin, BulletinDraft, BulletinFile
from jingtu.assessment.bulletins.rules import BulletinKind
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.rules import RunState
from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import head as audit_head
from jingtu.core.audit.services import record
from jingtu.core.files.models import StoredFile
from jingtu.core.files.services import keep_made, record_download
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.characters import refuse_unseen, unprintable
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.engine.problems import Language, Problem, register_texts

register_actions(
    {
        "bulletins.issued": ("印发通报", "Bulletin issued"),
        "bulletins.planned": ("拟制通报", "Bulletin drafted"),
    }
)
register_objects({"bulletin": ("通报", "Bulletin")})
register_texts(
    {
        "bulletins.not_published": (
            "只有已发布的考核才能印发通报；本次考核尚未发布。",
            "A bulletin is issued from a published assessment only; this one is not published.",
        ),
        "bulletins.issued_already": (
            "本次考核已印发通报{number}，内容不再改动；如需更正，请发布新版考核后另行印发。",
            "Bulletin {number} of this assessment is issued and stays as it is; publish a new version to correct it.",
        ),
        "bulletins.number_taken": (
            "文号“{number}”已被使用，请改用下一个文号。",
            'The number "{number}" is taken; use the next one.',
        ),
        "bulletins.control_characters": (
            "含有不可见的控制字符，请删除后重新填写。",
            "Contains invisible control characters; remove them.",
        ),
        "bulletins.issuer_missing": ("请填写发文机关名称。", "Give the issuing office's name."),
    }
)

FORMATS: dict[str, Callable[[Composed], bytes]] = {
    "docx": word.render,
    "pdf": pdf.render,
    "xlsx": sheet.render,
}
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def issue(
    actor: Actor,
    run_id: int,
    *,
    number: str,
    issuer_zh: str,
    issuer_en: str = "",
    distribution: Sequence[str] = (),
    kind: BulletinKind | None = None,
) -> Bulletin:
    """Issue the bulletin of a published run (or of one that is signed and awaits its release): print every format in both languages and keep them.

    Without ``number`` it bears the number its run took when it was signed, without ``kind`` the kind its
    draft names. Raises PermissionDenied, Conflict (not published, or issued already) and InvalidInput (number taken,
    issuer missing). Nothing is kept unless everything was printed.
    """
    run = reading.run_for(actor, run_id)
    if not reading.may_issue(actor, run):
        raise PermissionDenied("印发通报 · issue a bulletin")
    if run.state not in (RunState.PUBLISHED, RunState.EMBARGOED):
        raise Conflict(Problem("bulletins.not_published"))
    if not issuer_zh.strip():
        raise InvalidInput([Problem("bulletins.issuer_missing", column="issuer_zh")])
    _refuse_control_characters(
        number=number, issuer_zh=issuer_zh, issuer_en=issuer_en, distribution="".join(distribution)
    )
    refuse_unseen(number=number, issuer_zh=issuer_zh, issuer_en=issuer_en)
    _refuse_second(run)
    planned = BulletinDraft.objects.filter(run=run).first()
    bulletin = Bulletin(
        run=run,
        kind=(kind or BulletinKind(planned.kind if planned else BulletinKind.FULL)).value,
        number=number.strip() or run.publication.official_number,
        issuer_zh=issuer_zh.strip(),
        issuer_en=issuer_en.strip() or issuer_zh.strip(),
        distribution=[name.strip() for name in distribution if name.strip()],
        issued_by_id=user_id_of(actor),
        issued_at=now(),
        audit_mark=str(audit_head()),
    )
    source = gathering.source_of(bulletin)
    printed = {
        (language, extension): render(compose(source, language))
        for language in LANGUAGES
        for extension, render in FORMATS.items()
    }
    try:
        with transaction.atomic():
            bulletin.save()
            for (language, extension), content in printed.items():
                stored = _keep(actor, bulletin, content, f"{_file_name(bulletin, language)}.{extension}")
                BulletinFile.objects.create(
                    bulletin=bulletin, file=stored, format=extension, language=language
                )
            record(
                actor,
                "bulletins.issued",
                target_type="bulletin",
                target_id=bulletin.pk,
                region_id=run.region_id,
                after={"number": bulletin.number, "run": run.pk, "hash": run.publication_hash},
            )
    except IntegrityError as error:
        _refuse_second(run)
        raise InvalidInput(
            [Problem("bulletins.number_taken", {"number": bulletin.number}, column="number")]
        ) from error
    return bulletin


def plan(actor: Actor, run_id: int, kind: BulletinKind, list_id: int | None = None) -> BulletinDraft:
    """Write down what the bulletin of a run is to be, before anybody signs; issuing it stays with a person.

    Raises PermissionDenied, Conflict when the bulletin is issued already.
    """
    run = reading.run_for(actor, run_id)
    person = user_id_of(actor)
    if not reading.may_issue(actor, run) or person is None:
        raise PermissionDenied("印发通报 · issue a bulletin")
    _refuse_second(run)
    with transaction.atomic():
        made, _ = BulletinDraft.objects.update_or_create(
            run=run,
            defaults={"kind": kind.value, "list_id": list_id, "made_by_id": person, "made_at": now()},
        )
        record(
            actor,
            "bulletins.planned",
            target_type="run",
            target_id=run.pk,
            region_id=run.region_id,
            after={"kind": kind.value},
        )
    return made


def download(actor: Actor, bulletin_id: int, extension: str, language: str) -> StoredFile:
    """The printed file, with the download written into the audit trail."""
    stored = reading.printed_file(actor, bulletin_id, extension, language)
    record_download(actor, stored)
    return stored


def _refuse_control_characters(**fields: str) -> None:
    """A Word file cannot hold them, and nobody types them on purpose."""
    problems = [
        Problem("bulletins.control_characters", column=name)
        for name, text in fields.items()
        if unprintable(text, kept="")
    ]
    if problems:
        raise InvalidInput(problems)


def _refuse_second(run: Run) -> None:
    issued = Bulletin.objects.filter(run=run).first()
    if issued is not None:
        raise Conflict(Problem("bulletins.issued_already", {"number": issued.number}))


def _keep(actor: Actor, bulletin: Bulletin, content: bytes, name: str) -> StoredFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "printed"
        path.write_bytes(content)
        return keep_made(actor, path, name, purpose="bulletin", region_id=bulletin.run.region_id)


def _file_name(bulletin: Bulletin, language: Language) -> str:
    run = bulletin.run
    words = (run.region.name, run.period, "通报" if language == "zh" else "bulletin", f"v{run.version}")
    return "_".join(words)
