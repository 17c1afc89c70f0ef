"""What the people of the simulated city do, each deed by its own service and its own person."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from jingtu.assessment.adjustments import services as adjustments
from jingtu.assessment.adjustments.models import VetoCase
from jingtu.assessment.indicators.services import import_catalogue
from jingtu.assessment.reporting import services as reporting
from jingtu.assessment.reporting.models import Report
from jingtu.assessment.reporting.services import Chosen, Entry
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Run
from jingtu.assessment.schedules import services as schedules
from jingtu.assessment.schedules.models import Schedule
from jingtu.assessment.schedules.rules import PRESETS, Timing
from jingtu.assessment.targets import services as targets
from jingtu.core.accounts import proposals
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import PostProposal, User
from jingtu.core.accounts.services import create_user
from jingtu.core.facts.models import FactImport
from jingtu.core.facts.services import begin_import, confirm_import
from jingtu.core.jobs import timers
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.numbering.services import make_series
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.services import load_tree, set_peer_group
from jingtu.engine import targets as engine_targets
from jingtu.engine.catalogue.thresholds import Threshold
from tests.year import city

Figures = Mapping[str, int | str]


def at(day: dt.date, clock: str = "10:05") -> dt.datetime:
    """A moment of the office's own day."""
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), city.ZONE)


@contextmanager
def on(day: dt.date, clock: str) -> Iterator[None]:
    with frozen(at(day, clock)):
        yield


