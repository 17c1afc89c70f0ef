"""Alerts of county A: one of its published September run, one of a draft of August, one that would tell a
count of few persons."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.assessment.alerts.models import Alert
from jingtu.assessment.alerts.services import watch_run
from jingtu.assessment.runs import services
from jingtu.core.kernel.actor import SYSTEM
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, business, roles
from tests.assessment.alerts.watched import FIGURES, RULES
from tests.assessment.office import CATALOGUE, MONTH, Office, version_of

INSIDE = ("own", "ancestor")
READERS = business(*INSIDE)
WORKERS = roles("analyst", "reviewer", relations=INSIDE)
HANDLERS = roles("analyst", "reviewer", "leader", "reporter", relations=INSIDE)
DISMISSERS = roles("analyst", "reviewer", "leader", relations=INSIDE)


def prepare(cast: Cast) -> Known:
    office = Office(cast)
    version_of(CATALOGUE + RULES)
    county, analyst, reviewer = (
        cast.places["county_a"],
        cast.actor("analyst", "own"),
        cast.actor("reviewer", "own"),
    )
    office.report(MONTH, FIGURES)
    office.report("2026-07", {**FIGURES, "township_a2": (4, 1, 8)})
    office.report("2026-08", {**FIGURES, "township_a2": (20, 15, 8), "township_a": (40, 10, 6)})
    known = {}
    for name, month in (("few", "2026-07"), ("published", MONTH), ("draft", "2026-08")):
        run = services.prepare(analyst, services.create_run(analyst, county, "township", "card", month).pk)
        if name != "draft":
            services.submit_for_review(analyst, run.pk)
            services.approve_and_publish(reviewer, run.pk)
        watch_run(SYSTEM, run.pk)
        place = cast.places["township_a" if name == "draft" else "township_a2"]
        alert = Alert.objects.filter(rule="red", region=place, last_period=month).get()
        known[name] = alert.pk
        # So that the next month begins an alert of its own.
        if name == "few":
            from jingtu.assessment.alerts.services import dismiss

            dismiss(analyst, alert.pk, "已核实无误")
    return known


def lists_what_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row.alert.pk for row in response.context["rows"]} & set(known.values())  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    if who in WORKERS:
        assert shown == set(known.values())
    elif who in READERS:
        assert shown == {known["published"]}
    else:
        assert shown == set()


def offers_what_may_be_done(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    offered = {name for name, _ in response.context["actions"]}  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    assert ("resolve" in offered) is (who in HANDLERS)
    assert ("dismiss" in offered) is (who in DISMISSERS)


def counts_what_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    rows = {row.rule: row.raised for row in response.context["rows"]}  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    assert rows.get("red", 0) == (4 if who in WORKERS else 1 if who in READERS else 0)


def tries_only_for_those_with_exact_figures(
    response: HttpResponse, member: Member, cast: Cast, known: Known
) -> None:
    trial = response.context["trial"]  # type: ignore[attr-defined]
    assert (trial is not None) is ((member.role, member.relation) in WORKERS)


def of(name: str, **more: str) -> object:
    return lambda known: {"alert_id": known[name], **more}


REASON = {"reason": "核实后办理"}

ROWS = [
    Row("alerts:list", data=lambda known: {"state": "all"}, open_to=business(), sees=lists_what_may_be_known),
    Row("alerts:detail", kwargs=of("published"), open_to=READERS, sees=offers_what_may_be_done),  # type: ignore[arg-type]
    Row("alerts:detail", kwargs=of("draft"), open_to=WORKERS),  # type: ignore[arg-type]
    Row("alerts:detail", kwargs=of("few"), open_to=WORKERS),  # type: ignore[arg-type]
    Row("alerts:statistics", open_to=business(), sees=counts_what_may_be_known),
    Row("alerts:rules", open_to=business()),
    Row("alerts:rule", kwargs=lambda known: {"code": "red"}, open_to=business()),
    Row(
        "alerts:rule",
        kwargs=lambda known: {"code": "red"},
        data=lambda known: {"try": "1"},
        open_to=business(),
        sees=tries_only_for_those_with_exact_figures,
    ),
    Row(
        "alerts:acknowledge-many",
        method="POST",
        data=lambda known: {"alert": [known["published"]]},
        open_to=roles("analyst", "reviewer", "leader", "reporter"),
    ),
    Row("alerts:act", kwargs=of("published", action="resolve"), open_to=HANDLERS),  # type: ignore[arg-type]
    Row("alerts:act", kwargs=of("published", action="dismiss"), open_to=DISMISSERS),  # type: ignore[arg-type]
    *(
        Row(
            "alerts:act",
            method="POST",
            kwargs=of("published", action=action),  # type: ignore[arg-type]
            data=lambda known: dict(REASON),
            open_to=HANDLERS,
        )
        for action in ("acknowledge", "take", "resolve")
    ),
    Row(
        "alerts:act",
        method="POST",
        kwargs=of("published", action="dismiss"),  # type: ignore[arg-type]
        data=lambda known: dict(REASON),
        open_to=DISMISSERS,
    ),
    Row("alerts:assign", kwargs=of("published"), open_to=DISMISSERS),  # type: ignore[arg-type]
    Row(
        "alerts:assign",
        method="POST",
        kwargs=of("published"),  # type: ignore[arg-type]
        data=lambda known: {"owner": "", "reason": ""},
        open_to=DISMISSERS,
        admitted=(400,),
    ),
]
