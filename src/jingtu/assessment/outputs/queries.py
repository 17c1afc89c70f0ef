"""What is read of sheets: by whoever reads the figures of the region; sent ones by readers of its results too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Max, Q, QuerySet
from django.utils.timezone import localtime

from jingtu.core.facts.disclosure import EXACT
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted, spans
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

from .gathering import Filled, Sent, gather, small_now
from .layout import Row
from .models import Item, LayoutVersion, Sheet
from .rules import Kept, Origin, Source, Status, is_own_hand, status_of

READERS = (Permission.FACTS_READ, Permission.RESULTS_READ)
FILLERS = (Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)
LANGUAGES: tuple[Language, ...] = ("zh", "en")
WORDS = ("unit", "requirement", "value")
"""What of a line is said in words: its value only where the value is a requirement."""
DRAFTERS = (Permission.CATALOGUE_DRAFT, Permission.CATALOGUE_MANAGE)


@dataclass(frozen=True)
class SheetFilter:
    """What the list is narrowed to; empty values leave it open. ``state``: open or sent."""

    layout: str = ""
    period: str = ""
    state: str = ""


def sheets(actor: Actor, wanted: SheetFilter | None = None) -> QuerySet[Sheet]:
    """Sheets the actor may know of, the newest first."""
    wanted = wanted or SheetFilter()
    found = Sheet.objects.select_related("region__tree", "version", "made_by", "sent_by")
    if not is_unrestricted(actor):
        own = inside(spans(actor, Permission.FACTS_READ), "region__")
        sent = Q(sent_at__isnull=False) & inside(spans(actor, Permission.RESULTS_READ), "region__")
        found = found.filter(own | sent)
    if wanted.layout:
        found = found.filter(code=wanted.layout)
    if wanted.period:
        found = found.filter(period=wanted.period)
    if wanted.state:
        found = found.filter(sent_at__isnull=wanted.state != "sent")
    return found.order_by("-made_at", "-pk")


def get_sheet(actor: Actor, sheet_id: int) -> Sheet:
    """One sheet. Raises NotFound also where it exists but is not the actor's to know."""
    found = sheets(actor).filter(pk=sheet_id).first()
    if found is None:
        raise NotFound(sheet_id, "output_sheet")
    return found


def may_open_page(actor: Actor, sheet_id: int) -> bool:
    """Whether the actor may know of the sheet. One query."""
    return sheets(actor).filter(pk=sheet_id).exists()


def may_open(actor: Actor, stored: StoredFile) -> bool:
    """Evidence is open to those who read the figures of the sheet's region, sent or not."""
    return _worked_on(actor).filter(items__evidence__file_id=stored.pk).exists()


def _worked_on(actor: Actor) -> QuerySet[Sheet]:
    found = Sheet.objects.all()
    return (
        found
        if is_unrestricted(actor)
        else found.filter(inside(spans(actor, Permission.FACTS_READ), "region__"))
    )


def confirmers(sheet: Sheet) -> set[int]:
    """Own ids of everybody who stands for a value or text of the sheet. One query."""
    return set(
        Item.objects.filter(sheet=sheet, confirmed_by__isnull=False).values_list("confirmed_by_id", flat=True)
    )


def own_hand(actor: Actor, sheet: Sheet) -> bool:
    """Whether somebody else must send the sheet. One query."""
    return is_own_hand(user_id_of(actor), sheet.made_by_id, confirmers(sheet))


def may_fill(actor: Actor, sheet: Sheet) -> bool:
    """Whether the actor may still confirm and answer."""
    return sheet.sent_at is None and any(actor.can(right, sheet.region_id) for right in FILLERS)


@dataclass(frozen=True)
class Line:
    """One item of a sheet as it is shown. ``now``: what the source says, where that is not what was confirmed."""

    row: Row
    number: int
    status: Status
    value: str | None
    state: str
    origin: Origin
    unit: str
    requirement: str
    met: str
    decimals: int
    run_id: int | None
    run_version: int | None
    mark: str
    text: str = ""
    note: str = ""
    person: str = ""
    at: str = ""
    now: str | None = None
    source_mark: str = ""
    source_origin: Origin = Origin.NONE
    evidence: Sequence[tuple[int, str]] = ()

    @property
    def provisional(self) -> bool:
        """Whether the value rests on figures that are not published."""
        return self.value is not None and self.origin == Origin.FACTS


