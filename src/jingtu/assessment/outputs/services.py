"""Drawing layouts up, making sheets, confirming and answering their items, sending and taking them out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from jingtu.assessment.bulletins import pdf, sheet, word
from jingtu.assessment.bulletins.content import Bulletin as Composed
from jingtu.assessment.indicators.queries import current_catalogue
from jingtu.core.audit.actions import register_actions, register_objects, register_reads
from jingtu.core.audit.exporting import watermark
from jingtu.core.audit.models import AuditEntry
from jingtu.core.audit.services import record
from jingtu.core.files.rules import EVIDENCE
from jingtu.core.files.services import Upload, receive
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.characters import unprintable
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.kernel.languages import speaking
from jingtu.core.regions.queries import get_region
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language, Problem, refuse

from . import queries
from .layout import Row, problems_of, read_layout, to_json
from .models import Evidence, Item, LayoutVersion, Sheet
from .published import states_behind
from .queries import DRAFTERS, Line, SheetPage
from .rules import LONGEST_TEXT, Origin
from .writer import SheetWriter

register_actions(
    {
        "outputs.layout_saved": ("保存外报表样", "Layout of an outside evaluation saved"),
        "outputs.sheet_made": ("新建外报表", "Sheet for an outside evaluation made"),
        "outputs.confirmed": ("核定外报项目", "Item of a sheet confirmed"),
        "outputs.answered": ("填写外报项目", "Item of a sheet answered"),
        "outputs.evidence_added": ("上传外报佐证", "Evidence of an item added"),
        "outputs.sent": ("报出外报表", "Sheet for an outside evaluation sent"),
        "outputs.exported": ("导出外报表", "Sheet for an outside evaluation exported"),
    }
)
register_objects(
    {"layout": ("外报表样", "Layout of a sheet"), "output_sheet": ("外报表", "Sheet for another evaluation")}
)
register_reads("outputs.exported")
PURPOSE = "outputs.evidence"
FORMATS: dict[str, Callable[[Composed], bytes]] = {
    "xlsx": sheet.render,
    "docx": word.render,
    "pdf": pdf.render,
}


def save_layout(actor: Actor, text: str, reason: str) -> LayoutVersion:
    """Keep a layout as the next version of its code; sheets made before keep theirs.

    Raises PermissionDenied, InvalidInput with everything that is wrong with the text, Conflict (somebody saved
    a version at the same time).
    """
    if not any(actor.can(right) for right in DRAFTERS):
        raise PermissionDenied(DRAFTERS[0])
    layout = read_layout(text)
    catalogue = current_catalogue(actor)
    problems = problems_of(layout, catalogue.indicators, catalogue.elements)
    if problems:
        raise InvalidInput(problems)
    content = to_json(layout)
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(plain.encode()).hexdigest()
    try:
        with transaction.atomic():
            last = LayoutVersion.objects.filter(code=layout.code).order_by("-number").first()
            if last is not None and last.digest == digest:
                raise refuse("outputs.unchanged", column="text")
            made = LayoutVersion.objects.create(
                code=layout.code,
                number=last.number + 1 if last else 1,
                text=text,
                content=content,
                digest=digest,
                reason=reason.strip()[:255],
                made_by_id=user_id_of(actor),
                made_at=now(),
            )
            record(
                actor,
                "outputs.layout_saved",
                target_type="layout",
                target_id=layout.code,
                after={"version": made.number, "hash": digest, "rows": len(layout.items)},
                reason=reason.strip(),
            )
    except IntegrityError as error:  # of two at once the other was faster
        raise Conflict(Problem("outputs.version_stands", {"code": layout.code})) from error
    return made


def make_sheet(actor: Actor, code: str, region_id: int, period_text: str) -> Sheet:
    """Begin the sheet of a layout for a region and a period that has ended; after one was sent, its next issue.

    Raises NotFound, PermissionDenied, InvalidInput (level or period do not fit), Conflict (an open one stands).
    """
    version = queries.layout_versions(actor, code)[0]
    layout = version.layout
    region = get_region(actor, region_id)
    if not any(actor.can(right, region.pk) for right in queries.FILLERS):
        raise PermissionDenied(Permission.RUNS_PREPARE)
    if layout.level and region.level != layout.level:
        raise refuse("outputs.wrong_level", column="region", level=layout.level)
    period = Period.parse(period_text)
    if period.kind.value not in layout.periods:
        raise refuse(
            "outputs.wrong_period", column="period", allowed="、".join(layout.periods), period=period.key
        )
    if period.end >= today():
        raise refuse("outputs.running", column="period", period=period.key)
    try:
        with transaction.atomic():
            earlier = Sheet.objects.select_for_update().filter(code=code, region=region, period=period.key)
            if earlier.filter(sent_at__isnull=True).exists():
                raise Conflict(Problem("outputs.sheet_stands"))
            issue = (earlier.aggregate(last=Max("issue"))["last"] or 0) + 1
            made = Sheet.objects.create(
                version=version,
                code=code,
                region=region,
                period=period.key,
                issue=issue,
                made_by_id=user_id_of(actor),
                made_at=now(),
            )
            _record(actor, "outputs.sheet_made", made)
    except (
        IntegrityError
    ) as error:  # of two at once the other was faster; there is no row to lock before the first
        raise Conflict(Problem("outputs.sheet_stands")) from error
    return made


def confirm(actor: Actor, sheet_id: int, row_code: str, seen: str, note: str = "") -> Item:
    """Stand for the value of an item as the person has seen it.

    Raises NotFound, PermissionDenied, Conflict (sent), InvalidInput (nothing there, or another value by now).
    """
    with transaction.atomic():
        page, row = _open(actor, sheet_id, row_code)
        line = _line(page, row)
        if row.kind == "text":
            value = ""
            if not line.text:
                raise refuse("outputs.nothing_to_confirm", column="value")
        else:
            current = line.now if line.now is not None else line.value
            if not current:
                raise refuse("outputs.nothing_to_confirm", column="value")
            if current != seen:
                raise refuse("outputs.changed_meanwhile", column="value", now=current)
            value = current
        _clean(note)
        source_mark, origin = _source_of(line)
        item, _made = Item.objects.update_or_create(
            sheet=page.sheet,
            row=row.code,
            defaults={
                "value": value,
                "origin": origin,
                "mark": source_mark,
                "note": note.strip()[:255],
                "confirmed_by_id": user_id_of(actor),
                "confirmed_at": now(),
            },
        )
        after = {"row": row.code, "value": value, "source": source_mark}
        _record(actor, "outputs.confirmed", page.sheet, after)
    return item


def answer(
    actor: Actor, sheet_id: int, row_code: str, text: str, note: str = "", files: Sequence[Upload] = ()
) -> Item:
    """Write the text of an item that asks for one; whoever writes it stands for it.

    Raises NotFound, PermissionDenied, Conflict (sent), InvalidInput (a figure, or no text).
    """
    with transaction.atomic():
        page, row = _open(actor, sheet_id, row_code)
        if row.kind != "text":
            raise refuse("outputs.not_a_text", column="text")
        if not text.strip():
            raise refuse("outputs.text_missing", column="text")
        if len(text.strip()) > LONGEST_TEXT:
            raise refuse("outputs.text_too_long", column="text", most=LONGEST_TEXT)
        _clean(text, note)
        item, _made = Item.objects.update_or_create(
            sheet=page.sheet,
            row=row.code,
            defaults={
                "text": text.strip(),
                "note": note.strip()[:255],
                "origin": "text",
                "confirmed_by_id": user_id_of(actor),
                "confirmed_at": now(),
            },
        )
        _record(actor, "outputs.answered", page.sheet, {"row": row.code, "length": len(text.strip())})
        _keep(actor, page.sheet, item, files)
    return item


def add_evidence(actor: Actor, sheet_id: int, row_code: str, files: Sequence[Upload]) -> Item:
    """Put files beside an item. Raises NotFound, PermissionDenied, Conflict (sent), InvalidInput (a bad file)."""
    with transaction.atomic():
        page, row = _open(actor, sheet_id, row_code)
        item, _made = Item.objects.get_or_create(sheet=page.sheet, row=row.code)
        _keep(actor, page.sheet, item, files)
    return item


def send(actor: Actor, sheet_id: int) -> Sheet:
    """Say that the sheet was sent out: every item is frozen as it stands; a correction is a further issue.

    Whoever confirmed or answered an item does not send it; where nobody did, nor does who made the sheet.
    Raises NotFound, PermissionDenied, Conflict (sent already, or by one's own hand).
    """
    with transaction.atomic():
        page = _page(actor, sheet_id)
        sent = page.sheet
        if queries.own_hand(actor, sent):
            raise Conflict(Problem("outputs.own_hand"))
        sent.frozen = {"lines": queries.as_sent(actor, sent)}
        sent.facts_upto = states_behind((line.origin, line.mark) for line in page.lines)
        sent.sent_by_id, sent.sent_at = user_id_of(actor), now()
        sent.save(update_fields=["frozen", "facts_upto", "sent_by", "sent_at"])
        counts = {status.value: count for status, count in page.counts.items()}
        _record(actor, "outputs.sent", sent, {"items": counts})
    return sent


def export(actor: Actor, sheet_id: int, extension: str, language: Language) -> tuple[bytes, str]:
    """The file of a sheet with its name: who took it out when, and how many rows it has, stand on it.

    Provisional values say so. Raises NotFound.
    """
    if extension not in FORMATS:
        raise NotFound(extension, "file")
    page = queries.sheet_page(actor, sheet_id, leaving=True, language=language)
    with transaction.atomic():
        Sheet.objects.filter(pk=page.sheet.pk).update(exports=F("exports") + 1)
        after = {"format": extension, "language": language, "rows": len(page.lines)}
        entry = _record(actor, "outputs.exported", page.sheet, after)
        moment = timezone.localtime(now()).isoformat(timespec="seconds")
        with speaking(language):
            mark = watermark(actor, moment, entry.sequence)
        content = FORMATS[extension](SheetWriter(page, language, mark).document())
    layout = page.sheet.version.layout
    name = f"{page.sheet.region.name}_{page.sheet.period}_{layout.name(language)}.{extension}"
    return content, name.replace("/", "／")


# --- inside


def _page(actor: Actor, sheet_id: int) -> SheetPage:
    """The page of a sheet that is locked and still open, for somebody who may fill it in."""
    queries.get_sheet(actor, sheet_id)
    locked = (
        Sheet.objects.select_for_update(of=("self",))
        .select_related("region__tree", "version", "made_by")
        .get(pk=sheet_id)
    )
    if not any(actor.can(right, locked.region_id) for right in queries.FILLERS):
        raise PermissionDenied(Permission.RUNS_PREPARE)
    if locked.sent_at is not None:
        raise Conflict(Problem("outputs.closed"))
    return queries.page_of(actor, locked)


def _open(actor: Actor, sheet_id: int, row_code: str) -> tuple[SheetPage, Row]:
    page = _page(actor, sheet_id)
    row = page.sheet.version.layout.row(row_code)
    if row is None:
        raise refuse("outputs.no_such_row", item=row_code[:60])
    return page, row


def _line(page: SheetPage, row: Row) -> Line:
    return next(line for line in page.lines if line.row.code == row.code)


def _source_of(line: Line) -> tuple[str, str]:
    """What the value rests on now, not what an earlier confirmation rested on."""
    if line.row.kind == "text":
        return "", Origin.TEXT.value
    return line.source_mark, line.source_origin.value


def _keep(actor: Actor, sheet_: Sheet, item: Item, files: Sequence[Upload]) -> None:
    for name, blocks in files:
        stored = receive(actor, blocks, name, purpose=PURPOSE, accepted=EVIDENCE, region_id=sheet_.region_id)
        Evidence.objects.create(item=item, file=stored)
        after = {"row": item.row, "file": stored.pk, "sha256": stored.sha256}
        _record(actor, "outputs.evidence_added", sheet_, after)


def _clean(*texts: str) -> None:
    """Office files cannot hold control characters, and nobody types them on purpose."""
    for text in texts:
        if unprintable(text, kept="\r\n"):
            raise refuse("outputs.control_characters", column="text")


def _record(
    actor: Actor, action: str, sheet_: Sheet, after: Mapping[str, object] | None = None
) -> AuditEntry:
    known = {"layout": sheet_.code, "period": sheet_.period, "issue": sheet_.issue}
    return record(
        actor,
        action,
        target_type="output_sheet",
        target_id=sheet_.pk,
        region_id=sheet_.region_id,
        after={**known, **(after or {})},
    )
