"""Moments are stored in universal time and shown by the office's clock."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "jingtu"
# A stored moment (``…_at``) written out or cut to its day without localtime() is hours off, or a day.
BY_GREENWICH = re.compile(r"(?<!localtime\()\b[\w.]+_at(?::%|\.date\(\)|\.strftime)")


def test_no_stored_moment_is_written_out_by_greenwich() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{number}"
        for path in SOURCE.rglob("*.py")
        if path.name != "models.py"  # their own names are for programmers
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if BY_GREENWICH.search(line)
    ]
    assert not found
