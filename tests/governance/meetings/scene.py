"""A county's meetings to test with: the cast, a series and one meeting of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from jingtu.core.accounts.actors import UserActor
from jingtu.core.kernel.clock import frozen
from jingtu.governance.duties.meetings import services
from jingtu.governance.duties.meetings.models import Meeting, Series
from jingtu.governance.duties.meetings.rules import Presence, Rhythm, Rule
from tests.access.cast import Cast

NINE = dt.time(9, 0)
JULY_1 = dt.date(2026, 7, 1)


@contextmanager
def on(day: dt.date) -> Iterator[None]:
    """Noon in China of a day."""
    with frozen(dt.datetime(day.year, day.month, day.day, 4, tzinfo=dt.UTC)):
        yield


@dataclass
class Scene:
    """Everybody who matters: the secretary of county A prepares, its leader chairs."""

    cast: Cast
    series: Series = field(init=False)

    def __post_init__(self) -> None:
        with on(JULY_1):
            self.series = services.save_series(self.secretary, self.wanted())

    @property
    def secretary(self) -> UserActor:
        return self.cast.actor("secretary", "own")

    @property
    def chair(self) -> UserActor:
        return self.cast.actor("leader", "own")

    def wanted(self, **changes: object) -> services.SeriesData:
        values = {
            "region_id": self.cast.places["county_a"].pk,
            "name": "半月调度会",
            "rule": Rule(Rhythm.HALF_MONTH, day=5),
            "at": NINE,
            "chair_id": self.chair.user_id,
            "starts_on": JULY_1,
            "place": "三楼会议室",
            "usual": [
                services.Named(self.chair.user_id),
                services.Named(self.cast.actor("reporter", "own").user_id),
                services.Named(name="来宾", role="社区"),
            ],
            **changes,
        }
        return services.SeriesData(**values)  # type: ignore[arg-type]

    def july(self) -> list[Meeting]:
        """The meetings of July, as planned on the first."""
        with on(JULY_1):
            return services.generate(self.secretary, self.series.pk, dt.date(2026, 7, 31))

    def invited(self, meeting: Meeting) -> Meeting:
        with on(JULY_1):
            services.add_item(self.secretary, meeting.pk, services.ItemData("听取各社区汇报"))
            return services.invite(self.secretary, meeting.pk)

    def held(self, meeting: Meeting) -> Meeting:
        self.invited(meeting)
        with on(meeting.held_on):
            came = {one.pk: services.Came(Presence.PRESENT) for one in meeting.attendees.all()}
            return services.hold(self.secretary, meeting.pk, came)
