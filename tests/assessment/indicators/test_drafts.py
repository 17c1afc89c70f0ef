from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client

from jingtu.assessment.indicators import queries, registry, services
from jingtu.assessment.indicators.models import CatalogueDraft, CatalogueVersion
from jingtu.assessment.indicators.services import import_catalogue
from jingtu.assessment.indicators.standing import catalogue_of_draft
from jingtu.assessment.indicators.store import latest, newest
from jingtu.assessment.indicators.templatetags.indicators import field_word
from jingtu.assessment.outputs.layout import read_layout, to_json
from jingtu.assessment.outputs.models import LayoutVersion
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.services import create_run, prepare
from jingtu.assessment.targets.models import Target
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel import clock
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.engine.assess import assess
from jingtu.engine.catalogue import load_catalogue
from jingtu.engine.catalogue.editing import entry_of
from jingtu.engine.catalogue.integrity import TOPICS, integrity
from jingtu.engine.publication import publication
from tests.access.cast import SINCE
from tests.assessment.office import CATALOGUE, Office, version_of
from tests.assessment.outputs.layouts import LAYOUT

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(office: Office) -> UserActor:
    """Somebody who manages the catalogue and had no hand in the draft."""
    return office.cast.actor("system_administrator")


@pytest.fixture
def other(office: Office) -> UserActor:
    user = User.objects.create(username="second", full_name="第二人", password="!")
    Post.objects.create(user=user, role="system_administrator", valid_from=SINCE)
    return UserActor(user)


def reweighted(draft: CatalogueDraft) -> dict[str, object]:
    """The card with ten points moved from the first item to the second."""
    entry = json.loads(json.dumps(entry_of(draft.content, "scorecards", "card")))
    first, second = entry["sections"][0]["items"]
    first["points"], second["points"] = 30, 70
    return entry


def targeted(draft: CatalogueDraft, target: str) -> dict[str, object]:
    return {**(entry_of(draft.content, "indicators", "RATE") or {}), "target": target}


def begun(office: Office) -> CatalogueDraft:
    draft = services.open_draft(office.analyst, "调整分值", "年中调整")
    return services.put_entry(office.analyst, draft.pk, 0, "scorecards", "card", reweighted(draft))


def handed_on(office: Office) -> CatalogueDraft:
    return services.validate(office.analyst, begun(office).pk)


def test_a_draft_becomes_the_next_version_from_a_period_and_earlier_periods_keep_theirs(
    office: Office, manager: UserActor
) -> None:
    draft = handed_on(office)
    version = services.enforce(manager, draft.pk, "2026-10", "办公会决定")
    assert (version.number, str(version.applies_from)) == (2, "2026-10-01")
    september = create_run(office.analyst, office.city, None, "card", "2026-09")
    october = create_run(office.analyst, office.city, None, "card", "2026-10")
    quarter = create_run(office.analyst, office.city, None, "card", "2026-Q3")
    assert [run.catalogue.number for run in (september, october, quarter)] == [1, 2, 1]
    prepare(office.analyst, september.pk)
    assert Run.objects.get(pk=september.pk).catalogue.number == 1
    draft.refresh_from_db()
    assert (draft.state, draft.version, draft.decision) == ("enforced", version, "办公会决定")
    assert AuditEntry.objects.get(action="indicators.catalogue_enforced").reason == "办公会决定"


def test_a_version_adopted_for_a_later_period_is_not_in_force_before(
    office: Office, manager: UserActor
) -> None:
    services.enforce(manager, handed_on(office).pk, "2099-01", "明年施行")
    assert [version.number for version in (newest(), latest()) if version] == [1, 2]


def test_whoever_had_a_hand_in_a_draft_does_not_put_it_in_force(
    office: Office, manager: UserActor, other: UserActor
) -> None:
    draft = begun(office)
    services.put_entry(manager, draft.pk, draft.revision, "indicators", "RATE", targeted(draft, ">= 92"))
    services.undo(manager, draft.pk)
    services.validate(office.analyst, draft.pk)
    with pytest.raises(Conflict) as refused:
        services.enforce(manager, draft.pk, "2026-10", "办公会决定")
    assert refused.value.problem.code == "indicators.draft_own_hand"
    with pytest.raises(PermissionDenied):
        services.enforce(office.analyst, draft.pk, "2026-10", "办公会决定")
    assert services.enforce(other, draft.pk, "2026-10", "办公会决定").number == 2


