"""Who wants to know that facts have become visible. Apps above register when they start.

A follower is called once the batch is durable, in the process that stored it. What goes wrong there
is logged and never undoes the batch: a follower must be able to catch up from the stored batches.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from jingtu.core.facts.models import FactBatch

Follower = Callable[[FactBatch], None]

_followers: dict[str, Follower] = {}


def register_follower(name: str, follower: Follower) -> None:
    """Have ``follower`` called with every batch after it was committed."""
    _followers[name] = follower


def announce(batch: FactBatch) -> None:
    """Tell all followers when the surrounding transaction has committed."""
    for name in _followers:
        transaction.on_commit(_telling(name, batch), robust=True)


def _telling(name: str, batch: FactBatch) -> Callable[[], None]:
    def tell() -> None:  # a function with a name, which the log of a failure prints
        _followers[name](batch)

    return tell
