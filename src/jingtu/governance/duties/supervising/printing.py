"""A notice by the official layout, and the list on its way out."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from jingtu.assessment.bulletins import pdf, word
from jingtu.assessment.bulletins.content import Block, Bulletin, Heading, Note, Paragraph
from jingtu.core.audit.exporting import Outgoing
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.notation import chinese_day

from .models import Supervision
from .queries import NoticeFilter, get_notice, notices
from .rules import NoticeState
from .words import STATES, SUBJECTS

FORMATS: dict[str, Callable[[Bulletin], bytes]] = {"docx": word.render, "pdf": pdf.render}
INVENTED = "虚构示范数据：本文所涉地区、名称和数字均为虚构"
SUBJECT_WORDS = {"task": "任务", "indicator": "指标", "matter": "事项"}


def composed(notice: Supervision) -> Bulletin:
    """The notice as the writers of official documents print it."""
    issued = localtime(notice.issued_at).date() if notice.issued_at else None
    blocks: list[Block] = [Heading("一、督办事项"), Paragraph(notice.title)]
    if notice.label and notice.label != notice.title:
        blocks.append(Paragraph(f"所涉{SUBJECT_WORDS[notice.subject]}：{notice.label}"))
    blocks.append(Heading("二、工作要求"))
    blocks += [Paragraph(line.strip()) for line in notice.text.splitlines() if line.strip()]
    blocks.append(Heading("三、答复要求"))
    blocks.append(
        Paragraph(
            f"请于{chinese_day(notice.first_due)}前书面答复办理情况，并附证明材料。逾期未答复的，予以通报。"
        )
    )
    if notice.state == NoticeState.WITHDRAWN:
        blocks.append(Note("本督办件已撤回。"))
    return Bulletin(
        language="zh",
        issuer=notice.issuer,
        number=notice.number,
        title=f"关于“{notice.title}”的督办通知",
        recipient=f"{notice.addressee}：",
        blocks=tuple(blocks),
        signature=notice.issuer,
        date=chinese_day(issued) if issued else "（未下达）",
        distribution="",
        fictional_notice=INVENTED if notice.region.tree.fictional else "",
        running_foot=f"督办第{notice.pk}号",
    )


def printed(actor: Actor, notice_id: int, extension: str) -> tuple[str, bytes]:
    """The file's name and content; that it was printed is recorded. Raises NotFound."""
    notice = get_notice(actor, notice_id)
    if extension not in FORMATS:
        raise NotFound(extension)
    content = FORMATS[extension](composed(notice))
    record(
        actor,
        "supervising.printed",
        target_type="supervision",
        target_id=notice.pk,
        region_id=notice.place_id,
        after={"format": extension},
    )
    return f"督办通知_{notice.number or notice.pk}.{extension}", content


def notices_table(actor: Actor, wanted: NoticeFilter) -> Outgoing:
    """The notices of a list."""
    found = notices(actor, wanted)
    header = (
        _("编号"),
        _("文号"),
        _("类别"),
        _("督办事项"),
        _("被督办的地区或单位"),
        _("督办机关"),
        _("状态"),
        _("答复期限"),
        _("答复日期"),
    )
    rows = (
        (
            notice.pk,
            notice.number,
            str(SUBJECTS[notice.subject]),
            notice.title,
            notice.addressee,
            notice.issuer,
            str(STATES[notice.state]),
            notice.due.isoformat(),
            notice.answered_on.isoformat() if notice.answered_on else "",
        )
        for notice in found.iterator(chunk_size=500)
    )
    scope = "，".join(word for word in (wanted.state, wanted.subject, wanted.text) if word)
    fictional = found.filter(region__tree__fictional=True).exists()
    return Outgoing(_("督办"), header, rows, found.count(), scope, fictional)
