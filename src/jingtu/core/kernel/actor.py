"""Who acts: the protocol every service and query asks for, and permissions by name.

The kernel knows no user model; ``core.accounts`` supplies actors for people, and
:data:`SYSTEM` acts for the machine itself (set-up, recovery at restart), never on behalf of a request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from jingtu.core.kernel.errors import NotFound, PermissionDenied


class Permission(StrEnum):
    """What a post may do inside its region subtree. Roles map to these in ``core.accounts.rules``."""

    REGIONS_MANAGE = "regions.manage"
    ACCOUNTS_READ = "accounts.read"
    ACCOUNTS_MANAGE = "accounts.manage"  # create and suspend users
    POSTS_GRANT = "posts.grant"  # give and end posts
    POSTS_CONFIRM = "posts.confirm"  # be the second person for posts
    AUDIT_READ = "audit.read"
    SYSTEM_MAINTAIN = "system.maintain"
    CATALOGUE_DRAFT = "catalogue.draft"  # draw up the next version of the catalogue
    CATALOGUE_MANAGE = "catalogue.manage"  # bring definitions in force
    DOCUMENTS_MANAGE = "documents.manage"
    FACTS_READ = "facts.read"
    FACTS_IMPORT = "facts.import"
    FORMS_FILL = "forms.fill"  # fill in report forms of the own region
    FORMS_REVIEW = "forms.review"  # review, return and accept what was filled in
    DRAFTS_READ = "drafts.read"
    RUNS_PREPARE = "runs.prepare"
    RUNS_APPROVE = "runs.approve"
    TARGETS_MANAGE = "targets.manage"  # set dated targets and trajectories, bring in survey results
    ENTRIES_FILE = "entries.file"  # enter bonus and deduction points with evidence
    RESULTS_READ = "results.read"
    NUMBERS_READ = "numbers.read"
    NUMBERS_MANAGE = "numbers.manage"
    APPEALS_FILE = "appeals.file"  # dispute a number of one's own region
    APPEALS_EXAMINE = "appeals.examine"
    APPEALS_DECIDE = "appeals.decide"
    SCHEDULES_READ = "schedules.read"
    SCHEDULES_MANAGE = "schedules.manage"
    ALERTS_HANDLE = "alerts.handle"  # acknowledge, take in hand, resolve
    ALERTS_DISMISS = "alerts.dismiss"  # put off, dismiss, reopen, assign
    DUTIES_READ = "duties.read"  # bodies, plans, letters, meetings and supervision of one's own area
    BODIES_MANAGE = "bodies.manage"  # committees, groups, teams and their members
    PLANS_MANAGE = "plans.manage"  # draw up plans, break tasks down, hand over, accept what was done
    TASKS_REPORT = "tasks.report"  # report on tasks of the own region or unit
    LETTERS_MANAGE = "letters.manage"  # draw up and issue letters of responsibility
    LETTERS_SIGN = "letters.sign"  # sign a letter addressed to oneself
    MEETINGS_MANAGE = "meetings.manage"
    SUPERVISION_ISSUE = "supervision.issue"  # ask for late work by notice, accept or return the answer
    SUPERVISION_ANSWER = "supervision.answer"
    DUTY_REPORTS_READ = "duty_reports.read"  # others' duty reports; comment on them
    MEASURES_READ = "measures.read"  # proposals and measures of accountability
    MEASURES_PREPARE = "measures.prepare"  # put proposals before who decides, keep the file of a measure
    MEASURES_DECIDE = "measures.decide"
    MEASURES_REPLY = "measures.reply"  # answer a notice addressed to the own region or unit
    LISTINGS_PREPARE = "listings.prepare"
    LISTINGS_DECIDE = "listings.decide"
    SMALL_CELLS_READ = "small_cells.read"  # exact person-based counts below the limit


@dataclass(frozen=True)
class Scope:
    """A subtree of a named region tree: the root region's own id. ``tree_id`` repeats its tree.

    ``first`` and ``last`` are its positions in today's tree, None for a region that has ended.
    """

    tree_id: int
    region_id: int
    first: int | None = field(default=None, compare=False)
    last: int | None = field(default=None, compare=False)


class Actor(Protocol):
    """Somebody (or the system) on whose behalf something is read or written."""

    @property
    def actor_id(self) -> str:
        """Stable over time: ``user:12`` or ``system``."""

    @property
    def label(self) -> str:
        """How the audit trail names the actor."""

    @property
    def language(self) -> Literal["zh", "en"]: ...

    def can(self, permission: Permission, region_id: int | None = None) -> bool:
        """Whether a valid post grants ``permission`` over the region (over any region when None)."""

    def scopes(self, permission: Permission) -> Iterable[Scope]:
        """The subtrees over which ``permission`` holds today."""


class SystemActor:
    """The machine itself: may do everything, and the audit trail says "system"."""

    actor_id = "system"
    label = "系统"
    language: Literal["zh", "en"] = "zh"
    unrestricted = True

    def can(self, permission: Permission, region_id: int | None = None) -> bool:
        return True

    def scopes(self, permission: Permission) -> Iterable[Scope]:
        return ()


SYSTEM = SystemActor()


def user_id_of(actor: Actor) -> int | None:
    """The user's own id behind an actor, None for the system."""
    kind, _, number = actor.actor_id.partition(":")
    return int(number) if kind == "user" else None


def person_behind(actor: Actor, permission: Permission) -> int:
    """The user's own id behind an actor who does what only people do. Raises PermissionDenied for the machine."""
    person = user_id_of(actor)
    if person is None:
        raise PermissionDenied(permission)
    return person


_finders: list[Callable[[str], Actor]] = []


def register_finder(find: Callable[[str], Actor]) -> None:
    """Say how actors are found by user name; the app that has users does so once, when it starts."""
    _finders[:] = [find]


def actor_named(username: str) -> Actor:
    """The actor for a user name, with that user's rights. Raises NotFound."""
    if not _finders:
        raise NotFound(username, "user")
    return _finders[0](username)
