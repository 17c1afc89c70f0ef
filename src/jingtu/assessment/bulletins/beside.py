"""Tables beside the ranking of a bulletin: ranks inside peer groups, and values that are shown and not ranked."""

from __future__ import annotations

from decimal import Decimal

from jingtu.assessment.bulletins.content import Cell, Column, Table
from jingtu.assessment.bulletins.source import BulletinSource
from jingtu.engine.problems import Language


def beside_ranking(source: BulletinSource, language: Language) -> list[Table]:
    """The tables that have anything to say."""
    tables = []
    if source.peer_ranks:
        tables.append(_peers(source, language))
    if source.too_small:
        tables.append(_too_small(source, language))
    return tables


def _peers(source: BulletinSource, language: Language) -> Table:
    zh = language == "zh"
    columns = (
        Column("分组" if zh else "Peer group", "left", 1.6),
        Column("组内位次" if zh else "Rank in the group", "center", 1.0, 0),
        Column(source.level_zh if zh else source.level_en, "left", 1.6),
        Column("参加排名" if zh else "Ranked", "center", 0.8, 0),
    )
    shared = "（并列）" if zh else " (tied)"
    rows = tuple(
        (
            Cell(one.group_zh if zh else one.group_en),
            Cell(f"{one.rank}{shared if one.tied else ''}", Decimal(one.rank)),
            Cell(one.place),
            Cell(str(one.of), Decimal(one.of)),
        )
        for one in source.peer_ranks
    )
    return Table("peers", "分组位次" if zh else "Ranks in peer groups", columns, rows)


def _too_small(source: BulletinSource, language: Language) -> Table:
    zh = language == "zh"
    columns = (
        Column("指标" if zh else "Indicator", "left", 2.2),
        Column(source.level_zh if zh else source.level_en, "left", 1.4),
        Column("数值" if zh else "Value", "right", 0.9),
        Column("最小分母" if zh else "Least denominator", "center", 0.9, 0),
    )
    rows = tuple(
        (
            Cell(one.indicator_zh if zh else one.indicator_en),
            Cell(one.place),
            Cell(one.value),
            Cell(str(one.least), Decimal(one.least)),
        )
        for one in source.too_small
    )
    note = (
        "分母小于规定的下限，数值照列，不参加该项排名"
        if zh
        else "the denominator is below the least that says anything: the value is shown and not ranked"
    )
    caption = "列出而不排名的数值" if zh else "Values shown, not ranked"
    return Table("too_small", caption, columns, rows, note)
