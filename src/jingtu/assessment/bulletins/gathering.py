"""Gathering what a bulletin is written from: its run's frozen results as its readership may see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from jingtu.assessment.bulletins.models import Bulletin
from jingtu.assessment.bulletins.rules import marked_change
from jingtu.assessment.bulletins.source import (
    BulletinSource,
    Change,
    Finding,
    PeerRank,
    Place,
    RedLine,
    Section,
    TooSmall,
    Waived,
)
from jingtu.assessment.bulletins.versions import release_facts, version_changes
from jingtu.assessment.runs import queries as runs
from jingtu.assessment.runs.findings import LATE_EDITS, sentence_of
from jingtu.assessment.runs.models import Run, RunFinding
from jingtu.assessment.runs.rules import FindingState
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import RegionTree
from jingtu.core.regions.reach import Readership
from jingtu.core.regions.rules import LEVEL_NAMES
from jingtu.engine.evaluate import counts_persons
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language, Problem

MARKED_CHANGES = 10


def readership(run: Run, language: Language) -> Readership:
    """The readers of a bulletin: the whole area's results and how much is missing to a requirement."""
    return Readership(run.region, language, Permission.RESULTS_READ, Permission.DRAFTS_READ)


UNRANKED = {
    "": ("", ""),
    "coverage": ("报送不足", "too few of the figures due were reported"),
    "no_value": ("没有数据", "no figures"),
}
"""Why a place has no rank, in words for print."""


def source_of(bulletin: Bulletin) -> BulletinSource:
    """Everything the bulletin says, read from its run's frozen results as its readership may see them."""
    run = bulletin.run
    zh, en = readership(run, "zh"), readership(run, "en")
    reader_zh, reader_en = runs.reader_of(zh, run), runs.reader_of(en, run)
    ranking_zh, ranking_en = runs.ranking(zh, reader_zh), runs.ranking(en, reader_en)
    card = reader_zh.opened.scorecard
    previous = run.previous if run.previous is not None and run.previous.published_at else None
    findings = _findings(reader_zh)
    # A run that is signed and not released yet bears the day of its release.
    moment = run.published_at or run.release_at
    return BulletinSource(
        run_id=run.pk,
        version=run.version,
        publication_hash=run.publication_hash,
        area=run.region.name,
        area_en=run.tree.name_en if run.region.parent_id is None else run.region.name,
        fictional=run.tree.fictional,
        level_zh=_level(run, "zh"),
        level_en=_level(run, "en"),
        period=Period.parse(run.period),
        scorecard_zh=run.scorecard_zh,
        scorecard_en=run.scorecard_en,
        total_points=card.total,
        issuer_zh=bulletin.issuer_zh,
        issuer_en=bulletin.issuer_en,
        number=bulletin.number,
        sections=tuple(
            Section(
                section.code,
                section.name_zh,
                section.name_en,
                sum((item.points for item in section.items), Decimal(0)),
            )
            for section in card.sections
        ),
        places=tuple(
            Place(
                region_id=row.region_id,
                name=row.name,
                rank=row.rank,
                total=row.total,
                section_points={section.code: section.points for section in row.sections},
                previous_rank=row.previous_rank,
                previous_total=row.previous_total,
                veto_zh="、".join(row.vetoes),
                veto_en=", ".join(other.vetoes),
                unranked_reason_zh=UNRANKED[row.unranked][0],
                unranked_reason_en=UNRANKED[row.unranked][1],
            )
            for row, other in zip(ranking_zh.rows, ranking_en.rows, strict=True)
        ),
        red_lines=tuple(
            _red_line(row, other)
            for row, other in zip(runs.red_lines(zh, reader_zh), runs.red_lines(en, reader_en), strict=True)
        ),
        changes=_changes(reader_zh),
        findings=findings,
        coverage_reported=sum(row.reported for row in ranking_zh.rows),
        coverage_expected=sum(row.expected for row in ranking_zh.rows),
        not_reported=_not_reported(reader_zh),
        previous_period=Period.parse(ranking_zh.previous.period) if ranking_zh.previous else None,
        other_places_before=ranking_zh.previous is not None and not ranking_zh.comparable,
        prepared_by=run.prepared_by.full_name if run.prepared_by else "",
        approved_by=run.approved_by.full_name if run.approved_by else "",
        published_on=timezone.localtime(moment).date() if moment else None,
        distribution=tuple(bulletin.distribution),
        units=run.tree.kind == RegionTree.Kind.UNITS,
        base_url=settings.BASE_URL,
        audit_mark=bulletin.audit_mark,
        version_changes=version_changes(reader_zh, runs.reader_of(readership(previous, "zh"), previous))
        if previous
        else (),
        version_reason=run.note if previous else "",
        release=release_facts(zh, run),
        waived=_waived(reader_zh, {row.region_id for row in ranking_zh.rows}),
        kind=bulletin.kind,
        suppressed=_suppressed(reader_zh),
        small_cell_limit=settings.SMALL_CELL_LIMIT,
        peer_ranks=_peer_ranks(zh, en, run, ranking_zh.rows),
        too_small=_too_small(reader_zh),
        unverified_indicators=tuple(head.name for head in runs.item_heads(reader_zh) if head.unverified),
        unverified_indicators_en=tuple(head.name for head in runs.item_heads(reader_en) if head.unverified),
    )


