"""Names of audited actions in both languages, registered by the app that records them."""

from __future__ import annotations

from collections.abc import Mapping

from jingtu.engine.problems import Language

_labels: dict[str, tuple[str, str]] = {}
_reads: set[str] = set()


def register_actions(labels: Mapping[str, tuple[str, str]]) -> None:
    """Add ``code -> (Chinese, English)``; call it where the app's services are defined or in ``ready``.

    Raises ValueError for a code registered twice with other words.
    """
    for code, pair in labels.items():
        if _labels.get(code, pair) != pair:
            raise ValueError(f"audit action {code} is registered twice")
        _labels[code] = pair


def register_reads(*codes: str) -> None:
    """Say which actions take knowledge of data (exports, downloads, checks) rather than change it."""
    _reads.update(codes)


def reading_actions() -> frozenset[str]:
    """Actions by which somebody took knowledge of data without changing it."""
    return frozenset(_reads)


def registered_actions() -> Mapping[str, tuple[str, str]]:
    """All actions known so far."""
    return _labels


def label_of(code: str, language: Language) -> str:
    """The action's name; the code itself for an action of a version that no longer registers it."""
    zh, en = _labels.get(code, (code, code))
    return zh if language == "zh" else en
