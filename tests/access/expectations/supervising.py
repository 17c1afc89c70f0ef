"""Notices of the city to county A: one drafted, one issued, one answered."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.core.kernel.clock import today
from jingtu.engine.workdays import add_working_days
from jingtu.governance.duties.supervising import services
from jingtu.governance.duties.supervising.services import Asked
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, roles

READERS = roles("analyst", "reviewer", "leader", "secretary", "reporter")
ISSUERS = roles("leader", "secretary")
OFFICE = roles("leader", "secretary", relations=("ancestor",))
SEERS = roles("analyst", "reviewer", "leader", "secretary", "reporter", relations=("own", "ancestor"))
UNIT = roles("secretary", "reporter", relations=("own",))
# Whoever reports for the whole city answers for its counties as well.
ANSWERERS = UNIT | roles("reporter", relations=("ancestor",))


def prepare(cast: Cast) -> Known:
    secretary, city = cast.actor("secretary", "ancestor"), cast.places["city"].pk
    due = add_working_days(today(), 5).day
    asked = Asked("落实网格巡查", "请说明原因并补齐记录。", due, "本市禁毒办", cast.places["county_a"].pk)
    drafted, issued, answered = (services.draft(secretary, city, asked) for _ in range(3))
    services.issue(secretary, issued.pk)
    services.issue(secretary, answered.pk)
    services.answer(cast.actor("reporter", "own"), answered.pk, "已补齐记录")
    return {"drafted": drafted.pk, "issued": issued.pk, "answered": answered.pk}


def lists_only_what_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {notice.pk for notice in response.context["page"]}  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    expected = {known["issued"], known["answered"]} if who in SEERS else set()
    if who in OFFICE:
        expected.add(known["drafted"])
    assert shown == expected, member.name


def _notice(name: str):
    return lambda known: {"notice_id": known[name]}


def _act(name: str, action: str):
    return lambda known: {"notice_id": known[name], "action": action}


def _words(known: Known) -> dict[str, str]:
    return {"reason": "经核对材料"}


ROWS = [
    Row("supervising:list", open_to=READERS, sees=lists_only_what_may_be_known),
    Row("supervising:export", open_to=READERS),
    Row("supervising:new", open_to=ISSUERS),
    Row("supervising:detail", kwargs=_notice("issued"), open_to=SEERS),
    Row("supervising:detail", kwargs=_notice("drafted"), open_to=OFFICE),
    Row(
        "supervising:download",
        kwargs=lambda known: {"notice_id": known["issued"], "extension": "docx"},
        open_to=SEERS,
    ),
    Row("supervising:act", kwargs=_act("drafted", "issue"), open_to=OFFICE),
    Row("supervising:act", method="POST", kwargs=_act("drafted", "issue"), open_to=OFFICE),
    Row("supervising:act", kwargs=_act("issued", "answer"), open_to=ANSWERERS),
    Row("supervising:act", method="POST", kwargs=_act("issued", "answer"), data=_words, open_to=ANSWERERS),
    Row("supervising:act", method="POST", kwargs=_act("answered", "accept"), data=_words, open_to=OFFICE),
    Row("supervising:act", method="POST", kwargs=_act("answered", "return"), data=_words, open_to=OFFICE),
    Row("supervising:act", method="POST", kwargs=_act("issued", "withdraw"), data=_words, open_to=OFFICE),
]
