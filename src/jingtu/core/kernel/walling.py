"""Raising the second wall in a migration: which rows of a table PostgreSQL shows, and lets be written, to whom.

A covered table names the columns that lead to a region; its rows exist only for readers with a post in force over that
region, today (``jingtu_reach`` and its like, made by ``core.accounts``), for persons named in it, and for the system.
That is coarse on purpose: what a post allows inside its area stays with the queries. A part of a covered thing follows
its whole. The owner of the tables, which the application is, is bound too (``FORCE``).

    operations = [Protect("reporting_report", regions=("region_id",)), ProtectPart("reporting_cell", "report_id", "reporting_report")]

Nothing happens on SQLite. Undoing the migration takes the wall down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.migrations import Migration
from django.db.migrations.operations import RunSQL

POLICY = "jingtu_wall"

EVERYTHING = "(SELECT jingtu_sees_all())"

# What the reader reaches is worked out once a statement; each row then costs one look at its region by key. Scalar
# sub-selects, not EXISTS: that one the planner turns into a list of all regions of the country after some dozen rows.
PLACE = """(
    (SELECT place.tree_id * 4294967296 + place.position FROM regions_region place WHERE place.id = {table}.{column})
        <@ (SELECT {reach}())
)"""
ENDED = "{table}.{column} = ANY ((SELECT jingtu_ended())::bigint[])"
PERSON = "{table}.{column} = (SELECT jingtu_reader_id())"
WHOLE = "(SELECT true FROM {whole} whole WHERE whole.id = {table}.{column})"


class OnPostgres(RunSQL):
    """Statements for PostgreSQL; other databases have nothing to do."""

    reversible = True

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class Protect(OnPostgres):
    """Rows of ``table`` are there for who holds a post over one of the regions they name, and for the ``persons`` they
    name. ``reaches``: functions that tell, as ``jingtu_reach`` does, where else the reader reaches this table."""

    def __init__(
        self, table: str, *, regions: Sequence[str], persons: Sequence[str] = (), reaches: Sequence[str] = ()
    ) -> None:
        self.table, self.regions, self.persons, self.reaches = table, regions, persons, reaches
        conditions = [
            EVERYTHING,
            *(PERSON.format(table=table, column=column) for column in persons),
            *(
                PLACE.format(table=table, column=column, reach=reach)
                for column in regions
                for reach in ("jingtu_reach", *reaches)
            ),
            *(ENDED.format(table=table, column=column) for column in regions),
        ]
        super().__init__(raise_wall(table, conditions), take_down(table))

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        given = {"regions": self.regions, "persons": self.persons, "reaches": self.reaches}
        return self.__class__.__qualname__, [self.table], given

    def describe(self) -> str:
        return f"Keep the rows of {self.table} from readers without a post over their place"


class ProtectPart(OnPostgres):
    """Rows of ``table`` are there for whoever reads the row of ``whole`` that ``column`` leads to."""

    def __init__(self, table: str, column: str, whole: str) -> None:
        self.table, self.column, self.whole = table, column, whole
        conditions = [EVERYTHING, WHOLE.format(table=table, column=column, whole=whole)]
        super().__init__(raise_wall(table, conditions), take_down(table))

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.table, self.column, self.whole], {}

    def describe(self) -> str:
        return f"Keep the rows of {self.table} from whoever does not read their {self.whole}"


def raise_wall(table: str, conditions: Sequence[str]) -> str:
    """The statements that cover a table."""
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n"
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"
        f"CREATE POLICY {POLICY} ON {table} USING (\n" + "\nOR ".join(conditions) + "\n);"
    )


def take_down(table: str) -> str:
    """The statements that uncover it."""
    return (
        f"DROP POLICY {POLICY} ON {table};\n"
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;\n"
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
    )


def covered_tables(migrations: Iterable[Migration]) -> set[str]:
    """The tables that migrations cover."""
    return {
        operation.table
        for migration in migrations
        for operation in migration.operations
        if isinstance(operation, Protect | ProtectPart)
    }
