"""A letter by the official layout: the same text on screen, in Word and in PDF, with its hash and its signature line."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.timezone import localtime

from jingtu.assessment.bulletins import pdf, word
from jingtu.assessment.bulletins.content import Block, Bulletin, Cell, Column, Heading, Note, Paragraph, Table
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.notation import chinese_day

from .models import Letter
from .queries import get_letter
from .rules import LetterState

FORMATS: dict[str, Callable[[Bulletin], bytes]] = {"docx": word.render, "pdf": pdf.render}
FIRST = re.compile(r"[一二三四五六七八九十]+、|[IVX]+\. ")
SECOND = re.compile(r"（[一二三四五六七八九十]+）|\([IVX]+\) ")
INVENTED = "虚构示范数据：本文所涉地区、名称和数字均为虚构"
INVENTED_EN = "Fictional demonstration data: places, names and figures are invented"
READING_COPY = (
    "Translation for reading only. The Chinese text alone is the letter: it alone is signed, and it holds wherever the two "
    "differ."
)
LONGEST_HEADING = 60


def blocks_of(body: str) -> list[Block]:
    """The text as headings, paragraphs, and tables where lines hold cells parted by tabs."""
    found: list[Block] = []
    rows: list[list[str]] = []

    def close() -> None:
        if rows:
            found.append(_table(rows, len(found)))
            rows.clear()

    for line in body.splitlines():
        if "\t" in line:
            rows.append(line.split("\t"))
            continue
        close()
        text = line.strip()
        if not text:
            continue
        if FIRST.match(text) and len(text) <= LONGEST_HEADING:
            found.append(Heading(text))
        elif SECOND.match(text) and len(text) <= LONGEST_HEADING:
            found.append(Heading(text, 2))
        else:
            found.append(Paragraph(text))
    close()
    return found


def _table(rows: list[list[str]], number: int) -> Table:
    width = max(len(row) for row in rows)
    filled = [row + [""] * (width - len(row)) for row in rows]
    head, rest = filled[0], filled[1:]
    return Table(
        f"table{number}",
        "目标任务表",
        tuple(Column(title, width=2.0 if index < 2 else 1.0) for index, title in enumerate(head)),
        tuple(tuple(Cell(text) for text in row) for row in rest),
    )


def signature_line(letter: Letter) -> str:
    """How it was signed, as it is printed."""
    if letter.signed_on is None:
        words = {LetterState.REFUSED: "拒签", LetterState.WITHDRAWN: "已撤回"}
        return f"签字人：{letter.signer_name}（{words.get(LetterState(letter.state), '未签')}）"
    day = chinese_day(letter.signed_on)
    if letter.scan_id is not None:
        return f"签字人：{letter.signer_name}（{day}纸质签字，扫描件存档）"
    assert letter.signed_at is not None
    moment = localtime(letter.signed_at)
    return f"签字人：{letter.signer_name}（{day}{moment:%H:%M}经身份验证在系统内签字）"


def composed(letter: Letter) -> Bulletin:
    """The letter as the writers of official documents print it."""
    issued = localtime(letter.issued_at).date() if letter.issued_at else None
    blocks = [*blocks_of(letter.body), Paragraph(signature_line(letter))]
    blocks.append(
        Note(f"正文校验码（SHA-256）：{letter.digest}。签字针对此校验码对应的正文，正文不再改动，变更另签。")
    )
    if letter.replaces_id is not None:
        blocks.append(Note(f"本责任书替换第{letter.replaces_id}号责任书。"))
    return Bulletin(
        language="zh",
        issuer=letter.issuer,
        number="",
        title=letter.title,
        recipient=f"{letter.recipient_name}：",
        blocks=tuple(blocks),
        signature=letter.issuer,
        date=chinese_day(issued) if issued else "（未下达）",
        distribution="",
        fictional_notice=INVENTED if letter.region.tree.fictional else "",
        running_foot=f"责任书第{letter.pk}号　校验码 {letter.digest[:16]}",
    )


def reading_copy(letter: Letter) -> Bulletin:
    """The English copy, which says on top that it is none to sign. Call only where the letter has one."""
    issued = localtime(letter.issued_at).date() if letter.issued_at else None
    title, _blank, body = letter.text_en.partition("\n")
    state = "not signed"
    if letter.signed_on is not None:
        way = "on paper" if letter.scan_id is not None else "in the system"
        state = f"the Chinese text was signed {way} on {letter.signed_on.isoformat()}"
    return Bulletin(
        language="en",
        issuer=letter.issuer,
        number="",
        title=title,
        recipient=f"To: {letter.recipient_name}",
        blocks=(
            Note(READING_COPY),
            *blocks_of(body),
            Paragraph(f"Signer: {letter.signer_name} ({state})"),
            Note(f"Hash (SHA-256) of the Chinese text: {letter.digest}"),
        ),
        signature=letter.issuer,
        date=issued.isoformat() if issued else "(not issued)",
        distribution="",
        fictional_notice=INVENTED_EN if letter.region.tree.fictional else "",
        running_foot=f"Letter no. {letter.pk}, translation for reading only",
    )


def printed(actor: Actor, letter_id: int, extension: str, language: str = "zh") -> tuple[str, bytes]:
    """The file's name and content; that it was printed is recorded. ``language`` en: the copy for reading.

    Raises NotFound, also for a letter without such a copy.
    """
    letter = get_letter(actor, letter_id)
    if extension not in FORMATS or language not in ("zh", "en") or (language == "en" and not letter.text_en):
        raise NotFound(extension)
    paper = composed(letter) if language == "zh" else reading_copy(letter)
    content = FORMATS[extension](paper)
    record(
        actor,
        "letters.printed",
        target_type="letter",
        target_id=letter.pk,
        region_id=letter.region_id,
        after={"format": extension, "language": language, "hash": letter.digest},
    )
    if language == "en":
        return f"letter-{letter.year}-{letter.pk}-translation.{extension}", content
    return f"{letter.year}_{letter.recipient_name}_责任书.{extension}", content
