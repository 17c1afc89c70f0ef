"""A city with two months of published rankings, a ladder and rules; county A is last in both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from jingtu.assessment.runs.models import Run
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.accounts.rules import Role
from jingtu.core.kernel.clock import frozen
from jingtu.core.regions.models import Region
from jingtu.governance.accountability.measures import services
from jingtu.governance.accountability.measures.models import Measure, Proposal
from jingtu.governance.accountability.measures.services import Given
from tests.access.cast import SINCE, Cast
from tests.assessment.office import FIGURES, Office

START = dt.date(2026, 10, 12)
REASON = "证据确凿，已考虑不利理由"


@contextmanager
def on(day: dt.date) -> Iterator[None]:
    """Hold the clock at noon of a day."""
    with frozen(timezone.make_aware(dt.datetime.combine(day, dt.time(12)))):
        yield


class Scene:
    """People and places by short names. ``second`` is another leader of the city."""

    def __init__(self, cast: Cast | None = None) -> None:
        self.office = Office(cast)
        self.cast = self.office.cast
        self.city: Region = self.cast.places["city"]
        self.county: Region = self.cast.places["county_a"]
        self._second = User.objects.create(username="second.leader", full_name="第二领导", password="!")
        Post.objects.create(user=self._second, role=Role.LEADER, region=self.city, valid_from=SINCE)

    @property
    def secretary(self) -> UserActor:
        return self.cast.actor("secretary", "ancestor")

    @property
    def leader(self) -> UserActor:
        return self.cast.actor("leader", "ancestor")

    @property
    def second(self) -> UserActor:
        return UserActor(self._second)

    @property
    def reporter(self) -> UserActor:
        return self.cast.actor("reporter", "own")

    def publish(self) -> list[Run]:
        """August and September, county A last in both."""
        worse = {**FIGURES, "township_a": (40, 20, 5)}
        self.office.report("2026-08", worse)
        self.office.change("township_a", "done", 20)
        return [self.office.published("2026-08"), self.office.published("2026-09")]

    def set_up(self, preset: str = "linshui", rung: str = "yellow_card") -> None:
        """A ladder, and the rule of the bottom over two months among all."""
        with on(START):
            services.adopt_preset(self.secretary, self.city.pk, preset)
            self.rule("bottom", {"n": 1, "streak": 2, "cadence": "month", "scope": "all"}, rung)

    def rule(self, kind: str, parameters: dict[str, object], rung: str = "") -> None:
        services.set_rule(self.secretary, self.city.pk, kind, parameters, rung, "按方案设置", enabled=True)

    def proposal(self) -> Proposal:
        """What the rules found about county A."""
        with on(START):
            services.propose(self.secretary)
        return Proposal.objects.get(region=self.county)

    def bare_proposal(self, key: str = "plain") -> Proposal:
        """A proposal without any run behind it, for tests of what comes after."""
        with on(START):
            return Proposal.objects.create(
                office=self.city, region=self.county, kind="bottom", key=key, proposed_at=timezone.now()
            )

    def filed(self, rung: str = "yellow_card", post: str = "", username: str = "") -> Proposal:
        with on(START):
            made = self.bare_proposal(f"{rung}{post}{Proposal.objects.count()}")
            return services.prepare_file(
                self.secretary, made.pk, rung, "连续两个月末位", post=post, username=username
            )

    def opened(self, rung: str = "yellow_card", post: str = "", username: str = "") -> Measure:
        """A measure whose proposal was taken."""
        made = self.filed(rung, post, username)
        with on(START):
            services.decide_proposal(self.leader, made.pk, REASON, takes=True)
        return Measure.objects.get(proposal=made)

    def served(self, rung: str = "yellow_card", post: str = "", username: str = "") -> Measure:
        """Noticed and served on the first day."""
        measure = self.opened(rung, post, username)
        with on(START):
            services.notice(self.secretary, measure.pk, Given(number="示禁办告〔2026〕1号"))
            return services.serve(self.secretary, measure.pk, Given())

    def in_force(self, rung: str = "yellow_card", post: str = "", username: str = "") -> Measure:
        """Replied to, decided and served a week later."""
        measure = self.served(rung, post, username)
        speaker = UserActor(User.objects.get(username=username)) if username else self.reporter
        if not post or username:
            with on(START + dt.timedelta(days=2)):
                services.reply(speaker, measure.pk, Given("已经整改，请从轻"))
        with on(START + dt.timedelta(days=30)):
            services.decide(self.leader, measure.pk, Given(REASON, number="示禁办决〔2026〕1号"))
            return services.serve_decision(self.secretary, measure.pk, Given())
