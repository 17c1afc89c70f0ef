"""Changing a catalogue definition by definition, as plain data: what one holds, what differs, what was done.

A *content* is what :func:`plain` gives. It is never changed in place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from jingtu.engine.catalogue.model import Catalogue
from jingtu.engine.catalogue.reading import assemble
from jingtu.engine.catalogue.writing import plain
from jingtu.engine.catalogue.yamlfile import YamlFile, read_yaml
from jingtu.engine.formula import parse
from jingtu.engine.problems import InvalidInput, Problem, register_texts

Plain = dict[str, Any]
KINDS = (
    "elements",
    "indicators",
    "scorecards",
    "groups",
    "alerts",
    "checks",
    "units",
    "dimensions",
    "documents",
)
"""The kinds of definitions, in the order people look for them."""
HEAD = "catalogue"

register_texts(
    {
        "catalogue.one_entry": (
            "这里应当正好写一个定义，以“code:”开头",
            'write exactly one definition here, beginning with "code:"',
        ),
        "catalogue.unknown_kind": ("没有“{kind}”这类定义", 'there are no definitions of kind "{kind}"'),
    }
)


@dataclass(frozen=True)
class Change:
    """One definition before and after: None where there was or is none. ``place``: where it stood in its list.

    The head of the catalogue is a definition too: kind ``catalogue``, code empty.
    """

    kind: str
    code: str
    before: Plain | None
    after: Plain | None
    place: int = 0

    @property
    def what(self) -> str:
        """added, removed or changed."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    def reversed(self) -> Change:
        """What undoes it."""
        return Change(self.kind, self.code, self.after, self.before, self.place)


def compiled(content: Plain) -> Catalogue:
    """The catalogue a content of readable definitions stands for; raises InvalidInput for codes used twice and
    formulas that cannot be read. Whether it makes sense as a whole is for ``check_catalogue``."""
    return assemble([YamlFile("", content)])


def canonical(content: Plain) -> Plain:
    """The same definitions as ``plain`` writes them: defaults left out, fields in order."""
    return plain(compiled(content))


def entry_of(content: Plain, kind: str, code: str) -> Plain | None:
    """One definition; None without it."""
    if kind == HEAD:
        head: Plain | None = content.get(HEAD)
        return head
    return next((entry for entry in content.get(kind, ()) if entry["code"] == code), None)


