"""Findings have an owner, an answer and a state; what nobody has settled holds a publication back."""

from __future__ import annotations

import inspect
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from typer.testing import CliRunner

from jingtu.assessment.bulletins import services as bulletins
from jingtu.assessment.bulletins.compose import compose
from jingtu.assessment.bulletins.gathering import UNRANKED, source_of
from jingtu.assessment.runs import duties, findings, services
from jingtu.assessment.runs.commands import app
from jingtu.assessment.runs.findingrules import FindingAct, FindingFacts, finding_refusal
from jingtu.assessment.runs.models import FindingStep, Run, RunFinding
from jingtu.assessment.runs.queries import FindingFilter, finding_lines, finding_page
from jingtu.assessment.runs.queries import findings as find
from jingtu.assessment.runs.rules import FindingState, RunState
from jingtu.assessment.runs.services.acts import locked
from jingtu.assessment.runs.words import CHECK_KINDS
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.engine import checks, lateedits
from jingtu.engine.checks import Finding
from jingtu.engine.problems import _texts
from tests.access.cast import SINCE
from tests.assessment.office import Office

LATE = "2026-08"


@pytest.fixture
def checked(office: Office) -> Run:
    """County township_a says that 41 of 40 people came: one error."""
    office.report(LATE, {"township_a": (40, 41, 5), "township_b": (30, 30, 9)})
    return services.prepare(office.analyst, office.new_run(LATE).pk)


@pytest.fixture
def error(checked: Run) -> RunFinding:
    return checked.findings.filter(severity="error").order_by("-region__depth")[0]


def reporter(office: Office, relation: str = "descendant") -> UserActor:
    return office.cast.actor("reporter", relation)


def test_a_finding_goes_to_whoever_reports_for_the_place(office: Office, error: RunFinding) -> None:
    assert (error.owner_id, error.with_unit) == (reporter(office).user_id, True)
    notice = Notice.objects.get(recipient_id=error.owner_id, code="runs.findings_assigned")
    assert notice.link == f"/findings/?run={error.run_id}&mine=1"
    assert [duty.count for duty in duties.waiting_findings(reporter(office))] == [1]


def test_without_a_reporter_it_stays_with_who_prepared_the_run(office: Office) -> None:
    Post.objects.filter(role="reporter").delete()
    office.report(LATE, {"township_a": (40, 41, 5)})
    run = services.prepare(office.analyst, office.new_run(LATE).pk)
    finding = run.findings.filter(severity="error")[0]
    assert (finding.owner_id, finding.with_unit) == (office.analyst.user_id, False)
    with pytest.raises(InvalidInput, match="has no reporter"):
        services.assign_findings(office.analyst, [finding.pk], None)


def test_a_reply_settles_nothing_until_the_office_accepts_it(
    office: Office, checked: Run, error: RunFinding
) -> None:
    for other in checked.findings.filter(severity="error").exclude(pk=error.pk):
        services.answer_finding(office.analyst, other.pk, "同一原因")
    services.reply_to_finding(reporter(office), error.pk, "一人补录，次月扣除")
    with pytest.raises(Conflict) as held:
        services.submit_for_review(office.analyst, checked.pk)
    assert held.value.problem.code == "runs.open_findings"
    assert Notice.objects.filter(code="runs.finding_replied", recipient_id=office.analyst.user_id).exists()
    assert [str(duty.url) for duty in duties.waiting_findings(office.analyst)] == ["/findings/?state=replied"]

    services.return_finding(office.analyst, error.pk, "请附名册")
    assert Notice.objects.filter(code="runs.finding_returned", recipient_id=reporter(office).user_id).exists()
    with pytest.raises(Conflict):
        services.submit_for_review(office.analyst, checked.pk)
    services.reply_to_finding(reporter(office), error.pk, "名册已报")
    services.accept_finding(office.analyst, error.pk)
    run = services.submit_for_review(office.analyst, checked.pk)
    error.refresh_from_db()
    assert (run.state, error.state, error.answer) == ("in_review", "answered", "名册已报")
    acts = list(FindingStep.objects.filter(finding=error).order_by("id").values_list("act", flat=True))
    assert acts == ["reply", "return", "reply", "accept"]
    # An answer sent back while the run is signed holds the signature back.
    services.return_finding(office.reviewer, error.pk, "名册与报表不符")
    with pytest.raises(Conflict) as held:
        services.approve_and_publish(office.reviewer, run.pk)
    assert held.value.problem.code == "runs.open_findings"
    audited = AuditEntry.objects.filter(target_type="run", action__startswith="runs.finding_")
    assert audited.count() == 5


