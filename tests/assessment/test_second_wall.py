"""The second wall: what PostgreSQL itself shows and lets be written, asked in SQL with the application's own role."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from jingtu.assessment.adjustments.models import Entry
from jingtu.assessment.reporting.models import Cell, Form, FormVersion, Proxy, Report, ReportEvent
from jingtu.core.accounts.actors import Anonymous, UserActor
from jingtu.core.accounts.middleware import ActorMiddleware
from jingtu.core.accounts.models import Post
from jingtu.core.jobs import registry, services
from jingtu.core.jobs.models import Job
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.clock import frozen, now, today
from jingtu.core.kernel.wall import reader, reading_as
from jingtu.core.regions.models import Region
from jingtu.core.regions.services import Order, merge_regions
from jingtu.portal.maintenance.checks import gaps_in_the_wall
from tests.access.cast import Cast, make_cast

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row-level security"),
]

PLACES = ("city", "county_a", "township_a", "township_a2", "county_b", "township_b", "outside")
PARTS = ("reporting_report", "reporting_cell", "reporting_reportevent", "adjustments_entry")


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, with one report (a cell, an event) and one entry of each of some places."""
    cast = make_cast()
    form = Form.objects.create(code="f", tree=cast.tree, name_zh="表", name_en="Form", created_at=now())
    version = FormVersion.objects.create(
        form=form, number=1, definition={}, valid_from=today(), edited_at=now()
    )
    for key in PLACES:
        report_of(cast.places[key], form, version)
        entry_of(cast, cast.places[key])
    return cast


def report_of(place: Region, form: Form, version: FormVersion, period: str = "2026-10") -> Report:
    day = dt.date(2026, 10, 1)
    report = Report.objects.create(
        form=form, version=version, region=place, period=period, period_start=day, period_end=day,
        due_at=now(), state="draft",
    )  # fmt: skip
    Cell.objects.create(report=report, element="due", value=1, entered_at=now())
    ReportEvent.objects.create(report=report, action="fill", at=now())
    return report


def entry_of(cast: Cast, place: Region) -> Entry:
    return Entry.objects.create(
        tree=cast.tree, region=place, scorecard="c", line="bonus", indicator="i", period="2026-10",
        period_end=dt.date(2026, 10, 31), count=1, reason="r", entered_by=cast.user("analyst", "ancestor"),
        entered_at=now(),
    )  # fmt: skip


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def seen(actor: Actor, table: str = "reporting_report") -> int:
    """How many rows of a table there are for the actor, without any condition of the program."""
    with reading_as(actor):
        return int(rows(f"SELECT count(*) FROM {table}")[0][0])


def reported(actor: Actor) -> set[str]:
    """The names of the places whose reports there are for the actor."""
    with reading_as(actor):
        found = rows("SELECT name FROM reporting_report r JOIN regions_region p ON p.id = r.region_id")
    return {name for (name,) in found}


def names(cast: Cast, *keys: str) -> set[str]:
    return {cast.places[key].name for key in keys}


A = ("county_a", "township_a", "township_a2")
WITHIN = {
    "own": A,
    "descendant": ("township_a",),
    "sibling": ("county_b", "township_b"),
    "ancestor": ("city", *A, "county_b", "township_b"),
    "outsider": ("outside",),
}


# -- what is there ---------------------------------------------------------------------------------------


def test_the_application_is_bound_by_the_wall_and_no_table_is_left_open() -> None:
    assert list(gaps_in_the_wall()) == []


@pytest.mark.parametrize("table", PARTS)
def test_there_is_nothing_for_nobody_and_all_for_the_system(cast: Cast, table: str) -> None:
    assert seen(Anonymous(), table) == 0
    assert seen(cast.actor("nobody"), table) == 0
    assert seen(SYSTEM, table) == len(PLACES)


@pytest.mark.parametrize("table", PARTS)
def test_administrators_of_the_system_find_no_row_of_the_work(cast: Cast, table: str) -> None:
    for role in ("system_administrator", "security_administrator", "auditor"):
        assert seen(cast.actor(role), table) == 0


@pytest.mark.parametrize(("relation", "places"), WITHIN.items())
def test_whoever_holds_a_post_finds_the_rows_of_its_subtree(
    cast: Cast, relation: str, places: tuple[str, ...]
) -> None:
    actor = cast.actor("viewer", relation)
    assert reported(actor) == names(cast, *places)
    assert {table: seen(actor, table) for table in PARTS} == dict.fromkeys(PARTS, len(places))


