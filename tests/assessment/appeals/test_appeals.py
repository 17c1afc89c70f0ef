"""An appeal from the unit that files it to the figure that changes, and everybody who must not see it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from django.utils.translation import override
from typer.testing import CliRunner

from jingtu.assessment.appeals import queries, services
from jingtu.assessment.appeals.commands import app
from jingtu.assessment.appeals.forms import DecisionForm
from jingtu.assessment.appeals.models import Appeal, Correction
from jingtu.assessment.appeals.queries import (
    AppealFilter,
    appeal_page,
    appeals,
    disputable,
    get_appeal,
    holds,
    open_runs,
    own_card,
    waiting_appeals,
)
from jingtu.assessment.appeals.rules import AppealState
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import runs_visible
from jingtu.assessment.runs.queries.release import release_notes
from jingtu.assessment.runs.registry import owed_among
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.accounts.tokens import create_token
from jingtu.core.audit.models import AuditEntry
from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.services import change_fact
from jingtu.core.kernel.clock import frozen, now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from tests.access.cast import SINCE
from tests.assessment.office import FIGURES, MONTH, Office
from tests.assessment.reporting.desk import Desk, on
from tests.together import together

TEXT = "甲二镇9月到位人数漏报15人，附登记台账"
MORNING = dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)  # a Friday


def county(office: Office) -> UserActor:
    """The reporter of county A."""
    return office.cast.actor("reporter", "own")


def opened(office: Office, days: int = 5) -> Run:
    return runs.open_for_appeal(office.reviewer, office.in_review().pk, days=days)


def cell_key(office: Office, place: str, element: str) -> str:
    return f"fact:{office.cast.places[place].pk}:{element}:{MONTH}:"


def filed(office: Office, run: Run, key: str = "indicator") -> Appeal:
    place = office.cast.places["county_a"].pk
    return services.file_appeal(county(office), run.pk, place, "RATE", key, text=TEXT, claimed="95.00")


def test_a_unit_sees_its_own_card_of_a_run_open_to_appeal_and_nothing_of_the_others(office: Office) -> None:
    run = opened(office)
    place, sibling = office.cast.places["county_a"].pk, office.cast.places["county_b"].pk
    [one] = open_runs(county(office))
    assert (one.run.pk, [region.pk for region in one.places]) == (run.pk, [place])
    card = own_card(county(office), run.pk, place)
    assert {row.head.indicator for row in card.rows} == {"RATE", "CASES"}
    assert not runs_visible(county(office)).exists()
    with pytest.raises(NotFound):
        own_card(county(office), run.pk, sibling)
    with pytest.raises(NotFound):
        disputable(county(office), run.pk, sibling, "RATE")
    for other in ("outsider", "ancestor"):
        with pytest.raises(NotFound):
            own_card(office.cast.actor("reporter", other), run.pk, place)
    assert [duty.url for duty in waiting_appeals(county(office))] == [f"/appeals/runs/{run.pk}/{place}/"]


def test_what_is_disputed_and_corrected_is_named_in_the_language_of_the_reader(office: Office) -> None:
    key = cell_key(office, "township_a2", "done")
    appeal = filed(office, opened(office), key)
    services.accept(office.analyst, appeal.pk)
    services.decide(office.reviewer, appeal.pk, AppealState.UPHELD, "台账和考勤一致", {key: "18"})
    for stored in (appeal, Correction.objects.get()):
        assert stored.label != stored.label_en
        with override("en"):
            assert stored.what == stored.label_en
        with override("zh-hans"):
            assert stored.what == stored.label
    assert appeal.whose.startswith("甲县 · 甲二镇"), appeal.whose
    appeal.key, appeal.label = cell_key(office, "county_a", "done"), "甲县 · 已到人数 · 2026-09"
    assert appeal.whose == appeal.label, "the place is said once"
    appeal.region.name = "甲区"
    assert appeal.whose == appeal.label, "a renamed place is not said twice"
    appeal.key, appeal.label, appeal.region.name = "indicator", "江北戒毒执行率", "江北"
    assert appeal.whose == "江北 · 江北戒毒执行率", "an indicator may have the name of a place in its own"


def test_the_derivation_of_an_own_number_is_open_during_the_window_and_the_rest_is_not(
    office: Office, client: Client
) -> None:
    run = opened(office)
    place, sibling = office.cast.places["county_a"].pk, office.cast.places["county_b"].pk
    client.force_login(office.cast.user("viewer", "own"))
    address = f"/runs/{run.pk}/explain/"
    own = client.get(address, {"region": place, "indicator": "RATE"})
    assert own.status_code == 200
    assert [region for region, _ in own.context["places"]] == [place]
    assert client.get(address, {"region": sibling, "indicator": "RATE"}).status_code == 404
    assert client.get(address).status_code == 404
    assert client.get(f"/runs/{run.pk}/").status_code == 404
    assert client.get(f"/runs/{run.pk}/scorecard/").status_code == 404


def test_what_the_office_notes_on_taking_an_appeal_up_is_not_told_to_the_unit(office: Office) -> None:
    appeal = filed(office, opened(office), cell_key(office, "township_a2", "done"))
    services.accept(office.analyst, appeal.pk, "台账上月也有出入，请留意")
    told = {
        actor.actor_id: [row.text for row in queries.appeal_page(actor, appeal.pk).history]
        for actor in (county(office), office.reviewer)
    }
    unit, decider = told.values()
    assert "台账上月也有出入，请留意" in decider
    assert "台账上月也有出入，请留意" not in unit
    assert len(unit) == len(decider)


def test_an_upheld_appeal_corrects_the_fact_and_the_draft_is_computed_again(office: Office) -> None:
    run = opened(office)
    appeal = filed(office, run, cell_key(office, "township_a2", "done"))
    assert (appeal.state, appeal.kind) == ("filed", "fact")
    services.accept(office.analyst, appeal.pk)
    found = queries.correctable(office.reviewer, appeal)
    assert found.cells[0].key != appeal.key
    assert DecisionForm(found=found, disputed=appeal.key).figures()[0][0].key == appeal.key
    decided = services.decide(
        office.reviewer,
        appeal.pk,
        AppealState.UPHELD,
        "台账和考勤一致",
        {cell_key(office, "township_a2", "done"): "18"},
    )
    correction = Correction.objects.get()
    # What the office decided is nobody's late change.
    assert owed_among([correction.batch_id, correction.batch_id + 1]) == {correction.batch_id}
    assert (decided.state, correction.old, correction.new) == ("upheld", "3", "18")
    batch = FactBatch.objects.latest("pk")
    assert (batch.pk, batch.note, batch.actor_id) == (
        correction.batch_id,
        f"依申诉第{appeal.pk}号更正",
        office.reviewer.actor_id,
    )
    assert [problem.code for problem in holds(run)] == ["appeals.not_computed_in"]
    assert queries.appeal_page(office.reviewer, appeal.pk).taken_up.startswith("本次考核尚未发布")
    assert Notice.objects.filter(code="appeals.compute_again", recipient=office.analyst.user).exists()
    assert Notice.objects.filter(code="appeals.decided", recipient__username="reporter.own").exists()
    before = run.ranked.get(region__name="甲县").total
    run = runs.prepare(office.analyst, run.pk)
    after = run.ranked.get(region__name="甲县").total
    assert before is not None
    assert after is not None
    assert after > before
    assert holds(run) == []
    assert queries.appeal_page(office.reviewer, appeal.pk).taken_up == "更正后的数已计入本次考核。"
    Run.objects.filter(pk=run.pk).update(state="withdrawn")
    assert queries.appeal_page(office.reviewer, appeal.pk).taken_up.startswith("本次考核已撤回")
    entry = AuditEntry.objects.get(action="facts.settled")
    assert entry.reason == f"依申诉第{appeal.pk}号更正"
    assert "18" not in str(entry.after)


def test_an_upheld_appeal_after_publication_leads_to_a_new_version_and_leaves_the_old_one(
    office: Office,
) -> None:
    first = office.published()
    appeal = filed(office, first)
    services.accept(office.analyst, appeal.pk)
    services.decide(
        office.reviewer,
        appeal.pk,
        AppealState.PARTLY,
        "部分属实",
        {cell_key(office, "township_a2", "done"): "10"},
    )
    digest = first.publication_hash
    page = queries.appeal_page(office.reviewer, appeal.pk)
    assert (page.corrected, page.taken_up) == (None, "新版尚未生成；在此之前，已发布的结果不变。")
    newer = runs.correct(office.analyst, first.pk, f"申诉第{appeal.pk}号")
    assert queries.appeal_page(office.reviewer, appeal.pk).corrected == newer
    assert queries.appeal_page(county(office), appeal.pk).corrected is None, "a draft is not told to the unit"
    first.refresh_from_db()
    assert (first.state, first.publication_hash) == ("published", digest)
    assert newer.publication_hash != digest
    assert newer.previous_id == first.pk


def test_open_appeals_hold_a_publication_back_until_somebody_answers_for_it(office: Office) -> None:
    with frozen(MORNING):
        run = opened(office, days=1)
        appeal = filed(office, run)
    with frozen(MORNING + dt.timedelta(days=10)):
        with pytest.raises(Conflict) as refused:
            runs.approve_and_publish(office.reviewer, run.pk)
        assert refused.value.problem.code == "appeals.open_hold"
        run = runs.approve_and_publish(office.reviewer, run.pk, hold_reason="不影响名次，先行发布")
        assert f"第{appeal.pk}号" in release_notes(run, "zh").held[0]
        services.accept(office.analyst, appeal.pk)
        services.decide(office.reviewer, appeal.pk, AppealState.REJECTED, "材料不足以证明")
    assert get_appeal(county(office), appeal.pk).state == "rejected"


def test_the_time_for_appeals_ends(office: Office) -> None:
    with frozen(MORNING):
        run = opened(office, days=1)
    with frozen(MORNING + dt.timedelta(days=3)):  # Monday is the last day
        assert len(open_runs(county(office))) == 1
    with frozen(MORNING + dt.timedelta(days=4)):
        assert open_runs(county(office)) == []
        with pytest.raises(Conflict):
            filed(office, run)
        with pytest.raises(Conflict):
            own_card(county(office), run.pk, office.cast.places["county_a"].pk)
        published = runs.approve_and_publish(office.reviewer, run.pk)
        assert release_notes(published, "zh").objections_until == dt.date(2026, 12, 1)
        filed(office, published)


def test_whoever_sends_an_appeal_too_late_reads_why_and_keeps_the_text(
    office: Office, client: Client
) -> None:
    with frozen(MORNING):
        run = opened(office, days=1)
        office.report("2026-08", FIGURES)
        draft = runs.prepare(office.analyst, office.new_run("2026-08").pk)
    place = office.cast.places["county_a"].pk
    with frozen(MORNING + dt.timedelta(days=4)):
        client.force_login(county(office).user)
        late = client.post(f"/appeals/runs/{run.pk}/{place}/RATE/", {"key": "indicator", "text": TEXT})
        assert late.status_code == 400
        assert "现在不在申诉期内" in late.content.decode()
        assert TEXT in late.content.decode()
        assert client.get(f"/appeals/runs/{run.pk}/{place}/RATE/").status_code == 409
        # What was never open stays unknown.
        for act in (client.get, client.post):
            assert act(f"/appeals/runs/{draft.pk}/{place}/RATE/").status_code == 404


def test_an_open_appeal_against_a_withdrawn_assessment_is_not_left_without_a_word(
    office: Office, client: Client
) -> None:
    run = opened(office)
    appeal = filed(office, run)
    runs.withdraw(office.analyst, run.pk, "口径有误，撤回")
    told = Notice.objects.filter(code="appeals.run_withdrawn").values_list("recipient__username", flat=True)
    assert {county(office).user.username, office.reviewer.user.username} <= set(told)
    client.force_login(county(office).user)
    assert "所申诉的考核已撤回" in client.get(f"/appeals/{appeal.pk}/").content.decode()
    services.withdraw(county(office), appeal.pk, "不再需要")
    assert "所申诉的考核已撤回" not in client.get(f"/appeals/{appeal.pk}/").content.decode()


def test_what_was_typed_stays_where_a_decision_is_refused(office: Office, client: Client) -> None:
    appeal = filed(office, opened(office))
    services.accept(office.reviewer, appeal.pk)
    client.force_login(office.reviewer.user)
    page = client.get(f"/appeals/{appeal.pk}/decide/")
    number, value = next((n, cell.value) for n, cell in enumerate(page.context["found"].cells) if cell.value)
    sent = {"outcome": "upheld", "reason": "核实后成立，台账漏记", f"cell_{number}": value}
    refused = client.post(f"/appeals/{appeal.pk}/decide/", sent)
    assert refused.status_code == 400
    assert "核实后成立，台账漏记" in refused.content.decode()
    assert "新值与现值相同" in refused.content.decode()


def test_the_office_says_how_long_taking_up_and_deciding_may_take(office: Office) -> None:
    before_the_holidays = dt.datetime(
        2026, 9, 30, 2, tzinfo=dt.UTC
    )  # 1–7 October off, Saturday 10 October worked

    def dates(key: str) -> tuple[dt.date | None, dt.date | None]:
        appeal = services.file_appeal(
            county(office), run.pk, office.cast.places["county_a"].pk, "RATE", key, text=TEXT
        )
        return appeal.due, services.accept(office.analyst, appeal.pk).due

    with frozen(before_the_holidays):
        run = opened(office)
        assert dates("indicator") == (dt.date(2026, 10, 9), dt.date(2026, 10, 13))
        runs.set_release_rule(office.reviewer, office.city.pk, examine_days=1, decide_days=10)
        assert dates("operand:numerator") == (dt.date(2026, 10, 8), dt.date(2026, 10, 20))
        with pytest.raises(InvalidInput):
            runs.set_release_rule(office.reviewer, office.city.pk, examine_days=0)


def test_the_same_number_is_disputed_once_at_a_time(office: Office) -> None:
    run = opened(office)
    appeal = filed(office, run)
    with pytest.raises(Conflict) as refused:
        filed(office, run)
    assert refused.value.problem.params["number"] == appeal.pk
    services.withdraw(county(office), appeal.pk, "已核对无误")
    assert filed(office, run).pk != appeal.pk


@pytest.mark.parametrize(
    ("key", "text"), [("indicator", "短"), ("operand:none", TEXT), ("fact:1:x:2026-09:", TEXT)]
)
def test_an_appeal_without_a_number_or_a_ground_is_refused(office: Office, key: str, text: str) -> None:
    run = opened(office)
    with pytest.raises(InvalidInput):
        services.file_appeal(
            county(office), run.pk, office.cast.places["county_a"].pk, "RATE", key, text=text
        )
    assert not Appeal.objects.exists()


def test_only_the_region_itself_may_file(office: Office) -> None:
    run = opened(office)
    place = office.cast.places["county_a"].pk
    for relation in ("sibling", "ancestor", "outsider", "descendant"):
        with pytest.raises(NotFound):
            services.file_appeal(
                office.cast.actor("reporter", relation), run.pk, place, "RATE", "indicator", text=TEXT
            )


def test_siblings_and_mere_readers_above_do_not_see_an_appeal(office: Office) -> None:
    appeal = filed(office, opened(office))
    seen = {
        (role, relation)
        for role in ("analyst", "reviewer", "leader", "reporter", "viewer")
        for relation in ("own", "ancestor", "descendant", "sibling", "outsider")
        if appeals(office.cast.actor(role, relation)).exists()
    }
    assert seen == {
        *((role, "own") for role in ("analyst", "reviewer", "leader", "reporter", "viewer")),
        ("analyst", "ancestor"),
        ("reviewer", "ancestor"),
    }
    with pytest.raises(NotFound):
        services.accept(office.cast.actor("reviewer", "sibling"), appeal.pk)
    with pytest.raises(PermissionDenied):
        services.accept(office.cast.actor("reviewer", "own"), appeal.pk)


def test_figures_of_few_persons_are_hidden_from_those_who_may_not_see_them(office: Office) -> None:
    appeal = filed(office, opened(office), cell_key(office, "township_a2", "done"))
    assert appeal_page(office.reviewer, appeal.pk).exact
    assert appeal_page(county(office), appeal.pk).exact
    assert not appeal_page(office.cast.actor("viewer", "own"), appeal.pk).exact


def test_the_filer_and_whoever_entered_the_figure_do_not_decide(office: Office) -> None:
    run = opened(office)
    appeal = filed(office, run)
    services.accept(office.analyst, appeal.pk)
    # The reviewer is also a reporter and has corrected a figure of the county, after which the run was computed.
    both = office.reviewer.user
    Post.objects.create(user=both, role="reporter", region=office.city, valid_from=SINCE)
    change_fact(
        UserActor(both),
        region_id=office.cast.places["township_a2"].pk,
        element="done",
        period=MONTH,
        value="4",
        reason="补报",
    )
    runs.compute(office.analyst, run.pk)
    with pytest.raises(Conflict) as refused:
        services.decide(UserActor(both), appeal.pk, AppealState.REJECTED, "材料不足")
    assert refused.value.problem.code == "appeals.own_number"
    other = User.objects.create_user("other", full_name="另一审核员")
    Post.objects.create(user=other, role="reviewer", region=office.city, valid_from=SINCE)
    assert services.decide(UserActor(other), appeal.pk, AppealState.REJECTED, "材料不足").state == "rejected"


def test_nobody_through_whose_hands_the_cell_of_a_form_went_decides(office: Office) -> None:
    office.report("2026-10", {place: row for place, row in FIGURES.items() if place != "township_a"})
    with on(4):
        desk = Desk(office)
        helper = User.objects.create_user("helper", full_name="帮手")
        Post.objects.create(
            user=helper, role="reporter", region=office.cast.places["township_a"], valid_from=SINCE
        )
        desk.type({"cases": "5"}, UserActor(helper))  # typed over before it was handed in
        desk.accepted()
    run = office.in_review("2026-10")
    run = runs.open_for_appeal(office.reviewer, run.pk, days=5)
    appeal = filed(office, run)
    services.accept(office.analyst, appeal.pk)
    hands = {"typed over": helper, "typed": desk.reporter.user, "passed": desk.county_analyst.user}
    for user in hands.values():
        if not Post.objects.filter(user=user, role="reviewer", region=office.city).exists():
            Post.objects.create(user=user, role="reviewer", region=office.city, valid_from=SINCE)
    people = {**hands, "accepted": office.reviewer.user}
    for how, user in people.items():
        assert refusal_of(user, appeal) == "appeals.own_number", how
    body = {"outcome": "rejected", "reason": "材料不足"}
    token = create_token(UserActor(helper), name="自己的程序", days=1).token
    by_api = Client().post(
        f"/api/v1/appeals/{appeal.pk}/decide",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert (by_api.status_code, by_api.json()["errors"][0]["code"]) == (409, "appeals.own_number")
    words = ["decide", str(appeal.pk), "rejected", "--reason", "材料不足", "--as", "helper"]
    by_command = CliRunner().invoke(app, words)
    assert by_command.exit_code == 2
    assert "cannot decide" in by_command.stderr
    other = User.objects.create_user("other", full_name="另一审核员")
    Post.objects.create(user=other, role="reviewer", region=office.city, valid_from=SINCE)
    assert services.decide(UserActor(other), appeal.pk, AppealState.REJECTED, "材料不足").state == "rejected"


def refusal_of(user: User, appeal: Appeal) -> str:
    with pytest.raises(Conflict) as refused:
        services.decide(UserActor(user), appeal.pk, AppealState.REJECTED, "材料不足")
    return refused.value.problem.code


def test_a_decision_is_whole_or_not_at_all(office: Office) -> None:
    appeal = filed(office, opened(office))
    services.accept(office.analyst, appeal.pk)
    batches = FactBatch.objects.count()
    good, bad = cell_key(office, "township_a2", "done"), cell_key(office, "township_a", "done")
    with pytest.raises(InvalidInput):
        services.decide(office.reviewer, appeal.pk, AppealState.UPHELD, "情况属实", {good: "18", bad: "三"})
    with pytest.raises(InvalidInput):
        services.decide(
            office.reviewer,
            appeal.pk,
            AppealState.UPHELD,
            "属实",
            {good: "18", cell_key(office, "township_b", "done"): "1"},
        )
    with pytest.raises(Conflict):
        services.decide(office.reviewer, appeal.pk, AppealState.UPHELD, "情况属实", {good: "3"})
    assert FactBatch.objects.count() == batches
    assert get_appeal(office.reviewer, appeal.pk).state == "accepted"


def test_the_database_itself_refuses_a_decision_without_a_person_or_by_the_filer(office: Office) -> None:
    appeal = filed(office, opened(office))
    for changes in (
        {"state": "upheld"},
        {"state": "rejected", "decided_by_id": appeal.filed_by_id, "decided_at": now(), "decision": "x"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Appeal.objects.filter(pk=appeal.pk).update(**changes)


def test_those_whose_turn_it_is_are_reminded_once_a_working_day(office: Office) -> None:
    with frozen(MORNING):
        appeal = filed(office, opened(office))
    assert appeal.due == dt.date(2026, 11, 24)
    with frozen(MORNING + dt.timedelta(days=3)):
        assert services.remind() == 0
    with frozen(MORNING + dt.timedelta(days=4)):
        assert services.remind() == 1
        assert services.remind() == 0
    with frozen(MORNING + dt.timedelta(days=8)):  # Saturday
        assert services.remind() == 0
    told = Notice.objects.filter(code="appeals.due").values_list("recipient__username", flat=True)
    assert "reviewer.ancestor" in told
    assert "reporter.own" not in told
    with frozen(MORNING + dt.timedelta(days=10)):
        assert [one.pk for one in appeals(office.analyst, AppealFilter(overdue=True))] == [appeal.pk]


def test_evidence_is_open_to_those_who_see_the_appeal(office: Office) -> None:
    run = opened(office)
    appeal = services.file_appeal(
        county(office),
        run.pk,
        office.cast.places["county_a"].pk,
        "RATE",
        "indicator",
        text=TEXT,
        files=[("台账.csv", [b"a,b\n1,2\n"])],
    )
    services.add_evidence(county(office), appeal.pk, "再补一份", [("考勤.csv", [b"c\n3\n"])])
    page = appeal_page(office.reviewer, appeal.pk)
    stored = [file.pk for row in page.history for file in row.files]
    assert len(stored) == 2
    assert [file.pk for file in queries.evidence_of(office.reviewer, appeal)] == stored
    assert queries.evidence_of(office.cast.actor("reporter", "sibling"), appeal) == []
    for role, relation, status in (
        ("reviewer", "ancestor", 200),
        ("viewer", "own", 200),
        ("reporter", "sibling", 404),
        ("leader", "ancestor", 404),
    ):
        client = Client()
        client.force_login(office.cast.user(role, relation))
        assert client.get(f"/files/{stored[0]}/").status_code == status, (role, relation)
    services.accept(office.analyst, appeal.pk)
    client = Client()
    client.force_login(office.reviewer.user)
    shown = client.get(f"/appeals/{appeal.pk}/decide/").content.decode()
    assert escape(page.explain_url) in shown
    assert all(f"/files/{one}/" in shown for one in stored)
    appeal.indicator = "A&B"
    assert queries.explain_url(appeal).endswith("&indicator=A%26B")
    with pytest.raises(InvalidInput):
        services.add_evidence(county(office), appeal.pk, "", [("x.csv", [b"a\n1\n"])] * 9)


def test_a_page_asks_as_many_questions_for_thirty_appeals_as_for_one(office: Office, client: Client) -> None:
    run = opened(office)
    first = filed(office, run)
    client.force_login(office.reviewer.user)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/appeals/").status_code == 200
        return len(captured)

    count()
    one = count()
    Appeal.objects.bulk_create(
        Appeal(
            run=run,
            region=first.region,
            indicator="RATE",
            kind="fact",
            key=f"fact:{number}",
            label="x",
            label_en="x",
            text=TEXT,
            filed_by=first.filed_by,
            filed_at=now(),
        )
        for number in range(20)
    )
    assert count() == one


@pytest.mark.usefixtures("own_store")
@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told() -> None:
    office = Office()
    appeal = filed(office, opened(office))
    services.accept(office.analyst, appeal.pk)
    key = cell_key(office, "township_a2", "done")

    def decide(value: str) -> Appeal:
        return services.decide(office.reviewer, appeal.pk, AppealState.UPHELD, "属实属实", {key: value})

    results = together([lambda: decide("17"), lambda: decide("18")])
    assert sorted(type(result).__name__ for result in results) == ["Appeal", "Conflict"]
    assert Correction.objects.count() == 1
