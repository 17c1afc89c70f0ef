"""Text as people's computers save it: which encoding, which separators, which rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path
from typing import BinaryIO

from jingtu.engine.problems import refuse, register_texts

_BLOCK = 1 << 20
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")

register_texts(
    {
        "file.encoding": (
            "文件既不是UTF-8也不是GB18030编码的文本，请另存为“CSV UTF-8”",
            'the file is neither UTF-8 nor GB18030 text; save it as "CSV UTF-8"',
        ),
        "file.empty": ("文件没有内容", "the file is empty"),
        "file.no_such_file": ("找不到文件“{path}”", 'there is no file "{path}"'),
        "file.header_missing": (
            "缺少“{column}”列；表头现有：{found}",
            'the column "{column}" is missing; the header has: {found}',
        ),
        "file.header_repeated": (
            "表头“{column}”出现了不止一次",
            'the header "{column}" occurs more than once',
        ),
        "file.csv_broken": ("CSV格式有误：{reason}", "the CSV text is broken: {reason}"),
    }
)


def read_bytes(source: str | Path | bytes) -> bytes:
    """The content of a path, or bytes as they are; InvalidInput when there is no such file."""
    if isinstance(source, bytes):
        return source
    try:
        return Path(source).read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise refuse("file.no_such_file", path=str(source)) from None


def decode(data: bytes) -> str:
    """UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030; InvalidInput for anything else."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise refuse("file.encoding")


def encoding_of(stream: BinaryIO) -> str:
    """``utf-16`` (by its mark), ``utf-8-sig`` or ``gb18030``, whichever decodes the whole stream.

    Reads block by block. InvalidInput for what holds control characters, which no text does.
    """
    start = stream.tell()
    marked = stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for name in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        stream.seek(start)
        if _decodes(stream, name):
            return name
    raise refuse("file.encoding")


def _decodes(stream: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := stream.read(_BLOCK):
            if encoding != "utf-16" and _CONTROL.search(block):
                return False
            if "\x00" in decoder.decode(block):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def read_table(source: str | Path | bytes) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a small CSV; the separator (comma, semicolon, tab) is told by the header.

    Rows keep their order, so the row of index ``i`` is row ``i + 2`` of the file; blank lines
    come back as empty lists.
    """
    text = decode(read_bytes(source))
    if not text.strip():
        raise refuse("file.empty")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise refuse("file.csv_broken", row=reader.line_num, reason=str(error)) from None
    header = [cell.strip() for cell in rows[0]]
    named = [name for name in header if name]
    for name in named:
        if named.count(name) > 1:
            raise refuse("file.header_repeated", column=name)
    return header, rows[1:]


def separator_of(text: str) -> str:
    """The separator the first line uses most."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)