def test_putting_in_force_needs_a_reason_a_period_and_validation(office: Office, manager: UserActor) -> None:
    draft = begun(office)
    with pytest.raises(Conflict):
        services.enforce(manager, draft.pk, "2026-10", "办公会决定")
    services.validate(office.analyst, draft.pk)
    for period, reason in (("2026-10", " "), ("十月", "办公会决定")):
        with pytest.raises(InvalidInput):
            services.enforce(manager, draft.pk, period, reason)
    services.put_entry(
        office.analyst, draft.pk, draft.revision, "indicators", "RATE", targeted(draft, ">= 92")
    )
    with pytest.raises(Conflict):  # edited after it was validated
        services.enforce(manager, draft.pk, "2026-10", "办公会决定")
    assert CatalogueVersion.objects.count() == 1


def test_a_second_click_leads_to_the_draft_begun_already(office: Office, manager: UserActor) -> None:
    first = services.open_draft(office.analyst, "调整分值", "年中调整")
    assert services.open_draft(office.analyst, " 调整分值 ", "年中调整") == first
    assert AuditEntry.objects.filter(action="indicators.draft_opened").count() == 1
    others = [
        services.open_draft(office.analyst, "调整分值", "另一个目的"),
        services.open_draft(manager, "调整分值", "年中调整"),
    ]
    services.put_entry(office.analyst, first.pk, 0, "indicators", "RATE", targeted(first, ">= 92"))
    others.append(services.open_draft(office.analyst, "调整分值", "年中调整"))
    assert first not in others
    assert len(set(others)) == 3


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("target", "要求"),
        ("sections/a/items/RATE/points", "分值"),
        ("name/zh", "中文名称"),
        ("rule/each", ""),
    ],
)
def test_a_changed_field_is_called_as_in_the_form(path: str, word: str) -> None:
    assert field_word(path) == word


def test_an_analyst_edits_own_drafts_only(office: Office, manager: UserActor) -> None:
    draft = services.open_draft(manager, "管理员的草案")
    with pytest.raises(PermissionDenied):
        services.put_entry(office.analyst, draft.pk, 0, "indicators", "RATE", targeted(draft, ">= 92"))
    with pytest.raises(NotFound):
        queries.get_draft(office.cast.actor("viewer", "ancestor"), draft.pk)
    with pytest.raises(PermissionDenied):
        services.open_draft(office.reviewer, "审核员不起草")


def test_undo_and_redo_go_through_all_edits_and_end_where_they_began(office: Office) -> None:
    draft = services.open_draft(office.analyst, "来回")
    start = draft.text
    texts = [start]
    for target in (">= 91", ">= 92"):
        draft = services.put_entry(
            office.analyst, draft.pk, draft.revision, "indicators", "RATE", targeted(draft, target)
        )
        texts.append(draft.text)
    draft = services.remove_entry(office.analyst, draft.pk, draft.revision, "groups", "both")
    texts.append(draft.text)
    for text in reversed(texts[:-1]):
        assert services.undo(office.analyst, draft.pk).text == text
    with pytest.raises(Conflict):
        services.undo(office.analyst, draft.pk)
    for text in texts[1:]:
        assert services.redo(office.analyst, draft.pk).text == text
    with pytest.raises(Conflict):
        services.redo(office.analyst, draft.pk)
    assert draft.edits.count() == 9  # nothing is taken out of the history
    assert AuditEntry.objects.filter(action__startswith="indicators.draft_").count() == 10


def test_two_people_editing_different_definitions_do_not_disturb_each_other(
    office: Office, manager: UserActor
) -> None:
    draft = services.open_draft(office.analyst, "两人")
    services.put_entry(manager, draft.pk, 0, "indicators", "RATE", targeted(draft, ">= 92"))
    services.put_entry(office.analyst, draft.pk, 0, "scorecards", "card", reweighted(draft))
    with pytest.raises(Conflict) as refused:
        services.put_entry(office.analyst, draft.pk, 0, "indicators", "RATE", targeted(draft, ">= 93"))
    assert refused.value.problem.code == "indicators.draft_moved"
    held = queries.get_draft(office.analyst, draft.pk)
    assert entry_of(held.content, "indicators", "RATE") == targeted(draft, ">= 92")


