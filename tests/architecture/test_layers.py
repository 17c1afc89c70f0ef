"""What a Python import checker cannot see: templates and string references must point downward too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "jingtu"

# Position in the house; an app may refer to itself and to apps with a smaller number.
LEVELS = {
    "kernel": 0,
    "audit": 1,
    "regions": 2,
    "accounts": 3,
    "facts": 4,
    "documents": 4,
    "files": 4,
    "jobs": 4,
    "notifications": 4,
    "numbering": 4,
    "ui": 4,
    "indicators": 5,
    "reporting": 6,
    "runs": 6,
    "alerts": 7,
    "appeals": 7,
    "subscriptions": 7,
    "bulletins": 8,
    "outputs": 9,
    "schedules": 9,
    "situation": 9,
    "bodies": 10,
    "plans": 11,
    "supervising": 12,
    "letters": 13,
    "meetings": 13,
    "dutyreports": 14,
    "measures": 15,
    "listings": 16,
    "cockpit": 20,
    "maintenance": 20,
    "saved": 20,
}
EXTENDS = re.compile(r"{%\s*(?:extends|include)\s+[\"']([a-z_]+)/")
URL_NAMES = re.compile(r"{%\s*url\s+[\"']([a-z_]+):")
MODEL_REFERENCES = re.compile(r"(?:ForeignKey|OneToOneField|ManyToManyField)\(\s*[\"']([a-z_]+)\.")
REVERSES = re.compile(r"\b(?:reverse|reverse_lazy|redirect)\(\s*[\"']([a-z_]+):")


def app_of(path: Path) -> str | None:
    return next((part for part in reversed(path.relative_to(SOURCE).parts[:-1]) if part in LEVELS), None)


def references(pattern: re.Pattern[str], suffix: str) -> list[tuple[str, str, str]]:
    found = []
    for path in sorted(SOURCE.rglob(f"*{suffix}")):
        app = app_of(path)
        if app is None or "migrations" in path.parts:
            continue
        for other in pattern.findall(path.read_text(encoding="utf-8")):
            if other in LEVELS:
                found.append((str(path.relative_to(SOURCE)), app, other))
    return found


@pytest.mark.parametrize(
    ("pattern", "suffix"),
    [(EXTENDS, ".html"), (URL_NAMES, ".html"), (MODEL_REFERENCES, ".py"), (REVERSES, ".py")],
    ids=["templates", "links", "models", "reverses"],
)
def test_references_by_name_point_downward(pattern: re.Pattern[str], suffix: str) -> None:
    upward = [
        f"{path}: {app} refers to {other}"
        for path, app, other in references(pattern, suffix)
        # The frame is the one recorded exception (docs/decisions/0001).
        if LEVELS[other] > LEVELS[app] and other != "ui"
    ]
    assert not upward, "\n".join(upward)


def test_now_and_today_are_read_only_from_the_kernel_clock() -> None:
    pattern = re.compile(
        r"\b(?:datetime\.now|date\.today|timezone\.now|timezone\.localdate|dt\.date\.today|dt\.datetime\.now)\("
    )
    offenders = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
        and path != SOURCE / "core" / "kernel" / "clock.py"
    ]
    assert not offenders


def test_no_package_names_a_registry_or_a_download_address() -> None:
    root = SOURCE.parents[1]
    files = [
        *root.glob("requirements/*"),
        root / "package.json",
        root / "package-lock.json",
        root / "pyproject.toml",
        root / ".npmrc",
    ]
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert '"resolved"' not in text, path
        assert "--index-url" not in text, path
        assert "--find-links" not in text, path
