"""Targets of county A: one in force, one proposed by the city's analyst, a file of the analyst's, a trajectory."""

from __future__ import annotations

from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from jingtu.assessment.targets import services
from jingtu.assessment.targets.services import MilestoneData, TrajectoryData
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.targets import Target
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, business, roles
from tests.assessment.office import Office

READERS = business()
SEERS = business("own", "ancestor", "descendant")
MAKERS = roles("analyst")
OWN_MAKERS = roles("analyst", relations=("own", "ancestor"))
SIGNERS = roles("reviewer", relations=("own", "ancestor"))
OWNER = frozenset({("analyst", "ancestor")})
FILE = "指标,地区,期间,目标,依据文件\nRATE,310101,2026,>= 95,市发1号\n"


def wanted(asked: str, period: str = "2026") -> Target:
    return Target("RATE", "place", period, "each", ("county", "310101"), requirement=Threshold.parse(asked))


def prepare(cast: Cast) -> Known:
    Office(cast)
    analyst, reviewer = cast.actor("analyst", "ancestor"), cast.actor("reviewer", "ancestor")
    standing = services.propose(analyst, cast.tree, wanted(">= 96"), "市里下达")
    services.approve(reviewer, standing.pk)
    proposed = services.propose(analyst, cast.tree, wanted(">= 97", "2027"), "市里下达")
    made = services.begin_import(analyst, cast.tree, [FILE.encode()], "targets.csv")
    trajectory = services.set_trajectory(
        analyst,
        cast.places["county_a"],
        TrajectoryData(
            "RATE", "三年拐点", "2025", Decimal(80), [MilestoneData("2026", Decimal(90))], reason="市里下达"
        ),
    )
    return {
        "standing": standing.pk,
        "proposed": proposed.pk,
        "import": made.pk,
        "trajectory": trajectory.pk,
        "county": cast.places["county_a"].pk,
    }


def lists_what_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {target.pk for target in response.context["page"]}  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    if who in OWN_MAKERS | SIGNERS:
        assert shown == {known["standing"], known["proposed"]}
    else:
        assert shown == ({known["standing"]} if who in SEERS else set())


def lists_trajectories_of_own_places(
    response: HttpResponse, member: Member, cast: Cast, known: Known
) -> None:
    shown = {found.trajectory.pk for found in response.context["page"]}  # type: ignore[attr-defined]
    assert shown == ({known["trajectory"]} if (member.role, member.relation) in SEERS else set())


def shows_places_inside_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {pk for pk, _name in response.context["found"].places}  # type: ignore[attr-defined]
    allowed = known["county"] in shown
    assert allowed is ((member.role, member.relation) in business("own", "ancestor"))


def target(known: Known) -> dict[str, int]:
    return {"target_id": known["standing"]}


ROWS = [
    Row("targets:list", data=lambda known: {"state": ""}, open_to=READERS, sees=lists_what_may_be_known),
    Row(
        "targets:list",
        method="POST",
        data=lambda known: {"target": known["proposed"]},
        open_to=SIGNERS,
    ),
    Row("targets:detail", kwargs=target, open_to=SEERS),
    Row(
        "targets:detail",
        kwargs=lambda known: {"target_id": known["proposed"]},
        open_to=OWN_MAKERS | SIGNERS,
    ),
    Row(
        "targets:grid",
        data=lambda known: {"level": "county", "period": "2026-09"},
        open_to=READERS,
        sees=shows_places_inside_only,
    ),
    Row("targets:new", open_to=MAKERS),
    Row(
        "targets:new",
        method="POST",
        data=lambda known: {
            "indicator": "RATE", "scope": "place", "region": known["county"], "period": "2028", "basis": "each",
            "requirement": ">= 95", "reason": "市里下达",
        },
        open_to=OWN_MAKERS,
        refused=(400, 403, 404),
    ),
    Row(
        "targets:cell",
        data=lambda known: {"region": known["county"], "indicator": "RATE", "period": "2026-09"},
        open_to=OWN_MAKERS,
    ),
    Row(
        "targets:cell",
        method="POST",
        data=lambda known: {
            "region": known["county"], "indicator": "RATE", "period": "2026-09", "requirement": ">= 95",
            "reason": "市里下达",
        },
        open_to=OWN_MAKERS,
    ),
    Row(
        "targets:decide",
        method="POST",
        kwargs=lambda known: {"target_id": known["proposed"], "act": "approve"},
        open_to=SIGNERS,
    ),
    Row("targets:export", method="POST", open_to=MAKERS),
    Row("targets:template", method="POST", open_to=MAKERS),
    Row("targets:upload", open_to=MAKERS),
    Row(
        "targets:upload",
        method="POST",
        data=lambda known: {
            "tree": "cast", "file": SimpleUploadedFile("targets.csv", FILE.encode(), "text/csv"),
        },
        open_to=MAKERS,
    ),
    Row("targets:import", kwargs=lambda known: {"import_id": known["import"]}, open_to=OWNER),
    Row("targets:confirm", method="POST", kwargs=lambda known: {"import_id": known["import"]}, open_to=OWNER),
    Row("targets:trajectories", open_to=READERS, sees=lists_trajectories_of_own_places),
    Row("targets:trajectory", kwargs=lambda known: {"trajectory_id": known["trajectory"]}, open_to=SEERS),
    Row("targets:trajectory_new", open_to=MAKERS),
    Row(
        "targets:trajectory_new",
        method="POST",
        data=lambda known: {
            "region": known["county"], "indicator": "RATE", "name_zh": "三年拐点", "base_period": "2025",
            "base_value": "80", "milestones": "2026 90\n2027 95 拐点", "interpolation": "linear", "tolerance": "0",
            "cadence": "year", "turning_wrong_way": "2", "turning_right_way": "2", "turning_noise": "0",
            "reason": "市里下达",
        },
        open_to=OWN_MAKERS,
        refused=(400, 403, 404),
    ),
    Row(
        "targets:trajectory_retire",
        method="POST",
        kwargs=lambda known: {"trajectory_id": known["trajectory"]},
        data=lambda known: {"reason": "不再使用"},
        open_to=OWN_MAKERS,
    ),
]  # fmt: skip