def test_an_outdated_draft_is_brought_up_to_date_or_refused_with_the_clash(
    office: Office, manager: UserActor
) -> None:
    draft = begun(office)
    services.put_entry(office.analyst, draft.pk, 1, "indicators", "RATE", targeted(draft, ">= 92"))
    version_of(CATALOGUE.replace("'>= 90'", "'>= 95'"))
    with pytest.raises(Conflict) as outdated:
        services.validate(office.analyst, draft.pk)
    assert outdated.value.problem.code == "indicators.draft_outdated"
    with pytest.raises(InvalidInput) as clash:
        services.rebase(office.analyst, draft.pk)
    assert [problem.params["code"] for problem in clash.value.problems] == ["RATE"]
    services.put_entry(office.analyst, draft.pk, 2, "indicators", "RATE", targeted(draft, ">= 95"))
    draft = services.rebase(office.analyst, draft.pk)
    assert draft.base.number == 2
    assert [change.code for change in queries.draft_page(office.analyst, draft.pk).changes] == ["card"]
    with pytest.raises(Conflict):
        services.undo(office.analyst, draft.pk)


@pytest.mark.parametrize(
    ("kind", "code", "text", "problem"),
    [
        ("indicators", "RATE", "code: RATE\nformula: 'share(done,'", "catalogue.missing_field"),
        ("indicators", "RATE", "nonsense: [", "catalogue.not_yaml"),
        ("indicators", "RATE", "- code: RATE\n- code: CASES", "catalogue.wrong_type"),
        ("units", "", "code: persons\nname: {zh: 人, en: persons}", "indicators.code_taken"),
        ("units", "persons", "code: people\nname: {zh: 人, en: people}", "indicators.code_fixed"),
        ("units", "", "x" * 200_001, "indicators.entry_too_long"),
        ("nothing", "", "code: x", "catalogue.unknown_kind"),
    ],
)
def test_what_cannot_be_read_is_refused_and_changes_nothing(
    office: Office, kind: str, code: str, text: str, problem: str
) -> None:
    draft = services.open_draft(office.analyst, "坏输入")
    with pytest.raises(InvalidInput) as refused:
        services.put_entry(office.analyst, draft.pk, 0, kind, code, text)
    assert problem in {one.code for one in refused.value.problems}
    draft.refresh_from_db()
    assert draft.revision == 0


def test_a_formula_error_says_where(office: Office) -> None:
    draft = services.open_draft(office.analyst, "公式")
    entry = {**targeted(draft, ">= 90"), "formula": "share(done due)"}
    with pytest.raises(InvalidInput) as refused:
        services.put_entry(office.analyst, draft.pk, 0, "indicators", "RATE", entry)
    assert refused.value.problems[0].params["position"] == 12


def test_what_does_not_fit_together_is_kept_and_held_back_at_validation(office: Office) -> None:
    draft = services.open_draft(office.analyst, "引用不存在")
    entry = {**targeted(draft, ">= 90"), "formula": "share(done, nobody)"}
    draft = services.put_entry(office.analyst, draft.pk, 0, "indicators", "RATE", entry)
    page = queries.draft_page(office.analyst, draft.pk)
    assert [(one.kind, one.code) for one in page.problems if one.problem.severity == "error"] == [
        ("indicators", "RATE")
    ]
    with pytest.raises(InvalidInput):
        services.validate(office.analyst, draft.pk)


def test_yaml_goes_in_and_out_and_undo_takes_it_back(office: Office) -> None:
    draft = services.open_draft(office.analyst, "导入")
    before = draft.text
    changed = CATALOGUE.replace("'>= 90'", "'>= 95'")
    draft = services.import_text(office.analyst, draft.pk, 0, changed)
    again = services.import_text(
        office.analyst, draft.pk, draft.revision, queries.draft_text(office.analyst, draft.pk)
    )
    assert again.revision == draft.revision == 1
    assert services.undo(office.analyst, draft.pk).text == before
    with pytest.raises(InvalidInput):
        services.import_text(office.analyst, draft.pk, 2, "indicators: [")
    with pytest.raises(InvalidInput):
        services.import_text(office.analyst, draft.pk, 2, "x" * (8 * 1024 * 1024 + 1))


def test_the_impact_is_what_assessing_again_with_the_draft_gives(office: Office) -> None:
    run = office.published()
    frozen = run.snapshot_digest, run.publication_hash
    draft = services.compute_impact(office.analyst, begun(office).pk)
    [view] = queries.impact_views(office.analyst, draft)
    from jingtu.assessment.runs.snapshots import assess_now, open_run

    opened = open_run(run)
    before = assess_now(run.region, run.level, run.scorecard, opened.period, run.catalogue)
    again = assess(
        before.tree,
        before.facts,
        catalogue_of_draft(draft),
        "card",
        before.period,
        before.within,
        before.level,
    )
    expected = {row["name"]: (row["total"], row["rank"]) for row in publication(again)["subjects"]}
    was = {row["name"]: (row["total"], row["rank"]) for row in publication(before)["subjects"]}
    assert {place["name"]: (place["total"][1], place["rank"][1]) for place in view.places} == expected
    assert {place["name"]: (place["total"][0], place["rank"][0]) for place in view.places} == was
    assert expected != was
    assert {one["code"] for _name, one in view.indicators} == {"RATE", "CASES"}
    assert all(one["values"] == 0 and one["points"] for _name, one in view.indicators)
    run.refresh_from_db()
    assert (run.snapshot_digest, run.publication_hash) == frozen


