"""The section on listings in the quarterly bulletin of accountability: numbers by class, places by name, venues only
as counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from jingtu.assessment.bulletins.content import Block, Cell, Column, Heading, Paragraph, Table
from jingtu.core.regions.models import Region
from jingtu.engine.problems import Language
from jingtu.governance.accountability.measures.registry import BulletinPart, register_bulletin_part

from .models import Listing, ListingStep
from .rules import Act

MOST_NAMED = 20
COUNTED = ("standing", "listed", "delisted", "on_time", "extended", "relapsed")


def listings_part(region: Region, first: dt.date, last: dt.date, language: Language) -> Sequence[Block]:
    """What stood at the end of a quarter, and what the quarter brought, inside a region. Two queries."""
    zh = language == "zh"
    inside = {
        "region__tree_id": region.tree_id,
        "region__position__gte": region.position,
        "region__position__lte": region.last,
    }
    found = list(
        Listing.objects.filter(**inside, listed_on__isnull=False, listed_on__lte=last)
        .select_related("region")
        .order_by("class_rank", "region__position", "pk")
    )
    blocks: list[Block] = [Heading("挂牌整治" if zh else "Listings")]
    if not found:
        return [*blocks, Paragraph("没有。" if zh else "None.")]
    extended = Counter(
        ListingStep.objects.filter(
            listing__in=[one.pk for one in found], act=Act.EXTEND.value, on__range=(first, last)
        ).values_list("listing_id", flat=True)
    )
    counts: dict[str, Counter[str]] = {}
    names: dict[str, str] = {}
    for one in found:
        names[one.class_code] = one.class_zh if zh or not one.class_en else one.class_en
        row = counts.setdefault(one.class_code, Counter())
        over = one.delisted_on or one.ended_on
        row["standing"] += over is None or over > last
        row["listed"] += within(one.listed_on, first, last)
        row["relapsed"] += within(one.listed_on, first, last) and one.following == "relapse"
        taken_off = within(one.delisted_on, first, last)
        row["delisted"] += taken_off
        row["on_time"] += taken_off and one.due_on is not None and (one.delisted_on or last) <= one.due_on
        row["extended"] += extended[one.pk] > 0
    told = {code: row for code, row in counts.items() if row.total()}
    if not told:
        return [*blocks, Paragraph("没有。" if zh else "None.")]
    blocks.append(_table({names[code]: row for code, row in told.items()}, language))
    listed = [one for one in found if within(one.listed_on, first, last)]
    delisted = [one for one in found if within(one.delisted_on, first, last)]
    for label_zh, label_en, rows in (("新挂牌", "Newly listed", listed), ("摘牌", "Delisted", delisted)):
        if rows:
            blocks.append(Paragraph(_named(label_zh if zh else label_en, rows, language)))
    return blocks


def within(day: dt.date | None, first: dt.date, last: dt.date) -> bool:
    """Whether a day lies in a span of days, both ends included."""
    return day is not None and first <= day <= last


def _table(rows: dict[str, Counter[str]], language: Language) -> Table:
    zh = language == "zh"
    titles = (
        ("类别", "季末在列", "新挂牌", "摘牌", "其中按期", "延期", "反弹重挂")
        if zh
        else ("Class", "Standing", "Listed", "Delisted", "In time", "Extended", "Relapsed")
    )
    columns = tuple(
        Column(title, "left" if at == 0 else "right", 2 if at == 0 else 1, None if at == 0 else 0)
        for at, title in enumerate(titles)
    )
    lines = [*rows.items()]
    if len(lines) > 1:
        lines.append(("合计" if zh else "Total", sum(rows.values(), Counter())))
    return Table(
        "挂牌整治" if zh else "Listings",
        "按类别的挂牌和摘牌数" if zh else "Listings by class",
        columns,
        tuple(
            (Cell(name), *(Cell(str(row[key]), Decimal(row[key])) for key in COUNTED)) for name, row in lines
        ),
    )


def _named(label: str, rows: Iterable[Listing], language: Language) -> str:
    """The regions by name; venues are only counted, as their names stand in the public notice."""
    zh = language == "zh"
    regions = [one for one in rows if one.venue_id is None]
    venues = sum(1 for one in rows if one.venue_id is not None)
    names = list(dict.fromkeys(one.region.name for one in regions))
    parts = []
    if names:
        text = ("、" if zh else ", ").join(names[:MOST_NAMED])
        more = len(names) - MOST_NAMED
        if more > 0:
            text += f"等{len(names)}个" if zh else f" and {more} more"
        parts.append(text)
    if venues:
        parts.append(f"场所{venues}处" if zh else f"venues: {venues}")
    return f"{label}：{'；'.join(parts)}。" if zh else f"{label}: {'; '.join(parts)}."


def register() -> None:
    """Make the section known to the bulletin."""
    register_bulletin_part(BulletinPart("listings", listings_part, order=700))
