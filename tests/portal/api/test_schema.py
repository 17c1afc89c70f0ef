"""The API does what its description says, whatever a program sends: never a crash, never another shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client, override_settings
from django.utils.translation import override
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ninja import Schema
from pytest_django import DjangoDbBlocker
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from jingtu.assessment.adjustments.models import VetoCase
from jingtu.assessment.adjustments.services import enter
from jingtu.assessment.alerts.models import Alert
from jingtu.assessment.alerts.services import watch_run
from jingtu.assessment.runs import snapshots
from jingtu.assessment.runs.services import prepare
from jingtu.assessment.simulations.retrospecting import Wanted
from jingtu.assessment.simulations.services import start_look_back
from jingtu.assessment.subscriptions.services import save as subscribe
from jingtu.assessment.targets.services import propose
from jingtu.core.accounts.models import Post
from jingtu.core.facts import store
from jingtu.core.facts.services import begin_import
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.runner import run_job
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import now
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.targets import Target
from jingtu.portal.api.views import description, part_title
from jingtu.portal.saved.services import save_view
from tests.access.cast import SINCE, make_cast
from tests.access.expectations import api_duties, letters
from tests.assessment.alerts.watched import RULES
from tests.assessment.office import BONUS_AND_VETO, CATALOGUE, MONTH, Office, version_of
from tests.assessment.schedules.test_schedules import make as make_schedule
from tests.portal.api.conftest import Program

pytestmark = pytest.mark.django_db
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 12

schema = schemathesis.openapi.from_dict(description())
schema.app = get_wsgi_application()
OPERATIONS = {found.ok().label: found.ok() for found in schema.get_all_operations()}


@contextmanager
def connection_kept() -> Iterator[None]:
    """Requests leave the connection open, whose transaction holds everything these tests see."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def known(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """The office with a published and a checked run, a waiting import and a job; and its analyst's token."""
    with (
        django_db_blocker.unblock(),
        override_settings(STORE=tmp_path_factory.mktemp("store"), ALLOWED_HOSTS=["*"]),
        transaction.atomic(),
        connection_kept(),
    ):
        store.clear_cache()
        snapshots.forget()
        office = Office(make_cast())
        analyst = Program(office.cast.user("analyst", "ancestor"))
        version_of(CATALOGUE + RULES)
        published = office.published()
        version_of(CATALOGUE + BONUS_AND_VETO + RULES)
        office.report("2026-08", {"township_a": (40, 41, 13)})
        draft = office.new_run("2026-08")
        prepare(office.analyst, draft.pk)
        text = b"region,element,period,value\n310101001,cases,2026-08,9\n"
        waiting = begin_import(office.analyst, office.cast.tree, [text], "waiting.csv")
        job = Job.objects.create(kind="test", owner=analyst.user, state=Job.State.FAILED, created_at=now())
        county = office.cast.places["county_b"]
        entry = enter(
            office.analyst,
            county,
            "card",
            "bonus",
            "CASES",
            MONTH,
            "1",
            "获省级表彰",
            [("a.csv", [b"a\n1\n"])],
        )
        target = propose(
            office.analyst,
            office.cast.tree,
            Target(
                "RATE",
                "place",
                "2027",
                "each",
                (county.level, county.code),
                requirement=Threshold.parse(">= 96"),
            ),
            "市里下达",
        )
        subscription = subscribe(
            office.analyst,
            name="甲县",
            regions=[county.pk],
            indicators=["CASES"],
            cadence="weekly",
            way="inside",
        )
        view = save_view(office.analyst, "预警", "/alerts/")
        back = start_look_back(office.analyst, published.pk, Wanted())
        run_job.call(back.pk)
        schedule = make_schedule(office)
        watch_run(SYSTEM, published.pk)
        alert = Alert.objects.order_by("pk").first()
        finding = draft.findings.order_by("pk").first()
        duties = duties_of(office)
        yield {
            **duties,
            "headers": analyst.headers,
            "slug": office.cast.tree.slug,
            "tree": office.cast.tree.slug,
            "region": office.city.pk,
            "region_id": office.cast.places["county_a"].pk,
            "run": published.pk,
            "run_id": [published.pk, draft.pk],
            "finding_id": finding.pk if finding else 1,
            "import_id": waiting.pk,
            "job_id": [job.pk, back.pk],
            "subscription_id": subscription.pk,
            "view_id": view.pk,
            "schedule_id": schedule.pk,
            "alert_id": alert.pk if alert else 1,
            "entry_id": entry.pk,
            "target_id": target.pk,
            "case_id": VetoCase.objects.get().pk,
            "scorecard": "card",
            "indicator": "RATE",
            "element": "cases",
            "period": MONTH,
            "until": MONTH,
            "cursor": "",
        }
        transaction.set_rollback(True)
    store.clear_cache()
    snapshots.forget()


