"""What a file is, told by its content; its name is never believed.

An archive (a spreadsheet is one) is walked through entry by entry before anything parses it: how far it
expands, how many parts it has, whether it hides another archive, a macro or an external entity.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from jingtu.core.files import pictures
from jingtu.engine.problems import InvalidInput, refuse, register_texts
from jingtu.engine.textfile import encoding_of

register_texts(
    {
        "files.empty": (
            "文件是空的，请检查后重新上传。",
            "The file is empty. Check it and upload it again.",
        ),
        "files.too_large": (
            "文件超过 {limit_mb} MB 上限，请拆分后分批上传。",
            "The file exceeds the limit of {limit_mb} MB. Split it and upload the parts.",
        ),
        "files.unknown_type": (
            "内容既不是文本表格（CSV）也不是 Excel 工作簿（.xlsx），请另存为其中一种后上传。",
            "The content is neither a text table (CSV) nor an Excel workbook (.xlsx). "
            "Save it as one of them and upload that.",
        ),
        "files.name_contradicts_content": (
            "文件名以“{suffix}”结尾，内容却是 {kind}。请按实际格式命名或另存后上传。",
            "The name ends in “{suffix}” but the content is {kind}. Rename or save it in its real format.",
        ),
        "files.not_accepted_here": (
            "此处不接收 {kind} 文件，可接收：{accepted}。",
            "{kind} files are not accepted here; accepted: {accepted}.",
        ),
        "files.broken_archive": (
            "工作簿已损坏，无法打开。请用 Excel 或 WPS 打开后另存再上传。",
            "The workbook is damaged. Open it in Excel or WPS, save it again and upload that.",
        ),
        "files.archive_bomb": (
            "压缩内容展开后过大（上限 {limit_mb} MB），为安全起见不予打开。",
            "The packed content expands too far (limit {limit_mb} MB); for safety it is not opened.",
        ),
        "files.archive_inside": (
            "工作簿内含有另一个压缩包或嵌入文件（{entry}），请删除后再上传。",
            "The workbook contains another archive or an embedded file ({entry}). Remove it and upload again.",
        ),
        "files.macro": (
            "工作簿含有宏，不予接收。请另存为不带宏的 .xlsx。",
            "The workbook contains macros and is refused. Save it as .xlsx without macros.",
        ),
        "files.external_entity": (
            "工作簿的 {entry} 部分含有外部实体声明，不予打开。",
            "Part {entry} of the workbook declares external entities and is not opened.",
        ),
    }
)

MEGABYTE = 1024 * 1024
MAX_ENTRIES = 2_000
MAX_RATIO = 200  # a sheet of repeated values packs 60–100 to 1; bombs pack above 1,000
RATIO_MATTERS_FROM = 4 * MEGABYTE
CHUNK = 256 * 1024

_ARCHIVE_SUFFIXES = (".zip", ".xlsx", ".xlsm", ".xlsb", ".docx", ".pptx", ".gz", ".7z", ".rar", ".bin")
_ENTITY_MARKS = tuple(
    word.encode(encoding)
    for word in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)
_SHEET = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


EVIDENCE = ("pdf", "docx", "xlsx", "csv", "jpeg", "png")
"""What may be handed in to prove something; photographs too, since townships take them on a phone."""
EVIDENCE_ACCEPT = ".pdf,.docx,.xlsx,.csv,.jpg,.jpeg,.png"
"""The same for the file box of a form. A phone turns its own HEIC pictures into JPEG for it."""


@dataclass(frozen=True)
class Detected:
    """``kind``: csv, xlsx, docx, pdf, jpeg or png. ``encoding`` is set for text, by its Python name."""

    kind: str
    encoding: str = ""


def detect(path: Path, limit_bytes: int) -> Detected:
    """What the file at ``path`` is. ``limit_bytes`` bounds what an archive may expand to.

    Raises InvalidInput for an empty, unknown, damaged or dangerous file.
    """
    with path.open("rb") as stream:
        head = stream.read(12)
        if not head:
            raise refuse("files.empty")
        if head.startswith(b"PK\x03\x04"):
            return Detected(_inspect_archive(path, limit_bytes))
        if head.startswith(b"%PDF-"):
            return Detected("pdf")
        if (picture := pictures.kind_of(head)) is not None:
            return Detected(picture)
        stream.seek(0)
        return Detected("csv", text_encoding(stream))


def text_encoding(stream: BinaryIO) -> str:
    """``utf-8-sig``, ``gb18030`` or ``utf-16``, whichever decodes the whole stream; refuses binary content."""
    try:
        return encoding_of(stream)
    except InvalidInput:
        raise refuse("files.unknown_type") from None


def check_name(name: str, kind: str) -> None:
    """Refuse a name whose ending claims another format than the content has."""
    suffix = Path(name).suffix.lower()
    if kind == "csv":
        fits = suffix in {"", ".csv", ".txt", ".tsv"}
    elif kind == "jpeg":
        fits = suffix in {".jpg", ".jpeg"}
    else:
        fits = suffix == f".{kind}"
    if not fits:
        raise refuse("files.name_contradicts_content", suffix=suffix or name, kind=kind.upper())


def _inspect_archive(path: Path, limit_bytes: int) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            return _walk(archive, path.stat().st_size, limit_bytes)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise refuse("files.broken_archive") from error


def _walk(archive: zipfile.ZipFile, packed: int, limit_bytes: int) -> str:
    entries = archive.infolist()
    bomb = refuse("files.archive_bomb", limit_mb=limit_bytes // MEGABYTE)
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > limit_bytes:
        raise bomb
    names = {entry.filename for entry in entries}
    if len(names) != len(entries):
        raise refuse("files.broken_archive")
    types = b""
    total = 0
    for entry in entries:
        lowered = entry.filename.lower()
        if "vba" in lowered:
            raise refuse("files.macro")
        if lowered.endswith(_ARCHIVE_SUFFIXES) and not lowered.startswith("xl/printersettings/"):
            raise refuse("files.archive_inside", entry=entry.filename)
        size = 0
        tail = b""
        for block in _blocks(archive, entry):
            if size == 0 and block.startswith(b"PK\x03\x04"):
                raise refuse("files.archive_inside", entry=entry.filename)
            size += len(block)
            total += len(block)
            # The declared sizes may lie, so what really comes out is counted as well.
            if total > limit_bytes or (size > RATIO_MATTERS_FROM and size > MAX_RATIO * packed):
                raise bomb
            if lowered.endswith((".xml", ".rels", ".vml")):
                window = tail + block
                if any(mark in window for mark in _ENTITY_MARKS):
                    raise refuse("files.external_entity", entry=entry.filename)
                tail = block[-32:]
            if lowered == "[content_types].xml":
                types += block
    return _office_kind(types, names, archive)


def _blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as stream:
        while block := stream.read(CHUNK):
            yield block


def _office_kind(types: bytes, names: set[str], archive: zipfile.ZipFile) -> str:
    if b"macroEnabled" in types:
        raise refuse("files.macro")
    main = {_SHEET: ("xlsx", "xl/workbook.xml"), _WORD: ("docx", "word/document.xml")}
    for content_type, (kind, part) in main.items():
        if content_type in types and part in names:
            for small in ("[Content_Types].xml", "_rels/.rels"):
                _parses(archive, small)
            return kind
    raise refuse("files.unknown_type")


def _parses(archive: zipfile.ZipFile, part: str) -> None:
    try:
        ElementTree.fromstring(archive.read(part), forbid_dtd=True)
    except DefusedXmlException as error:
        raise refuse("files.external_entity", entry=part) from error
    except (ParseError, KeyError) as error:
        raise refuse("files.broken_archive") from error


__all__ = [
    "EVIDENCE",
    "EVIDENCE_ACCEPT",
    "MEGABYTE",
    "Detected",
    "InvalidInput",
    "check_name",
    "detect",
    "text_encoding",
]
