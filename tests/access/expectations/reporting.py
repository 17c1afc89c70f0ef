"""Reports of county A's township: filled in by its reporters and those of the county and city, reviewed above."""

from __future__ import annotations

import datetime as dt
import json

from django.http import HttpResponse

from jingtu.assessment.reporting import services
from jingtu.assessment.reporting.models import Report
from jingtu.assessment.reporting.services import Entry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import today
from jingtu.engine.periods import Period
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, roles
from tests.assessment.office import Office
from tests.assessment.reporting.desk import FORM, GOOD_OF, definition

HERE = ("own", "ancestor", "descendant")
FILLERS = roles("reporter", relations=HERE)
REVIEWERS = roles("analyst", "reviewer", relations=HERE)
LOOKERS = roles("analyst", "reviewer", "leader", "reporter")
MANAGERS = roles("system_administrator")
JSON = "application/json"


def prepare(cast: Cast) -> Known:
    Office(cast)
    period = Period.of("month", today()).previous()
    services.install_form(SYSTEM, FORM, cast.tree, definition(valid_from=dt.date(2020, 1, 1)))
    services.save_draft(SYSTEM, "draft", cast.tree, definition())
    place, other = cast.places["township_a"], cast.places["township_a2"]
    reporter = cast.actor("reporter", "own")
    for region, key in ((place, "township_a"), (other, "township_a2")):
        entries = [Entry(region.pk, cell, text, 0, "") for cell, text in GOOD_OF[key].items()]
        services.save_cells(reporter, FORM, period.key, entries)
    waiting = services.submit(reporter, FORM, period.key, place.pk)
    proxy = services.ask_proxy(
        reporter,
        cast.places["county_a"],
        cast.user("reporter", "descendant").username,
        today(),
        today(),
        "出差",
    )
    return {
        "proxy": proxy.pk,
        "begun": Report.objects.get(region=other).pk,
        "code": FORM,
        "period": period.key,
        "region": place.pk,
        "other": other.pk,
        "waiting": waiting.pk,
        "revision": waiting.revision,
    }


def address(known: Known) -> dict[str, object]:
    return {"code": known["code"], "period": known["period"], "region_id": known["region"]}


def other(known: Known) -> dict[str, object]:
    return {**address(known), "region_id": known["other"]}


def form(known: Known) -> dict[str, object]:
    return {"code": known["code"]}


def typed(known: Known) -> str:
    return json.dumps({"cells": [{"region": known["other"], "key": "due", "text": "22", "version": 1}]})


def own_units_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    """The board names no unit outside the reader's area."""
    page = response.context.get("page") if response.context else None  # type: ignore[attr-defined]
    names = {region.name for region in page} if page is not None else set()
    expected = {
        "own": {"甲一镇", "甲二镇"},
        "ancestor": {"甲一镇", "甲二镇", "乙一镇"},
        "descendant": {"甲一镇"},
        "sibling": {"乙一镇"},
        "outsider": set(),
    }[member.relation]
    assert names == expected, member.name


