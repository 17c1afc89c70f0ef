"""The bodies of the demonstration with their rules, members, means and one report. What stands is left as it is."""

from __future__ import annotations

import datetime as dt
from itertools import cycle

from jingtu.core.accounts.models import Unit
from jingtu.core.accounts.postings import save_unit
from jingtu.core.documents import keeping
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.actor import SYSTEM, Actor, actor_named
from jingtu.core.kernel.clock import frozen
from jingtu.core.numbering.models import NumberSeries
from jingtu.core.numbering.services import make_series
from jingtu.core.regions import queries as regions
from jingtu.core.regions.models import Region
from jingtu.governance.duties.bodies import reports, services
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.bodies.rules import CapacityKind
from jingtu.governance.duties.bodies.services import Draft
from jingtu.portal.demo.people import CITY
from jingtu.portal.demo_data.governance import bodies as data

ZONE = dt.timezone(dt.timedelta(hours=8))
ENTERED = dt.datetime(2026, 7, 2, 10, tzinfo=ZONE)
REPORTED = dt.datetime(2026, 10, 12, 9, 30, tzinfo=ZONE)
ISSUED = dt.datetime(2026, 10, 13, 16, 0, tzinfo=ZONE)
SINCE, UNTIL = dt.date(2026, 1, 20), dt.date(2028, 12, 31)
SOON = dt.date(2026, 12, 31)
SERIES = "指挥部报告"


def set_out() -> None:
    """Documents, bodies of the city, a county's committee with its units."""
    with frozen(ENTERED):
        city = _city()
        _documents(city)
        if not Body.objects.filter(region=city).exists():
            _bodies_of_city(city)
        county_committee()


def report() -> None:
    """The headquarters' report; after plans, meetings and supervision, which it tells of. What stands is left."""
    city = _city()
    if not NumberSeries.objects.filter(region=city, name=SERIES).exists():
        _report(city)


def units_of_county() -> list[Unit]:
    """The thirty member units of the county's committee, made where they are not there yet."""
    county = _county()
    known = {unit.name: unit for unit in Unit.objects.filter(region=county)}
    for name in data.COUNTY_UNITS:
        if name not in known:
            known[name] = save_unit(SYSTEM, name=name, region_id=county.pk)
    return [known[name] for name in data.COUNTY_UNITS]


def county_committee() -> Body:
    """The county's committee: its head, the heads of the thirty units, made where it is not there yet."""
    county, actor = _county(), actor_named("countysec")
    standing = Body.objects.filter(region=county, kind="committee").first()
    if standing is not None:
        return standing
    with frozen(ENTERED):
        units = units_of_county()
        name = f"{data.COUNTY_NAME}禁毒委员会"
        draft = Draft(
            "committee",
            name,
            name_en="Drug control committee of the county",
            duties="统一领导全县禁毒工作，分解下达任务，组织签订责任书。",
            document="demo-responsibility-v2#第六条",
            founded=dt.date(2016, 5, 1),
        )
        body = services.found_body(actor, county.pk, draft)
        services.appoint(actor, body.pk, "chair", name=_named(0), post="县长", starts=SINCE, ends=UNTIL)
        services.appoint(
            actor, body.pk, "executive", username="countyleader", post="副县长", starts=SINCE, ends=UNTIL
        )
        for number, unit in enumerate(units, start=1):
            services.appoint(
                actor,
                body.pk,
                "member",
                name=_named(number),
                post=f"{unit.name}主要负责人",
                unit_id=unit.pk,
                starts=SINCE,
                ends=SOON if number == len(units) else UNTIL,
            )
    return body


def _documents(city: Region) -> None:
    actor = actor_named("secretary")
    if NormativeDocument.objects.filter(code=data.RESPONSIBILITY.code).exists():
        return
    _document(actor, city, data.RESPONSIBILITY_OLD)
    keeping.add_version(
        actor,
        data.RESPONSIBILITY_OLD.code,
        _draft(data.RESPONSIBILITY),
        new_code=data.RESPONSIBILITY.code,
    )
    _articles(actor, data.RESPONSIBILITY)
    for rules in data.OTHERS:
        _document(actor, city, rules)


def _document(actor: Actor, city: Region, rules: data.Rules) -> None:
    keeping.add_document(actor, _draft(rules), keeper_id=city.pk, code=rules.code)
    _articles(actor, rules)


def _draft(rules: data.Rules) -> keeping.Draft:
    ends = dt.date.fromisoformat(data.EVALUATION_ENDS) if rules.kind == "evaluation" else None
    return keeping.Draft(
        rules.title_zh,
        rules.kind,
        title_en=rules.title_en,
        issuer="示范市禁毒委员会（虚构）",
        number=rules.number,
        date=rules.since,
        in_force_from=dt.date.fromisoformat(rules.since),
        in_force_to=ends,
        text="\n".join(f"{number} {text}" for number, text in rules.articles),
    )


def _articles(actor: Actor, rules: data.Rules) -> None:
    for number, text in rules.articles:
        keeping.write_article(actor, rules.code, number, text)