@dataclass(frozen=True)
class SheetPage:
    """A sheet with its lines. ``blocks``: the rows in order, headings with None for a line."""

    sheet: Sheet
    lines: Sequence[Line]
    counts: Mapping[Status, int] = field(default_factory=dict)

    @property
    def blocks(self) -> list[tuple[Row, Line | None]]:
        """Every row of the layout in its order."""
        by_row = {line.row.code: line for line in self.lines}
        return [(row, by_row.get(row.code)) for row in self.sheet.version.layout.rows]

    @property
    def done(self) -> int:
        """How many items a person stands for."""
        return self.counts.get(Status.CONFIRMED, 0)

    @property
    def provisional(self) -> int:
        """How many values are not published."""
        return sum(1 for line in self.lines if line.provisional)


def sheet_page(
    actor: Actor, sheet_id: int, *, leaving: bool = False, language: Language | None = None
) -> SheetPage:
    """A sheet with what stands in it: as it was sent, or as its sources are now. Raises NotFound.

    ``leaving``: for a file, which is written as for a reader without any right to small counts; ``language``:
    another one than the actor's.
    """
    sheet = get_sheet(actor, sheet_id)
    return page_of(actor, sheet, leaving=leaving, language=language)


def page_of(
    actor: Actor, sheet: Sheet, *, leaving: bool = False, language: Language | None = None
) -> SheetPage:
    """As :func:`sheet_page` for a sheet that a query has given to the actor."""
    layout, spoken = sheet.version.layout, language or actor.language
    if sheet.frozen is not None:
        entries = zip(layout.items, sheet.frozen["lines"], strict=True)
        lines = [_frozen(row, entry, spoken) for row, entry in entries]
        if leaving or not any(actor.can(right, sheet.region_id) for right in EXACT):
            lines = _without_small(sheet, lines, spoken)
        if actor.can(Permission.FACTS_READ, sheet.region_id) or is_unrestricted(actor):
            evidence = _evidence(sheet)
            lines = [replace(line, evidence=evidence.get(line.row.code, ())) for line in lines]
    else:
        kept = {
            item.row: item
            for item in Item.objects.filter(sheet=sheet)
            .select_related("confirmed_by")
            .prefetch_related("evidence__file")
        }
        filled = gather(sheet.region, Period.parse(sheet.period), layout, spoken)
        lines = [_line(number, each, kept.get(each.row.code)) for number, each in enumerate(filled, start=1)]
    return SheetPage(sheet, lines, Counter(line.status for line in lines))


def _line(number: int, filled: Filled, item: Item | None) -> Line:
    row, source = filled.row, filled.source
    files = [(each.file_id, each.file.name) for each in item.evidence.all()] if item else []
    kept = None
    if item is not None:
        kept = Kept(item.value, item.text, item.confirmed_at is not None, len(files), item.mark)
    status = status_of(row, source, kept)
    stale = status == Status.STALE
    held = item is not None and item.confirmed_at is not None and row.kind != "text"
    shown = item.value if item is not None and held else source.value
    if source.state == "suppressed":  # what has become too small since is not told either
        shown = None
    return Line(
        row=row,
        number=number,
        status=status,
        value=shown,
        state=source.state,
        origin=_origin(item, source) if held else source.origin,
        unit=filled.unit,
        requirement=filled.requirement,
        met=filled.met,
        decimals=filled.decimals,
        run_id=source.run_id,
        run_version=source.run_version,
        mark=item.mark if item is not None and held and item.mark else source.mark,
        text=item.text if item else "",
        note=item.note if item else "",
        person=item.confirmed_by.full_name if item and item.confirmed_by else "",
        at=f"{localtime(item.confirmed_at):%Y-%m-%d}" if item and item.confirmed_at else "",
        now=(source.value or "") if stale else None,
        source_mark=source.mark,
        source_origin=source.origin,
        evidence=files,
    )


