"""A bulletin as an official Word document.

Layout after GB/T 9704-2012: A4, 37 mm above and 28 mm left of a text area of 156 × 225 mm, 22 lines of 28
characters by document grid, size-3 仿宋 body, 黑体 first-level headings, red issuing mark and line, page
numbers outside with a dash on each side.
"""

from __future__ import annotations

import io

from docx import Document as new_document
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor, Twips
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from jingtu.assessment.bulletins.content import Bulletin, Chart, Heading, Note, Paragraph, Table
from jingtu.assessment.bulletins.word_chart import add_bar_chart

BODY, HEI, KAI, SONG, MARK = "仿宋", "黑体", "楷体", "宋体", "方正小标宋简体"
LATIN = "Times New Roman"
# Where a font is missing, the reader's Word takes these instead.
FALLBACKS = {BODY: "仿宋_GB2312", KAI: "楷体_GB2312", MARK: "宋体", HEI: "SimHei", SONG: "SimSun"}
SIZE_2, SIZE_3, SIZE_4, SIZE_5 = Pt(22), Pt(16), Pt(14), Pt(10.5)
RED = RGBColor(0xE6, 0x00, 0x12)
TEXT_WIDTH = Mm(156)
LONGEST_PROPERTY = 255  # letters; the file format holds no more
# 225 mm for 22 lines; 156 mm for 28 characters (offset from the size-3 width, in 1/4096 of a point).
LINE_PITCH_TWIPS = int(225 / 22 * 1440 / 25.4)  # rounded down, or 22 lines would not fit
CHARACTER_OFFSET = round((156 / 28 * 72 / 25.4 - 16) * 4096)
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}


def render(bulletin: Bulletin) -> bytes:
    """The .docx file."""
    document = new_document()
    _page(document)
    _fonts(document)
    _masthead(document, bulletin)
    chart_count = 0
    for block in bulletin.blocks:
        if isinstance(block, Heading):
            _write(document, block.text, font=HEI if block.level == 1 else KAI, indent=True, keep=True)
        elif isinstance(block, Paragraph):
            _write(document, block.text, indent=block.indent, align=block.align)
        elif isinstance(block, Table):
            _table(document, block, bulletin.note_label)
        elif isinstance(block, Chart):
            chart_count += 1
            paragraph = document.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _single_spaced(paragraph)
            add_bar_chart(document, paragraph, block, Emu(TEXT_WIDTH), chart_count)
    notes = [block.text for block in bulletin.blocks if isinstance(block, Note)]
    for number, text in enumerate(notes, start=1):
        _write(document, f"{number}. {text}", indent=True, size=SIZE_4)
    _signature(document, bulletin)
    document.core_properties.title = bulletin.title[:LONGEST_PROPERTY]
    document.core_properties.author = bulletin.issuer[:LONGEST_PROPERTY]
    document.core_properties.language = "zh-CN" if bulletin.language == "zh" else "en"
    document.core_properties.comments = bulletin.running_foot[:LONGEST_PROPERTY]
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.left_margin = Mm(37), Mm(28)
    section.right_margin, section.bottom_margin = Mm(26), Mm(35)
    section.footer_distance = Mm(23)  # the dash stands 7 mm below the text area
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(LINE_PITCH_TWIPS))
    grid.set(qn("w:charSpace"), str(CHARACTER_OFFSET))
    document.settings.odd_and_even_pages_header_footer = True
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = _ALIGN[align]
        indent = paragraph.paragraph_format
        if align == "right":
            indent.right_indent = SIZE_4
        else:
            indent.left_indent = SIZE_4
        _run(paragraph, "— ", SONG, SIZE_4)
        _field(paragraph, "PAGE")
        _run(paragraph, " —", SONG, SIZE_4)


def _fonts(document: Document) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, SIZE_3
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), BODY)
    fonts.set(qn("w:hAnsi"), LATIN)
    format_ = style.paragraph_format
    format_.space_before = format_.space_after = Pt(0)
    format_.line_spacing = 1.0
    for relation in document.part.rels.values():
        if relation.reltype == RT.FONT_TABLE:
            part = relation.target_part
            table = parse_xml(part.blob)
            for name, other in FALLBACKS.items():
                font = OxmlElement("w:font")
                font.set(qn("w:name"), name)
                alternative = OxmlElement("w:altName")
                alternative.set(qn("w:val"), other)
                font.append(alternative)
                table.append(font)
            from lxml import etree

            part._blob = etree.tostring(table, xml_declaration=True, encoding="UTF-8", standalone=True)


def _masthead(document: Document, bulletin: Bulletin) -> None:
    if bulletin.fictional_notice:
        _write(document, bulletin.fictional_notice, font=KAI, size=SIZE_5, align="center", color=RED)
    mark = _write(
        document,
        bulletin.issuer,
        font=MARK,
        size=Pt(36 if len(bulletin.issuer) <= 12 else 26),
        align="center",
        color=RED,
    )
    mark.paragraph_format.space_before = Mm(18)
    _single_spaced(mark)
    number = _write(document, bulletin.number, align="center")
    number.paragraph_format.space_before = Twips(2 * LINE_PITCH_TWIPS)
    _rule(number, "E60012", 12, 4 * 72 / 25.4)
    title = _write(document, bulletin.title, font=MARK, size=SIZE_2, align="center")
    title.paragraph_format.space_before = Twips(2 * LINE_PITCH_TWIPS)
    title.paragraph_format.space_after = Twips(LINE_PITCH_TWIPS)
    _write(document, bulletin.recipient)