def duties_of(office: Office) -> dict[str, Any]:
    """One of each duty, and the right of the caller to manage them."""
    analyst = office.cast.user("analyst", "ancestor")
    Post.objects.create(user=analyst, role="secretary", region=office.city, valid_from=SINCE)
    made, issued = api_duties.prepare(office.cast), letters.prepare(office.cast)
    return {
        "plan_id": made["plans"]["plan"],
        "task_id": [made["plans"]["other"], made["plans"]["submitted"]],
        "notice_id": [made["supervising"]["drafted"], made["supervising"]["answered"]],
        "body_id": made["bodies"]["body"],
        "meeting_id": made["meetings"]["held"],
        "report_id": made["dutyreports"]["sent"],
        "letter_id": [issued["issued"], issued["inside"]],
    }


CODES = {"elements": "due", "indicators": "RATE", "scorecards": "card", "groups": "both"}


def with_real_names(case: Any, known: dict[str, Any], pick: int) -> None:
    """Put in what exists, so that the calls come through to the answers behind "not found"."""
    for values in (case.path_parameters, case.query, case.body):
        if not isinstance(values, dict):
            continue
        for name in values:
            if name == "code":
                part = next((part for part in CODES if f"/{part}/" in case.path), "indicators")
                values[name] = CODES[part]
            elif name in known:
                real = known[name]
                values[name] = real[pick % len(real)] if isinstance(real, list) else real


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_as_described(label: str, known: dict[str, Any]) -> None:
    operation = OPERATIONS[label]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), real=st.booleans(), pick=st.integers(0, 1))
    def answers(case: Any, real: bool, pick: int) -> None:
        if real:
            with_real_names(case, known, pick)
        with transaction.atomic():
            response = case.call(headers=dict(known["headers"]))
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS)

    answers()


def test_no_two_shapes_share_a_name() -> None:
    """They would overwrite each other in the description."""

    def below(shape: type[Schema]) -> Iterator[type[Schema]]:
        for child in shape.__subclasses__():
            if child.__module__.startswith("jingtu.portal.api"):
                yield child
            yield from below(child)

    names = [shape.__name__ for shape in set(below(Schema))]
    assert sorted(names) == sorted(set(names))


def test_the_description_is_served_to_programs_and_lists_every_operation_for_people(
    known: dict[str, Any],
) -> None:
    client = Client()
    served = client.get("/api/v1/openapi.json", headers=known["headers"]).json()
    assert served["openapi"].startswith("3.1")
    page = client.get("/api/v1/", headers=known["headers"]).content.decode()
    for label in OPERATIONS:
        assert label.partition(" ")[2] in page


def test_parts_are_titled_in_the_language_of_the_page() -> None:
    titles = [tag["description"] for tag in description()["tags"]]
    with override("en"):
        assert all(part_title(title).isascii() for title in titles)
    with override("zh-hans"):
        assert [part_title(title) for title in titles][:2] == ["本人", "区划"]


def test_the_written_examples_call_operations_that_exist() -> None:
    text = (Path(__file__).parents[3] / "docs/reference/api.md").read_text()
    called = {match.rstrip("/") for match in re.findall(r"/api/v1(/[a-z0-9_/{}A-Z-]+)", text)}
    patterns = [
        re.compile(re.sub(r"\{\w+\}", r"[^/]+", path.removeprefix("/api/v1")))
        for path in description()["paths"]
    ]
    unknown = [path for path in called if not any(pattern.fullmatch(path) for pattern in patterns)]
    assert len(called) > 20
    assert unknown == ["/openapi"]
