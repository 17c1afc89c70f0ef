"""The small office of the runs' tests with alert rules in its catalogue."""

from __future__ import annotations

from jingtu.assessment.alerts.models import Alert
from jingtu.assessment.alerts.services import Watched, watch_run
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.services import correct, override_finding, prepare
from jingtu.core.kernel.actor import SYSTEM
from tests.access.cast import Cast
from tests.assessment.office import CATALOGUE, Office, version_of

FIGURES = {  # township → (due, done, cases)
    "township_a": (40, 34, 6),
    "township_a2": (20, 8, 8),
    "township_b": (30, 24, 9),
}

RULES = """
alerts:
  - {code: red, name: {zh: 红线, en: Red line}, kind: red_line, severity: critical, cadence: [month], owner: reporter, due_days: 5, levels: [county, township]}
  - {code: falling, name: {zh: 连降, en: Falling}, kind: worsening, severity: warning, cadence: [month], owner: reporter, due_days: 5, indicators: [CASES], periods: 2, levels: [county]}
  - {code: missing, name: {zh: 缺报, en: Missing}, kind: missing_report, severity: warning, cadence: [month], owner: reporter, due_days: 3}
"""


class WatchedOffice(Office):
    """September: township_a2 is far below the red line (60 %): 8 of 20."""

    def __init__(self, cast: Cast | None = None) -> None:
        super().__init__(cast)
        self.report("2026-09", FIGURES)
        self.catalogue = version_of(CATALOGUE + RULES)

    def watch(self, run: Run) -> Watched:
        return watch_run(SYSTEM, run.pk)

    def draft(self, month: str = "2026-09") -> Run:
        run = prepare(self.analyst, self.new_run(month).pk)
        self.watch(run)
        return run

    def publish(self, month: str = "2026-09") -> Run:
        run = self.published(month)
        self.watch(run)
        return run

    def corrected(self, run: Run) -> Run:
        newer = correct(self.analyst, run.pk, "更正漏报的数")
        from jingtu.assessment.runs.services import approve_and_publish, submit_for_review

        for finding in newer.findings.filter(severity="error", state="open"):
            override_finding(self.reviewer, finding.pk, "已与当地核实")
        submit_for_review(self.analyst, newer.pk)
        done = approve_and_publish(self.reviewer, newer.pk)
        self.watch(done)
        return done

    def alert(self, place: str, rule: str = "red") -> Alert:
        return Alert.objects.get(rule=rule, region=self.cast.places[place])
