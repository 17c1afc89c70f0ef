"""A record about the holder of a post, tried by those it is not for: pages, papers, interface, search, notices, bulletin,
figures, agendas, duty reports."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.core.accounts.models import User
from jingtu.core.kernel.actor import SYSTEM
from jingtu.engine.periods import Period
from jingtu.governance.accountability.measures import queries, services
from jingtu.governance.accountability.measures.composing import compose
from jingtu.governance.accountability.measures.duties import open_points, reported
from jingtu.governance.accountability.measures.feeds import measures_counted
from jingtu.governance.accountability.measures.models import Measure, MeasureEffect
from jingtu.governance.accountability.measures.searching import find_measures
from jingtu.governance.accountability.measures.services import Given
from jingtu.governance.duties.dutyreports.models import DutyReport
from tests.governance.measures.scene import START, Scene, on

pytestmark = pytest.mark.django_db
POST, WORD = "分管副县长", "诫勉"
HOSTILE = (
    ("secretary", "own"), ("reporter", "own"), ("analyst", "own"), ("analyst", "ancestor"), ("auditor", ""),
    ("leader", "sibling"), ("secretary", "sibling"), ("leader", "descendant"),
)  # fmt: skip
NEED = (("secretary", "ancestor"), ("leader", "ancestor"), ("leader", "own"), ("viewer", "own"))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def addresses(measure: Measure) -> list[str]:
    step = measure.steps.get(act="decide")
    return [
        reverse("measures:detail", args=[measure.pk]),
        reverse("measures:paper", args=[measure.pk, step.pk, "en", "docx"]),
        reverse("measures:step", args=[measure.pk, "object"]),
        reverse("api:v1:get_measure", args=[measure.pk]),
    ]


def told(client: Client) -> str:
    """Everything the lists tell: measures, proposals, search, what waits."""
    asked = (
        reverse("measures:list"), reverse("measures:proposals"), reverse("api:v1:list_measures"),
        reverse("api:v1:list_measure_proposals"), reverse("ui:search") + "?q=甲县", reverse("notifications:list"),
    )  # fmt: skip
    return "".join(client.get(address).content.decode() for address in asked)


def held(scene: Scene) -> Measure:
    return scene.in_force("admonishing", POST, scene.cast.user("viewer", "own").username)


@pytest.mark.parametrize("sealed", [False, True])
def test_whom_it_does_not_concern_finds_it_nowhere(scene: Scene, sealed: bool) -> None:
    measure = held(scene)
    last = measure.ends_on
    assert last is not None
    day = last + dt.timedelta(days=1 if sealed else 0)
    with on(day):
        services.close_over()
        for role, relation in (*HOSTILE, *((("secretary", "ancestor"), ("leader", "own")) if sealed else ())):
            client = client_of(scene.cast.user(role, relation))
            found = {address: client.get(address).status_code for address in addresses(measure)}
            assert set(found.values()) <= {403, 404}, (role, relation, found)
            text = told(client)
            assert POST not in text
            assert WORD not in text, (role, relation)
        for role, relation in NEED:
            actor = scene.cast.actor(role, relation)
            assert queries.measures(actor).exists() is not sealed
            assert bool([hit for hit in find_measures(actor, "甲县", 9) if WORD in hit.label]) is not sealed


def test_figures_bulletins_agendas_and_duty_reports_know_organisations_only(scene: Scene) -> None:
    person, place = held(scene), scene.in_force()
    quarter = Period.parse("2026-Q4")
    with on(dt.date(2027, 1, 4)):
        for language in ("zh", "en"):
            text = compose(scene.city, quarter, language, "", START).text()
            assert POST not in text
            assert scene.cast.user("viewer", "own").full_name not in text
        counted = measures_counted(SYSTEM, scene.cast.tree, [scene.county.pk], quarter)
        assert sorted(one.value for one in counted.values()) == [1, 1]
    with on(dt.date(2026, 12, 31)):
        for actor in (scene.leader, scene.cast.actor("leader", "own"), scene.cast.actor("viewer", "own")):
            points = open_points(actor, scene.city.pk, START)
            assert str(person.pk) not in {one.key for one in points}
        report = DutyReport(
            region=scene.county, person=scene.cast.user("leader", "own"), post="县长", year=2026
        )
        year = (dt.date(2026, 1, 1), dt.date(2026, 12, 31))
        panel = reported(scene.cast.actor("leader", "own"), report, *year)
        assert panel is not None
        assert [line.url for line in panel.lines] == [reverse("measures:detail", args=[place.pk])]
        assert WORD not in panel.sentence_zh + "".join(line.zh for line in panel.lines)
        own = DutyReport(region=scene.county, person=scene.cast.user("viewer", "own"), post=POST, year=2026)
        assert reported(scene.cast.actor("reporter", "sibling"), own, *year) is None
        report.unit_id = 1
        assert reported(scene.cast.actor("leader", "own"), report, *year) is None


def test_effects_of_what_was_revoked_are_not_in_force(scene: Scene) -> None:
    measure = scene.in_force()
    with on(START + dt.timedelta(days=31)):
        day = START + dt.timedelta(days=31)
        services.record_effect(
            scene.secretary, measure.pk, "no_award", body="市委", document_number="1号", document_date=day,
            starts_on=day + dt.timedelta(days=60),
        )  # fmt: skip
        services.object_to(scene.reporter, measure.pk, Given("数据已经更正"))
        services.revoke(scene.second, measure.pk, Given("数据有误，予以撤销"))
    assert MeasureEffect.objects.exists()
    later = START + dt.timedelta(days=120)
    assert queries.effects_of_place(scene.leader, scene.county.pk, later) == []


def test_the_page_of_a_proposal_shows_what_was_done_before_and_still_holds(scene: Scene) -> None:
    measure, proposal = scene.in_force(), scene.filed()
    held(scene)
    day = START + dt.timedelta(days=31)
    with on(day):
        services.record_effect(
            scene.secretary, measure.pk, "no_award", body="市委组织部", document_number="7号", document_date=day,
            starts_on=day,
        )  # fmt: skip
        page = client_of(scene.cast.user("leader", "ancestor")).get(
            reverse("measures:proposal", args=[proposal.pk])
        )
    text = page.content.decode()
    assert reverse("measures:detail", args=[measure.pk]) in text
    assert "市委组织部 7号" in text
    assert WORD not in text


@pytest.mark.parametrize(("act", "says"), [("change", "复核不得加重"), ("suspend", "中止执行中的期限")])
def test_the_form_of_a_decision_says_whose_rule_it_goes_by(scene: Scene, act: str, says: str) -> None:
    measure = scene.in_force()
    with on(START + dt.timedelta(days=32)):
        if act == "change":
            services.object_to(scene.reporter, measure.pk, Given("期限过长"))
        client = client_of(scene.second.user)
        page = client.get(reverse("measures:step", args=[measure.pk, act]))
    assert says in page.content.decode()
    assert ("on" in page.context["form"].fields) is (act == "suspend")
