"""Roles, what they allow, who may hold which together, and the rules of passwords and lockout."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.kernel.actor import Permission as P
from jingtu.engine.problems import Problem, register_texts


class Role(StrEnum):
    """What a post is for."""

    SYSTEM_ADMINISTRATOR = "system_administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDITOR = "auditor"
    ANALYST = "analyst"
    REVIEWER = "reviewer"
    LEADER = "leader"
    SECRETARY = "secretary"
    REPORTER = "reporter"
    VIEWER = "viewer"


# Separation of the three administrators: GB/T 22239-2019 8.1.5 (system, audit and security management).
ADMINISTRATIVE = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR})
BUSINESS = frozenset(Role) - ADMINISTRATIVE

ROLE_PERMISSIONS: dict[Role, frozenset[P]] = {
    Role.SYSTEM_ADMINISTRATOR: frozenset(
        {
            P.ACCOUNTS_READ,
            P.ACCOUNTS_MANAGE,
            P.REGIONS_MANAGE,
            P.CATALOGUE_DRAFT,
            P.CATALOGUE_MANAGE,
            P.DOCUMENTS_MANAGE,
            P.SYSTEM_MAINTAIN,
        }
    ),
    Role.SECURITY_ADMINISTRATOR: frozenset({P.ACCOUNTS_READ, P.POSTS_GRANT, P.POSTS_CONFIRM}),
    Role.AUDITOR: frozenset({P.ACCOUNTS_READ, P.AUDIT_READ}),
    Role.ANALYST: frozenset(
        {
            P.RESULTS_READ,
            P.FACTS_READ,
            P.FACTS_IMPORT,
            P.DRAFTS_READ,
            P.RUNS_PREPARE,
            P.CATALOGUE_DRAFT,
            P.TARGETS_MANAGE,
            P.ENTRIES_FILE,
            P.SMALL_CELLS_READ,
            P.DOCUMENTS_MANAGE,
            P.NUMBERS_READ,
            P.NUMBERS_MANAGE,
            P.APPEALS_FILE,
            P.APPEALS_EXAMINE,
            P.SCHEDULES_READ,
            P.SCHEDULES_MANAGE,
            P.FORMS_REVIEW,
            P.ALERTS_HANDLE,
            P.ALERTS_DISMISS,
            P.DUTIES_READ,
            P.LETTERS_SIGN,
        }
    ),
    Role.REVIEWER: frozenset(
        {
            P.RESULTS_READ,
            P.FACTS_READ,
            P.DRAFTS_READ,
            P.RUNS_APPROVE,
            P.SMALL_CELLS_READ,
            P.NUMBERS_READ,
            P.APPEALS_EXAMINE,
            P.APPEALS_DECIDE,
            P.SCHEDULES_READ,
            P.FORMS_REVIEW,
            P.ALERTS_HANDLE,
            P.ALERTS_DISMISS,
            P.DUTIES_READ,
            P.LETTERS_SIGN,
        }
    ),
    Role.LEADER: frozenset(
        {
            P.POSTS_CONFIRM,
            P.RESULTS_READ,
            P.FACTS_READ,
            P.ALERTS_HANDLE,
            P.ALERTS_DISMISS,
            P.DUTIES_READ,
            P.LETTERS_SIGN,
            P.SUPERVISION_ISSUE,
            P.DUTY_REPORTS_READ,
            P.MEASURES_READ,
            P.MEASURES_DECIDE,
            P.MEASURES_REPLY,
            P.LISTINGS_DECIDE,
        }
    ),
    # The office's own staff: keeps plans, meetings and files of accountability, decides on none of them.
    Role.SECRETARY: frozenset(
        {
            P.RESULTS_READ,
            P.DOCUMENTS_MANAGE,
            P.DUTIES_READ,
            P.BODIES_MANAGE,
            P.PLANS_MANAGE,
            P.TASKS_REPORT,
            P.LETTERS_MANAGE,
            P.LETTERS_SIGN,
            P.MEETINGS_MANAGE,
            P.SUPERVISION_ISSUE,
            P.SUPERVISION_ANSWER,
            P.DUTY_REPORTS_READ,
            P.MEASURES_READ,
            P.MEASURES_PREPARE,
            P.MEASURES_REPLY,
            P.LISTINGS_PREPARE,
        }
    ),
    # Whoever reports a figure settles its alert but does not wave it away.
    Role.REPORTER: frozenset(
        {
            P.RESULTS_READ,
            P.FACTS_READ,
            P.FACTS_IMPORT,
            P.APPEALS_FILE,
            P.ENTRIES_FILE,
            P.FORMS_FILL,
            P.ALERTS_HANDLE,
            P.DUTIES_READ,
            P.TASKS_REPORT,
            P.LETTERS_SIGN,
            P.SUPERVISION_ANSWER,
            P.MEASURES_REPLY,
        }
    ),
    Role.VIEWER: frozenset({P.RESULTS_READ}),
}


# Posts that change nothing and open nothing beyond published results are given by one person.
GIVEN_BY_ONE = frozenset({Role.VIEWER})


def needs_second_person(role: str) -> bool:
    """Whether giving, extending, moving or ending a post of this role needs four eyes."""
    return role not in GIVEN_BY_ONE


class Module(StrEnum):
    """A part of the system that a post may be limited to; a post without module opens all its role allows."""

    ASSESSMENT = "assessment"
    FACTS = "facts"
    DOCUMENTS = "documents"
    DUTIES = "duties"
    ACCOUNTABILITY = "accountability"


MODULE_PERMISSIONS: dict[Module, frozenset[P]] = {
    Module.ASSESSMENT: frozenset(
        {
            P.RESULTS_READ,
            P.DRAFTS_READ,
            P.RUNS_PREPARE,
            P.RUNS_APPROVE,
            P.CATALOGUE_DRAFT,
            P.TARGETS_MANAGE,
            P.ENTRIES_FILE,
            P.FACTS_READ,
            P.SMALL_CELLS_READ,
            P.NUMBERS_READ,
            P.NUMBERS_MANAGE,
            P.APPEALS_FILE,
            P.APPEALS_EXAMINE,
            P.APPEALS_DECIDE,
            P.SCHEDULES_READ,
            P.SCHEDULES_MANAGE,
            P.ALERTS_HANDLE,
            P.ALERTS_DISMISS,
        }
    ),
    Module.FACTS: frozenset({P.FACTS_READ, P.FACTS_IMPORT, P.FORMS_FILL, P.FORMS_REVIEW}),
    Module.DOCUMENTS: frozenset({P.DOCUMENTS_MANAGE}),
    Module.DUTIES: frozenset(
        {
            P.DUTIES_READ,
            P.BODIES_MANAGE,
            P.PLANS_MANAGE,
            P.TASKS_REPORT,
            P.LETTERS_MANAGE,
            P.LETTERS_SIGN,
            P.MEETINGS_MANAGE,
            P.SUPERVISION_ISSUE,
            P.SUPERVISION_ANSWER,
            P.DUTY_REPORTS_READ,
        }
    ),
    Module.ACCOUNTABILITY: frozenset(
        {
            P.MEASURES_READ,
            P.MEASURES_PREPARE,
            P.MEASURES_DECIDE,
            P.MEASURES_REPLY,
            P.LISTINGS_PREPARE,
            P.LISTINGS_DECIDE,
        }
    ),
}

register_texts(
    {
        "accounts.two_administrators": (
            "同一人不得兼任系统管理员、安全管理员、审计员中的两种，请先终止其现有管理岗位。",
            "Nobody may hold two of system administrator, security administrator and auditor; "
            "end the present administrative post first.",
        ),
        "accounts.administrator_with_business": (
            "管理员不得兼任业务岗位：管理岗位与业务岗位须由不同的人担任。",
            "Administrators hold no business posts: these must be different people.",
        ),
        "accounts.post_held_already": (
            "该用户已有相同的岗位，有效期重叠。",
            "The user holds the same post already in an overlapping period.",
        ),
        "accounts.own_post": (
            "不得为自己授予或终止岗位，请由另一位安全管理员办理。",
            "Nobody grants or ends posts of their own; ask another security administrator.",
        ),
        "accounts.region_needed": ("业务岗位必须指定区划范围。", "A business post needs a region."),
        "accounts.region_not_used": (
            "管理岗位面向全系统，不设区划、单位或模块范围。",
            "An administrative post covers the whole system: no region, unit or module.",
        ),
        "accounts.period_reversed": ("截止日期不得早于起始日期。", "The last day lies before the first day."),
        "accounts.module_empty": (
            "该角色在此模块中没有任何权限，请选择其他模块或留空。",
            "This role allows nothing in that module; choose another or leave it empty.",
        ),
    }
)


def permissions_of(role: str, module: str = "") -> frozenset[P]:
    """What a role allows, limited to a module when one is named; nothing for an unknown role or module."""
    try:
        allowed = ROLE_PERMISSIONS[Role(role)]
        return allowed & MODULE_PERMISSIONS[Module(module)] if module else allowed
    except ValueError:
        return frozenset()


class PostState(StrEnum):
    """Where a post stands on a day."""

    FUTURE = "future"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    ENDED = "ended"
    SUSPENDED = "suspended"


def post_state(valid_from: dt.date, valid_to: dt.date | None, ended: bool, day: dt.date) -> PostState:
    """The state of a post on ``day``; both its dates are inclusive."""
    if ended:
        return PostState.ENDED
    if day < valid_from:
        return PostState.FUTURE
    if valid_to is not None and valid_to < day:
        return PostState.EXPIRED
    return PostState.IN_FORCE


def separation_problems(role: Role, held: Iterable[Role]) -> list[Problem]:
    """Why somebody who holds ``held`` (now or later) may not be given ``role`` as well; empty when allowed."""
    others = set(held)
    if role in ADMINISTRATIVE:
        if others & ADMINISTRATIVE:
            return [Problem("accounts.two_administrators")]
        if others & BUSINESS:
            return [Problem("accounts.administrator_with_business")]
    elif others & ADMINISTRATIVE:
        return [Problem("accounts.administrator_with_business")]
    return []


def post_problems(
    role: Role, module: str, has_region: bool, has_unit: bool, valid_from: dt.date, valid_to: dt.date | None
) -> list[Problem]:
    """What is wrong with a post in itself, apart from its holder."""
    found = []
    if role in ADMINISTRATIVE:
        if has_region or has_unit or module:
            found.append(Problem("accounts.region_not_used", column="region"))
    elif not has_region:
        found.append(Problem("accounts.region_needed", column="region"))
    if module and role not in ADMINISTRATIVE and not permissions_of(role, module):
        found.append(Problem("accounts.module_empty", column="module"))
    if valid_to is not None and valid_to < valid_from:
        found.append(Problem("accounts.period_reversed", column="valid_to"))
    return found


def periods_overlap(first: tuple[dt.date, dt.date | None], second: tuple[dt.date, dt.date | None]) -> bool:
    """Whether two periods of inclusive days share a day; None is without end."""
    return (first[1] is None or second[0] <= first[1]) and (second[1] is None or first[0] <= second[1])


def may_control_account(actor_roles: Collection[Role], target_roles: Collection[Role]) -> bool:
    """Who may suspend, activate or give a new password to whom.

    The system administrator looks after ordinary users but cannot lock out or take over those who
    watch over him: accounts of administrators are in the hands of the security administrator.
    """
    if set(target_roles) & ADMINISTRATIVE:
        return Role.SECURITY_ADMINISTRATOR in actor_roles
    return Role.SYSTEM_ADMINISTRATOR in actor_roles


# The more particular name first: Edge calls itself Chrome, Chrome calls itself Safari, Android calls itself Linux.
_BROWSERS = (
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("MicroMessenger", "微信"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_label(user_agent: str) -> str:
    """Browser and system that a browser says it is, for its owner to know it again; empty when unknown."""
    found = [
        next((name for sign, name in known if sign in user_agent), "") for known in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(name for name in found if name)


@dataclass(frozen=True)
class Rate:
    """How often a door may be passed: ``burst`` at once, then ``per_second``."""

    burst: int
    per_second: float


_SECONDS = {"s": 1, "m": 60, "h": 3600}


def parse_rate(text: str) -> Rate:
    """``60/m``: sixty at once, refilled at sixty a minute (s, m, h). Raises ValueError."""
    number, slash, unit = text.strip().partition("/")
    if not slash or unit not in _SECONDS or not number.isdigit() or int(number) < 1:
        raise ValueError(f"{text!r} is no rate such as 60/m")
    return Rate(int(number), int(number) / _SECONDS[unit])


def refilled(rate: Rate, tokens: float, seconds: float) -> float:
    """What a bucket holds after some time without use."""
    return min(float(rate.burst), tokens + max(0.0, seconds) * rate.per_second)


FETCHED_SHARE = 50


def taken_at_once(rate: Rate) -> int:
    """How many tokens one process fetches from the shared bucket: a fiftieth of it, at least one."""
    return max(1, rate.burst // FETCHED_SHARE) if rate.burst > 2 * FETCHED_SHARE else 1


FREE_FAILURES = 5
FAILURES_OF_AN_ADDRESS_PER_FAILURE = 20
LONGEST_LOCK = dt.timedelta(hours=1)


def lock_duration(failures: int) -> dt.timedelta:
    """How long sign-in stays closed after the last of ``failures`` wrong passwords in a row.

    One minute after the fifth, doubling with each further one up to an hour.
    """
    if failures < FREE_FAILURES:
        return dt.timedelta(0)
    doubled = min(failures - FREE_FAILURES, 10)
    return min(dt.timedelta(minutes=2**doubled), LONGEST_LOCK)


def minutes_left(remaining: dt.timedelta) -> int:
    """Whole minutes to tell somebody to wait, rounded up, at least one."""
    return max(1, -int(-remaining.total_seconds() // 60))
