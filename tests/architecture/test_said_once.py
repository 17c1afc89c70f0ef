"""What the lower rooms say once is not said again elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "jingtu"


@pytest.mark.parametrize(
    ("again", "instead", "allowed"),
    [
        # Numbers of at most ten digits are counts and years; longer ones are own ids.
        (r"isdigit\(\) and len\(\w+\) < (1[1-9]|2\d)", "core.kernel.ids.id_in", {"core/kernel/ids.py"}),
        (r"unicodedata\.category", "core.kernel.characters.unprintable", {"core/kernel/characters.py"}),
        (
            r"[\"']zh-hans[\"']",
            "core.kernel.languages.speaking",
            {"core/kernel/languages.py", "portal/settings/base.py"},
        ),
        (r"allow_multiple_selected", "core.files.forms.FilesField", {"core/files/forms.py"}),
        (r"\.name or \"file\", \w+\.chunks\(\)\)?", "core.files.forms.upload_of", {"core/files/forms.py"}),
        (r"\.normalize\(\)(:f|, \"f\")", "engine.notation.plain_number", set()),
        (r"\.year\}年\{\w+\.month\}月\{", "engine.notation.chinese_day", set()),
        (
            r"\bRegionSuccession\.objects",
            "core.regions.handover.handovers",
            {
                "core/accounts/reviews.py",
                "core/regions/comparable.py",
                "core/regions/handover.py",
                "core/regions/services/changes.py",
                "core/regions/timeline.py",
            },
        ),
        (r"class \w*TreeField\(", "core.regions.forms.TreeField", {"core/regions/forms.py"}),
        (
            r"[\"']　[\"'] \* ",
            "core.regions.places.offered_places or runs.queries.region_label",
            {"core/regions/places.py", "assessment/runs/queries/choices.py"},
        ),
        (r"def own_places\(", "core.regions.places.own_places", {"core/regions/places.py"}),
        (r"Iterable\[bytes\]\]", "core.files.services.Upload", {"core/files/services.py"}),
    ],
)
def test_what_the_lower_rooms_offer_is_used(again: str, instead: str, allowed: set[str]) -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{number}: use {instead}"
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).as_posix() not in allowed and "engine" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(again, line)
    ]
    assert found == []


def test_findings_are_what_the_checks_notice_and_searching_is_searching() -> None:
    assert [path for path in SOURCE.rglob("finding.py") if path.parent.name != "runs"] == []
    for app in ("assessment/alerts", "assessment/appeals", "assessment/reporting", "assessment/situation"):
        assert (SOURCE / app / "searching.py").is_file()


def test_who_is_behind_an_actor_is_asked_in_the_kernel() -> None:
    again = re.compile(
        r"(\w+) = user_id_of\(actor\)\n\s+if \1 is None:\n\s+raise PermissionDenied\((Permission\.|permission)"
    )
    found = [
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if again.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["core/kernel/actor.py"]