def test_an_impact_is_seen_in_the_readers_own_regions_only(office: Office, manager: UserActor) -> None:
    office.published()
    draft = services.compute_impact(office.analyst, begun(office).pk)
    seen = {
        relation: len(queries.impact_views(office.cast.actor("reviewer", relation), draft))
        for relation in ("ancestor", "own", "sibling", "outsider")
    }
    assert seen == {"ancestor": 1, "own": 0, "sibling": 0, "outsider": 0}
    assert len(queries.impact_views(manager, draft)) == 1


def test_a_card_that_is_gone_is_said_in_words(office: Office) -> None:
    office.published()
    draft = services.open_draft(office.analyst, "删表")
    services.remove_entry(office.analyst, draft.pk, 0, "scorecards", "card")
    draft = services.compute_impact(office.analyst, draft.pk)
    [view] = queries.impact_views(office.analyst, draft)
    assert view.result["gone"]["code"] == "runs.judged.no_card"


def test_a_retired_definition_stays_readable(office: Office, client: Client) -> None:
    version_of(
        CATALOGUE.replace(
            "  - {code: both, name: {zh: 两项, en: Both}, members: [{indicator: RATE}, {indicator: CASES}]}\n",
            "",
        ).replace("groups:\n", "")
    )
    client.force_login(office.cast.user("viewer", "ancestor"))
    found = client.get("/indicators/catalogue/groups/both/", follow=True)
    assert found.status_code == 200
    assert "两项" in found.content.decode()
    assert client.get("/indicators/catalogue/versions/1/groups/both/").status_code == 200
    assert client.get("/indicators/catalogue/versions/2/groups/both/").status_code == 404
    assert client.get("/indicators/catalogue/groups/never/").status_code == 404


def test_two_versions_are_compared_field_by_field(office: Office) -> None:
    version_of(
        CATALOGUE.replace("'>= 90'", "'>= 95'")
        .replace("points: 60", "points: 50")
        .replace("points: 40", "points: 50")
    )
    _old, _new, found = queries.compare_versions(SYSTEM, 1, 2)
    fields = {(change.code, one.path): (one.old, one.new) for change, each in found.changes for one in each}
    assert fields == {
        ("RATE", "target"): (">= 90", ">= 95"),
        ("card", "sections/one/items/RATE/points"): ("60", "50"),
        ("card", "sections/one/items/CASES/points"): ("40", "50"),
    }


def test_the_second_person_decides_over_http(office: Office, client: Client, manager: UserActor) -> None:
    draft = handed_on(office)
    act = f"/indicators/catalogue/drafts/{draft.pk}/act/enforce/"
    given = {"period": "2026-10", "reason": "办公会决定"}
    client.force_login(office.cast.user("analyst", "ancestor"))
    assert client.post(act, given).status_code == 403
    client.force_login(office.cast.user("system_administrator"))
    assert client.post(act, {"period": "2026-10"}).status_code == 400
    assert client.post(act, given).status_code == 302
    assert CatalogueVersion.objects.count() == 2


def test_what_is_typed_is_saved_at_once_and_errors_stand_at_their_place(
    office: Office, client: Client
) -> None:
    draft = services.open_draft(office.analyst, "自动保存")
    client.force_login(office.cast.user("analyst", "ancestor"))
    page = f"/indicators/catalogue/drafts/{draft.pk}/entry/indicators/RATE/"
    form = client.get(page).context["editor"].form
    typed = {bound.name: bound.value() for bound in form if bound.value() not in (None, "", False)}
    typed |= {"rows": "A2", "cites": "", "revision": "0", "target": ">= 93"}
    htmx = {"HTTP_HX_REQUEST": "true"}
    answer = client.post(page, typed, **htmx)
    assert 'value="1"' in answer.content.decode()
    bad = client.post(page, typed | {"revision": "1", "formula": "share(done"}, **htmx).content.decode()
    assert "没有保存" in bad
    assert "第11个字符" in bad
    draft.refresh_from_db()
    assert draft.revision == 1
    assert entry_of(draft.content, "indicators", "RATE") == targeted(draft, ">= 93")


