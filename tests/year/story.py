"""Twelve months of an office, day by day: what is late, returned, disputed, merged, changed, broken off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from jingtu.assessment.adjustments import services as adjustments
from jingtu.assessment.alerts import services as alerts
from jingtu.assessment.alerts.models import Alert
from jingtu.assessment.appeals import services as appeals
from jingtu.assessment.appeals.models import Appeal
from jingtu.assessment.appeals.rules import AppealState
from jingtu.assessment.indicators import services as indicators
from jingtu.assessment.reporting import services as reporting
from jingtu.assessment.reporting.models import Report
from jingtu.assessment.runs import changed
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Publication, Run
from jingtu.assessment.schedules import services as schedules
from jingtu.assessment.schedules.models import Occurrence, Schedule
from jingtu.core.accounts import reviews
from jingtu.core.accounts.models import PostReview
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.clock import today
from jingtu.core.numbering.models import OfficialNumber
from jingtu.core.regions.services import Order, merge_regions
from jingtu.engine.catalogue.editing import entry_of
from jingtu.engine.periods import Period, PeriodKind
from jingtu.engine.workdays import add_working_days, is_working_day
from tests.year import city
from tests.year.office import Office, on

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2027, 1, 20)
OFF = (dt.date(2026, 6, 8), dt.date(2026, 6, 21))
"""A fortnight in which the machine stood still."""
CAMPAIGN = (dt.date(2026, 6, 1), dt.date(2026, 6, 22))
"""Days that are watched one by one."""
CUT_OFF = dt.date(2026, 11, 16)
"""The machine dies in the middle of its round of this day, a Monday."""
EVIDENCE = [("证明.csv", [b"a,b\n1,2\n"])]
GROUND = "台账显示本月到位人数漏报，附登记表"


class Year:
    """The year as it goes; ``days`` are deeds to be done on a day besides the rhythm."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.office, self.patch = Office(FIRST), monkeypatch
        self.hashes: dict[int, str] = {}
        self.late: set[str] = set()
        self.seen_alerts = 0
        self.days: dict[dt.date, list[Callable[[], Any]]] = {}
        self.reporters = {county: f"reporter.{county.lower()}" for county in city.COUNTIES}
        self._history()
        for month in range(1, 13):
            self._plan_month(month)
        for quarter in range(1, 5):
            self._plan_quarter(quarter)
        self._plan_the_unusual()

    # -- the rhythm -----------------------------------------------------------------------------------

    def run(self) -> None:
        day = FIRST
        while day <= LAST:
            if not OFF[0] <= day <= OFF[1]:
                self._one_day(day)
            day += dt.timedelta(days=1)

    def _one_day(self, day: dt.date) -> None:
        watched = CAMPAIGN[0] < day <= CAMPAIGN[1] + dt.timedelta(days=1)
        with on(day, "08:30"):
            self._import_checks(day)
        if day == CUT_OFF:
            with on(day, "10:05"):
                self._round_cut_off()
        if is_working_day(day) or watched:
            with on(day, "10:50" if day == CUT_OFF else "10:05"):
                self.office.tick()
                self._publish_what_is_ready()
        with on(day, "14:00"):
            for deed in self.days.pop(day, []):
                deed()

    def _import_checks(self, day: dt.date) -> None:
        """Yesterday's figures while days are watched, last week's on Mondays."""
        rows: list[tuple[str, str, str, int]] = []
        first = (
            OFF[0] - dt.timedelta(days=1)
            if day == OFF[1] + dt.timedelta(days=1)
            else day - dt.timedelta(days=1)
        )
        for number in range((day - first).days):
            past = first + dt.timedelta(days=number)
            if CAMPAIGN[0] <= past <= CAMPAIGN[1]:
                rows += self._checks(past.isoformat(), [past])
        if day.weekday() == 0 and not CAMPAIGN[0] < day <= CAMPAIGN[1]:
            week = Period.of(PeriodKind.WEEK, day - dt.timedelta(days=1))
            rows += self._checks(week.key, [week.start + dt.timedelta(days=n) for n in range(7)])
        if rows:
            self.office.import_rows(rows)

    @staticmethod
    def _checks(period: str, days: list[dt.date]) -> list[tuple[str, str, str, int]]:
        rows = []
        for county in city.COUNTIES:
            figures = [city.day_of(county, day) for day in days]
            rows.append((county, "stopped", period, sum(stopped for stopped, _ in figures)))
            rows.append((county, "opened", period, sum(opened for _, opened in figures)))
        return rows

    def _publish_what_is_ready(self) -> None:
        ready = Run.objects.filter(state="checked").order_by("period_end", "pk")
        for run in ready.exclude(period__in=self.late):
            self.published(self.office.publish(run))

    def published(self, run: Run) -> Run:
        """Keep what was published, to be held against what stands at the year's end."""
        self.hashes[run.pk] = run.publication_hash
        return run

    def _history(self) -> None:
        """Last year's cases, for comparison, and residents."""
        rows: list[tuple[str, str, str, int]] = []
        for month in range(1, 13):
            for place in city.townships():
                rows.append((place, "cases", f"2025-{month:02d}", 2 + city.dice("past", place, month) % 9))
                rows.append((place, "residents", f"2025-{month:02d}", 9000 + city.dice(place) * 20))
        with on(FIRST, "09:00"):
            self.office.import_rows(rows)

    # -- a month ---------------------------------------------------------------------------------------

    def on_day(self, day: dt.date, deed: Callable[[], Any]) -> None:
        self.days.setdefault(day, []).append(deed)

    def after(self, month: int, days: int) -> dt.date:
        """So many working days after the end of a month."""
        return add_working_days(Period.parse(f"2026-{month:02d}").end, days).day

    def _plan_month(self, month: int) -> None:
        for county in city.COUNTIES:
            days = {(3, "F03"): 6, (11, "F04"): 9}.get((month, county), 1)
            self.on_day(self.after(month, days), lambda c=county: self._report(month, c))
        self.on_day(self.after(month, 1), lambda: self._import_residents(month))
        for days in (2, 7, 10):
            self.on_day(self.after(month, days), lambda: self._check(month))
        for days in (3, 7, 10):
            self.on_day(self.after(month, days), lambda: self._accept(month))
        self.on_day(self.after(month, 9), self._settle_alerts)

    def _import_residents(self, month: int) -> None:
        self.office.import_rows(
            (place.code, "residents", f"2026-{month:02d}", 9000 + city.dice(place.code) * 20 + month)
            for county in city.COUNTIES
            for place in self.office.below(county)
        )

    def _report(self, month: int, county: str) -> None:
        """A county's townships are typed in and handed in; in April the reporter leaves half-way."""
        period, who = f"2026-{month:02d}", self.reporters[county]
        places = self.office.below(county)
        if (month, county) == (8, "F03"):
            who = "leader1"  # the reporter is away, by a proxy that was asked for and approved
        for place in places:
            self.office.fill(who, "monthly", period, place, city.month_of(place.code, 2026, month))
        if (month, county) == (4, "F02"):
            self._reporter_leaves(period)
            who = self.reporters[county]
        self.office.submit(who, "monthly", period, places)

    def _check(self, month: int) -> None:
        """The counties check; in the first month of a quarter one cell goes back and comes again."""
        period = f"2026-{month:02d}"
        for county in city.COUNTIES:
            checker = f"checker.{county.lower()}"
            waiting = list(self._reports(period, "submitted", county))
            if county == "F02" and month % 3 == 1 and waiting:
                place = waiting[0].region
                reporting.return_cells(self.office.who(checker), waiting[0].pk, {"cases": "与系统台账不符"})
                self.office.fill(self.reporters[county], "monthly", period, place, {"cases": 9})
                self.office.submit(self.reporters[county], "monthly", period, [place])
            self.office.pass_on(checker, waiting) if waiting else None

    def _accept(self, month: int) -> None:
        waiting = list(self._reports(f"2026-{month:02d}", "in_review"))
        if waiting:
            self.office.pass_on("analyst2" if month < 9 else "reviewer2", waiting)

    def _reports(self, period: str, state: str, county: str = "") -> Any:
        found = Report.objects.filter(form__code="monthly", period=period, state=state).select_related(
            "region"
        )
        return found.filter(region__parent__code=county) if county else found

    # -- a quarter -------------------------------------------------------------------------------------

    def _plan_quarter(self, quarter: int) -> None:
        month = quarter * 3
        self.on_day(self.after(month, 2), lambda: self._import_satisfaction(quarter))
        self.on_day(self.after(month, 3), lambda: self._units_report(quarter))

    def _import_satisfaction(self, quarter: int) -> None:
        key = f"2026-Q{quarter}"
        self.office.import_rows(
            (county, "satisfied", key, f"{80 + city.dice(county, quarter) % 15}.{quarter}5")
            for county in city.COUNTIES
        )

    def _units_report(self, quarter: int) -> None:
        period, reports = f"2026-Q{quarter}", []
        for code in city.MEMBERS:
            who, place = f"unit.{code.lower()}", self.office.region(code)
            tasks = 10 + city.dice(code, quarter) % 20
            self.office.fill(who, "units", period, place, {"tasks": tasks, "settled": tasks - quarter})
            reports += self.office.submit(who, "units", period, [place])
        self.office.pass_on("reviewer1", reports)

    # -- what does not happen every month ----------------------------------------------------------------

    def _plan_the_unusual(self) -> None:
        after, plan = self.after, self.on_day
        plan(after(1, 4), lambda: self.late.add("2026-01"))
        plan(after(1, 6), self._appeal_before_publication)
        plan(dt.date(2026, 2, 13), self._publish_january)
        plan(dt.date(2026, 4, 20), self._bonuses)
        plan(dt.date(2026, 6, 25), self._deduction)
        plan(after(4, 7), self._unlock_a_cell)
        plan(after(11, 10), lambda: self._next_version("2026-11", "北岭县逾期补报"))
        plan(CAMPAIGN[0], self._watch_days)
        plan(
            CAMPAIGN[1] + dt.timedelta(days=1),
            lambda: schedules.pause(self._analyst, self._schedule("六月日监测").pk, "行动结束"),
        )
        plan(dt.date(2026, 7, 13), lambda: self._file("2026-06", "F01"))
        plan(dt.date(2026, 7, 16), self._merge)
        plan(dt.date(2026, 7, 17), self._uphold)
        plan(dt.date(2026, 8, 28), self._ask_proxy)
        plan(after(8, 6), self._refuse_an_appeal)
        plan(dt.date(2026, 9, 14), self._new_scorecard)
        plan(after(9, 4), lambda: self.late.add("2026-09"))
        plan(after(9, 6), self._power_cut)
        plan(dt.date(2026, 10, 23), self._analyst_leaves)
        plan(dt.date(2026, 10, 27), self._analyst_follows)
        plan(dt.date(2027, 1, 18), self._whole_year)

    @property
    def _analyst(self) -> Any:
        return self.office.who(self.office.analyst)

    def _schedule(self, name: str) -> Schedule:
        return Schedule.objects.get(name=name)

    def _run(self, period: str, card: str = "monthly", **more: object) -> Run:
        return Run.objects.filter(period=period, scorecard=card, **more).order_by("-version")[0]

    def _next_version(self, period: str, why: str) -> None:
        self.published(self.office.correct(self._run(period, state="published"), why))

    def _appeal_before_publication(self) -> None:
        """January is open to appeal for three days: one number is corrected and the run computed anew."""
        office = self.office
        run = runs.open_for_appeal(office.who("reviewer1"), office.hand_on(self._run("2026-01")).pk, days=3)
        appeal = self._filed(run, "F02")
        appeals.accept(office.who("analyst2"), appeal.pk, "材料齐全")
        self._decide(appeal, "F02001", "2026-01")
        assert changed.what_changed(run)
        runs.prepare(self._analyst, run.pk)

    def _publish_january(self) -> None:
        self.late.discard("2026-01")
        self.published(self.office.publish(self._run("2026-01")))

    def _filed(self, run: Run, county: str) -> Appeal:
        place = self.office.region(county).pk
        reporter = self.office.who(self.reporters[county])
        return appeals.file_appeal(reporter, run.pk, place, "RATE", "indicator", text=GROUND)

    def _decide(self, appeal: Appeal, place: str, period: str) -> None:
        region = self.office.region(place)
        figures = city.month_of(place, 2026, int(period[-2:]))
        key = f"fact:{region.pk}:done:{period}:"
        better = {key: str(figures["due"] - 1 if figures["done"] != figures["due"] - 1 else figures["due"])}
        appeals.decide(
            self.office.who("reviewer2"), appeal.pk, AppealState.UPHELD, "台账属实，予以更正", better
        )

    def _file(self, period: str, county: str) -> None:
        appeal = self._filed(self._run(period, state="published"), county)
        appeals.accept(self.office.who("analyst2"), appeal.pk, "材料齐全")

    def _uphold(self) -> None:
        """The appeal about June is upheld after the merger of July: June stays on the tree of June."""
        self._decide(Appeal.objects.get(run__period="2026-06"), "F01003", "2026-06")
        self._next_version("2026-06", "申诉成立")

    def _refuse_an_appeal(self) -> None:
        run = self._run("2026-08", state="published")
        appeal = self._filed(run, "F03")
        appeals.accept(self.office.who("analyst2"), appeal.pk, "材料齐全")
        appeals.decide(self.office.who("reviewer2"), appeal.pk, AppealState.REJECTED, "台账与所报一致")

    def _bonuses(self) -> None:
        """Two, each stated by one person and decided by another; one is refused."""
        self._stated("F02", "bonus", "TALKS", "2026-04", good=True)
        self._stated("F04", "bonus", "TALKS", "2026-04", good=False)

    def _deduction(self) -> None:
        self._stated("F04", "deduction", "ACCIDENTS", "2026-06", good=True)

    def _stated(self, county: str, line: str, code: str, period: str, *, good: bool) -> None:
        office = self.office
        entry = adjustments.enter(
            office.who(self.reporters[county]), office.region(county), "monthly", line, code, period, "3",
            "省级通报文件", EVIDENCE,
        )  # fmt: skip
        if good:
            adjustments.approve(office.who("reviewer1"), entry.pk, "证据充分")
        else:
            adjustments.refuse_entry(office.who("reviewer1"), entry.pk, "与文件不符")

    def _reporter_leaves(self, period: str) -> None:
        """The reporter of F02 leaves with open reports; a new one is appointed by two people and goes on."""
        office = self.office
        office.engage("reporter.new", "reporter", "F02", second="leader1")
        open_reports = Report.objects.filter(holder__username="reporter.f02", state="draft", period=period)
        ids = list(open_reports.values_list("pk", flat=True))
        assert len(ids) == len(city.townships("F02"))
        reporting.hand_over(office.who("checker.f02"), ids, "reporter.new", "原填报人调离")
        office.dismiss("reporter.f02")
        self.reporters["F02"] = "reporter.new"

    def _unlock_a_cell(self) -> None:
        office, place = self.office, self.office.region("F01005")
        first = self._run("2026-04", state="published")
        report = Report.objects.get(form__code="monthly", region=place, period="2026-04")
        reporting.unlock_cells(office.who("reviewer2"), report.pk, {"cases": "并案后复核"})
        assert not changed.what_changed(first)
        office.fill(self.reporters["F01"], "monthly", "2026-04", place, {"cases": 13})
        office.submit(self.reporters["F01"], "monthly", "2026-04", [place])
        office.pass_on("checker.f01", [report])
        office.pass_on("analyst2", [report])
        self._next_version("2026-04", "并案后更正")

    def _watch_days(self) -> None:
        office = self.office
        office.schedules["六月日监测"] = office.schedule(
            "六月日监测", "daily", "monitor", city.CITY, CAMPAIGN[0]
        )

    def _merge(self) -> None:
        office = self.office
        office.engage("reader.f0102", "viewer", "F01002")
        order = Order(dt.date(2026, 7, 15), "民政〔2026〕7号", "并入东一镇")
        merge_regions(
            office.who("system1"), [office.region("F01002")], into=office.region("F01001"), order=order
        )
        review = PostReview.objects.get(post__user__username="reader.f0102")
        reviews.move_post(office.who("security1"), review.pk, "随区划调整")
        assert office.who("reader.f0102").posts[0].region_id == office.region("F01001").pk

    def _ask_proxy(self) -> None:
        office = self.office
        proxy = reporting.ask_proxy(
            office.who("reporter.f03"), office.region("F03"), "leader1",
            dt.date(2026, 8, 31), dt.date(2026, 9, 30), "外出学习",
        )  # fmt: skip
        reporting.decide_proxy(office.who("checker.f03"), proxy.pk, approved=True)

    def _new_scorecard(self) -> None:
        """Other points from October on: drafted by one person, put in force by another."""
        draft = indicators.open_draft(self.office.who("analyst2"), "调整第四季度分值", "突出打击")
        card = entry_of(draft.content, "scorecards", "monthly") or {}
        sections = [
            {**section, "items": [dict(item) for item in section["items"]]} for section in card["sections"]
        ]
        sections[0]["items"][0]["points"], sections[1]["items"][0]["points"] = 30, 30
        indicators.put_entry(
            self.office.who("analyst2"), draft.pk, 0, "scorecards", "monthly", {**card, "sections": sections}
        )
        indicators.validate(self.office.who("analyst2"), draft.pk)
        indicators.enforce(self.office.who("system2"), draft.pk, "2026-10", "市禁毒委会议决定")

    def _power_cut(self) -> None:
        """Signing September's run breaks off in the middle: nothing was published, no number was lost."""
        run = self.office.hand_on(self._run("2026-09"))

        def standing() -> tuple[object, ...]:
            run.refresh_from_db()
            return (
                run.state,
                Publication.objects.count(),
                OfficialNumber.objects.count(),
                FactBatch.objects.count(),
            )

        before = standing()

        def cut(*_: object) -> None:
            raise KeyboardInterrupt

        with self.patch.context() as patched:
            patched.setattr(runs.publishing, "_tell_readers", cut)
            with pytest.raises(KeyboardInterrupt):
                runs.approve_and_publish(self.office.who("reviewer1"), run.pk)
        assert standing() == before
        self.late.discard("2026-09")
        self.published(runs.approve_and_publish(self.office.who("reviewer1"), run.pk))

    def _round_cut_off(self) -> None:
        """The machine dies while it makes a draft; the next round after half an hour goes on with it."""

        def cut(*_: object) -> None:
            raise KeyboardInterrupt

        with self.patch.context() as patched:
            patched.setattr(runs, "prepare", cut)
            with pytest.raises(KeyboardInterrupt):
                self.office.tick()
        assert Occurrence.objects.get(state="running").run is not None

    def _analyst_leaves(self) -> None:
        self.office.engage("analyst2", "analyst", city.COMMITTEE)
        self.office.dismiss("analyst1")

    def _analyst_follows(self) -> None:
        """Schedules that acted for whoever left have stopped; the successor takes them over."""
        office = self.office
        stopped = Schedule.objects.filter(enabled=False, stopped__0="schedules.post_ended")
        assert [schedule.name for schedule in stopped] == ["周通报"]
        office.analyst = "analyst2"
        for name, preset, card, root in (
            ("周通报", "weekly", "monitor", city.CITY),
            ("月考核", "monthly", "monthly", city.CITY),
            ("季排名", "quarterly", "outcome", city.CITY),
            ("成员单位季考核", "quarterly", "member", city.COMMITTEE),
        ):
            schedule = office.schedule(name, preset, card, root, pk=office.schedules[name].pk)
            schedules.enable(office.who("analyst2"), schedule.pk)
        assert office.tick()
        self._publish_what_is_ready()

    def _whole_year(self) -> None:
        root = self.office.region(city.CITY)
        run = runs.create_run(self._analyst, root, None, "outcome", "2026", "年度成效")
        self.published(self.office.publish(runs.prepare(self._analyst, run.pk)))

    def _settle_alerts(self) -> None:
        """What has come up is seen; one in four is settled, put off, waved away or left in hand."""
        analyst = self.office.who("analyst2")
        for alert in Alert.objects.filter(state="new").order_by("pk"):
            alerts.acknowledge(analyst, alert.pk)
            match self.seen_alerts % 4:
                case 0:
                    alerts.resolve(analyst, alert.pk, "已督促整改到位")
                case 1:
                    alerts.snooze(analyst, alert.pk, today() + dt.timedelta(days=9), "待月底复核")
                case 2:
                    alerts.dismiss(analyst, alert.pk, "统计口径所致")
            self.seen_alerts += 1
