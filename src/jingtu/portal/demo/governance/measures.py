"""Accountability in the fictional city: proposals from its own published assessments, what people decided on them,
and the course of some measures. Days, numbers and texts are invented."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.utils import timezone

from jingtu.assessment.bulletins import word
from jingtu.assessment.bulletins.content import Bulletin, Paragraph
from jingtu.core.kernel.actor import actor_named
from jingtu.core.kernel.clock import frozen, today
from jingtu.core.numbering.models import NumberSeries
from jingtu.core.numbering.services import make_series
from jingtu.core.regions.models import Region
from jingtu.governance.accountability.measures import services
from jingtu.governance.accountability.measures.ladders import PRESETS, Rung
from jingtu.governance.accountability.measures.models import Ladder, Measure, Proposal
from jingtu.governance.accountability.measures.services import Given

YEAR = 2026
RULES: tuple[tuple[str, dict[str, object], str], ...] = (
    ("bottom", {"n": 2, "streak": 2, "cadence": "month", "scope": "peer"}, "yellow_card"),
    ("red_line", {"least": 4, "streak": 1, "cadence": "month"}, "warning"),
    ("veto", {"cadence": "month"}, "warning"),
    ("overdue", {"days": 10}, "warning"),
)
SERIES = "追责文书"
ORGANISATION = "市委组织部（虚构）"


@contextmanager
def on(month: int, day: int, hour: int = 10) -> Iterator[None]:
    """Hold the clock on a day of the demonstration's own calendar."""
    moment = dt.datetime(YEAR, month, day, hour, 10, tzinfo=timezone.get_default_timezone())
    with frozen(moment):
        yield


def set_out(report: Callable[[int, int], None]) -> int:
    """The ladder, the rules, what they propose, and the stories; nothing the second time."""
    if Ladder.objects.exists():
        return 0
    city = Region.objects.get(tree__slug="demo", parent=None, valid_to__isnull=True)
    with on(10, 9):
        make_series(actor_named("analyst"), city.pk, name=SERIES, office="示禁办责")
        _ladder(city)
        for kind, parameters, rung in RULES:
            services.set_rule(
                actor_named("secretary"),
                city.pk,
                kind,
                parameters,
                rung,
                "按市禁毒委工作规则设置",
                enabled=True,
            )
    with on(10, 12, 8):
        services.propose(actor_named("secretary"))
    stories = (_not_taken, _yellow_card, _freezes, _objection, _removal, _waiting, _quarters)
    for number, story in enumerate(stories, start=1):
        story(city)
        report(number, len(stories))
    with on(11, 12):
        services.issue_bulletin(
            actor_named("secretary"), city.pk, f"{YEAR}-Q3", number=f"示禁办追〔{YEAR}〕1号"
        )
    return Proposal.objects.count()


def _ladder(city: Region) -> None:
    """Linshui's ladder, made the city's own: warnings may bar promotion, and personnel adjustment stands beside."""
    secretary = actor_named("secretary")
    services.adopt_preset(secretary, city.pk, "linshui")
    rungs: list[Rung] = []
    for rung in PRESETS["linshui"].rungs:
        more = ("no_award", "no_promotion") if rung.code == "warning" else rung.effects
        rungs.append(replace(rung, effects=more))
    rungs.append(next(rung for rung in PRESETS["hubei"].rungs if rung.code == "adjustment"))
    services.save_ladder(
        secretary, city.pk, 1, "示范市追责措施清单（虚构）", "Ladder of the Demonstration City (fictional)",
        rungs, "按市禁毒委讨论意见补充组织调整和提拔限制",
    )  # fmt: skip


def _proposal(city: Region, code: str, kind: str) -> Proposal:
    return Proposal.objects.get(office=city, region__code=code, region__valid_to__isnull=True, kind=kind)


def _file(proposal: Proposal, rung: str, facts: str, post: str = "", by: str = "secretary") -> None:
    services.prepare_file(actor_named(by), proposal.pk, rung, facts, post=post)


def _take(proposal: Proposal, by: str, reasons: str) -> Measure:
    services.decide_proposal(actor_named(by), proposal.pk, reasons, takes=True)
    return Measure.objects.get(proposal=proposal)


def _numbered(measure: Measure) -> Given:
    """The next number of the office's own series."""
    return Given(series_id=NumberSeries.objects.get(region_id=measure.office_id, name=SERIES).pk)