ABOVE_FILLERS = roles("reporter", relations=("own", "ancestor"))
ROWS = [
    # Who fills nothing in is led on to the board, or to the forms.
    Row("reporting:due", open_to=LOOKERS | MANAGERS),
    Row("reporting:fill", kwargs=address, open_to=FILLERS | REVIEWERS),
    Row(
        "reporting:fill",
        kwargs=other,
        open_to=roles("reporter", "analyst", "reviewer", relations=("own", "ancestor")),
    ),
    Row(
        "reporting:fill-many",
        kwargs=lambda known: {"code": known["code"], "period": known["period"]},
        open_to=roles("reporter", relations=("own", "ancestor", "descendant", "sibling")),
    ),
    Row("reporting:submit", method="POST", kwargs=other, open_to=ABOVE_FILLERS),
    Row(
        "reporting:submit-many",
        method="POST",
        kwargs=lambda known: {"code": known["code"], "period": known["period"]},
        data=lambda known: {"region": known["other"]},
        open_to=ABOVE_FILLERS,
    ),
    Row("reporting:withdraw", method="POST", kwargs=address, open_to=FILLERS),
    Row(
        "reporting:history",
        kwargs=address,
        data=lambda known: {"cell": "due"},
        open_to=FILLERS | REVIEWERS,
    ),
    Row(
        "reporting:save",
        method="POST",
        kwargs=lambda known: {"code": known["code"], "period": known["period"]},
        data=typed,
        content_type=JSON,
        open_to=ABOVE_FILLERS,
    ),
    Row("reporting:review", open_to=LOOKERS, sees=own_units_only),
    # The county's step: its own reviewers and those above.
    Row(
        "reporting:accept",
        method="POST",
        data=lambda known: {"report": f"{known['waiting']}:{known['revision']}"},
        open_to=roles("analyst", "reviewer", relations=("own", "ancestor")),
    ),
    Row(
        "reporting:decide",
        method="POST",
        kwargs=lambda known: {"report_id": known["waiting"]},
        data=lambda known: {
            "act": "return",
            "cell": "due",
            "reason": "核对台账",
            "revision": known["revision"],
        },
        open_to=roles("analyst", "reviewer", relations=("own", "ancestor")),
    ),
    Row("reporting:forms", open_to=LOOKERS | MANAGERS),
    Row("reporting:form-new", open_to=MANAGERS),
    Row("reporting:form", kwargs=form, open_to=MANAGERS),
    Row("reporting:form-edit", kwargs=form, open_to=MANAGERS),
    Row("reporting:form-publish", method="POST", kwargs=lambda known: {"code": "draft"}, open_to=MANAGERS),
    Row("reporting:form-discard", method="POST", kwargs=lambda known: {"code": "draft"}, open_to=MANAGERS),
]

JUDGES = roles("analyst", "reviewer")
ROWS += [
    Row("reporting:missing", open_to=JUDGES),
    # Nobody is left to remind, which is said in words.
    Row(
        "reporting:remind",
        method="POST",
        data=lambda known: {"form": known["code"], "period": known["period"]},
        open_to=JUDGES,
    ),
    Row(
        "reporting:sheet",
        method="POST",
        kwargs=lambda known: {"code": known["code"], "period": known["period"]},
        data=lambda known: {"region": known["other"]},
        open_to=roles("reporter", relations=("own", "ancestor")),
    ),
    Row("reporting:export", method="POST", open_to=LOOKERS),
    Row("reporting:progress", open_to=LOOKERS),
    Row("reporting:burden-file", kwargs=lambda known: {"extension": "csv"}, open_to=LOOKERS),
    Row("reporting:progress-file", kwargs=lambda known: {"extension": "xlsx"}, open_to=LOOKERS),
    Row("reporting:burden", open_to=LOOKERS),
    Row("reporting:proxies", open_to=roles("reporter", "analyst", "reviewer")),
    Row(
        "reporting:proxy-decide",
        method="POST",
        kwargs=lambda known: {"proxy_id": known["proxy"]},
        data=lambda known: {"act": "approve"},
        open_to=roles("analyst", "reviewer", relations=("own", "ancestor")),
    ),
    # Ended by either of the two, or by who decides.
    Row(
        "reporting:proxy-decide",
        method="POST",
        kwargs=lambda known: {"proxy_id": known["proxy"]},
        data=lambda known: {"act": "end"},
        open_to=roles("analyst", "reviewer", relations=("own", "ancestor"))
        | roles("reporter", relations=("own", "descendant")),
    ),
    Row(
        "reporting:handover",
        method="POST",
        data=lambda known: {"report": known["begun"], "reason": "调离"},
        # A reviewer may hand it to somebody who fills in, though not to themselves: told so on the page.
        open_to=roles("reporter", "analyst", "reviewer", relations=("own", "ancestor")),
    ),
]
