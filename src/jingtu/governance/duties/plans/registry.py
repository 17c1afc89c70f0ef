"""What a task came from: apps above say what their things are called and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jingtu.core.kernel.actor import Actor

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