def _signature(document: Document, bulletin: Bulletin) -> None:
    # Name and date right, the date 4 characters from the edge, both kept on the page of the last text.
    last = list(document.iter_inner_content())[-1]
    if isinstance(last, WordParagraph):
        last.paragraph_format.keep_with_next = True
    for text in (bulletin.signature, bulletin.date):
        paragraph = _write(document, text, align="right", keep=text == bulletin.signature)
        paragraph.paragraph_format.right_indent = 4 * SIZE_3
        if text == bulletin.signature:
            paragraph.paragraph_format.space_before = Twips(2 * LINE_PITCH_TWIPS)
    if bulletin.distribution:
        end = "。" if bulletin.language == "zh" else "."
        paragraph = _write(document, f"{bulletin.copies_label}{bulletin.distribution}{end}", size=SIZE_4)
        paragraph.paragraph_format.space_before = Twips(LINE_PITCH_TWIPS)
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = SIZE_4
        _rule(paragraph, "000000", 8, 2, top=True)
    foot = _write(document, bulletin.running_foot, size=SIZE_5)
    foot.paragraph_format.left_indent = SIZE_4
    _rule(foot, "000000", 8, 2)


def _write(
    document: Document,
    text: str,
    *,
    font: str = BODY,
    size: Pt = SIZE_3,
    align: str = "left",
    indent: bool = False,
    keep: bool = False,
    color: RGBColor | None = None,
) -> WordParagraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = _ALIGN[align]
    if indent:
        paragraph.paragraph_format.first_line_indent = 2 * size
    paragraph.paragraph_format.keep_with_next = keep
    _run(paragraph, text, font, size, color)
    return paragraph


def _run(paragraph: WordParagraph, text: str, font: str, size: Pt, color: RGBColor | None = None) -> Run:
    run = paragraph.add_run(text)
    run.font.size = size
    run.font.name = LATIN
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if color is not None:
        run.font.color.rgb = color
    return run


def _field(paragraph: WordParagraph, code: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        run = _run(paragraph, "", SONG, SIZE_4)
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = text
            run._r.append(instruction)


def _rule(
    paragraph: WordParagraph, color: str, eighths: int, space_points: float, *, top: bool = False
) -> None:
    borders = OxmlElement("w:pBdr")
    edge = OxmlElement("w:top" if top else "w:bottom")
    edge.set(qn("w:val"), "single")
    edge.set(qn("w:sz"), str(eighths))
    edge.set(qn("w:space"), str(round(space_points)))
    edge.set(qn("w:color"), color)
    borders.append(edge)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _single_spaced(paragraph: WordParagraph) -> None:
    """Tables and charts do not snap to the document grid."""
    snap = OxmlElement("w:snapToGrid")
    snap.set(qn("w:val"), "0")
    paragraph._p.get_or_add_pPr().insert_element_before(snap, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _table(document: Document, block: Table, note_label: str) -> None:
    caption = _write(document, block.caption, font=HEI, size=SIZE_4, align="center", keep=True)
    caption.paragraph_format.space_before = Pt(8)
    table = document.add_table(rows=1, cols=len(block.columns))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    whole = sum(column.width for column in block.columns)
    widths = [Emu(round(TEXT_WIDTH * column.width / whole)) for column in block.columns]
    size = SIZE_5 if len(block.columns) > 6 else Pt(12)
    for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
        _fill(cell.paragraphs[0], column.title, HEI, size, "center")
    _repeat_header(table.rows[0]._tr)
    for row in block.rows:
        word_row = table.add_row()
        word_row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, column, value in zip(word_row.cells, block.columns, row, strict=True):
            paragraph = cell.paragraphs[0]
            if value.url:
                _link(document, paragraph, value.text, value.url, size, column.align)
            else:
                _fill(paragraph, value.text, BODY, size, column.align)
    for word_row in table.rows:
        for cell, width in zip(word_row.cells, widths, strict=True):
            cell.width = width
    if block.note:
        _write(document, note_label + block.note, size=SIZE_5)


def _fill(paragraph: WordParagraph, text: str, font: str, size: Pt, align: str) -> None:
    paragraph.alignment = _ALIGN[align]
    _single_spaced(paragraph)
    _run(paragraph, text, font, size)


def _link(document: Document, paragraph: WordParagraph, text: str, url: str, size: Pt, align: str) -> None:
    paragraph.alignment = _ALIGN[align]
    _single_spaced(paragraph)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), document.part.relate_to(url, RT.HYPERLINK, is_external=True))
    link.append(_run(paragraph, text, BODY, size, RGBColor(0x1F, 0x4E, 0x79))._r)
    paragraph._p.append(link)


def _repeat_header(row: object) -> None:
    properties = row.get_or_add_trPr()  # type: ignore[attr-defined]
    header = OxmlElement("w:tblHeader")
    properties.append(header)
