"""Names of audited actions and of what they are done to, in both languages, registered by the app that records them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from jingtu.core.kernel.languages import speaking
from jingtu.engine.problems import Language

_labels: dict[str, tuple[str, str]] = {}
_reads: set[str] = set()
_objects: dict[str, tuple[str, str]] = {}
_states: dict[str, dict[str, str | Promise]] = {}

Tell = Callable[[Collection[str], Language], Mapping[str, str]]
Find = Callable[[str], QuerySet[Any]]
_tellers: dict[str, tuple[Tell, Find]] = {}


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


def register_objects(words: Mapping[str, tuple[str, str]]) -> None:
    """Add ``target_type -> (Chinese, English)``; call it beside :func:`register_actions`.

    Raises ValueError for a kind registered twice with other words: two apps would mean different things by it.
    """
    for kind, pair in words.items():
        if _objects.get(kind, pair) != pair:
            raise ValueError(f"audit object {kind} is registered twice")
        _objects[kind] = pair


def register_states(kind: str, words: Mapping[Any, str | Promise]) -> None:
    """Add ``state -> word`` of a kind of objects: the table of the app's own screens, in the reader's language.

    Raises ValueError for a state registered twice with another word.
    """
    known = _states.setdefault(kind, {})
    for state, word in words.items():
        if known.setdefault(str(state), word) is not word:
            raise ValueError(f"state {state} of audit object {kind} is registered twice")


def state_of(kind: str, code: str, language: Language) -> str:
    """What a state of a kind of objects is called; the code itself where no app says it."""
    word = _states.get(kind, {}).get(code, code)
    with speaking(language):
        return str(word)


def register_teller(kind: str, tell: Tell, find: Find) -> None:
    """How single objects of a kind are called: ``tell(ids, language)`` gives a name for each id that it knows,
    ``find(text)`` the rows of those whose name holds the text, however many: the trail is searched by subquery.

    Only for what every reader of the trail may know by name.
    """
    _tellers[kind] = (tell, find)


def registered_objects() -> Mapping[str, tuple[str, str]]:
    """All kinds of objects known so far."""
    return _objects


def word_of(kind: str, language: Language) -> str:
    """The kind in words; the kind itself where no app registers it any more."""
    zh, en = _objects.get(kind, (kind, kind))
    return zh if language == "zh" else en


def names_of(kind: str, ids: Collection[str], language: Language) -> Mapping[str, str]:
    """Names of single objects, as far as somebody tells them; asked once for a whole page."""
    return _tellers[kind][0](ids, language) if kind in _tellers and ids else {}


def rows_named(kind: str, text: str) -> QuerySet[Any] | None:
    """Objects of a kind whose name holds the text; None where nobody tells names of that kind."""
    return _tellers[kind][1](text).order_by() if kind in _tellers else None
