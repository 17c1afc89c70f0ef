from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jingtu.portal.cli import assess_files
from jingtu.portal.cli.assess_printing import print_changes

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "docs" / "examples" / "assess"


def jingtu(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "JINGTU_LANG": "en", "COLUMNS": "160"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, "-m", "jingtu", "assess", *words],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        check=False,
    )


def run_example(*more: str, period: str = "2026-10") -> subprocess.CompletedProcess[str]:
    return jingtu(
        "run",
        *("--regions", str(EXAMPLE / "regions.csv")),
        *("--facts", str(EXAMPLE / "facts.csv")),
        *("--catalogue", str(EXAMPLE / "catalogue.yaml")),
        *("--scorecard", "monthly", "--period", period),
        *more,
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    for period in ("2026-09", "2026-10"):
        done = run_example("--out", str(folder / period), period=period)
        assert done.returncode == 0, done.stderr
    return folder


def test_the_worked_example_prints_its_ranking(results: Path) -> None:
    done = jingtu("show", str(results / "2026-10"))
    assert done.returncode == 0
    lines = [line for line in done.stdout.splitlines() if "NS-" in line]
    # East and West both have full points; the tie-break is the visit rate (97.78 % against 96.67 %)
    assert [line.split("│")[3].strip() for line in lines] == ["NS-E", "NS-W", "NS-N"]
    assert "100.00" in lines[1]


def test_results_on_disk_are_what_was_printed(results: Path) -> None:
    content = json.loads((results / "2026-10" / "publication.json").read_bytes())
    shown = json.loads(jingtu("show", str(results / "2026-10"), "--json").stdout)
    shown.pop("sha256")
    assert shown == content
    table = (results / "2026-10" / "ranking.csv").read_bytes()
    assert table.startswith(b"\xef\xbb\xbfrank,")
    assert b"East" in table


def test_an_explanation_ends_at_the_row_of_the_file(results: Path) -> None:
    done = jingtu("explain", str(results / "2026-10"), "--region", "NS-W", "--indicator", "VISIT_RATE")
    assert "58 of 60" in done.stdout
    assert "row 10" in done.stdout
    assert done.returncode == 0


def test_a_gap_is_told_in_countable_units(results: Path) -> None:
    done = jingtu("explain", str(results / "2026-10"), "--region", "North", "--indicator", "VISIT_RATE")
    assert "22 more visits" in done.stdout


def test_two_results_can_be_compared(results: Path) -> None:
    done = jingtu("diff", str(results / "2026-09"), str(results / "2026-10"), "--json")
    kinds = {change["kind"] for change in json.loads(done.stdout)}
    assert {"scope", "value", "total"} <= kinds


def test_causes_are_lines_of_codes_for_programs_and_on_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fact = {"kind": "fact", "element": "done", "region": "C3-1", "period": "2026-10", "category": ""}
    causes = [fact, fact | {"category": "male"}, {"kind": "element", "code": "done"}]
    change = {"kind": "value", "region": "C3", "indicator": "EXEC", "old": "1", "new": "2"}
    stored = [change | {"causes": causes}, {"kind": "total", "region": "C3", "old": "1", "new": "2"}]
    monkeypatch.setattr(assess_files, "_stored", lambda folder: folder)
    monkeypatch.setattr(assess_files, "snapshot_difference", lambda _old, _new: stored)
    told = assess_files.differences(Path("old"), Path("new"))
    words = ["done C3-1 2026-10", "done C3-1 2026-10 [male]", "element done"]
    assert told == [change | {"causes": words}, stored[1]]
    print_changes(told)
    printed = " ".join(capsys.readouterr().out.split())
    assert "fact" not in printed
    assert "[male]" in printed


def test_the_file_command_never_loads_the_web_framework() -> None:
    code = (
        "import sys; from jingtu.portal.cli import build; app = build(['assess'])\n"
        "try: app(['assess', 'run', *sys.argv[1:]])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('django', 'numba', 'ninja')]\n"
    )
    words = [
        *("--regions", str(EXAMPLE / "regions.csv"), "--facts", str(EXAMPLE / "facts.csv")),
        *("--catalogue", str(EXAMPLE / "catalogue.yaml"), "--scorecard", "monthly", "--period", "2026-10"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("more", "period", "said"),
    [
        ((), "2026-13", "2026-13"),
        (("--scorecard", "yearly"), "2026-10", "yearly"),
        (("--level", "parish"), "2026-10", "parish"),
        (("--within", "NS-X"), "2026-10", "NS-X"),
        (("--facts", "nowhere.csv"), "2026-10", "nowhere.csv"),
        ((), "2020-01", "none of the scorecard"),
    ],
)
def test_wrong_use_gets_one_clear_line_and_exit_code_two(
    more: tuple[str, ...], period: str, said: str
) -> None:
    done = run_example(*more, period=period)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_wrong_cell_is_named_with_its_row(tmp_path: Path) -> None:
    broken = tmp_path / "facts.csv"
    broken.write_text((EXAMPLE / "facts.csv").read_text().replace("NS-W-2,2026-10,28", "NS-W-2,2026-10,many"))
    done = run_example("--facts", str(broken))
    assert done.returncode == 2
    assert "row 11" in done.stderr


def test_all_months_at_once_leave_named_what_needs_the_exact_path(tmp_path: Path) -> None:
    words = (
        "bulk",
        *("--regions", str(EXAMPLE / "regions.csv")),
        *("--facts", str(EXAMPLE / "facts.csv")),
        *("--catalogue", str(EXAMPLE / "catalogue.yaml")),
        *("--out", str(tmp_path / "bulk")),
    )
    done = jingtu(*words, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["indicators"]
    assert {path.stem for path in (tmp_path / "bulk").glob("????-??.parquet")} == set(told["months"])
    refused = jingtu(*words, "--level", "galaxy")
    assert refused.returncode == 2
    assert "galaxy" in refused.stderr


def test_peer_groups_of_a_file_are_ranked_within() -> None:
    done = run_example("--peers", str(EXAMPLE / "peers.csv"), "--json")
    assert done.returncode == 0, done.stderr
    ranks = {row["region"]: row["peer_ranks"] for row in json.loads(done.stdout)["subjects"]}
    assert ranks == {"NS-E": {"town": 1}, "NS-W": {"country": 1}, "NS-N": {"country": 2}}