def _red_line(row: runs.RedLineRow, other: runs.RedLineRow) -> RedLine:
    return RedLine(
        region_id=row.region_id,
        place=row.place,
        indicator=row.indicator,
        indicator_zh=row.name,
        indicator_en=other.name,
        value=_value(row),
        requirement=row.requirement or row.red_line,
        requirement_en=other.requirement or other.red_line,
        missing_zh=_missing(row, "zh"),
        missing_en=_missing(other, "en"),
        crossed_red_line=row.mark == "below",
    )


def _value(row: runs.RedLineRow) -> str:
    if row.value is None:
        return "＊"
    return f"{row.value}{row.unit if row.unit == '%' else ''}"


def _missing(row: runs.RedLineRow, language: Language) -> str:
    short = row.shortfall
    if short is None:
        return ""
    if short.units is not None:
        word = {True: ("还差", "more"), False: ("须减少", "fewer")}[short.more]
        return (
            f"{word[0]}{short.units:f}{short.unit_word}"
            if language == "zh"
            else f"{short.units:f} {word[1]} {short.unit_word}"
        )
    points = "个百分点" if language == "zh" else " points"
    unit = points if row.unit == "%" else (row.unit if language == "zh" else f" {row.unit}")
    return (
        f"相差{abs(short.difference):f}{unit}"
        if language == "zh"
        else f"{abs(short.difference):f}{unit} short"
    )


def _not_reported(reader: runs.RunReader) -> tuple[str, ...]:
    """Places that reported something before and nothing of what they owe this period."""
    names: dict[str, None] = {}
    tree = reader.opened.tree
    for entry in reader.opened.publication["findings"]:
        if entry["code"] == "check.missing":
            found = tree.candidates(entry["region"])
            if found:
                names.setdefault(tree.names[found[-1]])
    return tuple(names)


def _changes(reader: runs.RunReader) -> tuple[Change, ...]:
    """The area's own indicators that moved most against the same period last year, largest first."""
    opened = reader.opened
    last_year = opened.period.last_year()
    found = []
    for head in runs.item_heads(reader):
        definition = reader.indicator(head.indicator)
        now = opened.evaluator.indicator(definition, opened.period)
        before = opened.evaluator.indicator(definition, last_year)
        texts = now.text(0), before.text(0)
        if None in texts or reader.change_hidden(opened.within, head.indicator, last_year):
            continue
        present, earlier = Decimal(texts[0] or 0), Decimal(texts[1] or 0)
        moved = marked_change(present, earlier, is_percent=head.unit == "%")
        if moved is None:
            continue
        improved = (
            None if definition.direction == "none" else (present > earlier) == (definition.direction == "up")
        )
        unit = "%" if head.unit == "%" else ""
        found.append(
            (
                abs(moved.weight),
                Change(
                    place=reader.run.region.name,
                    indicator_zh=definition.name_zh,
                    indicator_en=definition.name_en,
                    value=f"{present}{unit}",
                    earlier=f"{earlier}{unit}",
                    change=moved.text,
                    against_zh="同比",
                    against_en="year-on-year",
                    improved=improved,
                ),
            )
        )
    found.sort(key=lambda pair: -pair[0])
    return tuple(change for _, change in found[:MARKED_CHANGES])


def _peer_ranks(
    zh: Readership, en: Readership, run: Run, rows: Iterable[runs.RankRow]
) -> tuple[PeerRank, ...]:
    """Where the places stand in their peer groups: group by group, the best first."""
    names_zh, names_en = runs.peer_group_names(zh, run), runs.peer_group_names(en, run)
    found = [(group, rank, row) for row in rows for group, rank in row.peer_ranks.items() if rank]
    held = Counter((group, rank) for group, rank, _row in found)
    found.sort(key=lambda one: (one[0], one[1]))
    return tuple(
        PeerRank(
            names_zh.get(group, group),
            names_en.get(group, group),
            row.name,
            rank,
            row.peer_sizes[group],
            held[group, rank] > 1,
        )
        for group, rank, row in found
    )


