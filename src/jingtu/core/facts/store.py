"""The facts of a tree: immutable Parquet files, made visible by the batch rows that name them.

A writer puts its rows aside, syncs them to disk and only then commits the row; a reader sees either all of
a batch or nothing of it, and never waits. A process that dies in between leaves a file no row names:
:func:`sweep` finds it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from numpy.typing import NDArray

from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.standing import Batches, Standing, Standings
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.reading import once
from jingtu.engine.facttable import RETRACTED, SCHEMA, FactTable

STORED = pa.schema([field for field in SCHEMA if field.name != "batch"])
"""A stored file does not know its batch, so equal contents are equal files."""

ORPHAN_AFTER_SECONDS = 3600  # a younger file may belong to a writer that has yet to commit


@dataclass(frozen=True)
class Written:
    """A Parquet file on disk that no row names yet."""

    sha256: str
    rows: int


def folder() -> Path:
    """Where the batches live."""
    return Path(settings.STORE) / "facts"


def path_of(sha256: str) -> Path:
    """The file of a batch with this hash."""
    return folder() / f"{sha256}.parquet"


def write(facts: FactTable) -> Written:
    """Write rows aside, durably; the caller commits the row that names them. Retractions are nulls."""
    aside = folder() / "incoming"
    aside.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=aside, suffix=".parquet")
    os.close(descriptor)
    temporary = Path(name)
    try:
        pq.write_table(
            facts.to_arrow().select(STORED.names), temporary, compression="zstd", row_group_size=1 << 18
        )
        digest = digest_of(temporary, sync=True)
        # Replacing also renews the age of equal content, so that no sweep takes it from under us.
        os.replace(temporary, path_of(digest))
        _sync_folder(folder())
    finally:
        temporary.unlink(missing_ok=True)
    return Written(digest, len(facts))


def read_batch(sha256: str, sequence: int = 0) -> FactTable:
    """The rows of one batch as they were written, retractions included."""
    table = pq.read_table(path_of(sha256), schema=STORED)
    batch = pa.array(np.full(table.num_rows, sequence, dtype=np.int32))
    return FactTable.from_arrow(table.append_column("batch", batch))


def read(
    tree_id: int,
    upto_sequence: int | None = None,
    elements: Collection[str] | None = None,
    periods: Collection[str] | None = None,
    region_ids: Collection[int] | NDArray[np.int64] | None = None,
) -> FactTable:
    """The facts of a tree in force (or as they were after batch ``upto_sequence``), optionally narrowed.

    The last batch wins, key by key; retracted values are absent; ``batch`` holds sequence numbers of
    :class:`FactBatch`. One query; files are read once per process and what they make together is kept.
    For code that has already decided what its reader may see; people go through ``queries``.
    """
    batches = FactBatch.objects.filter(tree_id=tree_id).order_by("sequence")
    if upto_sequence is not None:
        batches = batches.filter(sequence__lte=upto_sequence)
    standing = _cache.get(tree_id, tuple(batches.values_list("sequence", "sha256")))
    return standing.select(elements, periods, region_ids)


def standing(tree_id: int, batches: Batches) -> Standing:
    """The facts of a :func:`state` element by element, for whoever has asked for the state already. No query."""
    return _cache.get(tree_id, batches)


def state(tree_id: int) -> Batches:
    """The batches in force: equal states are equal facts, whatever process or installation asks. One query, one
    for a whole page."""
    batches = FactBatch.objects.filter(tree_id=tree_id).order_by("sequence")
    return once(("facts.state", tree_id), lambda: tuple(batches.values_list("sequence", "sha256")))


def latest_sequence(tree_id: int) -> int:
    """The sequence number of the tree's newest batch, 0 while it has none."""
    newest = (
        FactBatch.objects.filter(tree_id=tree_id).order_by("-sequence").values_list("sequence", flat=True)
    )
    return newest.first() or 0


_cache = Standings(read_batch)


def clear_cache() -> None:
    """Forget everything read so far; for a restore, which changes the store under a running process."""
    _cache.clear()


def sweep(*, remove: bool) -> list[Path]:
    """Files that no batch names and no writer can still be about to commit; deletes them if ``remove``."""
    if not folder().exists():
        return []
    oldest_writer = now().timestamp() - ORPHAN_AFTER_SECONDS
    named = set(FactBatch.objects.values_list("sha256", flat=True))
    orphans = [
        path
        for path in sorted(folder().rglob("*.parquet"))
        if (path.parent != folder() or path.stem not in named) and path.stat().st_mtime < oldest_writer
    ]
    if remove:
        for path in orphans:
            path.unlink(missing_ok=True)
    return orphans


def damaged() -> list[FactBatch]:
    """Batches whose file is gone or no longer has the content its name promises."""
    return [
        batch
        for batch in FactBatch.objects.order_by("tree_id", "sequence")
        if not path_of(batch.sha256).exists() or digest_of(path_of(batch.sha256)) != batch.sha256
    ]


def digest_of(path: Path, sync: bool = False) -> str:
    """SHA-256 of a file's content, after forcing it to disk when ``sync``."""
    digest = hashlib.sha256()
    with path.open("rb+" if sync else "rb") as stream:
        if sync:
            os.fsync(stream.fileno())
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


__all__ = [
    "RETRACTED",
    "Written",
    "clear_cache",
    "damaged",
    "digest_of",
    "latest_sequence",
    "path_of",
    "read",
    "read_batch",
    "standing",
    "sweep",
    "write",
]
