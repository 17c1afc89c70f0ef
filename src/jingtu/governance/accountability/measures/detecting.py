"""The rules that come with the system: what each finds in frozen publications, and what speaks against it.

Everything is read as the readers of a bulletin may read it, so a proposal shows nobody a hidden count.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.urls import reverse

from jingtu.assessment.adjustments.models import VetoCase
from jingtu.assessment.adjustments.rules import VetoState
from jingtu.assessment.bulletins.gathering import readership
from jingtu.assessment.runs import queries as runs
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import RunReader
from jingtu.assessment.runs.queries.rankings import decimal_of
from jingtu.assessment.runs.rules import RunState
from jingtu.core.regions.models import PeerGroup, Region
from jingtu.engine.catalogue import Indicator
from jingtu.engine.intervals import wilson
from jingtu.engine.periods import Period

from .registry import Found, Line, Parameter, RuleKind, evidence_sources, register_rule

CLOSE = Decimal("1")
"""A total within so many points of the place before says little about the order of the two."""
FEW = 30
"""A denominator below this moves much by one case."""
LOOK_BACK = dt.timedelta(days=400)
"""What was published for periods that ended earlier is history."""
WHOLE = ("全部参评对象", "all that are ranked")

_CADENCE = Parameter(
    "cadence", "周期", "Period", "quarter", "choice",
    choices=(("quarter", "季", "quarter"), ("month", "月", "month"), ("year", "年", "year")),
)  # fmt: skip


def latest(office: Region, cadence: str, day: dt.date, count: int) -> Iterator[list[Run]]:
    """For every card and level of the office the last ``count`` publications of consecutive periods, latest first, and
    the one before them where there is one."""
    found = Run.objects.filter(
        region=office, cadence=cadence, state=RunState.PUBLISHED.value,
        period_end__lte=day, period_end__gte=day - LOOK_BACK - dt.timedelta(days=31 * (count + 1)),
    ).select_related("region", "tree", "catalogue")  # fmt: skip
    series: dict[tuple[str, str], list[Run]] = {}
    for run in found.order_by("-period_end", "-pk"):
        known = series.setdefault((run.scorecard, run.level), [])
        if not known or Period.parse(known[-1].period).previous().key == run.period:
            known.append(run)
    for known in series.values():
        if len(known) >= count:
            yield known[: count + 1]


def reader_of(run: Run) -> RunReader:
    """The run as the readers of its bulletin see it."""
    return runs.reader_of(readership(run, "zh"), run)


def _periods(run: Run) -> dict[str, str]:
    period = Period.parse(run.period)
    return {"period": period.label("zh"), "period_en": period.label("en")}


def _card(run: Run) -> dict[str, str]:
    return {"card": run.scorecard_zh, "card_en": run.scorecard_en}


def explain_url(run: Run, region_id: int, indicator: str = "") -> str:
    """Where the derivation of a figure of the frozen publication stands."""
    query = {"region": str(region_id)} | ({"indicator": indicator} if indicator else {})
    return reverse("runs:explain", args=[run.pk], query=query)


def publication(run: Run) -> Line:
    """Which publication the evidence stands in."""
    told = {"run": run.pk, "version": run.version, "hash": run.publication_hash[:16]}
    return Line("measures.ev_publication", told, reverse("runs:detail", args=[run.pk]))


# --- bottom n of a peer group, so many periods running


def bottom(office: Region, given: Mapping[str, Any], day: dt.date) -> list[Found]:
    """Places among the last ``n`` of their peer group in each of the last ``streak`` publications."""
    n, streak = int(given["n"]), int(given["streak"])
    found: list[Found] = []
    for series in latest(office, str(given["cadence"]), day, streak):
        scope = str(given["scope"])
        readers = [reader_of(run) for run in series]
        standing = [_last_of(reader, n, scope) for reader in readers]
        for (region_id, group), _ in standing[0].items():
            held = [one.get((region_id, group)) for one in standing[:streak]]
            if not all(held):
                continue
            one = _bottom_found(region_id, group, readers[:streak], held, n, scope)  # type: ignore[arg-type]
            if readers[streak:] and (region_id, group) not in standing[streak]:
                only = Line("measures.ag_only_bottom", {**_periods(series[streak]), "streak": streak})
                one = replace(one, against=(*one.against, only))
            found.append(one)
    return found


def _groups(reader: RunReader, scope: str) -> dict[str, list[tuple[int, int, Mapping[str, Any]]]]:
    """Group → (position, rank, entry) of everybody ranked in it."""
    groups: dict[str, list[tuple[int, int, Mapping[str, Any]]]] = {}
    for position, entry in reader.subjects:
        ranks = entry["peer_ranks"] if scope == "peer" else {}
        if scope != "peer" and entry["rank"]:
            ranks = {"": entry["rank"]}
        for group, rank in ranks.items():
            groups.setdefault(group, []).append((position, rank, entry))
    return groups


def _last_of(reader: RunReader, n: int, scope: str) -> dict[tuple[int, str], tuple[int, int, Decimal]]:
    """(region, group) → rank, size, total of those with fewer than ``n`` behind them."""
    found = {}
    for group, members in _groups(reader, scope).items():
        held = Counter(rank for _, rank, _ in members)
        for position, rank, entry in members:
            behind = sum(count for other, count in held.items() if other > rank)
            if behind < n and len(members) > n:
                region_id = int(reader.opened.tree.ids[position])
                found[region_id, group] = (rank, len(members), Decimal(entry["total"]))
    return found


def _bottom_found(
    region_id: int,
    group: str,
    readers: Sequence[RunReader],
    held: Sequence[tuple[int, int, Decimal]],
    n: int,
    scope: str,
) -> Found:
    newest = readers[0].run
    zh, en = _group_names(newest, group)
    evidence = [
        Line(
            "measures.ev_bottom",
            {**_periods(reader.run), **_card(reader.run), "group": zh, "group_en": en, "rank": rank,
             "size": size, "total": f"{total:.2f}"},
            explain_url(reader.run, region_id),
        )
        for reader, (rank, size, total) in zip(readers, held, strict=True)
    ]  # fmt: skip
    evidence += [publication(reader.run) for reader in readers]
    against: list[Line] = []
    if held[0][1] < 2 * n + 2:
        against.append(Line("measures.ag_group_small", {"group": zh, "group_en": en, "size": held[0][1]}))
    for reader, (rank, _, _) in zip(readers, held, strict=True):
        against += _doubts(reader, region_id, group, scope, rank, n)
    key = f"bottom:{newest.scorecard}:{newest.level}:{scope}:{group}:{newest.period}:{len(readers)}"
    return Found(
        region_id,
        key[:200],
        tuple(evidence),
        tuple(against),
        newest.period,
        newest.pk,
        newest.publication_hash,
    )


def _group_names(run: Run, code: str) -> tuple[str, str]:
    if not code:
        return WHOLE
    group = PeerGroup.objects.filter(tree_id=run.tree_id, code=code).first()
    return (group.name_zh, group.name_en) if group else (code, code)


def _doubts(reader: RunReader, region_id: int, group: str, scope: str, rank: int, n: int) -> Iterator[Line]:
    """What makes a place at the bottom of one publication less than certain."""
    said, position = _periods(reader.run), reader.position_of(region_id)
    members = _groups(reader, scope)[group]
    tied = sum(1 for _, other, _ in members if other == rank)
    if tied > 1:
        yield Line("measures.ag_tie", {**said, "count": tied})
    total = next(Decimal(entry["total"]) for at, _, entry in members if at == position)
    ahead = [Decimal(entry["total"]) - total for _, other, entry in members if other < rank]
    if ahead and 0 <= min(ahead) < CLOSE:  # who ranks last by a veto is not last by points
        yield Line("measures.ag_gap", {**said, "gap": f"{min(ahead):.2f}"})
    entry = next(entry for at, _, entry in members if at == position)
    unjudged = sum(1 for values in entry["indicators"].values() if values["state"] == "below_minimum")
    if unjudged:
        yield Line("measures.ag_minimum", {**said, "count": unjudged})
    few = sum(
        1
        for code, values in entry["indicators"].items()
        if values["state"] != "below_minimum" and _few(reader.indicator(code), values)
    )
    if few:
        yield Line("measures.ag_few", {**said, "count": few, "least": FEW})
    over, of = _overlaps(reader, position, n)
    if over:
        yield Line("measures.ag_ranges", {**said, "count": over, "of": of})


def _overlaps(reader: RunReader, position: int, n: int) -> tuple[int, int]:
    """For how many indicators with a range of ranks the place could as well stand outside the bottom."""
    over = of = 0
    for code in reader.opened.scorecard.indicators:
        rows = _bands(reader, code)
        mine = next((row for row in rows if row["position"] == position), None)
        if mine is None or reader.value_hidden(position, code):
            continue
        of += 1
        over += mine["best_rank"] <= len(rows) - n < mine["worst_rank"]
    return over, of


def _bands(reader: RunReader, code: str) -> list[Mapping[str, Any]]:
    """The ranges of ranks of one indicator; read from the frozen files once a reader."""
    kept: dict[str, list[Mapping[str, Any]]] = reader.__dict__.setdefault("_ranges_of_ranks", {})
    if code not in kept:
        level = reader.opened.manifest["level"]
        kept[code] = [row for row in reader.opened.indicator(code, level) if row["best_rank"]]
    return kept[code]


# --- red lines


def red_lines(office: Region, given: Mapping[str, Any], day: dt.date) -> list[Found]:
    """Places beyond at least ``least`` red lines in the latest publication, the same ones in each of ``streak``."""
    found, streak = [], int(given["streak"])
    for series in latest(office, str(given["cadence"]), day, streak):
        reader, *before = (reader_of(run) for run in series)
        crossed = _crossed(reader)
        for other in before[: streak - 1]:
            earlier = _crossed(other)
            crossed = {place: codes & earlier.get(place, set()) for place, codes in crossed.items()}
        former = _crossed(before[streak - 1]) if before[streak - 1 :] else None
        for region_id, codes in crossed.items():
            if len(codes) < int(given["least"]):
                continue
            one = _red_found(reader, region_id, sorted(codes), streak)
            new = sorted(codes - former.get(region_id, set())) if former is not None else []
            if new:
                named = [reader.indicator(code) for code in new]
                said = {
                    **_periods(series[streak]), "streak": streak,
                    "name": "、".join(each.name_zh for each in named),
                    "name_en": ", ".join(each.name_en for each in named),
                }  # fmt: skip
                one = replace(one, against=(*one.against, Line("measures.ag_only_red", said)))
            found.append(one)
    return found


def _crossed(reader: RunReader) -> dict[int, set[str]]:
    """Region → indicators beyond their red line, as far as they may be told."""
    return {
        int(reader.opened.tree.ids[position]): {
            code
            for code, values in entry["indicators"].items()
            if reader.mark(values, reader.value_hidden(position, code)) == "below"
        }
        for position, entry in reader.subjects
    }


def _red_found(reader: RunReader, region_id: int, crossed: Sequence[str], streak: int) -> Found:
    run, position = reader.run, reader.position_of(region_id)
    known = next(entry for at, entry in reader.subjects if at == position)["indicators"]
    english = replace(reader, language="en")
    evidence: list[Line] = []
    unsure: dict[str, list[dict[str, str]]] = {}
    for code in crossed:
        definition, values = reader.indicator(code), known[code]
        names = {"name": definition.name_zh, "name_en": definition.name_en}
        value = Decimal(str(decimal_of(values["value"]) or 0)).quantize(
            Decimal(1).scaleb(-definition.decimals)
        )
        told = {
            **_periods(run), **names,
            "value": f"{value}{definition.unit_name('zh')}", "value_en": f"{value} {definition.unit_name('en')}",
            "line": reader.red_line(definition, position), "line_en": english.red_line(definition, position),
            "streak": streak,
        }  # fmt: skip
        evidence.append(Line("measures.ev_red_line", told, explain_url(run, region_id, code)))
        for doubt in _unsure(definition, values):
            unsure.setdefault(doubt, []).append(names)
    codes = ",".join(crossed)
    key = f"red_line:{run.scorecard}:{run.level}:{run.period}:{codes}"
    evidence.append(publication(run))
    against = [
        Line(
            doubt,
            {
                "name": "、".join(one["name"] for one in named),
                "name_en": ", ".join(one["name_en"] for one in named),
                "least": FEW,
            },
        )
        for doubt, named in unsure.items()
    ]
    return Found(
        region_id, key[:200], tuple(evidence), tuple(against), run.period, run.pk, run.publication_hash
    )


def _unsure(definition: Indicator, values: Mapping[str, Any]) -> Iterator[str]:
    """Which doubts a value leaves, as codes of sentences."""
    top, bottom_ = (decimal_of(values.get(part)) for part in ("numerator", "denominator"))
    if values["qualifier"] not in ("", "exact"):
        yield "measures.ag_estimated"
    if bottom_ is None or definition.unit != "%":
        return
    if _few(definition, values):
        yield "measures.ag_small"
    whole = top is not None and top == int(top) and bottom_ == int(bottom_) and 0 <= top <= bottom_ != 0
    if whole and definition.red_line is not None and top is not None:
        low, high = wilson(int(top), int(bottom_))
        if low * 100 <= float(definition.red_line.value) <= high * 100:
            yield "measures.ag_interval"


def _few(definition: Indicator, values: Mapping[str, Any]) -> bool:
    """Whether a share is one of so few that a case or two change it much."""
    of = decimal_of(values.get("denominator"))
    return of is not None and definition.unit == "%" and of < FEW


# --- vetoes in force


def vetoes(office: Region, given: Mapping[str, Any], day: dt.date) -> list[Found]:
    """Vetoes that a person decided to apply, inside the office's region."""
    cases = VetoCase.objects.filter(
        tree_id=office.tree_id, region__position__gt=office.position, region__position__lte=office.last,
        state=VetoState.APPLIED.value, period_end__gte=day - LOOK_BACK, period_end__lte=day,
    )  # fmt: skip
    found = []
    known = list(cases.order_by("period_end", "pk"))
    for case in known:
        # What fired for a month fires again for its quarter and its year to date: one of them proposes.
        if Period.parse(case.period).kind.value != given["cadence"]:
            continue
        run = (
            Run.objects.filter(
                tree_id=office.tree_id, scorecard=case.scorecard, period=case.period,
                state=RunState.PUBLISHED.value, ranked__region_id=case.region_id,
            )
            .order_by("-pk")
            .first()
        )  # fmt: skip
        if run is None:
            continue
        told = {**_periods(run), **_card(run), "name": case.name_zh, "name_en": case.name_en}
        evidence = (
            Line("measures.ev_veto", told, reverse("adjustments:veto", args=[case.pk])),
            publication(run),
        )
        key = f"veto:{case.scorecard}:{case.indicator}:{case.period}"
        again = any(
            other.region_id == case.region_id
            and other.indicator == case.indicator
            and other.period_end < Period.parse(case.period).start
            for other in known
        )
        only = (
            () if again else (Line("measures.ag_only_veto", {"name": case.name_zh, "name_en": case.name_en}),)
        )
        found.append(
            Found(case.region_id, key[:200], evidence, only, case.period, run.pk, run.publication_hash)
        )
    return found


