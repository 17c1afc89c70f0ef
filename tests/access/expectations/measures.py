"""A proposal about county A is for those above it; a measure, once noticed, also for the county that answers."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.clock import now, today
from jingtu.core.regions.models import Region
from jingtu.governance.accountability.measures import services
from jingtu.governance.accountability.measures.models import Ladder, Measure, Proposal
from jingtu.governance.accountability.measures.services import Given
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in, roles

READERS = roles("leader", "secretary", "reporter")
OFFICE = roles("leader", "secretary")
ABOVE = roles("leader", "secretary", relations=("ancestor",))
PREPARERS = roles("secretary")
PREPARES_ABOVE = roles("secretary", relations=("ancestor",))
DECIDES_ABOVE = roles("leader", relations=("ancestor",))
ANSWERS = roles("leader", "secretary", "reporter", relations=("own",))
KNOW_OF_IT = ABOVE | ANSWERS
KNOW_OF_PERSON = ABOVE | roles("leader", relations=("own",))
HOLDER = roles("viewer", relations=("own",))
LADDER_READERS = roles("leader", "secretary", relations=("ancestor", "own", "sibling", "descendant"))


def prepare(cast: Cast) -> Known:
    for code in ("report_hubei_2024", "report_linshui_2022"):
        NormativeDocument.objects.get_or_create(
            code=code, defaults={"title_zh": code, "kind": "report", "updated_at": now()}
        )
    secretary, leader = cast.actor("secretary", "ancestor"), cast.actor("leader", "ancestor")
    city, county = cast.places["city"], cast.places["county_a"]
    ladder = services.adopt_preset(secretary, city.pk, "linshui")
    made = []
    for key in ("open", "taken"):
        proposal = Proposal.objects.create(
            office=city, region=county, kind="bottom", key=key, proposed_at=now()
        )
        made.append(services.prepare_file(secretary, proposal.pk, "yellow_card", "连续末位"))
    services.decide_proposal(leader, made[1].pk, "理由充分", takes=True)
    measure = Measure.objects.get()
    services.notice(secretary, measure.pk, Given())
    services.serve(secretary, measure.pk, Given())
    bulletin = services.issue_bulletin(secretary, city.pk, "2026-Q2")
    forced = _in_force(cast, city, county)
    return {
        "bulletin": bulletin.pk, "forced": forced.pk,
        "proposal": made[0].pk, "measure": measure.pk, "ladder": ladder.pk, "city": city.pk,
        "step": measure.steps.get(act="notice").pk,
    }  # fmt: skip


def _in_force(cast: Cast, city: Region, county: Region) -> Measure:
    """A person's record, which the reporters of the county do not see."""
    secretary, leader = cast.actor("secretary", "ancestor"), cast.actor("leader", "ancestor")
    proposal = Proposal.objects.create(
        office=city, region=county, kind="bottom", key="person", proposed_at=now()
    )
    holder = cast.user("viewer", "own")
    services.prepare_file(
        secretary, proposal.pk, "admonishing", "连续末位", post="分管领导", username=holder.username
    )
    services.decide_proposal(leader, proposal.pk, "理由充分", takes=True)
    measure = Measure.objects.get(proposal=proposal)
    services.notice(secretary, measure.pk, Given())
    services.serve(secretary, measure.pk, Given())
    services.reply(cast.actor("viewer", "own"), measure.pk, Given("已经改正"))
    services.decide(leader, measure.pk, Given("理由充分"))
    return services.serve_decision(secretary, measure.pk, Given())


def lists_own_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = len(response.context["page"])  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    assert shown == (who in KNOW_OF_IT) + (who in KNOW_OF_PERSON | HOLDER)


def proposals_above_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = len(response.context["page"])  # type: ignore[attr-defined]
    assert shown == (3 if (member.role, member.relation) in ABOVE else 0)


