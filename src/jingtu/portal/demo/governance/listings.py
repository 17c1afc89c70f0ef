"""Three years of listings in the fictional city: five counties, forty townships and one venue, listed in classes and
taken off step by step, with one relapse. Invented from end to end; every act goes through the services, on its day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from jingtu.assessment.bulletins import word
from jingtu.assessment.bulletins.content import Bulletin, Paragraph
from jingtu.core.accounts.actors import UserActor
from jingtu.core.kernel.actor import actor_named, user_id_of
from jingtu.core.kernel.clock import frozen
from jingtu.core.notifications.models import Notice
from jingtu.core.notifications.services import mark_read
from jingtu.core.numbering import services as numbering
from jingtu.core.regions import queries as regions
from jingtu.core.regions.models import Region
from jingtu.engine.notation import chinese_day
from jingtu.governance.accountability.listings.measuring import Published
from jingtu.governance.accountability.listings.models import Listing, RuleSet, RuleVersion
from jingtu.governance.accountability.listings.queries.candidates import candidate_of
from jingtu.governance.accountability.listings.services import (
    accepting,
    deciding,
    designating,
    hearing,
    papers,
    proposing,
    rectifying,
    reviewing,
    rule_sets,
)
from jingtu.governance.accountability.listings.services.common import Paper, Received
from jingtu.governance.accountability.listings.services.proposing import Given, VenueData
from jingtu.governance.accountability.listings.services.rectifying import PlanTask
from jingtu.governance.accountability.listings.terms import add_months
from jingtu.portal.demo.people import CITY

Report = Callable[[int, int], None]
ISSUER = "示范市禁毒委员会办公室"
SOURCE = "县区禁毒办月报（演示）"
UNITS = ("市公安局", "市卫生健康委", "市司法局")
SCORES = {"leadership": 14, "plan": 19, "criteria": 33, "control": 14, "public": 9, "records": 5}
TASKS = (
    ("逐人见面核实在册人员，更新风险等级", 2),
    ("社区戒毒社区康复协议签订和执行情况逐份复核", 3),
    ("开展重点场所联合检查不少于三轮", 6),
    ("落实就业帮扶岗位，每月公布安置情况", 9),
    ("开展群众知晓率入户调查", 11),
)

REACHED = {"report_in": 93, "jobs": 88, "outflow": 1}
"""What the last month before an acceptance says besides the execution rate."""
SHORT = "F07"
DESPITE = "就业安置率差2个百分点，一处扶贫车间下月开工，已列入巩固期核查事项（演示）"


@dataclass(frozen=True)
class Course:
    """One listing: of whom, in which class, from when, and how far it has come.

    ``delisted``: months after the listing; None while it runs. ``extended``: months; ``close``: whether the watch is over.
    """

    code: str
    class_code: str
    problem: str
    begins: dt.date
    delisted: int | None = None
    extended: int = 0
    close: bool = False
    execution: tuple[int, ...] = (82, 89, 96)


COUNTIES = (
    Course("F09", "watched", "outflow", dt.date(2024, 4, 8), 11, close=True, execution=(84, 91, 96)),
    Course("F07", "warned", "other", dt.date(2025, 3, 10), 5, close=True, execution=(86, 93, 97)),
)
BATCHES: tuple[tuple[dt.date, str, str, int, int | None, bool], ...] = (
    # day, class, problem, how many, delisted after months, closed
    (dt.date(2024, 3, 18), "reminded", "use", 5, 3, True),
    (dt.date(2024, 3, 18), "warned", "use", 4, 6, True),
    (dt.date(2024, 5, 20), "listed", "outflow", 3, 12, True),
    (dt.date(2024, 9, 9), "watched", "transit", 4, 12, True),
    (dt.date(2025, 2, 17), "reminded", "use", 4, 3, True),
    (dt.date(2025, 4, 14), "warned", "outflow", 4, 6, True),
    (dt.date(2025, 6, 16), "focused", "use", 3, 12, False),
    (dt.date(2025, 10, 20), "listed", "use", 3, 12, False),
    (dt.date(2026, 2, 9), "watched", "outflow", 3, None, False),
    (dt.date(2026, 5, 18), "warned", "use", 4, None, False),
    (dt.date(2026, 6, 15), "listed", "outflow", 3, None, False),
)


def load(report: Report) -> None:
    """Everything, once."""
    if RuleSet.objects.exists():
        return
    with transaction.atomic():
        office = _Office()
        steps = (
            office.rules, office.counties, office.relapse, office.townships, office.venue, office.revoked,
            office.consulted, office.designations, office.proposal,
        )  # fmt: skip
        for number, step in enumerate(steps, start=1):
            step()
            report(number, len(steps))
        office.read_notices()


@contextmanager
def _on(day: dt.date) -> Iterator[None]:
    with frozen(dt.datetime(day.year, day.month, day.day, 2, 30, tzinfo=dt.UTC)):
        yield


class _Office:
    """The city's people at work on listings."""

    def __init__(self) -> None:
        self.secretary, self.leader = _person("secretary"), _person("leader")
        self.analyst, self.reviewer = _person("analyst"), _person("reviewer")
        self.tree = regions.tree_by_slug(self.secretary, CITY[0])
        self.city = regions.root_of(self.secretary, self.tree)
        self.numbers: dict[int, int] = {}

    def paper(self, day: dt.date) -> Paper:
        """The next document of the year."""
        self.numbers[day.year] = self.numbers.get(day.year, 0) + 1
        return Paper(f"示禁毒委〔{day.year}〕{self.numbers[day.year]}号", day)

    def rules(self) -> None:
        """The office's rules, and the series of its letters."""
        day = dt.date(2024, 1, 8)
        with _on(day):
            made = rule_sets.adopt(self.secretary, self.city.pk, "tiers")
            self.version: RuleVersion = made.versions.get()
            self.nothing = {level: Published(self.city, level) for level in ("county", "township")}
            for one in self.nothing.values():
                assert not one.readers  # nothing was published in those years
        self.series = numbering.make_series(
            self.analyst, self.city.pk, name="挂牌整治文书", office="示禁办挂"
        )

    def counties(self) -> None:
        """Two counties that were taken off in time, and F05's first listing with its extension."""
        for course in COUNTIES:
            self.run(regions.find_region(self.secretary, self.tree, course.code, "county"), course)
        self.first = self.run(
            self.county("F05"),
            Course("F05", "listed", "use", dt.date(2024, 3, 11), 17, extended=6, execution=(76, 84, 91, 95)),
        )
        with _on(dt.date(2025, 8, 14)):
            papers.print_paper(
                self.secretary, self.first.pk, "delisting", issuer=ISSUER, series_id=self.series.pk
            )

    def relapse(self) -> None:
        """F05 within its watch: listed again, the former ended by it; running, month by month."""
        county, day = self.county("F05"), dt.date(2026, 6, 1)
        again = self.enter(
            county, "listed", "use", day, "巩固期内执行率再度低于85%，外流人员回升", 79, former=self.first.pk
        )
        tasks = [PlanTask(title, add_months(day, months)) for title, months in TASKS]
        with _on(add_months(day, 1)):
            rectifying.begin(_person("countysec"), again.pk, "县委常委会已审定整治方案（演示）", tasks)
            papers.print_paper(self.secretary, again.pk, "listing", issuer=ISSUER, series_id=self.series.pk)
        for number, value in enumerate(("81.4", "84.2", "86.9", "90.3"), start=1):
            month = add_months(dt.date(2026, 6, 1), number)
            with _on(add_months(month, 1).replace(day=6)):
                rectifying.report_progress(
                    _person("countysec"),
                    again.pk,
                    month,
                    "补签协议、逐人见面，执行率回升；两个街道就业岗位不足（演示）",
                    {
                        "execution": Given(Decimal(value), SOURCE),
                        "jobs": Given(Decimal(70 + 3 * number), SOURCE),
                    },
                    published=self.nothing["county"],
                )

    def townships(self) -> None:
        """Forty townships of all counties but F05's first, batch by batch."""
        places = iter(self._townships())
        for begins, class_code, problem, many, delisted, close in BATCHES:
            for number in range(many):
                base = 74 + 2 * number
                course = Course("", class_code, problem, begins, delisted, 0, close, (base, base + 10, 97))
                self.run(next(places), course)

    def venue(self) -> None:
        """One venue that spoke on paper, listed and under rectification; another that was not listed in the end."""
        place = regions.find_region(self.secretary, self.tree, "F02001", "township")
        day = dt.date(2026, 8, 10)
        with _on(day - dt.timedelta(days=21)):
            listing = self.proposed(
                place, "一年内两次查处容留他人吸毒（演示）", VenueData("云顶歌舞厅（虚构）", "歌舞娱乐场所", "示例路18号")
            )  # fmt: skip
            hearing.serve(self.secretary, listing.pk, "拟挂牌，请陈述申辩（演示）")
        with _on(day - dt.timedelta(days=16)):
            said = "已更换经营负责人，请求从轻处理（演示）"
            hearing.reply(
                self.secretary, listing.pk, said, received=Received(day - dt.timedelta(days=17)),
                files=[("书面陈述.docx", [_statement(place, "陈述书", said, day - dt.timedelta(days=18))])],
            )  # fmt: skip
        with _on(day - dt.timedelta(days=3)):
            hearing.hear(self.secretary, listing.pk, "书面意见未提出新的事实（演示）")
        with _on(day):
            deciding.decide_listing(
                self.leader,
                listing.pk,
                "事实清楚，同意（演示）",
                self.paper(day),
                leader="乡镇（街道）主要负责人",
            )
            rectifying.begin(self.secretary, listing.pk, "整治方案已报备（演示）")
        with _on(dt.date(2026, 9, 14)):
            other = self.proposed(
                place, "群众举报一件，待核实（演示）", VenueData("望湖茶楼（虚构）", "茶楼", "示例路26号")
            )
            hearing.serve(self.secretary, other.pk, "拟挂牌，请陈述申辩（演示）")
        with _on(dt.date(2026, 9, 18)):
            deciding.decline(self.leader, other.pk, "经查举报不实，不予挂牌（演示）")

    def revoked(self) -> None:
        """A township that its county listed by mistaken figures: the clock stood still in a flood, the township objected
        on paper, and the city's leader revoked it."""
        place = regions.find_region(self.secretary, self.tree, "F05018", "township")
        office, leader = _person("countysec"), _person("countyleader")
        with _on(dt.date(2026, 7, 20)):
            listing = proposing.propose(
                office, place.pk, self.version.pk, "warned", "other", "county", "二季度举报线索较多（演示）",
                published=self.nothing["township"],
            )  # fmt: skip
            hearing.serve(office, listing.pk, "拟通报警示，请陈述申辩（演示）")
        with _on(dt.date(2026, 7, 22)):
            hearing.suspend(office, listing.pk, "该镇遭遇强降雨，应急期间中止期限（演示）")
        with _on(dt.date(2026, 7, 28)):
            hearing.resume(office, listing.pk, "应急响应结束，恢复期限（演示）")
        with _on(dt.date(2026, 8, 10)):
            hearing.hear(office, listing.pk, "期内未提出书面意见（演示）")
        with _on(dt.date(2026, 8, 11)):
            deciding.decide_listing(
                leader, listing.pk, "线索较多，同意（演示）", Paper("示县禁毒委〔2026〕9号", dt.date(2026, 8, 11)),
                leader="镇长",
            )  # fmt: skip
        with _on(dt.date(2026, 8, 13)):
            reviewing.deliver(office, listing.pk, "直接送达（演示）")
        with _on(dt.date(2026, 8, 21)):
            said = "线索中七件属邻镇，计入有误，请复核（演示）"
            reviewing.object_to(
                office, listing.pk, said, received=Received(dt.date(2026, 8, 20)),
                files=[("异议书.docx", [_statement(place, "异议书", said, dt.date(2026, 8, 19))])],
            )  # fmt: skip
        with _on(dt.date(2026, 9, 2)):
            reviewing.revoke(
                self.leader, listing.pk, "经核对，七件线索属邻镇，原决定依据不足，予以撤销（演示）",
                self.paper(dt.date(2026, 9, 2)),
            )  # fmt: skip

    def proposed(self, place: Region, grounds: str, venue: VenueData) -> Listing:
        """A venue proposed by the city."""
        return proposing.propose(
            self.secretary, place.pk, self.version.pk, "listed", "other", "city", grounds, venue=venue,
            published=self.nothing["township"],
        )  # fmt: skip

    def consulted(self) -> None:
        """F08: examined, opinions asked, awaiting the decision."""
        listing = self.enter(
            self.county("F08"),
            "focused",
            "transit",
            dt.date(2025, 11, 24),
            "物流节点多次查获中转毒品",
            85,
            begin=True,
        )
        for month, value in (
            (dt.date(2026, 2, 1), "89.5"),
            (dt.date(2026, 5, 1), "93.1"),
            (dt.date(2026, 9, 1), "96.2"),
        ):
            self.progress(listing, month, value)
        self.examine(listing, dt.date(2026, 11, 9))
        with _on(dt.date(2026, 11, 11)):
            papers.print_paper(
                self.secretary, listing.pk, "acceptance", issuer=ISSUER, series_id=self.series.pk
            )

    def designations(self) -> None:
        """Two key and two warned areas for each year, one of this year's still undecided."""
        named = {
            2024: ("F05", "F09", "F02", "F07"),
            2025: ("F05", "F08", "F03", "F07"),
            2026: ("F05", "F08", "F03", "F09"),
        }
        for year, codes in named.items():
            day = dt.date(year, 1, 22)
            for number, code in enumerate(codes):
                kind = "key" if number < 2 else "warned"
                with _on(day):
                    made = designating.name_area(
                        self.secretary,
                        self.county(code).pk,
                        self.version.pk,
                        year,
                        kind,
                        "上年度考核和毒情研判意见（演示）",
                    )
                    if (year, number) != (2026, 3):
                        designating.decide_area(self.leader, made.pk, "同意确定（演示）", self.paper(day))

    def proposal(self) -> None:
        """F03: proposed today from the latest publication, with what speaks against, and told."""
        county = self.county("F03")
        found = candidate_of(self.secretary, self.version, county)
        made = proposing.propose(
            self.secretary,
            county.pk,
            self.version.pk,
            "warned",
            "outflow",
            "city",
            "外流贩毒人数达到入列条件，拟通报警示（演示）",
            evidence=[hit.plain() for hit in found.hits],
            against=found.against,
        )
        hearing.serve(self.secretary, made.pk, "拟列入通报警示，请在规定期限内陈述申辩（演示）")

    # -- the steps of one listing

    def run(self, region: Region, course: Course) -> Listing:
        """A listing from its proposal as far as its course says."""
        listing = self.enter(
            region, course.class_code, course.problem, course.begins, "入列条件达到，经研判提出（演示）",
            course.execution[0], begin=True,
        )  # fmt: skip
        longer = add_months(course.begins, 11)
        reports = self.reports(course)
        early = [one for one in reports if not course.extended or add_months(one[0], 1) < longer]
        for month, value, last in early:
            self.progress(listing, month, value, last=last)
        if course.extended:
            with _on(longer):
                deciding.extend(
                    self.leader,
                    listing.pk,
                    course.extended,
                    "执行率未达到要求，延长半年（演示）",
                    self.paper(longer),
                )
            for month, value, last in reports[len(early) :]:
                self.progress(listing, month, value, last=last)
        if course.delisted is None:
            return listing
        off = add_months(course.begins, course.delisted) - dt.timedelta(days=4)
        self.examine(listing, off - dt.timedelta(days=14))
        with _on(off):
            listing = deciding.delist(
                self.leader,
                listing.pk,
                "验收合格，各单位同意（演示）",
                self.paper(off),
                despite=DESPITE if region.code == SHORT else "",
            )
        if course.close:
            assert listing.watch_until is not None
            with _on(listing.watch_until + dt.timedelta(days=3)):
                listing = deciding.close(self.leader, listing.pk, "巩固期满，未反弹（演示）")
        return listing

    def enter(
        self, region: Region, class_code: str, problem: str, day: dt.date, grounds: str, execution: int | None, *,
        former: int | None = None, begin: bool = False,
    ) -> Listing:  # fmt: skip
        """Proposed three weeks before, told, heard, listed on ``day``."""
        with _on(day - dt.timedelta(days=21)):
            listing = proposing.propose(
                self.secretary, region.pk, self.version.pk, class_code, problem, "city", grounds,
                former_id=former, published=self.nothing[region.level],
            )  # fmt: skip
            if execution is not None:
                given = {
                    "execution": Given(Decimal(execution), SOURCE),
                    "jobs": Given(Decimal(execution - 12), SOURCE),
                }
                proposing.set_criteria(self.secretary, listing.pk, given)
            hearing.serve(self.secretary, listing.pk, "拟挂牌，请陈述申辩（演示）")
        with _on(day - dt.timedelta(days=3)):
            hearing.hear(self.secretary, listing.pk, "期内未提出书面意见（演示）")
        with _on(day):
            leader = "县区政府主要负责人" if region.level == "county" else "乡镇（街道）主要负责人"
            heavy = class_code == "listed"
            listing = deciding.decide_listing(
                self.leader,
                listing.pk,
                "事实清楚，同意（演示）",
                self.paper(day),
                leader=leader,
                no_awards=heavy,
            )
            if begin:
                rectifying.begin(self.secretary, listing.pk, "整治方案已报备（演示）")
        return listing

    def reports(self, course: Course) -> list[tuple[dt.date, str, bool]]:
        """The months that are reported, each with the rate reached, and whether it is the last one: it comes in before
        the self-assessment, three weeks before the end."""
        if course.delisted is None:
            return []
        reached, first, span = course.execution[1:], course.begins.replace(day=1), course.delisted - 2
        months = sorted({max(1, span * number // len(reached)) for number in range(1, len(reached) + 1)})
        return [
            (add_months(first, month), str(value), month == months[-1])
            for month, value in zip(months, reached[-len(months) :], strict=True)
        ]

    def progress(self, listing: Listing, month: dt.date, value: str, *, last: bool = False) -> None:
        """One month's progress, entered by the office from paper; the last one tells of every criterion."""
        given = {"execution": Given(Decimal(value), SOURCE)}
        if last:
            given |= {code: Given(Decimal(number), SOURCE) for code, number in REACHED.items()}
            if listing.region.code == SHORT:
                given["jobs"] = Given(Decimal(83), SOURCE)
        with _on(add_months(month, 1).replace(day=5)):
            rectifying.report_progress(
                self.secretary, listing.pk, month, "按方案推进（演示）", given,
                published=self.nothing[listing.region.level],
            )  # fmt: skip

    def examine(self, listing: Listing, day: dt.date) -> None:
        """Self-assessed, examined on the spot, signed, opinions asked and answered."""
        scores = {code: Decimal(score) for code, score in SCORES.items()}
        with _on(day - dt.timedelta(days=7)):
            rectifying.self_assess(self.secretary, listing.pk, "各项任务完成，申请验收（演示）")
        with _on(day):
            team = [user_id_of(self.analyst) or 0, user_id_of(self.reviewer) or 0]
            accepting.draw_up(
                self.secretary, listing.pk, day, "查阅台账、走访群众、抽查场所（演示）", scores, team
            )
            accepting.sign(self.analyst, listing.pk)
            accepting.sign(self.reviewer, listing.pk)
            units: Sequence[str] = UNITS if listing.region.level == "county" else UNITS[:1]
            accepting.ask_opinions(self.secretary, listing.pk, units, "请就摘牌提出意见（演示）")
        with _on(day + dt.timedelta(days=2)):
            for opinion in listing.opinions.all():
                accepting.enter_opinion(self.secretary, listing.pk, opinion.pk, True, "同意（演示）")

    def read_notices(self) -> None:
        """What these years told the office's people was read long ago; the last two things wait."""
        waiting = set(Listing.objects.filter(state__in=["consulted", "noticed"]).values_list("pk", flat=True))
        links = {f"/listings/{pk}/" for pk in waiting}
        for actor in (self.leader, self.analyst, self.reviewer, self.secretary):
            unread = Notice.objects.filter(
                recipient_id=actor.user_id, code__startswith="listings.", read_at__isnull=True
            ).exclude(link__in=links)
            for pk in unread.values_list("pk", flat=True):
                mark_read(actor, pk)

    def county(self, code: str) -> Region:
        """A county of the city."""
        return regions.find_region(self.secretary, self.tree, code, "county")

    def _townships(self) -> list[Region]:
        """The townships of the story in the order of their listing: one of each county in turn."""
        found = Region.objects.select_related("tree", "parent").filter(tree=self.tree, level="township")
        by_county: dict[int, list[Region]] = {}
        for region in found.order_by("position"):
            by_county.setdefault(region.parent_id or 0, []).append(region)
        rows = [places[1:7] for places in by_county.values()]
        return [places[number] for number in range(6) for places in rows if number < len(places)]


def _statement(place: Region, title: str, text: str, day: dt.date) -> bytes:
    """What a place handed in on paper."""
    return word.render(
        Bulletin(
            "zh", place.name, "", title, "", (Paragraph(text),), place.name, chinese_day(day), "",
            "虚构示范数据，与任何真实地区、单位和个人无关", title,
        )
    )  # fmt: skip


def _person(username: str) -> UserActor:
    actor = actor_named(username)
    assert isinstance(actor, UserActor)
    return actor
