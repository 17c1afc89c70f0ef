"""The chain: what of an entry is hashed, and how a break is found."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

GENESIS = "0" * 64
HASHED_FIELDS = (
    "sequence",
    "moment",
    "actor_id",
    "actor_label",
    "action",
    "target_type",
    "target_id",
    "region_id",
    "before",
    "after",
    "reason",
    "address",
    "channel",
    "prev_hash",
)


def plain(value: Any) -> Any:
    """``value`` as JSON that both databases give back unchanged.

    Fractions become text, because PostgreSQL and SQLite do not print every float alike; dates,
    decimals and enumerations become text; the zero character, which PostgreSQL refuses, is shown
    as its symbol. Raises TypeError for anything else that JSON does not know.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, str):
        return value.replace("\x00", "\u2400")
    if isinstance(value, (float, Decimal)):
        return str(value)
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [plain(item) for item in items]
    if hasattr(value, "__index__"):
        return int(value)
    raise TypeError(f"{type(value).__name__} cannot be kept in the audit trail")


def link_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the canonical form of the hashed fields; the moment is taken in UTC."""
    moment: dt.datetime = content["moment"]
    canonical = {name: content[name] for name in HASHED_FIELDS}
    canonical["moment"] = moment.astimezone(dt.UTC).isoformat(timespec="microseconds")
    text = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold: ``missing`` a number is skipped, ``edited`` the content does not
    match its hash, ``relinked`` the entry does not follow the one before, ``truncated`` the last entries
    are gone or the head was changed, ``replaced`` an entry that was noted outside the system is no longer there."""

    sequence: int
    kind: Literal["missing", "edited", "relinked", "truncated", "replaced"]


SHORT_HASH = 16  # hexadecimal digits of a hash that are printed: 64 bits, checked against one known entry
_MARK = re.compile(r"(?:#?(?P<sequence>[0-9]{1,18})[:：#\s]+)?(?P<hash>[0-9a-fA-F]{12,64})")


@dataclass(frozen=True)
class Mark:
    """An entry noted outside the system, such as in a printed bulletin; the hash may be its beginning only."""

    sequence: int | None
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash[:SHORT_HASH]}" if self.sequence is not None else self.hash

    @classmethod
    def parse(cls, text: str) -> Mark | None:
        """A mark as printed (``1234:0a1b2c…``) or a hash alone; None for anything else."""
        found = _MARK.fullmatch(text.strip())
        if found is None:
            return None
        number = found["sequence"]
        return cls(int(number) if number else None, found["hash"].lower())

    def stands_for(self, sequence: int, full_hash: str) -> bool:
        """Whether an entry is the one that was noted."""
        return full_hash.startswith(self.hash) and self.sequence in {None, sequence}


def breaks(
    entries: Iterable[Mapping[str, Any]], head_sequence: int, head_hash: str, noted: Mark | None = None
) -> list[Break]:
    """Every break of a chain whose entries come in ascending sequence; empty when it holds.

    A chain that was cut at its end and whose head was set back holds in itself: only an entry ``noted``
    outside, which is then no longer found, gives it away.
    """
    found: list[Break] = []
    expected, previous = 1, GENESIS
    for entry in entries:
        sequence: int = entry["sequence"]
        if noted is not None and noted.stands_for(sequence, entry["hash"]):
            noted = None
        if sequence != expected:
            found.append(Break(expected, "missing"))
        elif entry["prev_hash"] != previous:
            found.append(Break(sequence, "relinked"))
        if link_hash(entry) != entry["hash"]:
            found.append(Break(sequence, "edited"))
        expected, previous = sequence + 1, entry["hash"]
    if head_sequence != expected - 1 or head_hash != previous:
        found.append(Break(expected, "truncated"))
    if noted is not None:
        found.append(Break(expected if noted.sequence is None else noted.sequence, "replaced"))
    return found


@dataclass(frozen=True)
class Change:
    """One field that differs between before and after; None on the side where it was absent."""

    field: str
    before: Any
    after: Any


def changes(before: Any, after: Any) -> list[Change]:
    """Fields that differ, in alphabetical order. Values that are no objects are compared as one field."""
    if not isinstance(before, dict) and not isinstance(after, dict):
        return [] if before == after else [Change("", before, after)]
    old = before if isinstance(before, dict) else {}
    new = after if isinstance(after, dict) else {}
    return [
        Change(name, old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