def _origin(item: Item | None, source: Source) -> Origin:
    return Origin(item.origin) if item is not None and item.origin else source.origin


def as_plain(line: Line) -> dict[str, object]:
    """A line as plain values."""
    return {
        "number": line.number,
        "status": line.status.value,
        "value": line.value,
        "state": line.state,
        "origin": line.origin.value,
        "unit": line.unit,
        "requirement": line.requirement,
        "met": line.met,
        "decimals": line.decimals,
        "run_id": line.run_id,
        "run_version": line.run_version,
        "mark": line.mark,
        "text": line.text,
        "note": line.note,
        "person": line.person,
        "at": line.at,
    }


def as_sent(actor: Actor, sheet: Sheet) -> list[dict[str, object]]:
    """The lines as they are frozen when the sheet is sent, their words in both languages."""
    zh, en = (page_of(actor, sheet, language=language).lines for language in LANGUAGES)
    found = []
    for one, other in zip(zh, en, strict=True):
        plain, translated = as_plain(one), as_plain(other)
        for name in WORDS if one.row.kind == "requirement" else WORDS[:2]:
            plain[name] = {"zh": plain[name], "en": translated[name]}
        found.append(plain)
    return found


def _frozen(row: Row, entry: Mapping[str, object], language: Language) -> Line:
    values = {name: value[language] if isinstance(value, dict) else value for name, value in entry.items()}
    values["status"], values["origin"] = Status(str(entry["status"])), Origin(str(entry["origin"]))
    return Line(row=row, **values)  # type: ignore[arg-type]


def _without_small(sheet: Sheet, lines: Sequence[Line], language: Language) -> list[Line]:
    """What was sent, without the values that are small counts by now, or would tell one."""
    asked = [Sent(line.row, line.origin, line.run_id) for line in lines if line.value is not None]
    small = small_now(sheet.region, Period.parse(sheet.period), asked, language)
    return [
        replace(line, value=None, state="suppressed", met="suppressed" if line.met else "")
        if line.row.code in small
        else line
        for line in lines
    ]


def _evidence(sheet: Sheet) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    rows = Item.objects.filter(sheet=sheet, evidence__isnull=False).values_list(
        "row", "evidence__file_id", "evidence__file__name"
    )
    for row, pk, name in rows.order_by("row", "evidence__pk"):
        found.setdefault(row, []).append((pk, name))
    return found


# --- layouts


def layouts(actor: Actor) -> list[LayoutVersion]:
    """The newest version of every layout, for whoever reads figures or draws layouts up. Two queries."""
    if not any(actor.can(right) for right in (*READERS, *FILLERS, *DRAFTERS)):
        return []
    newest = LayoutVersion.objects.order_by().values("code").annotate(last=Max("number"))
    wanted = {(row["code"], row["last"]) for row in newest}
    rows = LayoutVersion.objects.filter(code__in=[code for code, _ in wanted]).select_related("made_by")
    return [version for version in rows.order_by("code") if (version.code, version.number) in wanted]


def layout_versions(actor: Actor, code: str) -> list[LayoutVersion]:
    """All versions of one layout, the newest first. Raises NotFound."""
    known = {version.code for version in layouts(actor)}
    if code not in known:
        raise NotFound(code, "layout")
    return list(LayoutVersion.objects.filter(code=code).select_related("made_by").order_by("-number"))


def regions_to_fill(actor: Actor) -> list[Region]:
    """The regions of the posts that may make sheets, and those just below them. One query."""
    ids = {scope.region_id for right in FILLERS for scope in actor.scopes(right)}
    found = Region.objects.filter(Q(pk__in=ids) | Q(parent_id__in=ids), valid_to__isnull=True)
    return list(found.select_related("tree").order_by("tree_id", "position"))


def periods_known(actor: Actor) -> list[str]:
    """The periods of the sheets the actor may know of, the latest first. One query."""
    keys = sheets(actor).order_by().values_list("period", flat=True).distinct()
    return sorted(keys, key=lambda key: Period.parse(key).end, reverse=True)
