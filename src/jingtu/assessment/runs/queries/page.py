"""Everything the page of one run shows, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from jingtu.assessment.indicators.store import catalogue_of, element_name
from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.problems import Problem

from .. import changed
from ..findings import sentence_of
from ..models import Run, RunFinding, RunReview
from ..rules import HOLDING, FindingState, RunAction, RunState, Severity, allowed_actions
from ..standing import run_facts
from ..visibility import sees_as_draft
from ..words import DONE, FINDING_STATES, SEVERITIES, STATES
from .lists import get_run, runs_visible
from .since import SinceDraft, since_draft

MISSING = "check.missing"
TOGETHER = 3
"""More missing elements of one place than this are shown as one line."""
NAMED = 5
MAIN_LINE = (RunState.DRAFT, RunState.CHECKED, RunState.IN_REVIEW, RunState.PUBLISHED)


@dataclass(frozen=True)
class Step:
    """One station of the timeline."""

    state: str
    word: str | Promise
    done: bool
    current: bool


@dataclass(frozen=True)
class FindingRow:
    """A finding in words, with what was said to it. ``together``: how many missing elements of one place it
    stands for; such a row needs no answer."""

    id: int
    sentence: str
    place: str
    severity: str
    severity_word: str | Promise
    state: str
    state_word: str | Promise
    answer: str
    answered_by: str
    open: bool
    together: int = 1
    owner: str = ""


@dataclass(frozen=True)
class ReviewRow:
    """One line of the run's history."""

    word: str | Promise
    reason: str
    person: str
    at: object


@dataclass(frozen=True)
class Change:
    """One reason why a newer version would differ, in words."""

    sentence: str
    detail: str = ""


@dataclass(frozen=True)
class RunPage:
    """The page of a run. Drafts' findings, reviews and changes are empty for mere readers."""

    run: Run
    steps: Sequence[Step]
    actions: Sequence[RunAction]
    findings: Sequence[FindingRow]
    open_errors: int
    history: Sequence[ReviewRow]
    versions: Sequence[Run]
    changes: Sequence[Change]
    since: SinceDraft | None
    works_on_it: bool

    def may(self) -> dict[str, bool]:
        """Acts open to this actor, by name, for templates."""
        return {action.value: True for action in self.actions}


def run_detail(actor: Actor, run_id: int) -> RunPage:
    """The page of one run. Raises NotFound."""
    run = get_run(actor, run_id)
    works = sees_as_draft(actor, run)
    facts = run_facts(actor, run)
    findings = finding_rows(run) if works else []
    since = since_draft(actor, run) if works else None
    return RunPage(
        run=run,
        steps=_steps(run),
        actions=allowed_actions(facts),
        findings=findings,
        open_errors=facts.open_errors,
        history=_history(run) if works else [],
        versions=list(
            runs_visible(actor)
            .filter(region_id=run.region_id, level=run.level, scorecard=run.scorecard, period=run.period)
            .order_by("-version")
        ),
        changes=changes_since(run, facts=since is None) if works and run.snapshot_digest else [],
        since=since,
        works_on_it=works,
    )


def changes_since(run: Run, *, facts: bool = True) -> list[Change]:
    """What has changed since the run was computed: batches of facts (unless told apart), definitions, the tree."""
    found = changed.what_changed(run) if facts else changed.what_else_changed(run)
    return [Change(problem.text(interface_language())) for problem in found]


def _steps(run: Run) -> list[Step]:
    line = list(MAIN_LINE)
    if run.appeal_from or run.state == RunState.APPEAL:
        line.insert(line.index(RunState.PUBLISHED), RunState.APPEAL)
    if run.release_at:
        line.insert(line.index(RunState.PUBLISHED), RunState.EMBARGOED)
    if run.state in (RunState.SUPERSEDED, RunState.WITHDRAWN):
        if not run.published_at:
            line = [state for state in line if state not in (RunState.EMBARGOED, RunState.PUBLISHED)]
        line.append(RunState(run.state))
    at = line.index(RunState(run.state))
    return [Step(state.value, STATES[state], index < at, index == at) for index, state in enumerate(line)]


def finding_rows(run: Run, only: int | None = None) -> list[FindingRow]:
    """The findings of a run in words, for an actor who was found to work on it; or one of them."""
    catalogue = catalogue_of(run.catalogue)
    language = interface_language()

    rows = (
        run.findings.exclude(state=FindingState.GONE)
        .select_related("region", "answered_by", "owner", "carried_from__run")
        .order_by("severity", "region__position", "id")
    )
    if only is not None:
        rows = rows.filter(pk=only)
    found = list(rows)
    silent: dict[int | None, list[RunFinding]] = {}
    for row in found:
        if row.code == MISSING and row.state == FindingState.OPEN:
            silent.setdefault(row.region_id, []).append(row)
    # A place that is silent altogether is one line, not one for each element it owes.
    gathered = {members[0].pk: members for members in silent.values() if len(members) > TOGETHER}
    covered = {member.pk for members in gathered.values() for member in members[1:]}
    shown = []
    for row in found:
        if row.pk in covered:
            continue
        members = gathered.get(row.pk, [row])
        if len(members) > 1:
            codes = [element_name(catalogue, member.element, language) for member in members[:NAMED]]
            params: dict[str, object] = {
                "count": len(members),
                "elements": ("、" if language == "zh" else ", ").join(codes),
            }
            sentence = Problem("runs.many_missing", params).text(language)
        else:
            sentence = sentence_of(row, run, catalogue, language)
        shown.append(_finding_row(row, sentence, len(members)))
    return shown


def _finding_row(row: RunFinding, sentence: str, together: int) -> FindingRow:
    return FindingRow(
        id=row.pk,
        sentence=sentence,
        place=row.region.name if row.region else "",
        severity=row.severity,
        severity_word=SEVERITIES[Severity(row.severity)],
        state=row.state,
        state_word=FINDING_STATES[FindingState(row.state)],
        answer=row.answer,
        answered_by=row.answered_by.full_name if row.answered_by else "",
        open=FindingState(row.state) in HOLDING,
        together=together,
        owner=row.owner.full_name if row.owner else "",
    )


def _history(run: Run) -> list[ReviewRow]:
    rows = RunReview.objects.filter(run=run).select_related("person").order_by("-at", "-id")
    return [
        ReviewRow(DONE[RunAction(row.action)], row.reason, row.person.full_name if row.person else "", row.at)
        for row in rows
    ]