def _noticed(measure: Measure, month: int, day: int, by: str = "secretary") -> None:
    keeper = actor_named(by)
    with on(month, day):
        services.notice(keeper, measure.pk, _numbered(measure))
        services.serve(keeper, measure.pk, Given("直接送达", on=today()))


def _decided(
    measure: Measure, month: int, day: int, reasons: str, by: str, keeper: str = "secretary"
) -> None:
    with on(month, day):
        services.decide(actor_named(by), measure.pk, replace(_numbered(measure), text=reasons))
        services.serve_decision(actor_named(keeper), measure.pk, Given("直接送达"))


def _not_taken(city: Region) -> None:
    """The urban county whose last rank rests on a hair's breadth."""
    proposal = _proposal(city, "F02", "bottom")
    with on(10, 14):
        services.decide_proposal(
            actor_named("leader"),
            proposal.pk,
            "城区组只有三个区，与前一位相差不到一分，多数指标的位次区间重叠，末位不足以说明工作差；不采取措施，"
            "由分析员在月度调度会上提示。",
            takes=False,
        )


def _yellow_card(city: Region) -> None:
    """A county answers, is given a yellow card, remedies the matter and is released early."""
    proposal = _proposal(city, "F05", "bottom")
    with on(10, 13):
        _file(proposal, "yellow_card", "八月、九月在县市组连续位列最后两名，社区戒毒社区康复执行率下降明显。")
    with on(10, 14, 15):
        measure = _take(
            proposal, "leader", "连续两期靠后且执行率低于要求，位次区间虽有重叠，总分差距明显，立案告知。"
        )
    _noticed(measure, 10, 15)
    with on(10, 19):
        services.reply(
            actor_named("county"), measure.pk, Given("已调整专班力量，补签协议并逐人走访，请给予整改时间。")
        )
        services.hear(
            actor_named("secretary"), measure.pk, Given("当面听取县区联络员说明整改安排，同意按月报送进展。")
        )
    _decided(measure, 10, 21, "整改刚起步，予以黄牌警告，限期整改到位。", "leader")
    with on(11, 18):
        services.lift(
            actor_named("leader"),
            measure.pk,
            replace(_numbered(measure), text="执行率回升到要求以上，整改到位，提前解除黄牌。"),
        )


def _freezes(city: Region) -> None:
    """Two townships are warned; the competent body bars promotion for the time of the warning."""
    for number, code in enumerate(("F05016", "F05005"), start=1):
        proposal = _proposal(city, code, "red_line")
        with on(10, 13, 11):
            _file(proposal, "warning", "九月多项指标越过红线，上半年已两次提醒，未见改进。")
        with on(10, 15, 9 + number):
            measure = _take(proposal, "leader", "人数虽少，但多项同时越线且提醒后未改进，立案告知。")
        _noticed(measure, 10, 16)
        decider = "leader" if number == 1 else "countyleader"
        _decided(measure, 10, 27, "期限内未提出申辩，事实清楚，予以通报警示。", decider)
        with on(10, 29):
            services.record_effect(
                actor_named("secretary"),
                measure.pk,
                "no_promotion",
                body=ORGANISATION,
                document_number=f"示组通〔{YEAR}〕{10 + number}号",
                document_date=dt.date(YEAR, 10, 28),
                starts_on=dt.date(YEAR, 10, 28),
                ends_on=dt.date(YEAR + 1, 4, 27),
            )
    _stood_still(measure)


def _stood_still(measure: Measure) -> None:
    """One of the two stands still by a decision while the township is in a flood; its objection came on paper, days before
    it was entered, and waits for its review by the city."""
    leader, secretary = actor_named("countyleader"), actor_named("secretary")
    with on(11, 4):
        text = "该镇全员参加防汛抢险，整改无法开展，决定中止措施期限。"
        services.suspend(leader, measure.pk, replace(_numbered(measure), text=text))
    with on(11, 12):
        text = "防汛应急响应结束，决定恢复措施期限。"
        services.resume(leader, measure.pk, replace(_numbered(measure), text=text))
    with on(11, 18):
        said = "越线的两项指标各只涉及三人，请复核通报警示。"
        paper = ("异议书.docx", [_paper(measure.region, said, "市", 16)])
        services.object_to(secretary, measure.pk, Given(said, on=dt.date(YEAR, 11, 16), file=paper))