def test_an_id_of_elsewhere_leads_to_nothing_through_a_query_without_any_scope(cast: Cast) -> None:
    foreign = Report.objects.get(region=cast.places["county_b"]).pk
    with reading_as(cast.actor("analyst", "own")):
        assert Report.objects.filter(pk=foreign).first() is None
        assert not Cell.objects.filter(report_id=foreign).exists()
        assert Report.objects.filter(pk=foreign).update(state="accepted", accepted_at=now()) == 0
        assert Report.objects.filter(pk=foreign).delete()[0] == 0
    assert Report.objects.get(pk=foreign).state == "draft"


# -- writing ---------------------------------------------------------------------------------------------


def refused(deed: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            deed()
    except DatabaseError as error:
        return "row-level security" in str(error)
    return False


def test_no_row_is_written_for_a_place_of_others(cast: Cast) -> None:
    entry = Entry.objects.get(region=cast.places["county_b"]).pk
    own = Entry.objects.get(region=cast.places["county_a"]).pk
    foreign = cast.places["county_b"].pk
    report = Report.objects.get(region=cast.places["county_b"])
    with reading_as(cast.actor("analyst", "own")):
        assert rows("UPDATE adjustments_entry SET count = 9 WHERE id = %s", entry) == [(0,)]
        assert rows("DELETE FROM adjustments_entry WHERE id = %s", entry) == [(0,)]
        assert rows("UPDATE adjustments_entry SET count = 2 WHERE id = %s", own) == [(1,)]
        assert refused(lambda: entry_of(cast, cast.places["county_b"]))
        assert refused(
            lambda: rows("UPDATE adjustments_entry SET region_id = %s WHERE id = %s", foreign, own)
        )
        assert refused(lambda: Cell.objects.create(report=report, element="x", entered_at=now()))
        assert not refused(lambda: entry_of(cast, cast.places["township_a"]))


# -- time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ended",
    [
        {"ended_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"suspended_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"valid_to": dt.date(2020, 1, 2)},
        {"valid_from": dt.date(2999, 1, 1)},
    ],
)
def test_a_post_not_in_force_shows_nothing(cast: Cast, ended: Mapping[str, object]) -> None:
    actor = cast.actor("analyst", "own")
    assert seen(actor) == 3
    Post.objects.filter(user_id=actor.user_id).update(**ended)
    assert seen(actor) == 0


def test_a_suspended_account_reads_nothing(cast: Cast) -> None:
    user = cast.user("analyst", "own")
    user.is_active = False
    user.save()
    assert seen(UserActor(user)) == 0


def test_a_clock_that_is_held_says_which_posts_are_in_force(cast: Cast) -> None:
    actor = cast.actor("analyst", "own")
    Post.objects.filter(user_id=actor.user_id).update(valid_to=dt.date(2024, 6, 30))
    assert seen(actor) == 0
    with frozen(dt.datetime(2024, 6, 30, 4, tzinfo=dt.UTC)):
        assert seen(actor) == 3
    assert seen(actor) == 0


def test_after_a_merger_the_successor_is_reached_by_those_above_it_now(cast: Cast) -> None:
    a, b, city = (cast.actor("analyst", relation) for relation in ("own", "sibling", "ancestor"))
    merge_regions(
        SYSTEM, [cast.places["county_b"]], into=cast.places["county_a"], order=Order(today(), "批复")
    )
    assert reported(a) == names(cast, *A, "township_b")
    # What was the county's that ended is reached by a post on itself, and from where it lay.
    assert reported(b) == names(cast, "county_b")
    assert reported(city) == names(cast, *WITHIN["ancestor"])


def test_a_stand_in_reaches_what_the_reporter_reaches_while_both_hold(cast: Cast) -> None:
    reporter, other = cast.user("reporter", "own"), cast.user("reporter", "descendant")
    Proxy.objects.create(
        reporter=reporter, proxy=other, region=cast.places["county_a"], valid_from=today(), valid_to=today(),
        reason="r", state="asked", asked_at=now(),
    )  # fmt: skip
    assert reported(UserActor(other)) == names(cast, "township_a")
    Proxy.objects.update(state="approved")
    assert reported(UserActor(other)) == names(cast, *A)
    assert seen(UserActor(other), "adjustments_entry") == 1
    assert seen(cast.actor("viewer", "sibling"), "reporting_proxy") == 0
    Post.objects.filter(user=reporter).update(ended_at=now())
    assert reported(UserActor(other)) == names(cast, "township_a")


