"""A reporting desk to test with: the small office, one monthly form of its townships, October to report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.utils import timezone

from jingtu.assessment.reporting import services
from jingtu.assessment.reporting.definition import Deadline, Definition, Step, Who
from jingtu.assessment.reporting.definition_text import read_sections
from jingtu.assessment.reporting.models import Report
from jingtu.assessment.reporting.services import Chosen, Entry
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.clock import frozen
from tests.assessment.office import Office

FORM = "monthly"
PERIOD = "2026-10"
DUE = timezone.make_aware(dt.datetime(2026, 11, 6, 18))
GOOD = {"due": "41", "done": "40", "cases": "6"}
GOOD_OF = {  # near September's figures of each township
    "township_a": GOOD,
    "township_a2": {"due": "21", "done": "4", "cases": "9"},
    "township_b": {"due": "31", "done": "30", "cases": "10"},
}


def moment(day: int, hour: int = 10, month: int = 11, year: int = 2026) -> dt.datetime:
    return timezone.make_aware(dt.datetime(year, month, day, hour))


@contextmanager
def on(day: int, hour: int = 10, month: int = 11, year: int = 2026) -> Iterator[None]:
    """Hold the clock, in November 2026 unless another month is named."""
    with frozen(moment(day, hour, month, year)):
        yield


def definition(**changes: object) -> Definition:
    """The monthly form: three figures, five working days, reviewed by the county and the city."""
    values: dict[str, object] = {
        "name_zh": "月报",
        "name_en": "Monthly report",
        "cadence": "month",
        "who": Who(level="township", within="310100"),
        "deadline": Deadline(5, "working_days", "18:00"),
        "review": (Step("county"), Step("city")),
        "sections": read_sections(
            "# 人员 | People\n> 以台账为准 | As in the register\ndue\ndone\n# 案件 | Cases\ncases"
        ),
        "valid_from": dt.date(2026, 9, 1),
    }
    return Definition(**{**values, **changes})  # type: ignore[arg-type]


class Desk:
    """The office with a form in force. Township A is filled in by its own reporter."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.cast = office.cast
        self.form = services.install_form(SYSTEM, FORM, self.cast.tree, definition())[0].form

    @property
    def reporter(self) -> Actor:
        return self.cast.actor("reporter", "descendant")

    @property
    def county_analyst(self) -> Actor:
        return self.cast.actor("analyst", "own")

    @property
    def city_reviewer(self) -> Actor:
        return self.cast.actor("reviewer", "ancestor")

    def place(self, key: str = "township_a") -> int:
        return self.cast.places[key].pk

    def type(
        self,
        values: Mapping[str, str] = GOOD,
        actor: Actor | None = None,
        place: str = "township_a",
        period: str = PERIOD,
        notes: Mapping[str, str] | None = None,
    ) -> services.Outcome:
        """Type figures over whatever stands there."""
        standing = {
            cell.key: cell.version
            for report in Report.objects.filter(form=self.form, region_id=self.place(place), period=period)
            for cell in report.cells.all()
        }
        entries = [
            Entry(self.place(place), key, text, standing.get(key, 0), (notes or {}).get(key))
            for key, text in values.items()
        ]
        return services.save_cells(actor or self.reporter, FORM, period, entries)

    def submitted(self, place: str = "township_a", actor: Actor | None = None, **values: str) -> Report:
        """A report handed in."""
        actor = actor or self.reporter
        self.type({**GOOD_OF[place], **values}, actor, place)
        return services.submit(actor, FORM, PERIOD, self.place(place))

    def accepted(self, place: str = "township_a", actor: Actor | None = None) -> Report:
        """A report through both steps of its review."""
        report = self.submitted(place, actor)
        services.pass_reports(self.county_analyst, [Chosen(report.pk)])
        services.pass_reports(self.city_reviewer, [Chosen(report.pk)])
        report.refresh_from_db()
        return report
