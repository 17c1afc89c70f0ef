"""The cockpit as slides: native charts and tables that can be edited, saying whose view they are and of when.

Everything comes from the board that the person sees, so what is hidden on the screen is hidden here.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import Pair, SideCell
from jingtu.assessment.runs.templatetags.runs import ranked_word
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.ui.charts import Bars, Ranking, Series, Trend
from jingtu.core.ui.words import format_number, rank_text, state_of
from jingtu.engine.notation import plain_number

from .comparing import lacking
from .queries import Board

FONT = "Microsoft YaHei"
INK, QUIET, ACCENT = RGBColor(0x1C, 0x24, 0x30), RGBColor(0x5A, 0x65, 0x75), RGBColor(0x1B, 0x4A, 0x8C)
WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
SECOND = RGBColor(0xC2, 0x57, 0x0C)
RED_ROWS = 10
PAIR_ROWS = 11


def render(actor: Actor, board: Board, ranking: Ranking, trend: Trend | None) -> bytes:
    """The .pptx file of a board that has a run."""
    assert board.run is not None
    deck = Deck(actor, board.run, board.region.name)
    deck.table(
        _("各板块得分"),
        [_("板块"), _("得分"), _("满分"), _("较上期"), "●", "▲", "◆"],
        [
            [
                tile.name,
                format_number(tile.points, 2) or "–",
                plain_number(tile.maximum),
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
            [
                f"{rank_text(place.rank, tied=place.tied) if place.rank else '–'}  {place.name}"
                for place in known
            ],
            [(ranking.title, [float(str(place.value)) for place in known])],
        )
    if board.red:
        deck.table(
            _("红线与预警"),
            [_("状态"), ranked_word(board.run.tree.kind), _("指标"), _("数值"), _("要求")],
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
            [_plotted(trend.series[0])],
            trend.running,
        )
    return deck.bytes()


def render_pair(actor: Actor, found: Pair, points: Bars) -> bytes:
    """The .pptx file of two places compared: totals, points by section, every item."""
    deck = Deck(actor, found.run, f"{found.first.name} · {found.second.name}")
    word = ranked_word(found.run.tree.kind)
    deck.table(
        _("总分和名次"),
        [word, _("总分"), _("名次"), "●", "▲", "◆"],
        [
            [
                side.name,
                (format_number(side.row.total, 2) if side.row else None) or "–",
                rank_text(side.row.rank, tied=side.row.tied) if side.row and side.row.rank else "–",
                *((str(side.row.counts[mark]) if side.row else "–") for mark in ("met", "watch", "below")),
            ]
            for side in (found.first, found.second)
        ],
    )
    if found.first.row or found.second.row:
        deck.chart(
            f"{points.title}（{points.unit}）",
            XL_CHART_TYPE.BAR_CLUSTERED,
            list(points.categories),
            [_plotted(series) for series in points.series],
        )
    lines = found.lines
    for start in range(0, len(lines), PAIR_ROWS):
        deck.table(
            _("各项指标"),
            [_("指标"), found.first.name, found.second.name, _("相差"), _("落后一方追平还差")],
            [
                [
                    f"{line.head.name}（{line.head.unit}）",
                    *(_cell_text(cell, line.head.decimals) for cell in (line.first, line.second)),
                    "–" if line.difference is None else f"{line.difference:+.{line.head.decimals}f}",
                    lacking(line.to_level, line.head.unit) or "–",
                ]
                for line in lines[start : start + PAIR_ROWS]
            ],
        )
    return deck.bytes()


def _cell_text(cell: SideCell, decimals: int) -> str:
    state = state_of(cell.mark)
    if cell.value is None:
        return str(state.word)
    return f"{state.mark} {format_number(cell.value, decimals)}"


def _plotted(series: Series) -> tuple[str, list[float | None]]:
    return series.name, [None if value is None else float(str(value)) for value in series.values]


class Deck:
    """Slides that all carry the title of the view, the source, the time, the person and the mark of invention."""

    def __init__(self, actor: Actor, run: Run, subject: str) -> None:
        self.file = Presentation()
        self.file.slide_width, self.file.slide_height = WIDTH, HEIGHT
        self.title = f"{subject}　{run.period_label}　{run.scorecard_name}"
        at = timezone.localtime(now()).strftime("%Y-%m-%d %H:%M")
        self.foot = _("来源：净土考核第%(version)s版（%(hash)s）　导出：%(person)s　%(at)s") % {
            "version": run.version,
            "hash": (run.publication_hash or _("草稿"))[:12],
            "person": actor.label,
            "at": at,
        }
        self.mark = _("虚构示范数据") if run.tree.fictional else ""
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
        series: Sequence[tuple[str, Sequence[float | None]]],
        running: Collection[int] = (),
    ) -> None:
        slide = self.slide(heading)
        data = CategoryChartData()
        data.categories = names
        for name, values in series:
            data.add_series(name, values)  # None stays a gap
        frame = slide.shapes.add_chart(kind, Inches(0.6), Inches(1.5), Inches(12.1), Inches(5.3), data)
        chart = frame.chart
        chart.has_legend = len(series) > 1
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
            for line, colour in zip(plot.series, (ACCENT, SECOND), strict=False):
                line.format.fill.solid()
                line.format.fill.fore_color.rgb = colour
        else:
            plot.series[0].format.line.color.rgb = ACCENT
            plot.series[0].smooth = False
            for at in running:
                point = plot.series[0].points[at]
                point.format.line.color.rgb = ACCENT
                point.format.line.dash_style = MSO_LINE.DASH
                point.marker.format.fill.solid()
                point.marker.format.fill.fore_color.rgb = RGBColor(0xFF, 0xFF, 0xFF)

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
