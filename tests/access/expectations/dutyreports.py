"""Duty reports of county A: open to their author and, handed in, to who reads duty reports over it."""

from __future__ import annotations

from collections.abc import Callable

from jingtu.governance.duties.dutyreports import services
from tests.access.cast import Cast
from tests.access.doors import Known, Row, roles

READING = ("analyst", "reviewer", "leader", "secretary", "reporter")
AUTHOR = roles("reporter", relations=("own",))
READERS = roles("leader", "secretary", relations=("own", "ancestor"))
HOLDERS = roles(*READING)


def prepare(cast: Cast) -> Known:
    author, county = cast.actor("reporter", "own"), cast.places["county_a"].pk
    draft = services.begin(author, county, "县公安局局长", 2025)
    services.write(author, draft.pk, "一年来。")
    sent = services.begin(author, county, "县公安局局长", 2024)
    services.write(author, sent.pk, "一年来。")
    services.submit(author, sent.pk)
    said = services.begin(author, county, "县公安局局长", 2023)
    services.write(author, said.pk, "一年来。")
    services.submit(author, said.pk)
    services.comment(cast.actor("leader", "own"), said.pk, "有短板。")
    return {"draft": draft.pk, "sent": sent.pk, "said": said.pk, "county": county}


def _of(name: str) -> Callable[[Known], Known]:
    return lambda known: {"report_id": known[name]}


ROWS = [
    Row("dutyreports:list", open_to=HOLDERS),
    Row("dutyreports:new", open_to=HOLDERS),
    Row("dutyreports:detail", kwargs=_of("draft"), open_to=AUTHOR),
    Row("dutyreports:detail", kwargs=_of("sent"), open_to=AUTHOR | READERS),
    Row(
        "dutyreports:detail",
        method="POST",
        kwargs=_of("draft"),
        data=lambda known: {"text": "改。"},
        open_to=AUTHOR,
    ),
    Row("dutyreports:submit", method="POST", kwargs=_of("draft"), open_to=AUTHOR),
    Row(
        "dutyreports:comment",
        method="POST",
        kwargs=_of("sent"),
        data=lambda known: {"text": "有短板。"},
        open_to=READERS,
    ),
    Row("dutyreports:close", method="POST", kwargs=_of("said"), open_to=READERS),
    Row(
        "dutyreports:printed",
        kwargs=lambda known: {"report_id": known["sent"], "language": "zh", "extension": "docx"},
        open_to=AUTHOR | READERS,
    ),
    # No assessment of member units stands here: nobody finds one.
    Row("dutyreports:units", kwargs=lambda known: {"run_id": 0}),
    Row("dutyreports:unit", kwargs=lambda known: {"run_id": 0, "region_id": known["county"]}),
]