# --- overdue supervision


def overdue(office: Region, given: Mapping[str, Any], day: dt.date) -> list[Found]:
    """What the registered sources of evidence know to be overdue."""
    return [one for source in evidence_sources() for one in source.find(office, int(given["days"]), day)]


def register() -> None:
    """Make the four known."""
    register_rule(
        RuleKind(
            "bottom", "连续末位", "At the bottom, periods running", bottom,
            (
                Parameter("n", "末位个数", "How many count as the bottom", 1, most=50),
                Parameter("streak", "连续期数", "Periods running", 2, most=12),
                _CADENCE,
                Parameter("scope", "比较范围", "Compared with", "peer", "choice",
                          choices=(("peer", "同类组", "peer group"), ("all", "全部", "all"))),
            ),
            order=10,
        )
    )  # fmt: skip
    register_rule(
        RuleKind(
            "red_line", "越过红线", "Red line crossed", red_lines,
            (
                Parameter("least", "至少几项", "At least so many indicators", 1, most=100),
                Parameter("streak", "连续期数", "Periods running", 1, most=24),
                _CADENCE,
            ),
            order=20,
        )
    )  # fmt: skip
    register_rule(RuleKind("veto", "一票否决适用", "Veto in force", vetoes, (_CADENCE,), order=30))
    register_rule(
        RuleKind(
            "overdue", "督办逾期", "Overdue supervision", overdue,
            (Parameter("days", "逾期工作日", "Working days overdue", 10, most=250),),
            order=40,
        )
    )  # fmt: skip
