"""What a task came from, and what was made of it: apps above say what their things are called and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jingtu.assessment.runs.registry import Aside
from jingtu.core.kernel.actor import Actor

from .models import Task

Describe = Callable[[Actor, Sequence[str]], Mapping[str, tuple[str, str]]]
"""Keys → (label, address), only what the actor may see. A constant number of queries."""


@dataclass(frozen=True)
class Origin:
    """One kind of thing that tasks come from."""

    kind: str
    label_zh: str
    label_en: str
    describe: Describe


_origins: dict[str, Origin] = {}


def register_origin(kind: str, label_zh: str, label_en: str, describe: Describe) -> None:
    """Say what an origin ``kind:key`` is called and where it stands; the same kind again replaces it."""
    _origins[kind] = Origin(kind, label_zh, label_en, describe)


def origins_named(actor: Actor, origins: Iterable[str]) -> dict[str, tuple[str, str]]:
    """``kind:key`` → (label, address) for the origins the actor may see. One call a kind."""
    keys: dict[str, list[str]] = {}
    for origin in set(origins):
        kind, _, key = origin.partition(":")
        if kind in _origins and key:
            keys.setdefault(kind, []).append(key)
    found = {}
    for kind, wanted in keys.items():
        known = _origins[kind]
        for key, (label, url) in known.describe(actor, sorted(wanted)).items():
            word = known.label_en if actor.language == "en" else known.label_zh
            found[f"{kind}:{key}"] = (f"{word} {label}".strip(), url)
    return found


FindAsides = Callable[[Actor, Sequence[Task]], Mapping[int, Aside]]
"""Tasks → what stands beside them by task id, only what the actor may see. A constant number of queries."""

_asides: dict[str, FindAsides] = {}


def register_aside(key: str, find: FindAsides) -> None:
    """Add a block beside tasks, on their page and in the list of the late ones; the same key again replaces it."""
    _asides[key] = find


def asides_of(actor: Actor, tasks: Sequence[Task]) -> dict[int, list[Aside]]:
    """Task id → the blocks that have something to say to this actor. One call a source."""
    found: dict[int, list[Aside]] = {task.pk: [] for task in tasks}
    if tasks:
        for key in sorted(_asides):
            for pk, aside in _asides[key](actor, tasks).items():
                found[pk].append(aside)
    return found
