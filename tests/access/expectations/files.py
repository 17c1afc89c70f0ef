"""A file whose purpose names no other readers is its owner's alone."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from jingtu.core.files.services import keep_made
from tests.access.cast import Cast
from tests.access.doors import Known, Row, roles


def prepare(cast: Cast) -> Known:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "own.csv"
        path.write_text("region,element,period,value\n")
        stored = keep_made(cast.actor("analyst", "own"), path, "own.csv", purpose="access-test")
    return {"file": stored.pk}


ROWS = [
    Row(
        "files:download",
        kwargs=lambda known: {"file_id": known["file"]},
        open_to=roles("analyst", relations=("own",)),
    ),
]
