"""Reading back what was taken out as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any


def taken_out(response: Any) -> tuple[dict[str, str], list[str], list[list[str]]]:
    """The stamp, the header and the rows of a stamped CSV; its last line, which repeats the count, is checked."""
    blocks: Iterable[bytes] = response.streaming_content
    lines = list(csv.reader(io.StringIO(b"".join(blocks).decode("utf-8-sig"))))
    titles = next(number for number, row in enumerate(lines) if len(row) > 2)
    stamp = {row[0]: row[1] for row in lines[:titles]}
    rows = lines[titles + 1 : -1]
    assert len(lines[-1]) == 1
    assert str(len(rows)) in lines[-1][0]
    assert {"导出人", "导出时间", "筛选条件", "记录数", "水印"} <= set(stamp)
    return stamp, lines[titles], rows
