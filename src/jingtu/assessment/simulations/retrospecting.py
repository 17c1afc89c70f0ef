"""A card laid on several published periods at once: what each would have been, held against what was published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import RunFilter, get_run, runs_visible
from jingtu.assessment.runs.rules import RunState
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import Progress
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.errors import NotFound
from jingtu.core.ui.charts import Series, Trend
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, Language, Problem, refuse, register_texts
from jingtu.engine.retrospect import Cell, Collector, Retrospect
from jingtu.engine.simulate import Changes

from .queries import Asked, Bench

JOB_KIND = "simulations.retrospect"
AT_ONCE = 20_000
"""Up to so many regions times periods the page is worked out in the request itself."""
MOST_PERIODS = 36
SHOWN = 3
"""Places in the chart, with two lines each."""

register_texts(
    {
        "simulations.no_periods": (
            "{year}年没有这张评分表已发布的考核，无从回溯。",
            "No assessment by this scorecard was published for {year}; there is nothing to look back on.",
        ),
        "simulations.period_locked": (
            "该考核期有受保护的小数，您的岗位不能用别的评分表推算它。",
            "The period rests on protected small counts; your posts do not let you try another card on it.",
        ),
    }
)


@dataclass(frozen=True)
class Wanted:
    """Which periods (a year; 0: the run's own), by which catalogue (None: the newest), with which changes."""

    year: int = 0
    asked: Asked = field(default_factory=Asked)

    def plain(self) -> dict[str, Any]:
        """As a job keeps it."""
        return {
            "year": self.year,
            "catalogue": self.asked.catalogue,
            "points": dict(self.asked.points),
            "targets": dict(self.asked.targets),
            "rules": dict(self.asked.rules),
        }

    @classmethod
    def from_plain(cls, content: dict[str, Any]) -> Wanted:
        """What :meth:`plain` gave."""
        asked = Asked(content["points"], content["targets"], content["rules"], catalogue=content["catalogue"])
        return cls(content["year"], asked)


@dataclass(frozen=True)
class LeftOut:
    """A period that could not be tried, and why; said in the language of whoever reads it."""

    period: str
    why: Problem

    def text(self, language: Language) -> str:
        """The sentence, led by the period."""
        separator = "：" if language == "zh" else ": "
        return Period.parse(self.period).label(language) + separator + self.why.text(language)


@dataclass(frozen=True)
class Looked:
    """What came of it; ``left_out``: periods that could not be tried, and why."""

    run: Run
    year: int
    catalogue: int
    found: Retrospect
    left_out: tuple[LeftOut, ...]

    def plain(self) -> dict[str, Any]:
        """As a job keeps it."""
        return {
            "year": self.year,
            "catalogue": self.catalogue,
            "found": self.found.plain(),
            "left_out": [[one.period, one.why.code, dict(one.why.params)] for one in self.left_out],
        }


def published_periods(actor: Actor, run: Run) -> list[Run]:
    """The published runs of the same places, card and kind of period that the actor may read, oldest first."""
    wanted = RunFilter(level=run.level, scorecard=run.scorecard, state=RunState.PUBLISHED.value)
    found = runs_visible(actor, wanted).filter(region_id=run.region_id, cadence=run.cadence)
    return list(found.order_by("period_end", "period_start"))


def years_of(published: Sequence[Run]) -> list[int]:
    """The years of what :func:`published_periods` gave, newest first."""
    return sorted({one.period_start.year for one in published}, reverse=True)


def chosen(published: Sequence[Run], year: int) -> list[Run]:
    """The runs of a year among them. Raises InvalidInput where there are none."""
    found = [one for one in published if one.period_start.year == year]
    if not found:
        raise refuse("simulations.no_periods", year=year)
    return found[-MOST_PERIODS:]


def newest_catalogue() -> int:
    """The number of the newest catalogue: this year's card."""
    return CatalogueVersion.objects.order_by("-number").values_list("number", flat=True)[0]


def look_back(
    actor: Actor,
    run_id: int,
    wanted: Wanted,
    progress: Callable[[int], None] = lambda _percent: None,
    *,
    published: Sequence[Run] | None = None,
) -> Looked:
    """Every published period of a year by the card of another catalogue, and with the changes asked for.

    Nothing is stored; ``published``: the periods, where they have been read already. Raises NotFound, InvalidInput for a year without periods or for changes no period takes.
    """
    run = get_run(actor, run_id)
    year = wanted.year or run.period_start.year
    runs = chosen(published_periods(actor, run) if published is None else published, year)
    number = wanted.asked.catalogue or newest_catalogue()
    collector, left_out = Collector(), []
    refusal: InvalidInput | None = None
    for done, one in enumerate(runs, start=1):
        try:
            collector.add(one.period, _period(actor, one, number, wanted.asked))
        except InvalidInput as problem:
            refusal = problem
            left_out.append(LeftOut(one.period, problem.problems[0]))
        progress(100 * done // (len(runs) + 1))
    if (
        refusal is not None
        and not collector.periods
        and wanted.asked != Asked(catalogue=wanted.asked.catalogue)
    ):
        raise refusal
    return Looked(run, year, number, collector.done(), tuple(left_out))


def _period(actor: Actor, run: Run, number: int, asked: Asked) -> dict[int, tuple[str, Cell]]:
    plain = Bench(actor, run.pk)
    if plain.locked:
        # Another card weighs hidden items otherwise, and its totals would tell them.
        raise refuse("simulations.period_locked")
    bench = Bench(actor, run.pk, number)
    changes: Changes = bench.changes(asked)
    tree = bench.opened.tree
    return {
        int(tree.ids[move.position]): (
            tree.names[move.position],
            Cell(move.old_total, move.new_total, move.old_rank, move.new_rank),
        )
        for move in bench.tried(changes)
    }


def is_long(run: Run, published: Sequence[Run], year: int) -> bool:
    """Whether it is work for a job. Raises InvalidInput for a year without periods."""
    size = (run.region.last or 0) - (run.region.position or 0) + 1
    return size * len(chosen(published, year or run.period_start.year)) > AT_ONCE


def as_job(job: Job, actor: Actor, progress: Progress) -> dict[str, Any]:
    """The work of a job of :data:`JOB_KIND`, with the rights its owner has now."""
    wanted = Wanted.from_plain(job.params["wanted"])
    return look_back(actor, int(job.params["run"]), wanted, progress).plain()


def outcome(job: Job) -> tuple[str, str]:
    """Where the owner of a job that is done reads what it found."""
    return _("查看结果"), f"{reverse('simulations:retrospect', args=[job.params['run']])}?job={job.pk}"


def of_job(actor: Actor, run_id: int, job_id: int) -> Looked | None:
    """What a job of the actor's own found, None while it has not ended. Raises NotFound for those of others."""
    run = get_run(actor, run_id)
    job = Job.objects.filter(pk=job_id, kind=JOB_KIND, owner_id=user_id_of(actor)).first()
    if job is None or job.params.get("run") != run_id:
        raise NotFound(f"#{job_id}")
    if job.state != Job.State.DONE:
        return None
    kept = job.result
    left_out = tuple(LeftOut(period, Problem(code, params)) for period, code, params in kept["left_out"])
    found = Retrospect.from_plain(kept["found"])
    # Posts, runs and what is a small count may have changed since the job ran.
    locked = _locked(actor, run, found.periods)
    if locked:
        left_out += tuple(
            LeftOut(period, Problem("simulations.period_locked"))
            for period in found.periods
            if period in locked
        )
        found = found.without(locked)
    return Looked(run, kept["year"], kept["catalogue"], found, left_out)


def _locked(actor: Actor, run: Run, periods: Sequence[str]) -> set[str]:
    """The periods that the actor may not try another card on now."""
    runs = {one.period: one for one in published_periods(actor, run)}
    return {period for period in periods if period not in runs or Bench(actor, runs[period].pk).locked}


def rank_chart(looked: Looked, title: str, published: str, tried: str, unit: str) -> Trend | None:
    """Ranks per period of the places that moved most, under both cards; None where nothing moved."""
    movers = looked.found.movers[:SHOWN]
    if not movers:
        return None
    series = []
    for line in movers:
        for word, new in ((published, False), (tried, True)):
            values = [
                None if cell is None else (cell.new_rank if new else cell.old_rank) for cell in line.cells
            ]
            series.append(
                Series(f"{line.name} · {word}", values, key=f"{line.region_id}-{word}", emphasis=new)
            )
    return Trend(title=title, unit=unit, decimals=0, periods=looked.found.periods, series=series)


def header(english: bool) -> tuple[str, ...]:
    """The heads of the columns of the file."""
    return (
        ("place", "period", "published total", "tried total", "published rank", "tried rank", "ranks gained")
        if english
        else ("地区或单位", "周期", "发布总分", "推演总分", "发布名次", "推演名次", "名次上升")
    )


def rows(looked: Looked) -> Iterator[tuple[object, ...]]:
    """The whole of it: one row for each place and period."""
    for line in looked.found.lines:
        for period, cell in zip(looked.found.periods, line.cells, strict=True):
            if cell is not None:
                yield (line.name, period, *cell, cell.gained)