class Office:
    """The city's office on its first day: places, people, definitions, forms, schedules, targets."""

    def __init__(self, first_day: dt.date) -> None:
        with on(first_day, "08:00"):
            self.places: RegionTree = load_tree(SYSTEM, city.PLACES, city.place_rows()).tree
            self.units: RegionTree = load_tree(SYSTEM, city.UNITS, city.unit_rows()).tree
            self._engage()
            import_catalogue(SYSTEM, city.CATALOGUE)
            reporting.install_form(SYSTEM, "monthly", self.places, city.MONTHLY)
            reporting.install_form(SYSTEM, "units", self.units, city.QUARTERLY)
            for code, (name, name_en, members) in city.GROUPS.items():
                ids = [self.region(member).pk for member in members]
                set_peer_group(
                    self.who("system1"), self.places, code, name_zh=name, name_en=name_en, members=ids
                )
            series = make_series(
                self.who("analyst1"), self.region(city.CITY).pk, name="考核通报", office="云禁办通"
            )
            runs.set_release_rule(self.who("reviewer1"), self.region(city.CITY).pk, series_id=series.pk)
            self.analyst = "analyst1"
            self.schedules = {
                name: self.schedule(name, preset, card, root)
                for name, preset, card, root in (
                    ("周通报", "weekly", "monitor", city.CITY),
                    ("月考核", "monthly", "monthly", city.CITY),
                    ("季排名", "quarterly", "outcome", city.CITY),
                    ("成员单位季考核", "quarterly", "member", city.COMMITTEE),
                )
            }
            self._set_targets()

    # -- people ---------------------------------------------------------------------------------------

    def who(self, name: str) -> UserActor:
        """Somebody by user name, with the rights of this moment."""
        return UserActor(User.objects.get(username=name))

    def engage(
        self, name: str, role: str, place: str, by: str = "security1", second: str = "security2"
    ) -> None:
        """A post given by two people."""
        user = User.objects.filter(username=name).first()
        if user is None:
            user = create_user(
                self.who("system1"),
                username=name,
                full_name=name,
                password="Year-of-2026!",
            ).user
        region = self.region(place).pk if place else None
        made = proposals.grant(self.who(by), user_id=user.pk, role=role, region_id=region, reason="任命")
        if isinstance(made, PostProposal):
            proposals.confirm(self.who(second), made.pk, "已核实")

    def dismiss(self, name: str) -> None:
        """Somebody leaves: every post ended by two people."""
        for post in User.objects.get(username=name).posts.filter(ended_at__isnull=True):
            made = proposals.end(self.who("security1"), post.pk, "调离")
            if isinstance(made, PostProposal):
                proposals.confirm(self.who("security2"), made.pk, "已核实")

    def _engage(self) -> None:
        for name, role, place in (*city.STAFF, *city.UNIT_STAFF):
            user = User.objects.filter(username=name).first()
            if user is None:
                user = create_user(SYSTEM, username=name, full_name=name, password="Year-of-2026!").user
            proposals.grant(
                SYSTEM, user_id=user.pk, role=role, region_id=self.region(place).pk if place else None
            )

    # -- places and definitions -----------------------------------------------------------------------

    def region(self, code: str) -> Region:
        return Region.objects.select_related("tree").get(
            tree__slug__in=(city.CITY_TREE, city.UNITS_TREE), code=code, valid_to__isnull=True
        )

    def below(self, county: str) -> list[Region]:
        """The townships that a county has today."""
        return list(Region.objects.filter(parent=self.region(county), valid_to__isnull=True).order_by("code"))

    def schedule(
        self,
        name: str,
        preset: str,
        card: str,
        root: str,
        starts_on: dt.date = dt.date(2026, 1, 1),
        pk: int | None = None,
    ) -> Schedule:
        usual = PRESETS[preset]
        timing = Timing(usual.cadence, usual.offset_days, usual.in_working_days, usual.at, usual.wait_days)
        behalf = self.who(self.analyst)
        plan = schedules.Plan(
            self.region(root).pk, name, card, timing, usual.min_coverage, behalf.user_id, starts_on,
            bulletin=usual.bulletin,
        )  # fmt: skip
        return schedules.save(behalf, plan, pk)

    def _set_targets(self) -> None:
        asked = (
            engine_targets.Target(
                "RATE", "place", "2026", "each", ("county", "F01"), requirement=Threshold.parse(">= 92"),
                red_line=Threshold.parse("< 75"), document="云禁委〔2026〕1号",
            ),
            engine_targets.Target(
                "RATE", "group", "2026-H1", "each", group="hill", requirement=Threshold.parse(">= 88")
            ),
            engine_targets.Target(
                "YOUNG", "level", "2026-Q2", "each", ("city", city.CITY), level="county",
                requirement=Threshold.parse("<= 35"),
            ),
            engine_targets.Target(
                "RATE", "place", "2026-09", "exact", ("county", "F01"), requirement=Threshold.parse(">= 97")
            ),
        )  # fmt: skip
        for target in asked:
            made = targets.propose(self.who("analyst2"), self.places, target, "市禁毒委下达年度任务")
            if made.state == "proposed":
                targets.approve(self.who("reviewer1"), made.pk, "同意")

    # -- figures --------------------------------------------------------------------------------------

    def import_rows(self, rows: Iterable[Sequence[object]]) -> FactImport:
        """A file of figures: place, element, period, value."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["region", "element", "period", "value"])
        writer.writerows(rows)
        actor = self.who("analyst2")
        made = begin_import(actor, self.places, [text.getvalue().encode()], "figures.csv")
        assert made.state == "ready", made.problems
        return confirm_import(actor, made.pk)

    def fill(self, who: str, form: str, period: str, place: Region, figures: Figures) -> None:
        """Type a report, over whatever stands there, each cell with a word of explanation."""
        standing = {
            cell.key: cell.version
            for report in Report.objects.filter(form__code=form, region=place, period=period)
            for cell in report.cells.all()
        }
        entries = [
            Entry(place.pk, key, _text(key, value), standing.get(key, 0), "已与台账核对")
            for key, value in figures.items()
        ]
        outcome = reporting.save_cells(self.who(who), form, period, entries)
        assert not outcome.refused, [one.problem.text("en") for one in outcome.refused]

    def submit(self, who: str, form: str, period: str, places: Sequence[Region]) -> list[Report]:
        done = reporting.submit_many(self.who(who), form, period, [place.pk for place in places])
        assert not done.held_back, done.held_back
        return done.reports

    def pass_on(self, who: str, reports: Iterable[Report]) -> None:
        reporting.pass_reports(self.who(who), [Chosen(report.pk) for report in reports])

    # -- runs -----------------------------------------------------------------------------------------

    def tick(self) -> int:
        """A round of everything that time brings; none of it may break."""
        rungs = timers.tick(SYSTEM)
        assert not [rung for rung in rungs if rung.failure], rungs
        return sum(rung.done for rung in rungs)

    def hand_on(self, run: Run) -> Run:
        """From a checked draft to the reviewer: vetoes decided, findings answered."""
        waiting = VetoCase.objects.filter(
            tree=run.tree, scorecard=run.scorecard, period=run.period, state__in=("proposed", "replied")
        )
        for case in waiting.select_related("region"):
            reporter = f"reporter.{case.region.code.lower()}"
            adjustments.reply(self.who(reporter), case.pk, "系外地流入人员所致")
            applies = case.region.code != "F01"
            adjustments.decide_veto(self.who("reviewer2"), case.pk, "经合议作出决定", applies=applies)
        if waiting.model.objects.filter(
            tree=run.tree, scorecard=run.scorecard, period=run.period, decided_by__isnull=False
        ).exists():
            run = runs.prepare(self.who(self.analyst), run.pk)
        for finding in run.findings.filter(severity="error", state="open"):
            runs.answer_finding(self.who(self.analyst), finding.pk, "已与当地核实")
        return runs.submit_for_review(self.who(self.analyst), run.pk)

    def publish(self, run: Run) -> Run:
        return runs.approve_and_publish(self.who("reviewer1"), self.hand_on(run).pk)

    def correct(self, run: Run, reason: str) -> Run:
        """The next version of a published run."""
        return self.publish(runs.correct(self.who(self.analyst), run.pk, reason))


def _text(key: str, value: int | str) -> str:
    if isinstance(value, str) or not key.startswith("seized"):
        return str(value)
    return f"{value // 100}.{value % 100:02d}"