# -- who is named ----------------------------------------------------------------------------------------


def test_a_kept_connection_keeps_no_reader(cast: Cast) -> None:
    with reading_as(cast.actor("analyst", "own")):
        assert Report.objects.count() == 3
    with reading_as(Anonymous()):
        assert Report.objects.count() == 0
    assert Report.objects.count() == len(PLACES)


def test_a_transaction_taken_back_leaves_no_reader_behind(cast: Cast) -> None:
    a, b = cast.actor("analyst", "own"), cast.actor("analyst", "outsider")

    def broken_off(statement: str) -> None:
        with transaction.atomic(), reading_as(b):
            assert Report.objects.count() == 1
            rows(statement)
            raise LookupError

    # The setting goes back with the savepoint; also where the statement itself broke.
    for statement, error in (("SELECT 1", LookupError), ("SELECT 1 / 0", DatabaseError)):
        for outer, count in ((a, 3), (SYSTEM, len(PLACES))):
            with reading_as(outer):
                with pytest.raises(error):
                    broken_off(statement)
                assert Report.objects.count() == count
    with reading_as(b):
        assert Report.objects.count() == 1


def test_a_commit_answered_by_a_rollback_leaves_no_reader_behind() -> None:
    own = connection.copy()

    def told() -> str:
        with own.cursor() as cursor:
            cursor.execute("SELECT current_setting('jingtu.reader')")
            return str(cursor.fetchone()[0])

    try:
        with reading_as(SYSTEM):
            assert told() == "system"
        with reading_as(Anonymous()):
            own.set_autocommit(False)
            # Past Django, which therefore commits what PostgreSQL can only take back.
            with own.cursor() as cursor, pytest.raises(Exception, match="division by zero"):
                cursor.cursor.execute("SELECT 1 / 0")
            own.commit()
            own.set_autocommit(True)
            assert told() == ""
    finally:
        own.close()


def test_naming_the_reader_is_no_query_of_the_program(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        for relation in ("own", "sibling"):
            with reading_as(cast.actor("analyst", relation)):
                Report.objects.count()


@contextmanager
def handler(kind: str, work: registry.Handler) -> Iterator[None]:
    registry.register_job(kind, work)
    try:
        yield
    finally:
        registry._handlers.pop(kind)


def test_a_job_reads_as_its_owner(cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    def count(job: Job, actor: Actor, report: registry.Progress) -> dict[str, Any]:
        return {"found": Report.objects.count()}

    with handler("test.count", count), django_capture_on_commit_callbacks(execute=True):
        job = services.submit(cast.actor("reporter", "descendant"), "test.count", {})
    job.refresh_from_db()
    assert job.result == {"found": 1}


def test_a_request_reads_as_who_signed_in_and_leaves_nobody(cast: Cast) -> None:
    told: list[str] = []
    user = cast.user("analyst", "own")

    def view(request: HttpRequest) -> StreamingHttpResponse:
        told.append(reader())
        return StreamingHttpResponse(str(Report.objects.count()) for _ in range(2))

    request = HttpRequest()
    request.user = user
    response: Any = ActorMiddleware(view)(request)  # type: ignore[arg-type]
    assert told == [f"user:{user.pk}"]
    assert reader() == "system"
    # Rows of a stream are read when it is sent, and still for whom it is.
    assert b"".join(response.streaming_content) == b"33"
    assert reader() == "system"


def test_over_http_a_request_that_breaks_off_leaves_the_reader_of_before(cast: Cast) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.user("analyst", "own"))
    client.get("/reports/no-such-page/")
    assert reader() == "system"
    assert Report.objects.count() == len(PLACES)


# -- cost ------------------------------------------------------------------------------------------------


def test_what_a_reader_reaches_is_worked_out_once_a_statement(cast: Cast) -> None:
    with reading_as(cast.actor("analyst", "ancestor")):
        plan = rows("EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) SELECT * FROM reporting_cell")[0][0]
    found = plan if isinstance(plan, list) else json.loads(plan)
    functions = [node for node in nodes(found[0]["Plan"]) if "jingtu_reach()" in str(node.get("Output"))]
    assert functions
    assert {node["Actual Loops"] for node in functions} == {1}
    assert {node["Parent Relationship"] for node in functions} == {"InitPlan"}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)
