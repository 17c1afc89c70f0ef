"""Keeps what regions were: earlier versions and earlier names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import Region, RegionAlias, RegionChange, RegionVersion
from jingtu.core.regions.rules import search_keys
from jingtu.engine.problems import refuse


def add_aliases(pairs: Iterable[tuple[int, str]]) -> int:
    """Store other names of regions, those already known left out; returns how many were new."""
    wanted = dict.fromkeys(pairs)
    if not wanted:
        return 0
    known = set(
        RegionAlias.objects.filter(region_id__in={region_id for region_id, _ in wanted}).values_list(
            "region_id", "name"
        )
    )
    fresh = []
    for region_id, name in wanted:
        if (region_id, name) not in known:
            pinyin, initials = search_keys(name)
            fresh.append(RegionAlias(region_id=region_id, name=name, pinyin=pinyin, initials=initials))
    RegionAlias.objects.bulk_create(fresh, batch_size=5_000)
    return len(fresh)


def remember(region: Region, change: RegionChange) -> None:
    """Keep what the region is called and where it belongs until the change's date.

    A second change on the same day (or on the day it was created) leaves nothing to keep. Raises
    InvalidInput when the date lies in the future, before the region's start or before its last change:
    history is only ever added at its end.
    """
    if change.date > today():
        raise refuse("regions.future", date=change.date, column="date")
    latest = region.versions.order_by("-valid_to").values_list("valid_to", flat=True).first()
    start = latest or region.valid_from
    refuse_before(region, latest, change.date)
    if start == change.date:
        return
    RegionVersion.objects.create(
        region=region,
        change=change,
        name=region.name,
        code=region.code,
        level=region.level,
        parent_id=region.parent_id,
        valid_from=start,
        valid_to=change.date,
    )


def refuse_before(region: Region, latest: date | None, day: date) -> None:
    """Refuse a change of the region dated before its last change, or before it existed."""
    if latest is not None and day < latest:
        raise refuse("regions.before_last_change", name=region.name, last=latest, date=day, column="date")
    if region.valid_from is not None and day < region.valid_from:
        raise refuse(
            "regions.not_yet_there", name=region.name, start=region.valid_from, date=day, column="date"
        )