def _objection(city: Region) -> None:
    """A township objects to what its county decided; the city reviews and shortens the term."""
    proposal = _proposal(city, "F05011", "red_line")
    with on(10, 13, 14):
        _file(proposal, "warning", "九月四项指标越过红线，任务和报表多次逾期。", by="countysec")
    with on(10, 15, 14):
        measure = _take(proposal, "countyleader", "任务逾期属实，立案告知，听取说明后再决定。")
    _noticed(measure, 10, 16, "countysec")
    with on(10, 20):
        services.suspend(actor_named("countysec"), measure.pk, Given("该镇遭遇强降雨，应急期间中止期限。"))
    with on(10, 26):
        services.resume(actor_named("countysec"), measure.pk, Given("应急响应结束，恢复期限。"))
    _decided(measure, 11, 3, "扣除中止的日子，期限内未申辩，予以通报警示。", "countyleader", "countysec")
    said = "逾期报表因系统故障，已于次日补报，请复核通报警示的期限。"
    with on(11, 6):
        services.object_to(
            actor_named("countysec"),
            measure.pk,
            Given(
                "逾期报表因系统故障补报，请复核期限。",
                file=("异议书.docx", [_paper(measure.region, said, "县", 6)]),
            ),
        )
    with on(11, 13):
        services.change(
            actor_named("leader"),
            measure.pk,
            replace(_numbered(measure), text="补报情况属实，通报警示维持，期限由六个月变更为三个月。"),
            3,
        )


def _quarters(city: Region) -> None:
    """With a second quarter published the office looks at quarters: a county at the bottom of two running goes before
    the leader, the middle one of three districts does not."""
    with on(11, 5):
        services.set_rule(
            actor_named("secretary"), city.pk, "bottom",
            {"n": 2, "streak": 2, "cadence": "quarter", "scope": "peer"}, "yellow_card",
            "月度起伏大，自三季度起按连续两个季度靠后提出", enabled=True,
        )  # fmt: skip
        services.propose(actor_named("secretary"))
    with on(11, 6):
        county = _proposal(city, "F07", "bottom")
        _file(
            county, "yellow_card", "二季度、三季度在县市组连续位列最后两名，强制隔离戒毒衔接和宣传覆盖靠后。"
        )
    with on(11, 9):
        services.decide_proposal(
            actor_named("leader"),
            _proposal(city, "F01", "bottom").pk,
            "城区组只有三个区，三季度总分超过九十五分，末位之前即是靠后，不足以说明工作差；不采取措施。",
            takes=False,
        )


def _paper(region: Region, text: str, to: str, day: int) -> bytes:
    """The township's own paper to the office above, as it was handed in on a day of November."""
    paper = Bulletin(
        "zh", f"{region.name}人民政府", "", "异议书", f"{to}禁毒委员会办公室：", (Paragraph(text),),
        f"{region.name}人民政府", f"{YEAR}年11月{day}日", "", "虚构示范数据，与任何真实地区、单位和个人无关", "异议书",
    )  # fmt: skip
    return word.render(paper)


def _removal(city: Region) -> None:
    """The holder of a post: adjustment is left to the competent body, whose removal is recorded."""
    proposal = _proposal(city, "F05", "red_line")
    with on(10, 13, 16):
        _file(
            proposal, "adjustment", "九月多项指标越过红线，分管工作长期缺位，约谈后未改正。", "禁毒专班负责人"
        )
    with on(10, 16, 15):
        measure = _take(proposal, "leader", "多次约谈未改正，立案并告知本人，由有权机关按干部管理权限研究。")
    _noticed(measure, 10, 19)
    _decided(measure, 11, 4, "期限内未申辩，建议有权机关作组织调整。", "leader")
    with on(11, 10):
        services.record_effect(
            actor_named("secretary"),
            measure.pk,
            "removal",
            body=ORGANISATION,
            document_number=f"示组干〔{YEAR}〕7号",
            document_date=dt.date(YEAR, 11, 9),
            starts_on=dt.date(YEAR, 11, 9),
        )


def _waiting(city: Region) -> None:
    """What waits: a file before the leader, and a notice whose time to reply is over."""
    township = _proposal(city, "F07012", "red_line")
    with on(10, 16, 11):
        _file(township, "warning", "九月多项指标越过红线，提醒后未见改进。")
    county = _proposal(city, "F04", "veto")
    with on(10, 16, 14):
        _file(county, "warning", "辖区乡镇发生吸毒人员肇事肇祸，县级督导未落实。")
    with on(10, 20, 9):
        measure = _take(county, "leader", "否决已经决定适用，立案告知，听取该市说明。")
    _noticed(measure, 11, 16)