def read_entry(kind: str, entry: Plain | str) -> Plain:
    """One definition from a form or from YAML text, checked by the schema; its formula is read.

    Raises InvalidInput whose problems name the field in ``column`` (``code.field``) and, for text, the line.
    """
    if kind not in (*KINDS, HEAD):
        raise InvalidInput([Problem("catalogue.unknown_kind", {"kind": kind})])
    if isinstance(entry, str):
        lines = entry.splitlines() or [""]
        start = "" if kind == HEAD else "- "
        body = "\n".join((start if number == 0 else "  ") + line for number, line in enumerate(lines))
        text = f"{kind}:\n{'  ' if kind == HEAD else ''}{body}\n"
    else:
        shown = entry if kind == HEAD else [entry]
        text = yaml.dump({kind: shown}, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
    try:
        file = read_yaml(text, "")
    except InvalidInput as refusal:
        # The first line is the heading put before what was written.
        raise InvalidInput(
            [
                problem
                if problem.row is None
                else Problem(problem.code, problem.params, max(1, problem.row - 1), problem.column)
                for problem in refusal.problems
            ]
        ) from None
    found: Any = file.content.get(kind)
    if set(file.content) != {kind} or (kind != HEAD and len(found or ()) != 1):
        raise InvalidInput([Problem("catalogue.one_entry")])
    read: Plain = found if kind == HEAD else found[0]
    if kind == "indicators":
        try:
            parse(read["formula"])
        except InvalidInput as refusal:
            raise InvalidInput(
                [problem.at(column=f"{read['code']}.formula") for problem in refusal.problems]
            ) from None
    return read


def entry_yaml(entry: Plain) -> str:
    """One definition as YAML, for people to edit."""
    text: str = yaml.dump(entry, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=100)
    return text


def applied(content: Plain, changes: Iterable[Change]) -> Plain:
    """The content after the changes, in canonical form."""
    new = {kind: list(value) if isinstance(value, list) else value for kind, value in content.items()}
    for change in changes:
        if change.kind == HEAD:
            new[HEAD] = change.after or {}
            continue
        listed = new.setdefault(change.kind, [])
        place = next((at for at, entry in enumerate(listed) if entry["code"] == change.code), None)
        if place is None and change.after is not None:
            listed.insert(min(change.place, len(listed)), change.after)
        elif place is not None and change.after is None:
            del listed[place]
        elif place is not None and change.after is not None:
            listed[place] = change.after
    return canonical(new)


def change_of(content: Plain, kind: str, code: str, after: Plain | None) -> Change | None:
    """What putting ``after`` in the place of a definition changes; None when nothing. ``code`` empty: a new one.

    A definition given another code is removed and added: see :func:`changes_between`.
    """
    listed = [] if kind == HEAD else content.get(kind, [])
    before = entry_of(content, kind, code) if code or kind == HEAD else None
    if before == after:
        return None
    place = next((at for at, entry in enumerate(listed) if entry["code"] == code), len(listed))
    return Change(kind, code or (after or {}).get("code", ""), before, after, place)


def changes_between(old: Plain, new: Plain) -> list[Change]:
    """Every definition added, removed or changed, by kind and in the order of the newer content."""
    found = []
    if old.get(HEAD) != new.get(HEAD):
        found.append(Change(HEAD, "", old.get(HEAD), new.get(HEAD)))
    for kind in KINDS:
        before = {entry["code"]: (at, entry) for at, entry in enumerate(old.get(kind, ()))}
        after = {entry["code"]: (at, entry) for at, entry in enumerate(new.get(kind, ()))}
        for code in dict.fromkeys([*after, *before]):
            at_old, was = before.get(code, (0, None))
            at_new, now = after.get(code, (at_old, None))
            if was != now:
                found.append(Change(kind, code, was, now, at_old if now is None else at_new))
    return found


@dataclass(frozen=True)
class FieldChange:
    """One field that differs; empty text where it is not given."""

    path: str
    old: str
    new: str

    @property
    def chinese(self) -> bool:
        """Whether it is the Chinese one of a pair of texts."""
        return self.path.rpartition("/")[2] == "zh"


def field_changes(change: Change) -> list[FieldChange]:
    """The fields of a definition that differ, each with both values; members of lists are matched by code."""
    before, after = dict(_fields(change.before or {})), dict(_fields(change.after or {}))
    return [
        FieldChange(path, before.get(path, ""), after.get(path, ""))
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    ]


def _fields(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _fields(inner, (*path, str(key)))
    elif isinstance(value, list) and value and all(isinstance(inner, Mapping) for inner in value):
        for number, inner in enumerate(value, 1):
            name = str(inner.get("code") or inner.get("indicator") or f"#{number}")
            yield from _fields(inner, (*path, name))
    else:
        yield "/".join(path), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def clashes(mine: Sequence[Change], theirs: Sequence[Change]) -> list[Change]:
    """Those of my changes to definitions that the others changed too, and differently."""
    other = {(change.kind, change.code): change for change in theirs}
    return [
        change
        for change in mine
        if (change.kind, change.code) in other and other[change.kind, change.code].after != change.after
    ]


def to_json(changes: Iterable[Change]) -> str:
    """The changes as text that keeps the order of all fields."""
    return json.dumps(
        [[one.kind, one.code, one.before, one.after, one.place] for one in changes], ensure_ascii=False
    )


def from_json(text: str) -> list[Change]:
    """What :func:`to_json` wrote."""
    return [Change(*one) for one in json.loads(text)]
