"""The cockpit as slides: native charts and tables that can be edited, saying whose view they are and of when.

Everything comes from the board that the person sees, so what is hidden on the screen is hidden here.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_TICK_LABEL_POSITION
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.ui.charts import Ranking, Trend
from jingtu.core.ui.words import format_number, state_of

from .queries import Board

FONT = "Microsoft YaHei"
INK, QUIET, ACCENT = RGBColor(0x1C, 0x24, 0x30), RGBColor(0x5A, 0x65, 0x75), RGBColor(0x1B, 0x4A, 0x8C)
WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
RED_ROWS = 10


def render(actor: Actor, board: Board, ranking: Ranking, trend: Trend | None) -> bytes:
    """The .pptx file of a board that has a run."""
    assert board.run is not None
    deck = _Deck(actor, board)
    deck.table(
        _("各板块得分"),
        [_("板块"), _("得分"), _("满分"), _("较上期"), "●", "▲", "◆"],
        [
            [
                tile.name,
                format_number(tile.points, 2) or "–",
                f"{tile.maximum.normalize():f}",
                "–" if tile.change is None else f"{tile.change:+.2f}",
                *(str(tile.counts[mark]) for mark in ("met", "watch", "below")),
            ]
            for tile in board.tiles
        ],
    )
    known = [place for place in ranking.places if place.value is not None]
    if known:
        deck.chart(
            f"{ranking.title}（{ranking.unit}）",
            XL_CHART_TYPE.BAR_CLUSTERED,
            [f"{place.rank or '–'}  {place.name}" for place in known],
            ranking.title,
            [float(str(place.value)) for place in known],
        )
    if board.red:
        deck.table(
            _("红线与预警"),
            [_("状态"), _("地区"), _("指标"), _("数值"), _("要求")],
            [
                [
                    f"{state_of(row.mark).mark} {state_of(row.mark).word}",
                    row.place,
                    row.name,
                    "＊" if row.value is None else f"{format_number(row.value, row.decimals)}{row.unit}",
                    row.requirement or "–",
                ]
                for row in board.red[:RED_ROWS]
            ],
        )
    if trend is not None and trend.series:
        deck.chart(
            f"{trend.title}（{trend.unit}）",
            XL_CHART_TYPE.LINE_MARKERS,
            list(trend.periods),
            trend.series[0].name,
            [None if value is None else float(str(value)) for value in trend.series[0].values],
        )
    return deck.bytes()


class _Deck:
    """Slides that all carry the title of the view, the source, the time, the person and the mark of invention."""

    def __init__(self, actor: Actor, board: Board) -> None:
        assert board.run is not None
        self.file = Presentation()
        self.file.slide_width, self.file.slide_height = WIDTH, HEIGHT
        run = board.run
        self.title = f"{board.region.name}　{run.period_label}　{run.scorecard_name}"
        at = timezone.localtime(now()).strftime("%Y-%m-%d %H:%M")
        self.foot = _("来源：净土考核第%(version)s版（%(hash)s）　导出：%(person)s　%(at)s") % {
            "version": run.version,
            "hash": (run.publication_hash or _("草稿"))[:12],
            "person": actor.label,
            "at": at,
        }
        self.mark = _("虚构示范数据") if board.region.tree.fictional else ""
        self.watermark = f"{actor.label} {at}"
        self.file.core_properties.title = self.title
        self.file.core_properties.author = actor.label

    def slide(self, heading: str) -> Any:
        slide = self.file.slides.add_slide(self.file.slide_layouts[6])
        mark = self._text(
            slide, self.watermark, Inches(3), Inches(3.4), Inches(8), 32, RGBColor(0xEC, 0xEE, 0xF1)
        )
        mark.rotation = -18
        self._text(slide, heading, Inches(0.6), Inches(0.4), Inches(9), 28, INK, bold=True)
        self._text(slide, self.title, Inches(0.6), Inches(1.0), Inches(11), 14, QUIET)
        self._text(slide, self.foot, Inches(0.6), Inches(7.0), Inches(11), 11, QUIET)
        if self.mark:
            box = self._text(
                slide, self.mark, Inches(10), Inches(0.45), Inches(2.8), 14, RGBColor(0x96, 0x59, 0x0A)
            )
            box.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
        return slide

    def table(self, heading: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        slide = self.slide(heading)
        shape = slide.shapes.add_table(
            len(rows) + 1, len(head), Inches(0.6), Inches(1.6), Inches(12.1), Inches(0.42 * (len(rows) + 1))
        )
        for at, cells in enumerate([head, *rows]):
            for column, text in enumerate(cells):
                paragraph = shape.table.cell(at, column).text_frame.paragraphs[0]
                self._run(paragraph, str(text), 14, RGBColor(0xFF, 0xFF, 0xFF) if at == 0 else INK, at == 0)

    def chart(
        self,
        heading: str,
        kind: XL_CHART_TYPE,
        names: Sequence[str],
        series: str,
        values: Sequence[float | None],
    ) -> None:
        slide = self.slide(heading)
        data = CategoryChartData()
        data.categories = names
        data.add_series(series, values)  # None stays a gap
        frame = slide.shapes.add_chart(kind, Inches(0.6), Inches(1.5), Inches(12.1), Inches(5.3), data)
        chart = frame.chart
        chart.has_legend = False
        chart.font.size, chart.font.name = Pt(13), FONT
        bars = kind == XL_CHART_TYPE.BAR_CLUSTERED
        chart.category_axis.reverse_order = bars
        chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        plot = chart.plots[0]
        plot.has_data_labels = bars
        if bars:
            chart.value_axis.minimum_scale = 0
            chart.value_axis.visible = False
            plot.gap_width = 45
            plot.series[0].format.fill.solid()
            plot.series[0].format.fill.fore_color.rgb = ACCENT
        else:
            plot.series[0].format.line.color.rgb = ACCENT
            plot.series[0].smooth = False

    def bytes(self) -> bytes:
        stream = io.BytesIO()
        self.file.save(stream)
        return stream.getvalue()

    def _text(
        self,
        slide: Any,
        text: str,
        left: int,
        top: int,
        width: int,
        size: int,
        color: RGBColor,
        bold: bool = False,
    ) -> Any:
        box = slide.shapes.add_textbox(left, top, width, Inches(0.5))
        self._run(box.text_frame.paragraphs[0], text, size, color, bold)
        return box

    def _run(self, paragraph: Any, text: str, size: int, color: RGBColor, bold: bool = False) -> None:
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
        run.font.color.rgb = color
        properties = run._r.get_or_add_rPr()
        east = properties.makeelement(qn("a:ea"), {"typeface": FONT})
        properties.append(east)
