"""From the minutes to tasks, and what the next agenda says of them."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.test import Client
from docx import Document
from pypdf import PdfReader

from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.governance.duties.meetings import services
from jingtu.governance.duties.meetings.decided import decision_rows, describe_origins, last_decisions
from jingtu.governance.duties.meetings.models import Decision, Meeting
from jingtu.governance.duties.meetings.proposing import chosen, proposals
from jingtu.governance.duties.meetings.rules import MeetingState, Outcome
from jingtu.governance.duties.plans.models import Plan, Task
from tests.governance.meetings.scene import JULY_1, Scene, on

JULY_6 = dt.date(2026, 7, 6)


def wanted(scene: Scene, text: str = "补齐三个社区的走访台账", **changes: object) -> services.DecisionData:
    values = {
        "text": text,
        "due": dt.date(2026, 7, 15),
        "region_id": scene.cast.places["township_a"].pk,
        "person_id": scene.cast.actor("reporter", "descendant").user_id,
        **changes,
    }
    return services.DecisionData(**values)  # type: ignore[arg-type]


def minuted(scene: Scene, meeting: Meeting, *texts: str) -> Meeting:
    """Held, with decisions, handed in on its day."""
    scene.held(meeting)
    with on(meeting.held_on):
        item = meeting.items.get()
        for text in texts:
            services.add_decision(scene.secretary, meeting.pk, wanted(scene, text, item_id=item.pk))
        services.record_items(scene.secretary, meeting.pk, {item.pk: "听取了汇报。"})
        return services.hand_in(scene.secretary, meeting.pk)


def confirmed(scene: Scene, meeting: Meeting, *texts: str) -> Meeting:
    minuted(scene, meeting, *texts)
    with on(meeting.held_on):
        return services.confirm(scene.chair, meeting.pk)


def test_every_decision_becomes_a_task_when_the_chair_confirms(scene: Scene) -> None:
    meeting = minuted(scene, scene.july()[0], "补齐台账", "开展一次检查")
    assert Task.objects.count() == 0
    with on(JULY_6):
        services.confirm(scene.chair, meeting.pk)
    first, second = Task.objects.order_by("path")
    decision = Decision.objects.get(number=1)
    assert first.origin == f"decision:{decision.pk}"
    assert first.region == scene.cast.places["township_a"]
    assert first.person_id == scene.cast.actor("reporter", "descendant").user_id
    assert (first.due, first.leader_id) == (dt.date(2026, 7, 15), scene.chair.user_id)
    assert second.title == "开展一次检查"
    told = Notice.objects.filter(code="meetings.confirmed").values_list("recipient_id", flat=True)
    assert scene.cast.actor("reporter", "own").user_id in told


def test_a_series_keeps_its_decisions_in_one_plan_a_year(scene: Scene) -> None:
    first, second = scene.july()
    confirmed(scene, first, "补齐台账")
    with on(JULY_1):
        services.add_item(scene.secretary, second.pk, services.ItemData("其他"))
    plan = Plan.objects.get()
    assert plan.region == scene.cast.places["county_a"]
    with on(JULY_1):
        services.invite(scene.secretary, second.pk)
    with on(second.held_on):
        services.hold(scene.secretary, second.pk, {})
        item = second.items.get()
        services.record_items(scene.secretary, second.pk, {item.pk: "研究了其他工作。"})
        services.add_decision(scene.secretary, second.pk, wanted(scene, "再查一次", due=dt.date(2026, 7, 30)))
        services.hand_in(scene.secretary, second.pk)
        services.confirm(scene.chair, second.pk)
    assert Plan.objects.get().tasks.count() == 2


def test_nobody_but_the_chair_confirms_or_returns(scene: Scene) -> None:
    meeting = minuted(scene, scene.july()[0], "补齐台账")
    with on(JULY_6):
        for other in (scene.secretary, scene.cast.actor("leader", "ancestor")):
            with pytest.raises(PermissionDenied):
                services.confirm(other, meeting.pk)
            with pytest.raises(PermissionDenied):
                services.give_back(other, meeting.pk, "不清楚")
        with pytest.raises(InvalidInput):
            services.give_back(scene.chair, meeting.pk, "")
        services.give_back(scene.chair, meeting.pk, "第一项期限不清")
        with pytest.raises(Conflict):
            services.confirm(scene.chair, meeting.pk)
        services.change_decision(
            scene.secretary, Decision.objects.get().pk, wanted(scene, due=dt.date(2026, 7, 20))
        )
        services.hand_in(scene.secretary, meeting.pk)
        done = services.confirm(scene.chair, meeting.pk)
        with pytest.raises(Conflict):
            services.confirm(scene.chair, meeting.pk)
    assert done.state == MeetingState.CONFIRMED
    assert Task.objects.get().due == dt.date(2026, 7, 20)


def test_minutes_say_something_of_every_item_before_they_are_handed_in(scene: Scene) -> None:
    meeting = scene.held(scene.july()[0])
    with on(JULY_6), pytest.raises(InvalidInput):
        services.hand_in(scene.secretary, meeting.pk)


@pytest.mark.parametrize(
    "changes",
    [
        {"due": dt.date(2026, 7, 1)},
        {"text": " "},
        {"text": "坏\x00字"},
        {"item_id": 10**6},
        {"unit_id": 10**6},
        {"person_id": 10**6},
    ],
)
def test_a_decision_needs_words_an_owner_and_a_day_after_the_meeting(
    scene: Scene, changes: dict[str, object]
) -> None:
    meeting = scene.held(scene.july()[0])
    with on(JULY_6), pytest.raises(InvalidInput):
        services.add_decision(scene.secretary, meeting.pk, wanted(scene, **changes))  # type: ignore[arg-type]


def test_a_decision_binds_nobody_outside_the_region_that_meets(scene: Scene) -> None:
    meeting = scene.held(scene.july()[0])
    outside = wanted(scene, region_id=scene.cast.places["county_b"].pk)
    with on(JULY_6), pytest.raises(InvalidInput):
        services.add_decision(scene.secretary, meeting.pk, outside)


def test_decisions_struck_from_a_draft_close_ranks(scene: Scene) -> None:
    meeting = scene.held(scene.july()[0])
    with on(JULY_6):
        one = services.add_decision(scene.secretary, meeting.pk, wanted(scene, "甲"))
        services.add_decision(scene.secretary, meeting.pk, wanted(scene, "乙"))
        services.drop_decision(scene.secretary, one.pk)
    assert [(each.number, each.text) for each in meeting.decisions.all()] == [(1, "乙")]


def test_the_next_agenda_shows_what_became_of_each_decision(scene: Scene) -> None:
    first, second = scene.july()
    confirmed(scene, first, "补齐台账", "开展一次检查", "约谈一次")
    done, late = list(Task.objects.order_by("path"))[:2]
    Task.objects.filter(pk=done.pk).update(
        state="done", submitted_on=dt.date(2026, 7, 14), done_on=dt.date(2026, 7, 16), progress=10_000
    )
    Task.objects.filter(plan=late.plan, title="约谈一次").update(state="cancelled", state_reason="并入检查")
    rows = last_decisions(scene.secretary, second)
    assert [row.outcome for row in rows] == [Outcome.DONE, Outcome.LATE, Outcome.CANCELLED]
    assert all(row.task_url for row in rows)
    groups = proposals(scene.secretary, second)
    names = [one.name for one in groups[0].points]
    assert names == [f"decision|{row.decision.pk}" for row in rows]
    assert "逾期未办结" in groups[0].points[1].detail
    with on(JULY_6):
        taken = chosen(scene.secretary, second, names[:2])
        services.take_points(scene.secretary, second.pk, taken)
        services.take_points(scene.secretary, second.pk, taken)
    assert second.items.count() == 2
    assert [one.name for group in proposals(scene.secretary, second) for one in group.points] == names[2:]


def test_who_may_not_read_the_task_sees_what_became_of_it_but_no_link(scene: Scene) -> None:
    first, _ = scene.july()
    confirmed(scene, first, "补齐台账")
    decisions = list(first.decisions.select_related("meeting", "region"))
    [row] = decision_rows(scene.cast.actor("viewer", "own"), decisions, JULY_6)
    assert (row.outcome, row.task_url) == (Outcome.OPEN, "")


def test_a_tasks_page_leads_back_to_the_decision_for_who_may_read_the_meeting(scene: Scene) -> None:
    first, _ = scene.july()
    confirmed(scene, first, "补齐台账")
    key = str(Decision.objects.get().pk)
    [(label, url)] = describe_origins(scene.secretary, [key, "x"]).values()
    assert "2026-07-06" in label
    assert url.endswith(f"#decision-{key}")
    assert describe_origins(scene.cast.actor("leader", "sibling"), [key]) == {}


def test_the_agenda_costs_the_same_for_one_decision_and_for_many(
    scene: Scene, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    first, second = scene.july()
    confirmed(scene, first, *(f"事项{number}" for number in range(12)))
    with django_assert_max_num_queries(17):  # type: ignore[operator]
        groups = proposals(scene.secretary, second)
    assert len(groups[0].points) == 12


@pytest.mark.parametrize("language", ["zh", "en"])
def test_minutes_are_printed_with_people_items_and_decisions(scene: Scene, language: str) -> None:
    meeting = confirmed(scene, scene.july()[0], "补齐台账")
    with on(JULY_6):
        name, word = services.print_minutes(scene.chair, meeting.pk, "docx", language)  # type: ignore[arg-type]
        _, pdf = services.print_minutes(scene.chair, meeting.pk, "pdf", language)  # type: ignore[arg-type]
    document = Document(io.BytesIO(word))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert name.startswith("2026-07-06_半月调度会")
    for expected in ("听取各社区汇报", "听取了汇报。", "leader own", "来宾"):
        assert expected in text
    assert "补齐台账" in cells
    assert "2026-07-15" in cells
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "补齐台账" in printed


def test_minutes_are_printed_only_of_meetings_that_took_place_and_for_those_who_see_them(
    scene: Scene,
) -> None:
    first, second = scene.july()
    scene.held(first)
    with pytest.raises(Conflict):
        services.print_minutes(scene.secretary, second.pk, "pdf", "zh")
    with pytest.raises(NotFound):
        services.print_minutes(scene.cast.actor("leader", "sibling"), first.pk, "pdf", "zh")


def test_a_decision_of_minutes_that_were_handed_in_is_not_offered_for_change(
    scene: Scene, client: Client
) -> None:
    meeting = confirmed(scene, scene.july()[0], "补齐台账")
    decision = Decision.objects.get()
    client.force_login(scene.cast.user("secretary", "own"))
    with on(JULY_6):
        page = client.get(f"/meetings/decisions/{decision.pk}/", follow=True)
        assert page.redirect_chain[-1][0] == f"/meetings/{meeting.pk}/minutes/"
        assert "id_text" not in page.content.decode()
        with pytest.raises(Conflict):
            services.change_decision(scene.secretary, decision.pk, wanted(scene, "改写"))