def _bodies_of_city(city: Region) -> None:
    actor = actor_named("secretary")
    names = cycle(range(len(data.SURNAMES)))

    def found(kind: str, name: str, name_en: str, **more: object) -> Body:
        draft = Draft(kind, name, name_en=name_en, **more)  # type: ignore[arg-type]
        return services.found_body(actor, city.pk, draft)

    def sit(body: Body, title: str, post: str, username: str = "", ends: dt.date = UNTIL) -> None:
        name = "" if username else _named(next(names))
        services.appoint(
            actor, body.pk, title, name=name, username=username, post=post, starts=SINCE, ends=ends
        )

    rules = data.RESPONSIBILITY.code
    committee = found(
        "committee",
        "示范市禁毒委员会",
        "Drug control committee of the Demonstration City",
        duties="统一领导全市禁毒工作。",
        document=f"{rules}#第二条",
        founded=dt.date(2008, 6, 1),
    )
    sit(committee, "chair", "市长")
    sit(committee, "executive", "副市长", "leader")
    for post in ("市公安局局长", "市卫生健康局局长", "市教育局局长", "市委宣传部部长", "市财政局局长"):
        sit(committee, "member", post)
    group = found(
        "leading_group",
        "示范市禁毒示范城市创建工作领导小组",
        "Leading group for the demonstration city",
        parent_id=committee.pk,
        duties="领导示范城市创建，听取指挥部报告。",
        founded=SINCE,
    )
    sit(group, "chair", "市委副书记")
    sit(group, "deputy", "副市长", "leader")
    headquarters = found(
        "headquarters",
        "示范市禁毒攻坚指挥部",
        "Command headquarters for drug control",
        parent_id=group.pk,
        duties="按月研判、调度、督办，向领导小组报告。",
        document=f"{rules}#第三条",
        founded=SINCE,
    )
    sit(headquarters, "chair", "副市长", "leader")
    sit(headquarters, "deputy", "市公安局副局长")
    sit(headquarters, "deputy", "市司法局副局长", ends=SOON)
    office = found(
        "office",
        "示范市禁毒委员会办公室",
        "Drug control office of the Demonstration City",
        parent_id=committee.pk,
        duties="承担禁毒委员会日常工作，组织考核、督办、通报。",
        document=f"{rules}#第四条",
        founded=dt.date(2008, 6, 1),
    )
    sit(office, "chair", "市公安局副局长")
    sit(office, "member", "综合科科长", "secretary")
    sit(office, "member", "考核科科长", "analyst")
    for team in data.TEAMS:
        body = found(
            "team",
            team.name,
            team.name_en,
            team=team.team,
            parent_id=headquarters.pk,
            duties=team.duties,
            document=f"{rules}#第三条",
            indicators=team.indicators,
            founded=SINCE,
        )
        sit(body, "chair", team.lead)
        sit(body, "liaison", "联络员")
    _means(actor, office)


def _means(actor: Actor, office: Body) -> None:
    def enter(kind: CapacityKind, day: str, **more: object) -> None:
        services.record_capacity(actor, office.pk, kind, dt.date.fromisoformat(day), **more)  # type: ignore[arg-type]

    enter(CapacityKind.STAFF, "2025-01-01", category="civil", planned=6, actual=5)
    enter(
        CapacityKind.STAFF, "2026-01-20", category="civil", planned=9, actual=8, document="示编办〔2026〕7号"
    )
    enter(CapacityKind.STAFF, "2026-01-20", category="institution", planned=4, actual=4)
    enter(CapacityKind.STAFF, "2026-01-20", category="contract", planned=6, actual=6)
    enter(CapacityKind.STAFF, "2026-02-01", category="seconded", planned=3, actual=3)
    enter(CapacityKind.BUDGET, "2025-12-31", year=2025, planned=6_200_000, actual=6_050_000)
    enter(CapacityKind.BUDGET, "2026-06-30", year=2026, planned=8_600_000, actual=4_120_000)
    enter(CapacityKind.PREMISES, "2026-01-20", text="办公用房 12 间、指挥室 1 处（虚构）")
    enter(CapacityKind.HONOUR, "2025-06-26", category="province", text="全省禁毒工作先进集体（虚构）")
    enter(CapacityKind.HONOUR, "2026-01-10", category="city", text="平安建设先进单位（虚构）")


def _report(city: Region) -> None:
    """September's report of the headquarters: drawn up by the secretary, issued by the leader."""
    secretary, leader = actor_named("secretary"), actor_named("leader")
    headquarters = Body.objects.get(region=city, kind="headquarters")
    with frozen(REPORTED):
        series = make_series(
            actor_named("analyst"), city.pk, name=SERIES, office="示禁指", pattern="{office}〔{year}〕{n}号"
        )
        report = reports.draft_report(secretary, headquarters.pk, "2026-09")
        reports.write_texts(
            secretary,
            report.pk,
            {
                "overall": "九月份，指挥部召开调度会一次，六个专项工作组按月报送进展，全市面上总体平稳（虚构）。",
                "problems": "个别县区社区戒毒执行率低于要求；寄递物流验视率有缺口。",
                "next": "对触红线县区下发督办，十月底前逐项销号；开展寄递专项检查。",
            },
        )
    with frozen(ISSUED):
        reports.issue_report(leader, report.pk, series.pk)


def _named(number: int) -> str:
    """An invented person, said to be so."""
    return f"{data.SURNAMES[number % len(data.SURNAMES)]}某（虚构）"


def _city() -> Region:
    return regions.root_of(SYSTEM, regions.tree_by_slug(SYSTEM, CITY[0]))


def _county() -> Region:
    tree = regions.tree_by_slug(SYSTEM, CITY[0])
    return regions.find_region(SYSTEM, tree, *data.COUNTY)
