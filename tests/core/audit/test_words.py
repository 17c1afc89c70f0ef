"""What entries say in words: fields, states, doors; the trail itself keeps codes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client
from django.urls import get_resolver, reverse

from jingtu.core.accounts.models import Post, User
from jingtu.core.audit.actions import register_states
from jingtu.core.audit.context import Channel
from jingtu.core.audit.services import record
from jingtu.core.audit.words import CHANNELS, FIELDS, told
from jingtu.core.kernel.actor import SYSTEM

SOURCE = Path(__file__).resolve().parents[3] / "src" / "jingtu"
PROSE = ("core", "assessment", "governance", "portal")
# Every table with a state: the kind of object under which the trail writes its state down.
TOLD_AS = {
    "adjustments.Entry": "bonus_entry",
    "adjustments.VetoCase": "veto",
    "alerts.Alert": "alert",
    "appeals.Appeal": "appeal",
    "dutyreports.DutyReport": "duty_report",
    "jobs.Job": "job",
    "letters.Letter": "letter",
    "listings.Designation": "designation",
    "listings.Listing": "listing",
    "measures.Measure": "measure",
    "meetings.Meeting": "meeting",
    "numbering.OfficialNumber": "official_number",
    "plans.Task": "task",
    "reporting.Proxy": "proxy",
    "runs.Run": "run",
    "runs.RunFinding": "run",
    "supervising.Supervision": "supervision",
    "targets.Target": "target",
}
# Of these the trail tells the acts, not the states.
NOT_TOLD = {
    "accounts.PostProposal",
    "accounts.PostReview",
    "bodies.BodyReport",
    "facts.FactImport",
    "indicators.CatalogueDraft",
    "measures.Proposal",
    "notifications.Delivery",
    "reporting.Report",
    "schedules.Occurrence",
    "situation.SituationReport",
    "surveys.SurveyImport",
    "targets.TargetImport",
}


def test_every_field_that_a_service_writes_down_has_a_word() -> None:
    nameless = set()
    for path in (file for folder in PROSE for file in (SOURCE / folder).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "record(" not in text or "audit" not in text:
            continue
        for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
            if getattr(call.func, "id", "") != "record":
                continue
            for given in (word.value for word in call.keywords if word.arg in {"before", "after"}):
                if isinstance(given, ast.Dict):
                    nameless |= {
                        key.value for key in given.keys if isinstance(key, ast.Constant)
                    } - FIELDS.keys()
    assert nameless == set()
    assert CHANNELS.keys() == set(Channel)


def test_every_state_that_the_trail_may_hold_has_a_word_of_its_own_app() -> None:
    assert get_resolver().url_patterns  # every app is loaded, as where the trail is read
    tables = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.name == "state" and getattr(field, "choices", None):
                tables[model._meta.label] = [str(state) for state, _label in field.choices]
    assert tables.keys() == TOLD_AS.keys() | NOT_TOLD
    wordless = {
        (kind, state)
        for table, kind in TOLD_AS.items()
        for state in tables[table]
        if told(state, "zh", "state", kind).isascii() or not told(state, "en", "state", kind).isascii()
    }
    assert wordless == set()


def test_the_same_code_means_what_its_own_app_says() -> None:
    assert [told("accepted", "zh", "state", kind) for kind in ("appeal", "supervision")] == [
        "已受理",
        "已办结",
    ]
    assert told("refused", "zh", "state", "letter") == "拒签"
    assert told("refused", "zh", "state", "nobody_says") == "refused"
    with pytest.raises(ValueError, match="registered twice"):
        register_states("appeal", {"accepted": "已采纳"})


def test_values_are_told_as_a_person_reads_them() -> None:
    assert (
        told({"is_active": True, "unit": None, "state": "in_review"}, "zh", kind="run")
        == "账号启用：是；单位：–；状态：审批中"
    )
    assert told(["a", 2, False], "en") == "a, 2, no"
    assert told("draft", "zh", "title", "run") == "draft"  # only states are codes
    assert (told([], "zh"), told({}, "en"), told(None, "en")) == ("–", "–", "–")
    assert told("unheard_of", "zh", "state", "run") == "unheard_of"
    assert all(zh and en for words in (CHANNELS, FIELDS) for zh, en in words.values())


@pytest.mark.parametrize(
    ("language", "door", "field", "before", "after"),
    [("zh-hans", "命令行", "状态", "草稿", "已发布"), ("en", "command line", "State", "Draft", "Published")],
)
def test_an_entry_speaks_the_readers_language(
    client: Client, db: None, language: str, door: str, field: str, before: str, after: str
) -> None:
    user = User.objects.create_user("auditor", full_name="审计")
    Post.objects.create(user=user, role="auditor")
    client.force_login(user)
    client.cookies["django_language"] = language
    entry = record(
        SYSTEM,
        "runs.published",
        target_type="run",
        target_id=1,
        before={"state": "draft"},
        after={"state": "published", "unheard_of": True},
    )
    page = client.get(reverse("audit:entry", args=[entry.sequence]))
    assert page.context["changes"][0] == ("state", field, before, after)
    assert page.context["changes"][1][:2] == ("unheard_of", "unheard_of")
    assert door in page.content.decode()
    assert f"<td>{door}</td>" in client.get(reverse("audit:list")).content.decode()
