"""A connection that never answers anybody but the present reader.

Before a cursor is handed out, the session's reader is set where it is not the present one: whatever happened before
on a kept connection (a request that broke off, another thread's turn, a transaction taken back together with its
settings), the next statement runs for whom it is asked. This is one statement of the driver at each change of the
reader, none in between.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from django.db.backends.postgresql import base, schema
from psycopg.pq import TransactionStatus

from jingtu.core.kernel.clock import frozen_day
from jingtu.core.kernel.wall import reader, reading_as_system

SET_READER = "SELECT set_config('jingtu.reader', %s, false), set_config('jingtu.day', %s, false)"


class SchemaEditor(schema.DatabaseSchemaEditor):
    """Whoever changes the tables moves what stands in them."""

    def __enter__(self) -> SchemaEditor:
        self._wall = ExitStack()
        self._wall.enter_context(reading_as_system("migrations move the rows of all places"))
        try:
            super().__enter__()
        except BaseException:
            self._wall.close()
            raise
        return self

    def __exit__(self, *raised: Any) -> None:
        with self._wall:
            super().__exit__(*raised)


class DatabaseWrapper(base.DatabaseWrapper):
    """See the module."""

    SchemaEditorClass = SchemaEditor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What the session was told last; None where that is not certain.
        self._told: tuple[str, str] | None = None

    def get_new_connection(self, conn_params: Any) -> Any:
        self._told = None
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        wanted = (reader(), frozen_day())
        # A broken transaction takes nothing but its end, which is asked for by the cursor wanted here.
        if wanted != self._told and self.connection.info.transaction_status != TransactionStatus.INERROR:
            self._told = None
            self.connection.execute(SET_READER, wanted)
            self._told = wanted
        return super().create_cursor(name)

    # A setting made inside a transaction is taken back with it.

    def _commit(self) -> Any:
        # The COMMIT of a broken transaction is answered by a ROLLBACK, without an error.
        broken = (
            self.connection is not None
            and self.connection.info.transaction_status == TransactionStatus.INERROR
        )
        try:
            return super()._commit()  # type: ignore[misc]
        except BaseException:
            broken = True
            raise
        finally:
            if broken:
                self._told = None

    def _rollback(self) -> Any:
        self._told = None
        return super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._told = None
