"""Names and titles people give hold no characters that nobody sees: one could pass for another."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from jingtu.assessment.bulletins.distributing import Entry, save_list
from jingtu.assessment.bulletins.rules import EntryKind
from jingtu.assessment.indicators import services as catalogues
from jingtu.assessment.reporting.definition import problems_of
from jingtu.assessment.simulations import services as simulations
from jingtu.assessment.subscriptions import services as subscriptions
from jingtu.assessment.targets import services as targets
from jingtu.assessment.targets.services import MilestoneData, TrajectoryData
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.regions.services import groups
from jingtu.portal.saved.rules import name_problem
from tests.assessment.office import Office
from tests.assessment.reporting.desk import definition

UNSEEN = "甲\u200b县"


def trajectory(office: Office, name: str, milestone: str = "") -> object:
    data = TrajectoryData(
        "RATE", name, "2026-06", Decimal(60), [MilestoneData("2026-09", Decimal(80), milestone)],
        cadence="month", reason="市里下达任务",
    )  # fmt: skip
    return targets.set_trajectory(office.analyst, office.city, data)


def definition_of(office: Office, name: str, english: str = "Pair") -> object:
    draft = catalogues.open_draft(office.analyst, "改名", "")
    entry = {"code": "pair", "name": {"zh": name, "en": english}, "members": [{"indicator": "RATE"}]}
    return catalogues.put_entry(office.analyst, draft.pk, 0, "groups", "", entry)


def distribution(office: Office, name: str) -> object:
    return save_list(office.analyst, office.city.pk, name, [Entry(EntryKind.REGION, office.city.pk)])


def group(office: Office, name: str) -> object:
    members = [office.cast.places[key].pk for key in ("county_a", "county_b")]
    return groups.set_peer_group(
        SYSTEM, office.cast.tree, "g", name_zh=name, name_en="Group", members=members
    )


@pytest.mark.parametrize(
    ("give", "column"),
    [
        (lambda office: trajectory(office, UNSEEN), "name_zh"),
        (lambda office: trajectory(office, "三年拐点", UNSEEN), "milestones"),
        (lambda office: catalogues.open_draft(office.analyst, UNSEEN, ""), "title"),
        (lambda office: definition_of(office, UNSEEN), "pair.name_zh"),
        (lambda office: definition_of(office, "两项", f"Pa{UNSEEN}ir"), "pair.name_en"),
        (lambda office: distribution(office, UNSEEN), "name"),
        (lambda office: group(office, UNSEEN), "name_zh"),
        (lambda office: simulations.save(office.analyst, office.published().pk, UNSEEN, ""), "name"),
        (
            lambda office: subscriptions.save(
                office.analyst,
                name=UNSEEN,
                regions=[office.city.pk],
                indicators=["RATE"],
                cadence="monthly",
                way="inside",
            ),
            "name",
        ),
    ],
)
def test_a_name_is_refused_at_its_field(
    office: Office, give: Callable[[Office], object], column: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        give(office)
    assert [(problem.code, problem.column) for problem in refused.value.problems] == [
        ("kernel.unseen", column)
    ]


def test_a_saved_view_and_a_form_are_named_so_neither() -> None:
    assert name_problem("甲县", []) is None
    problem = name_problem(UNSEEN, [])
    assert problem is not None
    assert problem.code == "kernel.unseen"
    found = problems_of(definition(name_zh=UNSEEN), {})
    assert "kernel.unseen" in [one.code for one in found]
