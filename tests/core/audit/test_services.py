"""The chain of audit entries holds, and every tampering is found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction

from jingtu.core.audit import services
from jingtu.core.audit.context import Channel, acting_through
from jingtu.core.audit.models import AppendOnly, AuditEntry, AuditHead
from jingtu.core.audit.rules import GENESIS, Break
from jingtu.core.kernel.actor import SYSTEM, Permission
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import InvalidInput, PermissionDenied

pytestmark = pytest.mark.django_db


class Nobody:
    actor_id = "user:0"
    label = "无权者"
    language = "zh"

    def can(self, permission: Permission, region_id: int | None = None) -> bool:
        return False

    def scopes(self, permission: Permission) -> tuple[()]:
        return ()


def write(count: int) -> None:
    for number in range(1, count + 1):
        services.record(SYSTEM, "test.deed", target_type="thing", target_id=number, after={"n": number})


def run(sql: str) -> Callable[[], None]:
    """Tampering under the ORM, as somebody with the database password would do it."""

    def tamper() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return tamper


def test_an_entry_says_who_what_where_and_when() -> None:
    moment = dt.datetime(2026, 11, 22, 1, 2, 3, tzinfo=dt.UTC)
    with frozen(moment), acting_through(Channel.WEB, "10.0.0.9"):
        entry = services.record(
            SYSTEM,
            "test.deed",
            target_type="thing",
            target_id=7,
            region_id=3,
            before={"share": Decimal("1.50"), "day": dt.date(2026, 1, 2)},
            after={"share": 2.5},
            reason="试",
        )
    entry.refresh_from_db()
    assert (entry.actor_id, entry.actor_label, entry.target_id) == ("system", "系统", "7")
    assert (entry.address, entry.channel, entry.moment) == ("10.0.0.9", "web", moment)
    assert entry.before == {"share": "1.50", "day": "2026-01-02"}
    assert entry.after == {"share": "2.5"}


def test_the_chain_starts_at_nothing_and_links_each_entry_to_the_one_before() -> None:
    write(3)
    first, second, third = AuditEntry.objects.order_by("sequence")
    assert [first.prev_hash, second.prev_hash, third.prev_hash] == [GENESIS, first.hash, second.hash]
    assert services.verify(SYSTEM) == []
    assert AuditEntry.objects.first().action == "audit.verified"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "tamper, found",
    [
        ("UPDATE audit_auditentry SET reason = 'x' WHERE sequence = 2", [Break(2, "edited")]),
        ("UPDATE audit_auditentry SET actor_label = 'x' WHERE sequence = 3", [Break(3, "edited")]),
        ("DELETE FROM audit_auditentry WHERE sequence = 2", [Break(2, "missing")]),
        ("DELETE FROM audit_auditentry WHERE sequence = 4", [Break(4, "truncated")]),
        (
            "UPDATE audit_auditentry SET prev_hash = hash WHERE sequence = 3",
            [Break(3, "relinked"), Break(3, "edited")],
        ),
    ],
)
def test_verify_finds_an_edited_missing_or_reordered_entry(tamper: str, found: list[Break]) -> None:
    write(4)
    run(tamper)()
    assert services.verify(SYSTEM) == found


def test_a_tail_that_was_cut_off_with_its_head_shows_against_a_noted_entry() -> None:
    write(4)
    noted = services.head()
    third = AuditEntry.objects.get(sequence=3)
    run("DELETE FROM audit_auditentry WHERE sequence = 4")()
    run(f"UPDATE audit_audithead SET sequence = 3, hash = '{third.hash}'")()
    assert services.verify(SYSTEM) == []  # in itself the shortened chain holds
    assert services.verify(SYSTEM, str(noted)) == [Break(4, "replaced")]
    assert services.verify(SYSTEM, noted.hash) == [Break(6, "replaced")]  # by hash alone: none bears it
    assert services.verify(SYSTEM, f"3:{third.hash[:16]}") == []


def test_a_chain_written_anew_does_not_hold_the_noted_entry() -> None:
    write(3)
    noted = services.head()
    AuditEntry.objects.all().order_by("sequence")._raw_delete("default")  # type: ignore[attr-defined]
    AuditHead.objects.all().delete()
    write(5)
    assert services.verify(SYSTEM) == []
    assert services.verify(SYSTEM, str(noted)) == [Break(3, "replaced")]


@pytest.mark.parametrize("note", ["7", "abc", "1:xyz", "-1:0a1b2c3d4e5f6071"])
def test_an_unreadable_note_is_refused(note: str) -> None:
    with pytest.raises(InvalidInput):
        services.verify(SYSTEM, note)


def test_two_swapped_entries_are_found() -> None:
    write(4)
    for old, new in ((2, 99), (3, 2), (99, 3)):
        run(f"UPDATE audit_auditentry SET sequence = {new} WHERE sequence = {old}")()
    assert {found.sequence for found in services.verify(SYSTEM)} >= {2, 3}


def test_entries_cannot_be_changed_or_deleted_through_the_models() -> None:
    write(1)
    entry = AuditEntry.objects.get()
    for attempt in (
        entry.save,
        entry.delete,
        lambda: AuditEntry.objects.update(reason="x"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.bulk_update([entry], ["reason"]),
    ):
        with pytest.raises(AppendOnly):
            attempt()


def test_an_entry_of_a_deed_that_was_rolled_back_is_gone_and_leaves_no_hole() -> None:
    write(1)
    savepoint = transaction.savepoint()
    write(1)
    transaction.savepoint_rollback(savepoint)
    write(1)
    assert AuditHead.objects.get().sequence == 2
    assert services.verify(SYSTEM) == []


def test_only_readers_of_the_trail_may_verify_it() -> None:
    with pytest.raises(PermissionDenied):
        services.verify(Nobody())