def test_whoever_replied_neither_accepts_nor_signs(office: Office, checked: Run, error: RunFinding) -> None:
    person = office.cast.user("reporter", "descendant")
    Post.objects.create(user=person, role="reviewer", region=office.city, valid_from=SINCE)
    Post.objects.create(user=person, role="analyst", region=office.city, valid_from=SINCE)
    services.reply_to_finding(reporter(office), error.pk, "已核实，一人补录")
    with pytest.raises(Conflict) as refused:
        services.accept_finding(reporter(office), error.pk)
    assert refused.value.problem.code == "findings.own_reply"
    services.accept_finding(office.analyst, error.pk)
    for other in checked.findings.filter(severity="error", state="open"):
        services.answer_finding(office.analyst, other.pk, "同一原因")
    run = services.submit_for_review(office.analyst, checked.pk)
    with pytest.raises(Conflict) as refused:
        services.approve_and_publish(reporter(office), run.pk)
    assert refused.value.problem.code == "runs.same_person"


@pytest.mark.parametrize(
    ("role", "relation"), [("reporter", "sibling"), ("viewer", "descendant"), ("leader", "own")]
)
def test_others_do_not_know_of_it(office: Office, error: RunFinding, role: str, relation: str) -> None:
    actor = office.cast.actor(role, relation)
    assert not find(actor).exists()
    with pytest.raises(NotFound):
        services.reply_to_finding(actor, error.pk, "已核实")
    with pytest.raises(NotFound):
        finding_page(actor, error.pk)


def test_the_unit_reads_no_figure_and_no_state_of_the_run(
    office: Office, checked: Run, error: RunFinding
) -> None:
    mine, theirs = (
        finding_lines(actor, list(find(actor).filter(pk=error.pk)))[0]
        for actor in (office.analyst, reporter(office))
    )
    assert "41" in mine.sentence
    assert "41" not in theirs.sentence
    assert "请核实" in theirs.sentence
    with pytest.raises(PermissionDenied):
        services.accept_finding(reporter(office), error.pk)
    services.withdraw(office.analyst, checked.pk, "重新计算")
    assert not find(reporter(office)).exists()


def test_every_check_has_a_sentence_for_the_unit() -> None:
    for code in sorted(set(re.findall(r'"(check\.[a-z_]+)"', inspect.getsource(checks)))):
        assert code in findings.ABOUT_CELLS or findings.OWN + code in _texts, code
        own = _texts[findings.OWN + code] if code not in findings.ABOUT_CELLS else ("", "")
        for number in (
            "value",
            "median",
            "numerator",
            "denominator",
            "own",
            "below",
            "whole",
            "parts",
            "total",
        ):
            assert "{" + number + "}" not in own[0] + own[1]
    assert Finding("check.parts", 0).severity == "warning"


def next_version(office: Office, run: Run) -> Run:
    services.withdraw(office.analyst, run.pk, "重新计算")
    return services.prepare(office.analyst, office.new_run(LATE).pk)


def same(run: Run, before: RunFinding) -> RunFinding:
    return run.findings.get(code=before.code, region=before.region, indicator=before.indicator)


def test_an_answer_goes_on_into_the_next_version_where_nothing_of_the_finding_changed(
    office: Office, checked: Run, error: RunFinding
) -> None:
    services.reply_to_finding(reporter(office), error.pk, "一人补录，次月扣除")
    services.accept_finding(office.analyst, error.pk)
    second = next_version(office, checked)
    kept = same(second, error)
    assert (kept.state, kept.answer, kept.answered_by_id) == (
        "answered", "一人补录，次月扣除", reporter(office).user_id,
    )  # fmt: skip
    assert kept.kept_from == error
    acts = list(FindingStep.objects.filter(finding=kept).order_by("id").values_list("act", flat=True))
    assert acts == ["reply", "accept", "carry"]
    page = page_of(office.cast.user("analyst", "ancestor"), kept)
    assert "沿用第1版的答复" in page
    # Also in a third version; and whoever replied then signs neither.
    third = next_version(office, second)
    assert same(third, error).state == "answered"
    person = office.cast.user("reporter", "descendant")
    Post.objects.create(user=person, role="reviewer", region=office.city, valid_from=SINCE)
    for other in third.findings.filter(severity="error", state="open"):
        services.answer_finding(office.analyst, other.pk, "同一原因")
    services.submit_for_review(office.analyst, third.pk)
    with pytest.raises(Conflict) as refused:
        services.approve_and_publish(reporter(office), third.pk)
    assert refused.value.problem.code == "runs.same_person"


