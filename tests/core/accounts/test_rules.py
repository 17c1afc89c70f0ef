"""Roles, separation of duties, periods, lockout: tables of cases."""

from __future__ import annotations

import datetime as dt

import pytest

from jingtu.core.accounts import rules
from jingtu.core.accounts.rules import Role
from jingtu.core.kernel.actor import Permission

DAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize("role", sorted(rules.ADMINISTRATIVE))
def test_administrators_get_no_business_data(role: Role) -> None:
    business = {
        Permission.FACTS_READ,
        Permission.FACTS_IMPORT,
        Permission.DRAFTS_READ,
        Permission.RUNS_PREPARE,
        Permission.RUNS_APPROVE,
        Permission.RESULTS_READ,
        Permission.SMALL_CELLS_READ,
    }
    assert not rules.permissions_of(role) & business


def test_nobody_who_prepares_runs_approves_them_by_the_same_role() -> None:
    both = {Permission.RUNS_PREPARE, Permission.RUNS_APPROVE}
    assert not [role for role in Role if both <= rules.permissions_of(role)]


def test_every_permission_belongs_to_a_role() -> None:
    assert set(Permission) == frozenset().union(*rules.ROLE_PERMISSIONS.values())


@pytest.mark.parametrize(
    "role, module, permission, allowed",
    [
        (Role.ANALYST, "", Permission.RUNS_PREPARE, True),
        (Role.ANALYST, "assessment", Permission.RUNS_PREPARE, True),
        (Role.ANALYST, "facts", Permission.RUNS_PREPARE, False),
        (Role.ANALYST, "facts", Permission.FACTS_IMPORT, True),
        (Role.ANALYST, "unheard-of", Permission.FACTS_IMPORT, False),
        ("unheard-of", "", Permission.RESULTS_READ, False),
    ],
)
def test_a_module_narrows_a_role(role: str, module: str, permission: Permission, allowed: bool) -> None:
    assert (permission in rules.permissions_of(role, module)) is allowed


@pytest.mark.parametrize(
    "role, held, code",
    [
        (Role.AUDITOR, [], None),
        (Role.AUDITOR, [Role.SYSTEM_ADMINISTRATOR], "accounts.two_administrators"),
        (Role.AUDITOR, [Role.AUDITOR], "accounts.two_administrators"),
        (Role.SECURITY_ADMINISTRATOR, [Role.VIEWER], "accounts.administrator_with_business"),
        (Role.VIEWER, [Role.SECURITY_ADMINISTRATOR], "accounts.administrator_with_business"),
        (Role.REVIEWER, [Role.ANALYST, Role.VIEWER], None),
    ],
)
def test_separation_of_duties(role: Role, held: list[Role], code: str | None) -> None:
    assert [problem.code for problem in rules.separation_problems(role, held)] == ([code] if code else [])


@pytest.mark.parametrize(
    "start, end, ended, state",
    [
        (DAY, None, False, "in_force"),
        (DAY, DAY, False, "in_force"),
        (DAY + dt.timedelta(1), None, False, "future"),
        (DAY - dt.timedelta(9), DAY - dt.timedelta(1), False, "expired"),
        (DAY, None, True, "ended"),
    ],
)
def test_a_post_counts_on_both_its_boundary_days(
    start: dt.date, end: dt.date | None, ended: bool, state: str
) -> None:
    assert rules.post_state(start, end, ended, DAY) == state


@pytest.mark.parametrize(
    "failures, minutes", [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (400, 60)]
)
def test_the_lock_grows_with_every_failure_up_to_an_hour(failures: int, minutes: int) -> None:
    assert rules.lock_duration(failures) == dt.timedelta(minutes=minutes)


@pytest.mark.parametrize("seconds, minutes", [(0, 1), (1, 1), (60, 1), (61, 2), (3600, 60)])
def test_the_wait_is_told_in_whole_minutes_rounded_up(seconds: int, minutes: int) -> None:
    assert rules.minutes_left(dt.timedelta(seconds=seconds)) == minutes


@pytest.mark.parametrize(
    "actor, target, allowed",
    [
        ({Role.SYSTEM_ADMINISTRATOR}, {Role.ANALYST}, True),
        ({Role.SYSTEM_ADMINISTRATOR}, set(), True),
        ({Role.SYSTEM_ADMINISTRATOR}, {Role.AUDITOR}, False),
        ({Role.SYSTEM_ADMINISTRATOR}, {Role.SECURITY_ADMINISTRATOR}, False),
        ({Role.SECURITY_ADMINISTRATOR}, {Role.SYSTEM_ADMINISTRATOR}, True),
        ({Role.SECURITY_ADMINISTRATOR}, {Role.ANALYST}, False),
        ({Role.AUDITOR}, {Role.ANALYST}, False),
        (set(), set(), False),
    ],
)
def test_who_may_reset_and_suspend_whom(actor: set[Role], target: set[Role], allowed: bool) -> None:
    assert rules.may_control_account(actor, target) is allowed


@pytest.mark.parametrize(
    "role, module, region, unit, end, codes",
    [
        (Role.ANALYST, "", True, False, None, []),
        (Role.ANALYST, "", False, False, None, ["accounts.region_needed"]),
        (Role.AUDITOR, "", False, False, None, []),
        (Role.AUDITOR, "", True, False, None, ["accounts.region_not_used"]),
        (Role.AUDITOR, "facts", False, False, None, ["accounts.region_not_used"]),
        (Role.VIEWER, "facts", True, False, None, ["accounts.module_empty"]),
        (Role.VIEWER, "", True, True, DAY - dt.timedelta(1), ["accounts.period_reversed"]),
        (Role.VIEWER, "", True, True, DAY, []),
    ],
)
def test_a_post_in_itself(
    role: Role, module: str, region: bool, unit: bool, end: dt.date | None, codes: list[str]
) -> None:
    found = rules.post_problems(role, module, region, unit, DAY, end)
    assert [problem.code for problem in found] == codes


@pytest.mark.parametrize(
    "first, second, overlap",
    [
        ((DAY, None), (DAY + dt.timedelta(99), None), True),
        ((DAY, DAY), (DAY, DAY), True),
        ((DAY, DAY), (DAY + dt.timedelta(1), None), False),
    ],
)
def test_periods_overlap_when_they_share_a_day(
    first: tuple[dt.date, dt.date | None], second: tuple[dt.date, dt.date | None], overlap: bool
) -> None:
    assert rules.periods_overlap(first, second) is overlap
    assert rules.periods_overlap(second, first) is overlap
