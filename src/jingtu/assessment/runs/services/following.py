"""Keeping open drafts up to date with every changed figure: at once where the draft is in memory, else when
somebody asks. The rows written here are worked out from batches; no person's act, so no audit entry."""

from __future__ import annotations

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.assess import Assessment

from ..books import Book, Step, opened, shelf
from ..models import Run, RunDelta
from ..rules import OPEN_STATES
from ..snapshots import MOST_BATCHES, later_batches, touches
from ..visibility import sees_as_draft
from .acts import run_with


def facts_stored(batch: FactBatch) -> None:
    """Follow a new batch in the drafts this process has in memory; called after it was committed.

    Never waits: while another thread has the books, the batch is left for whoever comes next.
    """
    with shelf.borrowed(wait=False) as got:
        known = shelf.runs() if got else []
        if not known:
            return
        for run in _open_runs().filter(pk__in=known, tree_id=batch.tree_id):
            book = shelf.book_of(run)
            if book is not None and touches(batch, run):
                _follow(run, book)


def catch_up(actor: Actor, run_id: int) -> Run:
    """Work out what the batches since the draft was computed do to it, for somebody who works on it.

    Leaves alone what cannot be followed: the run's page says so. Raises NotFound.
    """
    run = run_with(run_id)
    if not sees_as_draft(actor, run):
        raise NotFound(run_id, "run")
    with shelf.borrowed(wait=True):
        if run.state not in OPEN_STATES or not followable(run):
            return run
        book = shelf.book_of(run)
        if book is None or _left_out(run, book):
            book = opened(run)
        if book is not None:
            shelf.put(run, book)
            _follow(run, book)
    return run


def _left_out(run: Run, book: Book) -> bool:
    """Whether a batch the book has taken in was never written down."""
    written = set(run.deltas.values_list("batch_id", flat=True))
    return any(batch.sequence <= book.sequence and batch.pk not in written for batch in later_batches(run))


def followable(run: Run) -> bool:
    """Whether the batches since the run was computed are few enough, and none of them too large."""
    if run.deltas.filter(effect=RunDelta.Effect.TOO_MANY, batch__sequence__gt=run.facts_upto or 0).exists():
        return False
    return len(later_batches(run)) <= MOST_BATCHES


def computed(run: Run, assessment: Assessment) -> None:
    """A draft was computed anew: what was said about the one before is void, and this one is kept at hand.

    Call inside the transaction that writes the run.
    """
    run.deltas.all().delete()

    def keep() -> None:
        with shelf.borrowed(wait=False) as got:
            if got and run.facts_upto is not None:
                shelf.put(run, Book(run, assessment, run.facts_upto))

    transaction.on_commit(keep, robust=True)


def _open_runs() -> QuerySet[Run]:
    return Run.objects.filter(state__in=OPEN_STATES).select_related("region", "tree", "catalogue")


def _follow(run: Run, book: Book) -> None:
    """Take in all batches the book has not seen, and store what each of them does."""
    later = FactBatch.objects.filter(tree_id=run.tree_id, sequence__gt=book.sequence)
    rows = []
    for batch in later.order_by("sequence").select_related("region"):
        if not touches(batch, run):
            book.sequence = batch.sequence
            continue
        step = book.follow(batch)
        rows.append(_row(run, batch, step))
        if step.effect == RunDelta.Effect.TOO_MANY:
            shelf.drop(run.pk)
            break
    try:
        # Another process may have stored the same step: it comes to the same.
        RunDelta.objects.bulk_create(rows, ignore_conflicts=True)
    except DatabaseError:
        shelf.drop(run.pk)
        raise


def _row(run: Run, batch: FactBatch, step: Step) -> RunDelta:
    return RunDelta(
        run=run,
        batch=batch,
        effect=step.effect,
        fact_count=step.fact_count,
        facts=step.facts,
        places=step.places,
        indicators=step.indicators,
        more=step.more,
        made_at=now(),
    )