def _too_small(reader: runs.RunReader) -> tuple[TooSmall, ...]:
    """Values of the card that are shown and not ranked, item by item in the order of the tree."""
    found = []
    for code in dict.fromkeys(item.indicator for item in reader.opened.scorecard.items):
        definition = reader.indicator(code)
        for position, entry in reader.subjects:
            cell = entry["indicators"][code]
            if cell["value"] is None or reader.value_hidden(position, code):
                continue
            if reader.mark(cell, False) == "too_small":
                unit = definition.unit if definition.unit == "%" else ""
                value = f"{cell['value']}{unit}"
                names = definition.name_zh, definition.name_en
                found.append(TooSmall(entry["name"], *names, value, definition.min_denominator))
    return tuple(found)


def _suppressed(reader: runs.RunReader) -> bool:
    return any(
        reader.value_hidden(position, code)
        for position, entry in reader.subjects
        for code in entry["indicators"]
    )


def _findings(reader: runs.RunReader) -> tuple[Finding, ...]:
    """Findings somebody answered or overrode. What they say of persons is named, not counted."""
    rows = (
        reader.run.findings.filter(state__in=[FindingState.ANSWERED, FindingState.OVERRIDDEN])
        .select_related("region", "answered_by")
        .order_by("severity", "region__position", "id")
    )
    return tuple(
        Finding(
            text_zh=_sentence(row, reader, "zh"),
            text_en=_sentence(row, reader, "en"),
            answer=row.answer if row.state == FindingState.ANSWERED else "",
            overridden_by=(row.answered_by.full_name if row.answered_by else "")
            if row.state == FindingState.OVERRIDDEN
            else "",
            reason=row.answer if row.state == FindingState.OVERRIDDEN else "",
        )
        for row in rows
    )


def _sentence(row: RunFinding, reader: runs.RunReader, language: Language) -> str:
    catalogue = reader.opened.catalogue
    definition = catalogue.indicators.get(row.indicator) or catalogue.elements.get(row.element)
    place = row.region.name if row.region else ""
    name = definition.name(language) if definition else row.indicator or row.element
    if row.code in LATE_EDITS:
        # Totals before and after would tell the figures between them.
        return sentence_of(row, reader.run, catalogue, language, whole=not _guarded(row, reader))
    # A finding about cells names no element and counts no people.
    named = [row.indicator or row.element] if row.indicator or row.element else []
    parts = row.params.get("elements")
    if any(counts_persons(catalogue, code) for code in [*named, *(parts if isinstance(parts, list) else [])]):
        return f"{place}“{name}”的数据" if language == "zh" else f"Figures of {place}, “{name}”"
    params = dict(row.params) | {"region": place, "element": name, "indicator": name}
    if isinstance(parts, list):
        known = (catalogue.elements.get(code) for code in parts)
        names = [element.name(language) for element in known if element is not None]
        params["elements"] = ("、" if language == "zh" else ", ").join(names)
    return Problem(row.code, params).text(language)


def _guarded(row: RunFinding, reader: runs.RunReader) -> bool:
    """Whether a late change may have been one of a count of persons, or anything of its place is hidden."""
    if row.params.get("persons", True) or row.region_id is None:
        return True
    try:
        position = reader.position_of(row.region_id)
    except NotFound:
        return True
    cells = reader.opened.region(position)
    return any(reader.value_hidden(position, code) for code in cells)


def _waived(reader: runs.RunReader, places: Collection[int]) -> tuple[Waived, ...]:
    """Vetoes that were not applied to places of the ranking, with who decided so and why, as frozen in the run."""
    opened = reader.opened
    names = {
        (opened.tree.levels[at], opened.tree.codes[at]): opened.tree.names[at]
        for at, _subject in reader.subjects
        if int(opened.tree.ids[at]) in places
    }
    vetoes = {veto.indicator: veto for veto in opened.scorecard.vetoes}
    rulings = opened.ledger.rulings_of(opened.scorecard.code, opened.period) if opened.ledger else []
    return tuple(
        Waived(
            names[ruling.region],
            vetoes[ruling.indicator].name("zh"),
            vetoes[ruling.indicator].name("en"),
            ruling.decided_by,
            ruling.reason,
        )
        for ruling in rulings
        if not ruling.applies and ruling.region in names and ruling.indicator in vetoes
    )


def _level(run: Run, language: Language) -> str:
    names = run.tree.level_names.get(run.level) or LEVEL_NAMES.get(run.level) or {}
    return str(names.get(language) or run.level)