def test_a_formula_is_tried_on_the_latest_month_where_figures_may_be_read(
    office: Office, client: Client
) -> None:
    draft = services.open_draft(office.analyst, "试算")
    region = office.city
    tried = queries.try_formula(office.analyst, draft, "RATE", "share(done, due)", "%", region)
    assert (str(tried.point.value) if tried.point else "", tried.problems) == ("80.00", [])
    assert [element.code for element in tried.elements] == ["done", "due"]
    with pytest.raises(PermissionDenied):
        queries.try_formula(office.cast.actor("system_administrator"), draft, "", "cases", "", region)
    wrong = queries.try_formula(office.analyst, draft, "RATE", "share(done, nobody)", "%", region)
    assert [problem.code for problem in wrong.problems] == ["catalogue.unknown_near"] or wrong.problems
    assert wrong.point is None


def test_the_list_of_drafts_costs_the_same_however_many_there_are(
    office: Office, client: Client, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(office.cast.user("analyst", "ancestor"))
    counts = []
    for _round in range(2):
        begun(office)
        begun(office)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get("/indicators/catalogue/drafts/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_integrity_names_what_deserves_a_look(office: Office) -> None:
    found = queries.integrity_page(office.analyst)
    # September's figures are within the last twelve months only as the clock says; the topic is told apart.
    assert {remark.topic for remark in found.remarks} <= {"silent", "idle", "unused", "unreachable", "other"}
    assert not [remark for remark in found.remarks if remark.topic in ("duplicate", "units")]


def test_the_integrity_page_groups_by_topic_and_folds_what_harms_nothing(office: Office) -> None:
    spare = "\n  - {code: spare, name: {zh: 备用数, en: Spare}, kind: flow, unit: cases, strand: crackdown, source: form, status: V, definition: {zh: 备用, en: spare}}"
    import_catalogue(SYSTEM, CATALOGUE.replace("\nindicators:", spare + "\nindicators:", 1))
    client = Client()
    client.force_login(office.cast.user("analyst", "ancestor"))
    address = "/indicators/catalogue/integrity/"
    groups = {group.topic: group for group in client.get(address).context["groups"]}
    assert list(groups) == list(TOPICS)
    assert [topic for topic, group in groups.items() if group.harmless] == ["idle"]
    page = client.get(address).content.decode()
    assert "<code>spare</code>" in page.split('<details class="jt-details">')[1].split("</details>")[0]
    assert groups["idle"].count == 1
    narrowed = client.get(address, {"topic": "unused"})
    shown = narrowed.context["page"].object_list
    assert len(shown) == groups["unused"].count > 0
    assert {remark.topic for remark in shown} == {"unused"}
    # An address with a kind there is none of shows everything.
    assert client.get(address, {"topic": "x"}).context["topic"] == ""


def test_what_a_target_a_sheet_or_a_page_of_published_figures_asks_for_is_used(office: Office) -> None:
    codes = {"TOTAL", "DONE", "sheet_only", "pub_cases"}
    text = """
  - {code: sheet_only, name: {zh: 表用, en: Sheet}, kind: flow, unit: cases, strand: crackdown, source: form, status: V, definition: {zh: 表用, en: sheet}}
  - {code: pub_cases, name: {zh: 公布数, en: Public}, kind: flow, unit: cases, strand: crackdown, source: form, status: V, definition: {zh: 公布, en: public}}
indicators:
  - {code: TOTAL, name: {zh: 总数, en: Total}, strand: crackdown, direction: down, unit: cases, formula: cases + due}
  - {code: DONE, name: {zh: 已到, en: Done}, strand: recovery, direction: up, unit: persons, formula: done}
"""
    catalogue = load_catalogue(CATALOGUE.replace("\nindicators:", text, 1))
    assert {one.code for one in integrity(catalogue) if one.topic in ("unreachable", "unused")} >= codes
    layout = read_layout(
        LAYOUT.replace("indicator: CASES", "indicator: DONE").replace("element: due", "element: sheet_only")
    )
    LayoutVersion.objects.create(
        code=layout.code, number=1, text="", content=to_json(layout), digest="", made_at=clock.now()
    )
    Target.objects.create(
        tree=office.cast.tree, region=office.city, indicator="TOTAL", period="2026", start=dt.date(2026, 1, 1),
        end=dt.date(2026, 12, 31), version=1, state="in_force", requirement="<= 9", proposed_at=clock.now(),
    )  # fmt: skip
    used = registry.used_definitions(catalogue)
    assert used >= codes
    remarks = integrity(catalogue, used=used)
    assert not codes & {one.code for one in remarks if one.topic in ("unreachable", "unused")}
