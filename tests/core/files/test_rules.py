"""A file is what its content says, and nothing dangerous is opened."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from jingtu.core.files.rules import check_name, detect
from jingtu.engine.problems import InvalidInput

LIMIT = 20 * 1024 * 1024


def workbook_bytes(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with one more (or replaced) part."""
    source = zipfile.ZipFile(io.BytesIO(content))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            if entry.filename != name:
                target.writestr(entry.filename, source.read(entry.filename))
        target.writestr(name, part)
    return stream.getvalue()


def refusal(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        detect(path, LIMIT)
    return caught.value.problems[0].code


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"region,value\n01,3\n", "utf-8-sig"),
        ("\ufeff区划,数值\n01,3\n".encode(), "utf-8-sig"),
        ("区划,数值\n01,3\n".encode("gb18030"), "gb18030"),
    ],
)
def test_text_tables_are_recognised_in_both_encodings(tmp_path, content, encoding):
    path = tmp_path / "file"
    path.write_bytes(content)
    found = detect(path, LIMIT)
    assert (found.kind, found.encoding) == ("csv", encoding)


def test_a_workbook_is_recognised_by_its_parts(tmp_path):
    path = tmp_path / "no-ending"
    path.write_bytes(workbook_bytes([["a", 1]]))
    assert detect(path, LIMIT).kind == "xlsx"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "files.empty"),
        (b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 64, "files.unknown_type"),
        (b"GIF89a\x01\x00\xff\xfe", "files.unknown_type"),
        (b"MZ\x90\x00", "files.unknown_type"),
        (b"PK\x03\x04 not really", "files.broken_archive"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content, code):
    assert refusal(tmp_path, content) == code


def test_an_ordinary_zip_is_not_a_workbook(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refusal(tmp_path, stream.getvalue()) == "files.unknown_type"


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path):
    bomb = with_part(workbook_bytes([["a"]]), "xl/worksheets/sheet9.xml", b" " * (LIMIT + 1))
    assert refusal(tmp_path, bomb) == "files.archive_bomb"


def test_an_archive_that_expands_beyond_reason_is_refused_even_below_the_limit(tmp_path):
    bomb = with_part(workbook_bytes([["a"]]), "xl/worksheets/sheet9.xml", b" " * (15 * 1024 * 1024))
    assert refusal(tmp_path, bomb) == "files.archive_bomb"


def test_too_many_parts_are_refused(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(2_001):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", "")
    assert refusal(tmp_path, stream.getvalue()) == "files.archive_bomb"


@pytest.mark.parametrize(
    ("name", "part", "code"),
    [
        ("xl/vbaProject.bin", b"x", "files.macro"),
        ("xl/embeddings/inner.xlsx", b"PK\x03\x04", "files.archive_inside"),
        ("xl/media/picture.png", b"PK\x03\x04 hidden archive", "files.archive_inside"),
        ("xl/worksheets/sheet1.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "files.external_entity"),
        (
            "xl/worksheets/sheet1.xml",
            '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16"),
            "files.external_entity",
        ),
        (
            "xl/sharedStrings.xml",
            b" " * (256 * 1024 - 4) + b"<!DOCTYPE x>",
            "files.external_entity",
        ),
    ],
)
def test_hostile_parts_are_refused(tmp_path, name, part, code):
    assert refusal(tmp_path, with_part(workbook_bytes([["a"]]), name, part)) == code


def test_a_macro_workbook_is_refused_by_its_declared_type(tmp_path):
    plain = workbook_bytes([["a"]])
    types = zipfile.ZipFile(io.BytesIO(plain)).read("[Content_Types].xml")
    macro = types.replace(
        b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
    )
    assert refusal(tmp_path, with_part(plain, "[Content_Types].xml", macro)) == "files.macro"


@pytest.mark.parametrize(
    ("name", "kind"), [("a.csv", "csv"), ("a.TXT", "csv"), ("a.xlsx", "xlsx"), ("a", "csv")]
)
def test_honest_names_pass(name, kind):
    check_name(name, kind)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.xlsx", "csv"), ("a.csv", "xlsx"), ("a.xls", "xlsx"), ("a.pdf", "csv")]
)
def test_a_name_that_contradicts_the_content_is_refused(name, kind):
    with pytest.raises(InvalidInput) as caught:
        check_name(name, kind)
    assert caught.value.problems[0].code == "files.name_contradicts_content"
