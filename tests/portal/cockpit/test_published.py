"""The published figures as everybody signed in reads them, from the real catalogue and the shipped files."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import jingtu
from jingtu.assessment.indicators.services import import_catalogue
from jingtu.core.accounts.models import Post, User
from jingtu.core.facts.services import import_path
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.models import Region
from jingtu.core.regions.services import load_tree
from jingtu.core.regions.sources import CHINA
from jingtu.engine.tree import RegionRow
from jingtu.portal.cockpit.published import PublishedGroup
from jingtu.portal.demo_data.real_figures import narratives, real_facts, write_csv


@pytest.fixture
def client(db: None, own_store: Path) -> Client:
    """Somebody without any post, in an installation with the real figures."""
    import_catalogue(SYSTEM, Path(jingtu.__file__).parent / "catalogue")
    nation = RegionRow("100000", "全国", None, "nation", None, None)
    places = {(fact.level, fact.region) for fact in real_facts()} - {("nation", "100000")}
    below = [
        RegionRow(code, f"{level}{code}", "100000", level, None, None, parent_level="nation")
        for level, code in sorted(places)
    ]
    tree = load_tree(SYSTEM, CHINA, [nation, *below]).tree
    write_csv(own_store / "real.csv")
    import_path(SYSTEM, tree, own_store / "real.csv")
    client = Client()
    reader = User.objects.create(username="reader", full_name="reader", password="!")
    Post.objects.create(user=reader, role="auditor")  # any post opens what is published to everybody
    client.force_login(reader)
    return client


def groups_of(client: Client) -> dict[str, PublishedGroup]:
    return {group.group.code: group for group in client.get(reverse("cockpit:figures")).context["groups"]}


def series(group: PublishedGroup, code: str, region: str) -> list[tuple[str, Decimal]]:
    region_id = Region.objects.get(code=region).pk
    line = next(line for line in group.lines if line.indicator.code == code and line.region_id == region_id)
    return [(figure.period.key, figure.value) for figure in line.figures]


def test_the_published_figures_come_out_right(client: Client) -> None:
    groups = groups_of(client)
    rates = groups["kaiyang_seven_rates"]
    assert rates.against
    assert len(rates.lines) == rates.met == 7
    gaps = {line.indicator.code: line.gap for line in rates.lines}
    assert gaps["PUB_CDT_EXEC"] == Decimal("1.16")
    assert gaps["PUB_CRIME_SHARE"] == Decimal("-3.50")

    falls = groups["published_long_falls"]
    young = next(line for line in falls.lines if line.indicator.code == "PUB_NEW_U25")
    assert [figure.value for figure in young.figures] == [101, 49, 27]
    assert [round(figure.change, 1) for figure in young.figures if figure.change is not None] == [
        Decimal("-51.5"),
        Decimal("-44.9"),
    ]
    assert series(falls, "PUB_NEW_U25_SINCE_2015", "520121")[-1] == ("2017", Decimal("-73.3"))
    assert series(falls, "PUB_OUTFLOW_SINCE_2016", "430381") == [("2022", Decimal("-96.7"))]
    assert series(falls, "PUB_OUTFLOW_CHANGE", "511623")[0][1] == Decimal("-89.6")

    hubei = groups["published_hubei_changes"]
    assert [
        series(hubei, code, "42")[0][1]
        for code in ("PUB_CASES_YOY", "PUB_PUNISHED_YOY", "PUB_GANGS_YOY", "PUB_SEIZURE_YOY")
    ] == [109, 268, 518, 98]

    national = groups["published_national_series"]
    cases = dict(series(national, "PUB_CASES", "100000"))
    assert cases["2016"] != dict(series(national, "PUB_CASES_SECOND", "100000"))["2016"]


def test_every_figure_names_its_source(client: Client) -> None:
    for group in groups_of(client).values():
        for line in group.lines:
            assert all(figure.source is not None and figure.source.text for figure in line.figures), line.name


def test_what_is_unclear_is_said_and_what_is_no_number_is_kept_with_its_reason(client: Client) -> None:
    text = client.get(reverse("cockpit:figures")).content.decode()
    assert "百分比还是百分点" in text
    assert "推定" in text
    for narrative in narratives():
        assert narrative.reason_zh in text


def test_a_real_place_shows_only_what_was_published_of_it(client: Client) -> None:
    kaiyang = Region.objects.get(code="520121")
    found = client.get(reverse("cockpit:profile", args=[kaiyang.pk])).context["found"]
    assert found.published
    assert {line.region_id for line in found.published} == {kaiyang.pk}
    assert not found.strands
    assert not found.history