def test_a_finding_with_other_figures_is_open_again_and_shows_the_old_answer(
    office: Office, checked: Run, error: RunFinding
) -> None:
    services.reply_to_finding(reporter(office), error.pk, "一人补录，次月扣除")
    services.accept_finding(office.analyst, error.pk)
    office.change("township_a", "done", 42, LATE)
    again = same(next_version(office, checked), error)
    assert (again.state, again.answer, again.kept_from) == ("open", "", None)
    assert again.answered_before == error
    page = page_of(office.cast.user("reporter", "descendant"), again)
    assert "第1版时的答复" in page
    assert "一人补录，次月扣除" in page


def test_what_was_let_pass_once_is_asked_again_in_the_next_version(
    office: Office, checked: Run, error: RunFinding
) -> None:
    services.override_finding(office.reviewer, error.pk, "本期先行发布，下期核实")
    again = same(next_version(office, checked), error)
    assert (again.state, again.answered_before) == ("open", error)


def test_a_correction_within_a_version_shows_what_was_said_before(
    office: Office, checked: Run, error: RunFinding
) -> None:
    services.reply_to_finding(reporter(office), error.pk, "一人补录，次月扣除")
    office.change("township_a", "done", 43, LATE)
    services.prepare(office.analyst, checked.pk)
    again = checked.findings.get(code=error.code, region=error.region, state="open")
    assert again.answered_before == error
    assert "数字更正前的答复" in page_of(office.cast.user("analyst", "ancestor"), again)


def page_of(user: User, finding: RunFinding) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse("findings:detail", args=[finding.pk])).content.decode()


def test_notes_of_the_office_are_not_told_to_the_unit_that_is_asked(
    office: Office, checked: Run, error: RunFinding
) -> None:
    services.assign_findings(office.analyst, [error.pk], None, "此镇去年也这样，盯紧")
    services.reply_to_finding(reporter(office), error.pk, "一人补录，次月扣除")
    services.return_finding(office.analyst, error.pk, "请附名册")
    texts = [step.text for step in finding_page(reporter(office), error.pk).steps]
    assert texts == ["请附名册", "一人补录，次月扣除", ""]
    assert "此镇去年也这样，盯紧" in [step.text for step in finding_page(office.analyst, error.pk).steps]


def test_the_list_is_narrowed_to_a_kind_of_check(office: Office, checked: Run, error: RunFinding) -> None:
    client = Client()
    client.force_login(office.cast.user("analyst", "ancestor"))
    assert set(find(office.analyst, FindingFilter(kind="above_whole")).values_list("code", flat=True)) == {
        error.code
    }
    shown = client.get(reverse("findings:list"), {"kind": "late_edit"}).content.decode()
    assert reverse("findings:detail", args=[error.pk]) not in shown
    assert (
        reverse("findings:detail", args=[error.pk])
        in client.get(reverse("findings:list"), {"kind": "above_whole"}).content.decode()
    )
    known = {code for _word, codes in CHECK_KINDS.values() for code in codes}
    sources = inspect.getsource(checks) + inspect.getsource(lateedits)
    assert known == set(re.findall(r'"(check\.[a-z_]+)"', sources))


def test_a_finding_that_went_while_its_run_was_waited_for_is_not_there(
    office: Office, error: RunFinding, monkeypatch: pytest.MonkeyPatch
) -> None:
    def somebody_is_faster(run_id: int) -> Run:
        run = locked(run_id)
        RunFinding.objects.filter(pk=error.pk).delete()
        return run

    monkeypatch.setattr(services.findings, "locked", somebody_is_faster)
    with pytest.raises(NotFound):
        services.reply_to_finding(reporter(office), error.pk, "一人补录，次月扣除")


def test_whom_a_finding_is_given_to_is_decided_after_the_run_is_locked(
    office: Office, error: RunFinding, monkeypatch: pytest.MonkeyPatch
) -> None:
    def somebody_is_faster(run_id: int) -> Run:
        run = locked(run_id)
        RunFinding.objects.filter(pk=error.pk).update(state="answered", answer="已核实")
        return run

    monkeypatch.setattr(services.findings, "locked", somebody_is_faster)
    with pytest.raises(Conflict):
        services.assign_findings(office.analyst, [error.pk], None)