def keeps_versions(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    assert Ladder.objects.filter(region_id=known["city"]).count() >= 1


def proposal(known: Known) -> dict[str, object]:
    return {"proposal_id": known["proposal"]}


def measure(known: Known) -> dict[str, object]:
    return {"measure_id": known["measure"]}


def ladder(known: Known) -> dict[str, object]:
    return {"ladder_id": known["ladder"]}


def step(act: str) -> object:
    return lambda known: {"measure_id": known["measure"], "act": act}


def rule(known: Known) -> dict[str, object]:
    return {"region_id": known["city"], "kind": "bottom"}


ROWS = [
    Row("measures:list", open_to=READERS | HOLDER, sees=lists_own_only),
    Row("measures:proposals", open_to=OFFICE, sees=proposals_above_only),
    Row("measures:propose", method="POST", open_to=PREPARERS),
    Row("measures:proposal", kwargs=proposal, open_to=ABOVE),
    Row("measures:file", kwargs=proposal, open_to=PREPARES_ABOVE),
    Row(
        "measures:file",
        method="POST",
        kwargs=proposal,
        data=lambda known: {"rung": "yellow_card", "facts": "连续末位", "post": "", "username": ""},
        open_to=PREPARES_ABOVE,
    ),
    Row("measures:decide-proposal", kwargs=proposal, open_to=DECIDES_ABOVE),
    Row(
        "measures:decide-proposal",
        method="POST",
        kwargs=proposal,
        data=lambda known: {"outcome": "not_take", "reason": "理由充分"},
        open_to=DECIDES_ABOVE,
    ),
    Row("measures:ladders", open_to=OFFICE),
    Row(
        "measures:adopt-ladder",
        method="POST",
        data=lambda known: {"region": str(known["city"]), "preset": "hubei"},
        open_to=PREPARES_ABOVE,
        sees=keeps_versions,
    ),
    Row("measures:ladder", kwargs=ladder, open_to=LADDER_READERS),
    Row("measures:edit-ladder", kwargs=ladder, open_to=PREPARES_ABOVE),
    Row("measures:rules", open_to=PREPARERS),
    Row("measures:rule", kwargs=rule, open_to=PREPARES_ABOVE),
    Row(
        "measures:rule",
        method="POST",
        kwargs=rule,
        data=lambda known: {
            "p_n": "1", "p_streak": "2", "p_cadence": "quarter", "p_scope": "peer", "note": "按方案设置", "save": "1",
        },
        open_to=PREPARES_ABOVE,
    ),
    Row("measures:bulletins", open_to=OFFICE),
    Row(
        "measures:bulletins",
        method="POST",
        data=lambda known: {"region": str(known["city"]), "period": "2026-Q1", "number": ""},
        open_to=PREPARES_ABOVE,
        refused=(400, 403),
    ),
    Row("measures:detail", kwargs=measure, open_to=KNOW_OF_IT),
    Row(
        "measures:bulletin", kwargs=lambda known: {"bulletin_id": known["bulletin"]}, open_to=LADDER_READERS
    ),
    Row(
        "measures:bulletin-file",
        kwargs=lambda known: {"bulletin_id": known["bulletin"], "language": "en", "extension": "xlsx"},
        open_to=LADDER_READERS,
    ),
    Row(
        "measures:detail",
        kwargs=lambda known: {"measure_id": known["forced"]},
        open_to=KNOW_OF_PERSON | HOLDER,
    ),
    Row("measures:effect", kwargs=lambda known: {"measure_id": known["forced"]}, open_to=PREPARES_ABOVE),
    Row(
        "measures:effect",
        method="POST",
        kwargs=lambda known: {"measure_id": known["forced"]},
        data=lambda known: {
            "effect": "no_promotion", "body": "市委组织部", "document_number": "1号",
            "document_date": today().isoformat(), "starts_on": today().isoformat(),
        },
        open_to=PREPARES_ABOVE,
    ),
    Row(
        "measures:paper",
        kwargs=lambda known: {
            "measure_id": known["measure"], "step_id": known["step"], "language": "zh", "extension": "docx",
        },
        open_to=KNOW_OF_IT,
    ),
    Row("measures:step", kwargs=step("reply"), open_to=ANSWERS | PREPARES_ABOVE),
    Row("measures:step", kwargs=step("hear"), open_to=PREPARES_ABOVE),
    Row("measures:step", kwargs=step("drop"), open_to=DECIDES_ABOVE),
    Row("measures:step", kwargs=step("decide"), open_to=frozenset()),
    Row(
        "measures:step",
        method="POST",
        kwargs=step("reply"),
        data=lambda known: {"text": "已经整改"},
        open_to=ANSWERS,
        refused=(400, 403, 404),
    ),
    Row("api:v1:list_measure_proposals", open_to=everyone_signed_in()),
    Row("api:v1:get_measure_proposal", kwargs=proposal, open_to=ABOVE),
    Row("api:v1:list_measures", open_to=everyone_signed_in()),
    Row("api:v1:get_measure", kwargs=lambda known: {"measure_id": known["forced"]}, open_to=KNOW_OF_PERSON | HOLDER),
    Row("api:v1:get_measure", kwargs=measure, open_to=KNOW_OF_IT),
]  # fmt: skip
