"""A county under a city's listing, brought as far as a test wants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from jingtu.core.accounts.actors import UserActor
from jingtu.core.kernel.clock import frozen, today
from jingtu.core.regions.models import Region
from jingtu.governance.accountability.listings.models import Listing, RuleSet, RuleVersion
from jingtu.governance.accountability.listings.services import (
    accepting,
    deciding,
    hearing,
    proposing,
    rectifying,
    rule_sets,
)
from jingtu.governance.accountability.listings.services.common import Paper
from tests.access.cast import Cast, make_cast

START = dt.date(2026, 3, 2)
DESPITE = "指标数值系统中尚未登记，已逐项核对纸质台账"
SCORES = {"leadership": 15, "plan": 18, "criteria": 33, "control": 14, "public": 9, "records": 5}


@contextmanager
def on(day: dt.date) -> Iterator[None]:
    """The office's clock held at noon of a day."""
    with frozen(dt.datetime(day.year, day.month, day.day, 4, tzinfo=dt.UTC)):
        yield


class Office:
    """The city's secretary prepares, its leader decides, county A answers."""

    def __init__(self, cast: Cast | None = None, preset: str = "tiers") -> None:
        self.cast = cast or make_cast()
        self.day = START
        self.rule_set: RuleSet = rule_sets.adopt(self.secretary, self.cast.places["city"].pk, preset)

    def after_now(self) -> None:
        """Let it act tomorrow: its days are held at noon, and what was published this afternoon is out by then."""
        self.day = today() + dt.timedelta(days=1)

    @property
    def version(self) -> RuleVersion:
        found = self.rule_set.versions.first()
        assert found is not None
        return found

    @property
    def county(self) -> Region:
        return self.cast.places["county_a"]

    @property
    def secretary(self) -> UserActor:
        return self.cast.actor("secretary", "ancestor")

    @property
    def leader(self) -> UserActor:
        return self.cast.actor("leader", "ancestor")

    @property
    def place(self) -> UserActor:
        return self.cast.actor("reporter", "own")

    def paper(self, number: str = "示禁毒委〔2026〕1号") -> Paper:
        return Paper(number, self.day)

    def proposed(self, class_code: str = "listed", **more: object) -> Listing:
        with on(self.day):
            return proposing.propose(
                self.secretary,
                self.county.pk,
                self.version.pk,
                class_code,
                "use",
                "city",
                "吸毒人员多，执行率低",
                **more,  # type: ignore[arg-type]
            )

    def noticed(self, **more: object) -> Listing:
        listing = self.proposed(**more)  # type: ignore[arg-type]
        with on(self.day):
            return hearing.serve(self.secretary, listing.pk, "拟列入，请陈述申辩")

    def heard(self, **more: object) -> Listing:
        listing = self.noticed(**more)
        with on(self.day):
            hearing.reply(self.place, listing.pk, "情况属实，请求从轻")
            return hearing.hear(self.secretary, listing.pk, "已听取，未提出新事实")

    def listed(self, **more: object) -> Listing:
        listing = self.heard(**more)
        with on(self.day):
            return deciding.decide_listing(
                self.leader, listing.pk, "同意挂牌", self.paper(), leader="县长", no_awards=True
            )

    def rectifying(self, **more: object) -> Listing:
        listing = self.listed(**more)
        with on(self.day):
            return rectifying.begin(self.place, listing.pk, "整治方案已经县政府批准")

    def self_assessed(self, **more: object) -> Listing:
        listing = self.rectifying(**more)
        with on(self.day):
            return rectifying.self_assess(self.place, listing.pk, "各项指标达标，申请验收")

    def drawn_up(self, scores: dict[str, int] | None = None, **more: object) -> Listing:
        listing = self.self_assessed(**more)
        with on(self.day):
            accepting.draw_up(
                self.secretary,
                listing.pk,
                self.day,
                "实地检查三个乡镇",
                {code: Decimal(score) for code, score in (scores or SCORES).items()},
                [self.cast.user("analyst", "ancestor").pk, self.cast.user("reviewer", "ancestor").pk],
            )
        return listing

    def inspected(self, scores: dict[str, int] | None = None, **more: object) -> Listing:
        listing = self.drawn_up(scores, **more)
        with on(self.day):
            accepting.sign(self.cast.actor("analyst", "ancestor"), listing.pk)
            accepting.sign(self.cast.actor("reviewer", "ancestor"), listing.pk)
        return fresh(listing)

    def consulted(self, scores: dict[str, int] | None = None, **more: object) -> Listing:
        listing = self.inspected(scores, **more)
        with on(self.day):
            accepting.ask_opinions(
                self.secretary, listing.pk, ["市公安局", "市卫生健康委"], "请就摘牌提出意见"
            )
            for opinion in listing.opinions.all():
                accepting.enter_opinion(self.secretary, listing.pk, opinion.pk, True, "同意摘牌")
        return fresh(listing)

    def watched(self, **more: object) -> Listing:
        listing = self.consulted(**more)
        with on(self.day):
            return deciding.delist(
                self.leader,
                listing.pk,
                "验收合格，同意摘牌",
                self.paper("示禁毒委〔2026〕2号"),
                despite=DESPITE,
            )


def fresh(listing: Listing) -> Listing:
    """As it stands in the database now."""
    return Listing.objects.select_related("region", "venue", "version").get(pk=listing.pk)
