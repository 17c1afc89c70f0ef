"""A native bar chart for Word: a DrawingML chart part with the workbook it was drawn from embedded in it.

python-docx has no charts; the parts are added through its package layer. Structure after ECMA-376 part 1,
chapter 21 (DrawingML charts).
"""

from __future__ import annotations

import io
from xml.sax.saxutils import escape

import xlsxwriter
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Emu, Mm
from docx.text.paragraph import Paragraph

from jingtu.assessment.bulletins.content import Chart

_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET = "Sheet1"


def add_bar_chart(
    document: Document, paragraph: Paragraph, chart: Chart, width: Emu, ordinal: int = 1
) -> None:
    """Draw ``chart`` inline in ``paragraph``; its numbers are cached in the chart and editable in the workbook."""
    package = document.part.package
    if package is None:
        raise ValueError("the document has no package")
    workbook = Part(PackURI(f"/word/embeddings/chart{ordinal}.xlsx"), _SHEET_TYPE, _workbook(chart), package)
    part = Part(PackURI(f"/word/charts/chart{ordinal}.xml"), _CHART_TYPE, b"", package)
    workbook_id = part.relate_to(workbook, RT.PACKAGE)
    part._blob = _chart_xml(chart, workbook_id).encode("utf-8")
    chart_id = document.part.relate_to(part, RT.CHART)
    height = Mm(max(60, 9 * len(chart.categories) + 22))
    run = paragraph.add_run()
    run._r.append(
        parse_xml(
            f"""<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
              xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
              xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
              xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"
              xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
              <wp:inline distT="0" distB="0" distL="0" distR="0">
                <wp:extent cx="{int(width)}" cy="{int(height)}"/>
                <wp:docPr id="{100 + ordinal}" name="Chart {ordinal}" descr="{escape(chart.title, {chr(34): "&quot;"})}"/>
                <wp:cNvGraphicFramePr/>
                <a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">
                  <c:chart r:id="{chart_id}"/>
                </a:graphicData></a:graphic>
              </wp:inline>
            </w:drawing>"""
        )
    )


def _workbook(chart: Chart) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet(_SHEET)
        sheet.write_string(0, 1, chart.series)
        for row, (category, value) in enumerate(zip(chart.categories, chart.values, strict=True), start=1):
            sheet.write_string(row, 0, category)
            sheet.write_number(row, 1, float(value))
    return buffer.getvalue()


def _chart_xml(chart: Chart, workbook_id: str) -> str:
    count = len(chart.categories)
    categories = "".join(
        f'<c:pt idx="{index}"><c:v>{escape(name)}</c:v></c:pt>' for index, name in enumerate(chart.categories)
    )
    values = "".join(
        f'<c:pt idx="{index}"><c:v>{value}</c:v></c:pt>' for index, value in enumerate(chart.values)
    )
    text = (
        '<a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="1000"/></a:pPr><a:endParaRPr lang="zh-CN"/></a:p>'
    )
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<c:roundedCorners val="0"/>
<c:chart>
<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="1200" b="0"/></a:pPr>
<a:r><a:rPr lang="zh-CN" sz="1200" b="0"/><a:t>{escape(chart.title)}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title>
<c:autoTitleDeleted val="0"/>
<c:plotArea><c:layout/>
<c:barChart><c:barDir val="bar"/><c:grouping val="clustered"/><c:varyColors val="0"/>
<c:ser><c:idx val="0"/><c:order val="0"/>
<c:tx><c:strRef><c:f>{_SHEET}!$B$1</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>{escape(chart.series)}</c:v></c:pt></c:strCache></c:strRef></c:tx>
<c:spPr><a:solidFill><a:srgbClr val="1F4E79"/></a:solidFill></c:spPr><c:invertIfNegative val="0"/>
<c:dLbls><c:txPr>{text}</c:txPr><c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>
<c:cat><c:strRef><c:f>{_SHEET}!$A$2:$A${count + 1}</c:f><c:strCache><c:ptCount val="{count}"/>{categories}</c:strCache></c:strRef></c:cat>
<c:val><c:numRef><c:f>{_SHEET}!$B$2:$B${count + 1}</c:f><c:numCache><c:formatCode>0.00</c:formatCode><c:ptCount val="{count}"/>{values}</c:numCache></c:numRef></c:val>
</c:ser>
<c:gapWidth val="45"/><c:axId val="111111111"/><c:axId val="222222222"/>
</c:barChart>
<c:catAx><c:axId val="111111111"/><c:scaling><c:orientation val="maxMin"/></c:scaling><c:delete val="0"/><c:axPos val="l"/><c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:txPr>{text}</c:txPr><c:crossAx val="222222222"/><c:crosses val="autoZero"/><c:auto val="1"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/><c:noMultiLvlLbl val="0"/></c:catAx>
<c:valAx><c:axId val="222222222"/><c:scaling><c:orientation val="minMax"/><c:min val="0"/></c:scaling><c:delete val="0"/><c:axPos val="t"/><c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="1000" b="0"/></a:pPr><a:r><a:rPr lang="zh-CN" sz="1000" b="0"/><a:t>{escape(chart.unit)}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title><c:numFmt formatCode="0" sourceLinked="0"/><c:majorTickMark val="out"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:txPr>{text}</c:txPr><c:crossAx val="111111111"/><c:crosses val="max"/></c:valAx>
</c:plotArea><c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/>
</c:chart>
<c:externalData r:id="{workbook_id}"><c:autoUpdate val="0"/></c:externalData>
</c:chartSpace>"""
