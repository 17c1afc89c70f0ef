"""Every table about a place stands behind the second wall, or says here why not; and so does every way past the wall."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader
from pytest_django import Settings

from jingtu.core.kernel.walling import Protect, ProtectPart, covered_tables
from jingtu.core.regions.models import Region

SOURCE = Path(__file__).resolve().parents[2] / "src" / "jingtu"

TREES = "the trees themselves, readable by everybody who is signed in"
RULES = "rules and patterns an office sets for the places below it, which read them"
ACCOUNTS = "what the wall itself asks: who holds which post where"
PUBLISHED = "results are read beyond one's own area once they are published"
UPWARD = "read along the chain of a plan or a meeting, whose parts lie at several places, and by persons named in it"
CARRIED = "files, jobs, batches and numbers are opened through what they belong to"
SHARED = "set up by an office and used by the places it works with"

OPEN = {
    "accounts_post": ACCOUNTS,
    "accounts_postreview": ACCOUNTS,
    "accounts_unit": ACCOUNTS,
    "bodies_body": UPWARD,
    "bulletins_distributionentry": SHARED,
    "bulletins_distributionlist": SHARED,
    "documents_normativedocument": "normative documents are readable by everybody who is signed in",
    "dutyreports_dutyreport": UPWARD,
    "dutyreports_unitevaluation": PUBLISHED,
    "facts_factbatch": CARRIED,
    "facts_factimport": CARRIED,
    "files_storedfile": CARRIED,
    "indicators_draftimpact": "what a draft of the catalogue would change in published results, read by those who draw it up",
    "jobs_job": CARRIED,
    "letters_letter": UPWARD,
    "letters_lettertemplate": RULES,
    "letters_partner": SHARED,
    "listings_designation": RULES,
    "listings_ruleset": RULES,
    "listings_venue": "names and addresses of venues; what was done about one stands in covered listings",
    "measures_ladder": RULES,
    "measures_quarterbulletin": PUBLISHED,
    "measures_rule": RULES,
    "meetings_decision": UPWARD,
    "meetings_meeting": UPWARD,
    "meetings_series": UPWARD,
    "numbering_numberseries": SHARED,
    "outputs_sheet": PUBLISHED,
    "plans_plan": UPWARD,
    "plans_task": UPWARD,
    "regions_region": TREES,
    "regions_regionalias": TREES,
    "regions_regionchange": TREES,
    "regions_regionsuccession": TREES,
    "regions_regionversion": TREES,
    "reporting_reminder": "when whom was reminded of a form; no figure",
    "runs_releaserule": RULES,
    "runs_run": PUBLISHED,
    "runs_runfinding": PUBLISHED,
    "runs_runplace": PUBLISHED,
    "saved_savedview": "a search and whom it is shared with; what it finds is decided anew for each reader",
    "schedules_schedule": SHARED,
    "situation_situationreport": PUBLISHED,
    "surveys_result": PUBLISHED,
    "surveys_wave": PUBLISHED,
    "targets_target": "targets of superiors are read by the places held to them",
    "targets_trajectory": "trajectories of superiors are read by the places held to them",
}

PASSAGES = {
    "assessment/alerts/services/sweeping.py": [
        "a run raises the alerts of all its places, whoever computed or signed it",
        "alerts fall due at every place, for whoever lets time pass",
    ],
    "assessment/appeals/queries.py": [
        "which figures were corrected by appeal is the same in every run that counts them",
        "what holds a run back is the same for everybody who is told of it",
        "a bulletin says how many appeals there were, to every reader of the run",
    ],
    "assessment/reporting/derivation.py": [
        "a derived figure is the same for everybody who fills in the form"
    ],
    "assessment/reporting/visibility.py": ["who stands in at a place is told of its form, whoever reminds"],
    "assessment/runs/snapshots.py": ["a run counts the same entries whoever computes it or looks at it"],
    "assessment/schedules/services/rounds.py": [
        "what came in for a schedule is the same whoever lets time pass"
    ],
    "core/jobs/timers.py": ["what falls due falls due at every place"],
    "core/kernel/postgresql/base.py": ["migrations move the rows of all places"],
    "core/regions/hooks.py": ["a change of regions takes along what hangs on them, whoever records it"],
    "portal/cli/demo.py": ["the demonstration is laid out at every place"],
}


@pytest.fixture(autouse=True)
def with_migrations(settings: Settings) -> None:
    """Also where the tables of the tests were made without them."""
    settings.MIGRATION_MODULES = {}


def own_models() -> Iterator[type[models.Model]]:
    return (model for model in apps.get_models() if model.__module__.startswith("jingtu."))


def foreign(model: type[models.Model]) -> Iterator[tuple[str, type[models.Model]]]:
    """The columns that lead to other rows, and to which model."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            leads_to = field.related_model
            yield field.column, model if isinstance(leads_to, str) else leads_to


def covered() -> set[str]:
    return covered_tables(MigrationLoader(None).disk_migrations.values())


def test_every_table_about_a_place_is_covered_or_says_why_not() -> None:
    about = {
        model._meta.db_table
        for model in own_models()
        if any(leads_to is Region for _, leads_to in foreign(model))
    }
    assert about - covered() == set(OPEN)
    assert not covered() & set(OPEN)


def test_no_part_of_a_covered_thing_is_open() -> None:
    tables = covered()
    assert (
        not {
            model._meta.db_table
            for model in own_models()
            if any(leads_to._meta.db_table in tables for _, leads_to in foreign(model))
        }
        - tables
    )


def test_the_wall_names_columns_that_lead_where_it_says() -> None:
    keys = {
        (model._meta.db_table, column): leads_to._meta.db_table
        for model in own_models()
        for column, leads_to in foreign(model)
    }
    for migration in MigrationLoader(None).disk_migrations.values():
        for operation in migration.operations:
            if isinstance(operation, Protect):
                assert {keys[operation.table, column] for column in operation.regions} == {"regions_region"}
                assert {keys[operation.table, column] for column in operation.persons} <= {"accounts_user"}
            elif isinstance(operation, ProtectPart):
                assert keys[operation.table, operation.column] == operation.whole


def test_every_way_past_the_wall_is_listed_with_its_reason() -> None:
    found = {
        path.relative_to(SOURCE).as_posix(): re.findall(r'reading_as_system\(\s*"([^"]+)"', text)
        for path in SOURCE.rglob("*.py")
        if "reading_as_system(" in (text := path.read_text(encoding="utf-8")) and path.name != "wall.py"
    }
    assert found == PASSAGES


def test_nothing_but_the_connection_asks_who_reads() -> None:
    asking = [
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if re.search(r"kernel\.wall import [^\n]*\breader\b", path.read_text(encoding="utf-8"))
    ]
    assert asking == ["core/kernel/postgresql/base.py"]
