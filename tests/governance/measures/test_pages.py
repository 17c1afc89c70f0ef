"""Over HTTP: what the pages say, asking again who decides, constant queries."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jingtu.core.accounts.models import User
from jingtu.core.kernel.errors import Conflict
from jingtu.governance.accountability.measures import services
from jingtu.governance.accountability.measures.models import Ladder, Measure, Proposal
from jingtu.governance.accountability.measures.queries import waiting
from tests.governance.measures.scene import REASON, START, Scene, on
from tests.together import together

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_stale_sign_in_is_asked_again_before_a_decision(scene: Scene) -> None:
    made = scene.filed()
    client = client_of(scene.cast.user("leader", "ancestor"))
    session = client.session
    for key in list(session.keys()):
        if "confirm" in key:
            del session[key]
    session.save()
    given = {"outcome": "take", "reason": REASON}
    response = client.post(reverse("measures:decide-proposal", args=[made.pk]), given)
    assert response.status_code == 403
    assert not Measure.objects.exists()


def test_the_proposals_page_costs_the_same_for_one_and_for_many(scene: Scene) -> None:
    client = client_of(scene.cast.user("leader", "ancestor"))
    address = reverse("measures:proposals")
    scene.filed()
    client.get(address)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    few = cost()
    for _ in range(10):
        scene.filed()
    assert cost() == few


def test_the_measures_page_costs_the_same_for_one_and_for_many(scene: Scene) -> None:
    client = client_of(scene.cast.user("leader", "ancestor"))
    address = reverse("measures:list")
    scene.served()
    client.get(address)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    few = cost()
    for _ in range(5):
        scene.opened()
    assert cost() == few


def test_what_waits_costs_the_same_for_one_and_for_many_also_where_a_level_decides(scene: Scene) -> None:
    ladder = Ladder.objects.get(region=scene.city)
    rungs = [replace(rung, level="city") for rung in ladder.steps]
    services.save_ladder(scene.secretary, scene.city.pk, 1, "清单", "Ladder", rungs, "限定层级")
    leader = scene.leader

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked, on(START):
            waiting(leader)
        return len(asked)

    scene.served()
    cost()
    few = cost()
    for _ in range(3):
        scene.served()
    assert cost() == few


def test_the_second_of_two_deciders_is_told_and_changes_nothing(scene: Scene) -> None:
    made = scene.filed()
    with on(START):
        services.decide_proposal(scene.leader, made.pk, REASON, takes=True)
        with pytest.raises(Conflict) as caught:
            services.decide_proposal(scene.second, made.pk, "不同意采取", takes=False)
    assert caught.value.problem.code == "measures.decided_already"
    kept = Proposal.objects.get(pk=made.pk)
    assert (kept.state, kept.decided_by_id) == ("taken", scene.leader.user_id)
    assert Measure.objects.count() == 1


def test_a_rule_is_previewed_on_its_page_without_being_saved(scene: Scene) -> None:
    client = client_of(scene.cast.user("secretary", "ancestor"))
    address = reverse("measures:rule", args=[scene.city.pk, "bottom"])
    given = {"p_n": "3", "p_streak": "2", "p_cadence": "month", "p_scope": "all", "note": "", "preview": "1"}
    response = client.post(address, given)
    assert response.status_code == 200
    assert response.context["impact"]["count"] == 0
    assert not Proposal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_deciders_at_the_same_moment_one_is_told(scene: Scene) -> None:
    made = scene.filed()
    deeds = [
        lambda who=who, takes=takes: services.decide_proposal(who, made.pk, REASON, takes=takes)
        for who, takes in ((scene.leader, True), (scene.second, False))
    ]
    results = together(deeds)
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "Proposal"]
    kept = Proposal.objects.get(pk=made.pk)
    assert Measure.objects.count() == (kept.state == "taken")