def test_several_findings_are_given_to_somebody_at_once_or_not_at_all(office: Office, checked: Run) -> None:
    ids = list(checked.findings.values_list("pk", flat=True))
    office_man = office.cast.actor("analyst", "ancestor")
    done = services.assign_findings(office.analyst, ids, office_man.user_id, "市里统一核")
    assert {finding.owner_id for finding in done} == {office_man.user_id}
    assert not any(finding.with_unit for finding in done)
    assert not find(reporter(office)).exists()
    viewer = office.cast.actor("viewer", "ancestor")
    with pytest.raises(InvalidInput, match="cannot be asked"):
        services.assign_findings(office.analyst, ids, viewer.user_id)
    with pytest.raises(PermissionDenied):
        services.assign_findings(office.reviewer, ids, None)
    services.assign_findings(office.analyst, ids, None)
    assert find(reporter(office)).exists()


def test_what_is_corrected_is_kept_as_gone_where_somebody_dealt_with_it(
    office: Office, checked: Run, error: RunFinding
) -> None:
    untouched = checked.findings.filter(severity="error").exclude(pk=error.pk).values_list("pk", flat=True)
    ids = list(untouched)
    services.reply_to_finding(reporter(office), error.pk, "笔误，已更正")
    office.change("township_a", "done", 40, LATE)
    run = services.prepare(office.analyst, checked.pk)
    error.refresh_from_db()
    assert error.state == "gone"
    assert not RunFinding.objects.filter(pk__in=ids).exists()
    assert services.submit_for_review(office.analyst, run.pk).state == "in_review"
    # Wrong again: it is open again, with its history.
    services.send_back(office.reviewer, run.pk, "请再核对")
    office.change("township_a", "done", 41, LATE)
    services.prepare(office.analyst, checked.pk)
    error.refresh_from_db()
    assert error.state == "open"
    assert error.steps.count() == 2


def test_an_override_is_printed_in_the_notes_however_many_findings_there_are(
    office: Office, checked: Run
) -> None:
    for finding in checked.findings.filter(severity="error"):
        services.override_finding(office.reviewer, finding.pk, "以纸质名册为准")
    for number in range(12):
        RunFinding.objects.create(
            run=checked,
            code="check.copied_period",
            severity="error",
            region=office.city,
            state="answered",
            answer=f"已核实{number}",
            params={"same": 9, "compared": 9},
        )
    run = services.submit_for_review(office.analyst, checked.pk)
    run = services.approve_and_publish(office.reviewer, run.pk)
    bulletin = bulletins.issue(office.analyst, run.pk, number="示禁办〔2026〕8号", issuer_zh="市禁毒办")
    source = source_of(bulletin)
    for language, said in (("zh", "豁免后发布，理由：以纸质名册为准"), ("en", "waived by")):
        notes = compose(source, language).text()
        assert said in notes, notes
    assert "9个数字中有9个完全相同" in compose(source, "zh").text()


@pytest.mark.parametrize("act", list(FindingAct)[:4])
def test_no_finding_of_a_signed_run_moves(act: FindingAct) -> None:
    for state in FindingState:
        for run in (RunState.PUBLISHED, RunState.EMBARGOED, RunState.SUPERSEDED, RunState.WITHDRAWN):
            facts = FindingFacts(state, run, answers=True, prepares=True, approves=True)
            refused = finding_refusal(act, facts)
            assert refused is not None
            assert refused.code == "findings.wrong_state"


def test_the_unit_replies_and_the_office_accepts_on_screen(
    office: Office, error: RunFinding, client: Client
) -> None:
    client.force_login(office.cast.user("reporter", "descendant"))
    page = client.get(reverse("findings:list") + "?mine=1").content.decode()
    assert "回复" in client.get(reverse("findings:detail", args=[error.pk])).content.decode()
    assert reverse("findings:detail", args=[error.pk]) in page
    url = reverse("findings:reply", args=[error.pk])
    assert client.post(url, {"reason": "短"}).status_code == 400
    assert client.post(url, {"reason": "一人补录，次月扣除"}).status_code == 302
    assert client.post(url, {"reason": "一人补录，次月扣除"}).status_code == 409
    assert client.post(url).status_code == 409  # nothing at all, out of turn
    client.force_login(office.cast.user("analyst", "ancestor"))
    assert "一人补录" in client.get(reverse("runs:detail", args=[error.run_id])).content.decode()
    client.post(reverse("findings:return", args=[error.pk]), {"reason": "请附名册"})
    client.post(
        reverse("findings:assign"),
        {"finding": str(error.pk), "owner": "me", "reason": "本人去核", "back": "detail"},
    )
    error.refresh_from_db()
    assert (error.state, error.owner_id) == ("returned", office.analyst.user_id)
    assert client.post(reverse("findings:assign"), {"owner": "unit"}).status_code == 302


