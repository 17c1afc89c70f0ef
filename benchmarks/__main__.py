"""``python -m benchmarks [part …]``: measure, print, and with ``--write`` add to RESULTS.md."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks import data as figures
from benchmarks.measure import Table, machine

RESULTS = Path(__file__).with_name("RESULTS.md")
SHAPES = ("tiny", "county", "city", "province", "nation")


def _bulk(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import bulk

    return bulk.run(figures.make(shape, folder), rounds, shape)


def _curve(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import bulk

    return bulk.curve(folder, shape)


def _change(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import change

    return change.run(figures.make(shape, folder))


def _command(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import command

    return command.run(folder, rounds)


def _compiling(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import compiling

    return compiling.run(rounds)


def _store(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import storing

    return storing.run("tiny" if shape == "tiny" else "province", folder, rounds)


def _screens(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import screens

    return screens.run(rounds)


def _watching(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import watching

    return watching.run(figures.make("province" if shape == "nation" else shape, folder), rounds)


def _monthly(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import monthly

    return monthly.run(shape if shape in ("tiny", "city") else "province")


def _reporting(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import reporting

    return reporting.run(shape, rounds)


def _planning(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import planning

    return planning.run(shape, rounds)


def _exporting(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import exporting

    return exporting.run(folder, shape)


def _tables(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import tables

    return tables.run("tiny" if shape == "tiny" else "province", rounds)


def _meetings(shape: str, folder: Path, rounds: int) -> Table:
    from benchmarks import meetings

    return meetings.run(rounds)


PARTS: dict[str, Callable[[str, Path, int], Table]] = {
    "bulk": _bulk,
    "curve": _curve,
    "change": _change,
    "command": _command,
    "compiling": _compiling,
    "store": _store,
    "screens": _screens,
    "reporting": _reporting,
    "planning": _planning,
    "tables": _tables,
    "meetings": _meetings,
    "watching": _watching,
    "monthly": _monthly,
    "exporting": _exporting,
}


def main(words: list[str] | None = None) -> int:
    """Run the parts asked for; 1 when a required number is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--shape", choices=SHAPES, default="nation", help="how much of the tree")
    parser.add_argument(
        "--rounds", type=int, default=5, help="interleaved rounds, of which the median counts"
    )
    parser.add_argument("--write", action="store_true", help=f"add the results to {RESULTS.name}")
    asked = parser.parse_args(words)
    unknown = [name for name in asked.parts if name not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    tables = []
    with tempfile.TemporaryDirectory(prefix="jingtu-bench-") as folder:
        for name in asked.parts or list(PARTS):
            before = machine()
            table = PARTS[name](asked.shape, Path(folder), asked.rounds)
            text = as_text(table, asked.shape, asked.rounds, before)
            print(text, flush=True)
            tables.append(table)
            if asked.write:
                with RESULTS.open("a", encoding="utf-8") as stream:
                    stream.write("\n" + text)
    return int(any(line.good is False for table in tables for line in table.lines))


def as_text(table: Table, shape: str, rounds: int, about: list[str]) -> str:
    """The table as Markdown."""
    lines = [f"## {table.part} · {date.today().isoformat()} · shape {shape} · {rounds} rounds", ""]
    lines += [f"- {note}" for note in [*about, *table.notes]]
    lines += ["", "| what | reached | required | | seconds |", "| --- | --- | --- | --- | --- |"]
    for line in table.lines:
        mark = "" if line.good is None else "reached" if line.good else "**missed**"
        seconds = "" if line.seconds is None else f"{line.seconds:.4g}"
        lines.append(f"| {line.what} | {line.reached} | {line.required} | {mark} | {seconds} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
