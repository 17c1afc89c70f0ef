"""What two versions of a run say differently, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import PermissionDenied, refuse
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.difference import FactChange, difference, fact_changes
from jingtu.engine.periods import Period
from jingtu.engine.problems import Problem

from ..changed import that_matter, told
from ..models import Run
from ..visibility import sees_as_draft
from .lists import get_run
from .opened import RunReader, reader_of
from .page import Change

MOST_CAUSES = 5


@dataclass(frozen=True)
class DifferenceRow:
    """One thing that changed: where, what, from what to what, and the facts or definitions behind it."""

    kind: str
    place: str
    what: str
    old: str
    new: str
    why: str = ""


@dataclass(frozen=True)
class PlaceDifference:
    """What a later version says differently of one place: total, rank, and which indicators because of what."""

    place: str
    old_total: str
    new_total: str
    change: Decimal | None
    old_rank: str
    new_rank: str
    indicators: Sequence[DifferenceRow]


@dataclass(frozen=True)
class DifferencePage:
    """Two versions side by side."""

    older: Run
    newer: Run
    reasons: Sequence[Change]
    changes: Sequence[DifferenceRow]
    places: Sequence[PlaceDifference]


def difference_page(actor: Actor, run_id: int, other_id: int | None = None) -> DifferencePage:
    """What changed between a run and another version of it (by default the one before), older first.

    Changed facts are named only where the actor may read facts. Raises NotFound when either is not the
    actor's to know, InvalidInput when they are not versions of one run, or there is but one.
    """
    run = get_run(actor, run_id)
    other_id = other_id if other_id is not None else run.previous_id
    if other_id is None:
        raise refuse("runs.only_version")
    other = get_run(actor, other_id)
    key = ("region_id", "level", "scorecard", "period")
    if any(getattr(run, name) != getattr(other, name) for name in key):
        raise refuse("runs.not_versions")
    older, newer = sorted((run, other), key=lambda one: one.version)
    before, after = reader_of(actor, older), reader_of(actor, newer)
    facts = [change for change in _fact_changes(before, after) if _may_name(after, change)]
    found = difference(before.opened.publication, after.opened.publication, facts, after.opened.tree)
    rows = [_row(after, entry) for entry in found if all(_may_show(side, entry) for side in (before, after))]
    return DifferencePage(older, newer, _reasons(actor, older, newer), rows, _by_place(before, after, rows))


def _by_place(before: RunReader, after: RunReader, rows: Sequence[DifferenceRow]) -> list[PlaceDifference]:
    """The ranked places that changed, the largest change of the total first."""
    old = {entry["name"]: entry for _, entry in before.subjects}
    new = {entry["name"]: entry for _, entry in after.subjects}
    changed: dict[str, list[DifferenceRow]] = {}
    for row in rows:
        if row.kind in ("value", "total", "rank") and row.place in new:
            changed.setdefault(row.place, [])
            if row.kind == "value":
                changed[row.place].append(row)
    found = []
    for place, indicators in changed.items():
        was, now = old.get(place, {}), new[place]
        totals = [Decimal(text) if text else None for text in (was.get("total"), now["total"])]
        change = totals[1] - totals[0] if totals[0] is not None and totals[1] is not None else None
        found.append(
            PlaceDifference(
                place,
                was.get("total") or "",
                now["total"] or "",
                change,
                str(was.get("rank") or ""),
                str(now["rank"] or ""),
                indicators,
            )
        )
    return sorted(found, key=lambda one: -abs(one.change or Decimal(0)))


def publication_text(actor: Actor, run_id: int) -> tuple[Run, bytes]:
    """The canonical bytes whose SHA-256 is the publication hash.

    They hold exact counts of every place, so only those who work on the run's region may have them.
    """
    run = get_run(actor, run_id)
    if not sees_as_draft(actor, run) or not actor.can(Permission.SMALL_CELLS_READ, run.region_id):
        raise PermissionDenied(Permission.SMALL_CELLS_READ)
    return run, (reader_of(actor, run).opened.path / "publication.json").read_bytes()


def _fact_changes(before: RunReader, after: RunReader) -> list[FactChange]:
    old, new = before.opened, after.opened
    return fact_changes(old.tree, old.facts(old.within), new.tree, new.facts(new.within))


def _may_name(reader: RunReader, change: FactChange) -> bool:
    if change.position < 0 or not reader.reach.facts[change.position]:
        return False
    element = reader.opened.catalogue.elements.get(change.element)
    return bool(reader.reach.small_cells[change.position]) or element is None or not element.person_based


def _may_show(reader: RunReader, entry: dict[str, Any]) -> bool:
    """Whether one side of a difference may be shown; both must be, since a line prints the two values.

    An exact fraction that rounds to the same value is for those who see its parts only."""
    if entry["kind"] == "exact":
        place = _position(reader, entry["region"])
        return (
            place is not None
            and reader.sees_below(place)
            and not reader.value_hidden(place, entry["indicator"])
        )
    if entry["kind"] == "value":
        place = _position(reader, entry["region"])
        return place is None or not reader.value_hidden(place, entry["indicator"])
    return True


def _position(reader: RunReader, code: str) -> int | None:
    found = reader.opened.tree.candidates(code, reader.opened.manifest["level"])
    return found[0] if found else None


def _row(reader: RunReader, entry: dict[str, Any]) -> DifferenceRow:
    kind, language = entry["kind"], reader.language
    catalogue = reader.opened.catalogue
    indicator = catalogue.indicators.get(entry.get("indicator", ""))
    name = indicator.name(language) if indicator else entry.get("indicator", "")
    old, new = entry.get("old"), entry.get("new")
    if kind == "definition":
        what = _("定义：%(code)s") % {"code": _defined(reader, entry["what"], entry["code"])}
        return DifferenceRow(kind, "", what, _("原定义") if old else "", _("新定义") if new else "")
    if kind == "scope":
        return DifferenceRow(kind, "", _scope_word(entry["what"]), str(old)[:80], str(new)[:80])
    if kind == "fact":
        element = catalogue.elements.get(entry["element"])
        what = _figure(reader, entry)
        shown = [
            "" if value is None else element.format(value) if element else str(value) for value in (old, new)
        ]
        return DifferenceRow(kind, _place(reader, entry["region"]), what, shown[0], shown[1])
    what = {
        "value": name,
        "exact": _("%(name)s（舍入前）") % {"name": name},
        "indicator_rank": _("%(name)s名次") % {"name": name},
        "points": _("%(name)s得分") % {"name": name},
        "bonus": _("加分"),
        "vetoes": _("一票否决"),
        "total": _("总分"),
        "rank": _("名次"),
        "subject": _("参评对象"),
    }[kind]
    shown = [
        "" if value in (None, []) else "、".join(value) if isinstance(value, list) else str(value)
        for value in (old, new)
    ]
    separator = "；" if language == "zh" else "; "
    why = separator.join(_cause(reader, cause) for cause in entry.get("causes", ())[:MOST_CAUSES])
    return DifferenceRow(kind, _place(reader, entry["region"]), what, shown[0], shown[1], why)


def _figure(reader: RunReader, fact: Mapping[str, str]) -> str:
    """What a fact counts, in which period and category, as readers know it."""
    element = reader.opened.catalogue.elements.get(fact["element"])
    name = element.name(reader.language) if element else fact["element"]
    category = element.category_label(fact["category"], reader.language) if element else fact["category"]
    return " ".join(
        part for part in (name, Period.parse(fact["period"]).label(reader.language), category) if part
    )


def _cause(reader: RunReader, cause: Mapping[str, str]) -> str:
    if cause["kind"] == "fact":
        return f"{_place(reader, cause['region'])} {_figure(reader, cause)}"
    return _("定义：%(code)s") % {"code": _defined(reader, cause["kind"], cause["code"])}


def _defined(reader: RunReader, what: str, code: str) -> str:
    """The name of an indicator, element or card; its code where the newer run's catalogue has none."""
    catalogue = reader.opened.catalogue
    known: Mapping[str, Any] = {
        "indicator": catalogue.indicators,
        "element": catalogue.elements,
        "scorecard": catalogue.scorecards,
    }.get(what, {})
    return str(known[code].name(reader.language)) if code in known else code