def test_the_list_asks_as_many_queries_for_many_findings(
    office: Office, checked: Run, client: Client
) -> None:
    client.force_login(office.cast.user("analyst", "ancestor"))
    counts = []
    for number in (1, 30):
        for place in range(number):
            RunFinding.objects.create(
                run=checked,
                code="check.copied_period",
                severity="warning",
                region=office.city,
                owner_id=office.analyst.user_id,
                params={"same": place, "compared": 40},
            )
        client.get(reverse("findings:list"))
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("findings:list"))
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_the_list_is_narrowed_by_its_filter(office: Office, checked: Run, error: RunFinding) -> None:
    services.reply_to_finding(reporter(office), error.pk, "一人补录，次月扣除")
    analyst = office.analyst
    assert {one.pk for one in find(analyst, FindingFilter("replied"))} == {error.pk}
    assert error.pk in {one.pk for one in find(analyst, FindingFilter())}
    assert not find(analyst, FindingFilter(run=checked.pk + 1)).exists()
    place = error.region
    assert place is not None
    assert error.pk in {one.pk for one in find(analyst, FindingFilter(text=f" {place.name[:2]} "))}
    assert {one.region_id for one in find(analyst, FindingFilter(text=place.code))} == {place.pk}
    assert not find(analyst, FindingFilter(text="乌有县")).exists()
    assert not find(analyst, FindingFilter(mine=True)).filter(pk=error.pk).exists()


def test_the_command_lists_answers_and_shows(office: Office, error: RunFinding) -> None:
    runner, name = CliRunner(), office.cast.user("reporter", "descendant").username
    said = runner.invoke(app, ["list", "--mine", "--as", name, "--json"])
    assert said.exit_code == 0, said.output
    assert f'"id": {error.pk}' in said.output
    done = runner.invoke(app, ["reply", str(error.pk), "--reason", "一人补录，次月扣除", "--as", name])
    assert done.output.split() == [str(error.pk), "replied"]
    analyst = office.cast.user("analyst", "ancestor").username
    assert runner.invoke(app, ["accept", str(error.pk), "--as", analyst]).exit_code == 0
    assert runner.invoke(app, ["accept", str(error.pk), "--as", analyst]).exit_code == 2
    shown = runner.invoke(app, ["show", str(error.pk), "--as", analyst])
    assert "一人补录" in shown.output
    assert runner.invoke(app, ["assign", str(error.pk), "--to", "nobody", "--as", analyst]).exit_code == 2


def test_what_a_place_has_not_reported_is_one_line_and_one_reply(office: Office) -> None:
    office.report("2026-07", {"township_a": (40, 39, 5), "township_b": (30, 30, 9)})
    office.report(LATE, {"township_b": (30, 30, 9)})
    run = services.prepare(office.analyst, office.new_run(LATE).pk)
    missing = run.findings.filter(code="check.missing", region=office.cast.places["township_a"])
    assert missing.count() == 3
    lines = finding_lines(office.analyst, list(find(office.analyst)))
    line, other = [one for one in lines if one.together > 1]
    assert (line.together, other.together) == (3, 3)
    assert "有3项未报" in line.sentence
    services.reply_to_finding(reporter(office), missing[2].pk, "网络故障，明日补报")
    assert set(missing.values_list("state", flat=True)) == {"replied"}
    services.return_finding(office.analyst, missing[0].pk, "请今日补报")
    services.answer_finding(office.analyst, missing[1].pk, "按缺报处理")
    assert set(missing.values_list("state", "answer")) == {("answered", "按缺报处理")}


def test_why_a_place_is_not_ranked_is_printed_in_words(office: Office) -> None:
    office.report("2026-07", {"township_a": (40, 39, 5)})
    run = office.published("2026-07")
    bulletin = bulletins.issue(office.analyst, run.pk, number="示禁办〔2026〕7号", issuer_zh="市禁毒办")
    source = source_of(bulletin)
    unranked = [place for place in source.places if place.rank is None]
    assert [(one.unranked_reason_zh, one.unranked_reason_en) for one in unranked] == [UNRANKED["no_value"]]
    assert all("_" not in word for words in UNRANKED.values() for word in words)