def _scope_word(what: str) -> str:
    words = {
        "regions_sha256": _("区划"),
        "peer_groups": _("分类考核分组"),
        "level": _("排名级别"),
        "name": _("范围名称"),
        "base": _("基期"),
    }
    return words.get(what, what)


def _place(reader: RunReader, code: str) -> str:
    found = reader.opened.tree.candidates(code)
    return reader.opened.tree.names[found[0]] if found else code


def _reasons(actor: Actor, older: Run, newer: Run) -> list[Change]:
    """Batches of facts and versions of definitions that came between the two."""
    language, found = interface_language(), []
    if older.catalogue_id != newer.catalogue_id:
        numbers = {"old": older.catalogue.number, "new": newer.catalogue.number}
        found.append(Change(Problem("runs.changed.catalogue", numbers).text(language)))
    if older.tree_digest != newer.tree_digest:
        found.append(Change(Problem("runs.changed.tree").text(language)))
    between = FactBatch.objects.filter(
        tree_id=newer.tree_id, sequence__gt=older.facts_upto or 0, sequence__lte=newer.facts_upto or 0
    ).order_by("sequence")
    effects = that_matter(older, list(between), newer)
    if sees_as_draft(actor, newer):
        found += [Change(told(effect).text(language)) for effect in effects]
    elif effects:
        found.append(Change(_("数据有更正。")))
    return found
