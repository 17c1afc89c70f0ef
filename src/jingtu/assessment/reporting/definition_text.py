"""Forms as people write them: YAML for a file, short lines for the sections on screen.

A line of the sections is a heading (``# 中文 | English``), a note under it (``> 中文 | English``) or an
element: ``users_current by=age optional``, ``drug_cases_solved below``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from jingtu.engine.plainyaml import NotPlainYaml, read_plain_yaml
from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts
from jingtu.engine.textfile import decode, read_bytes

from .definition import Deadline, Definition, Item, Section, Step, Who

register_texts(
    {
        "form.bad_line": (
            "第{number}行“{text}”看不懂。可写：# 标题 | Title、> 说明 | Note、元素代码 by=维度 optional below。",
            'Line {number}, "{text}", is not understood. Write: # Chinese | English, > Chinese | English, '
            "or an element's code with by=dimension, optional, below.",
        ),
        "form.yaml_without": (
            "不是有效的报表定义：缺少“{field}”。",
            'Not a valid definition of forms: "{field}" is missing.',
        ),
        "form.bad_yaml": ("不是有效的报表定义：{detail}", "Not a valid definition of forms: {detail}"),
    }
)


def read_sections(text: str) -> tuple[Section, ...]:
    """The sections of the short lines. Raises InvalidInput naming every line that is not understood."""
    sections: list[Section] = []
    problems: list[Problem] = []
    items: list[Item] = []

    def close() -> None:
        if sections:
            last = sections[-1]
            sections[-1] = Section(last.title_zh, last.title_en, last.note_zh, last.note_en, tuple(items))
        elif items:
            sections.append(Section("填报内容", "Figures", items=tuple(items)))
        items.clear()

    for number, line in enumerate(text.splitlines(), start=1):
        words = line.strip()
        if not words:
            continue
        if words.startswith("#"):
            close()
            zh, en = _both(words[1:])
            sections.append(Section(zh, en))
        elif words.startswith(">") and sections:
            zh, en = _both(words[1:])
            last = sections[-1]
            sections[-1] = Section(last.title_zh, last.title_en, zh, en, last.items)
        else:
            item = _item(words)
            if item is None:
                problems.append(
                    Problem("form.bad_line", {"number": number, "text": words[:60]}, column="sections")
                )
            else:
                items.append(item)
    close()
    if problems:
        raise InvalidInput(problems)
    return tuple(sections)


def write_sections(sections: tuple[Section, ...]) -> str:
    """The short lines :func:`read_sections` reads back."""
    lines: list[str] = []
    for section in sections:
        lines.append(f"# {section.title_zh} | {section.title_en}")
        if section.note_zh or section.note_en:
            lines.append(f"> {section.note_zh} | {section.note_en}")
        for item in section.items:
            words = [item.element]
            if item.by:
                words.append(f"by={item.by}")
            if not item.required:
                words.append("optional")
            if item.origin == "below":
                words.append("below")
            lines.append(" ".join(words))
        lines.append("")
    return "\n".join(lines).strip() + "\n"


def _both(text: str) -> tuple[str, str]:
    zh, bar, en = text.partition("|")
    return zh.strip(), en.strip() if bar else zh.strip()


def _item(text: str) -> Item | None:
    code, *words = text.split()
    by, required, below = "", True, False
    for word in words:
        if word.startswith("by="):
            by = word[3:]
        elif word == "optional":
            required = False
        elif word == "below":
            below = True
        else:
            return None
    if not code.replace("_", "").isalnum():
        return None
    return Item(code, by, required, "below" if below else "typed")


def read_forms(path: Path) -> list[tuple[str, str, Definition]]:
    """(code, tree, definition) of every form in a YAML file. Raises InvalidInput."""
    try:
        content = read_plain_yaml(decode(read_bytes(path)))
    except NotPlainYaml as error:
        raise refuse("form.bad_yaml", row=error.line, detail=error.reason) from None
    entries = content.get("forms") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise refuse("form.yaml_without", field="forms")
    return [_entry(entry, number) for number, entry in enumerate(entries, start=1)]


def _entry(entry: Any, number: int) -> tuple[str, str, Definition]:
    try:
        return str(entry["code"]), str(entry["tree"]), _definition(entry)
    except KeyError as error:
        raise refuse("form.yaml_without", field=str(error.args[0])[:60]) from error
    except (AttributeError, TypeError, ValueError, ArithmeticError) as error:
        raise refuse("form.bad_yaml", detail=f"forms #{number}") from error


def write_forms(forms: list[tuple[str, str, Definition]]) -> str:
    """YAML of the forms, which :func:`read_forms` reads back."""
    entries = [_plain(code, tree, definition) for code, tree, definition in forms]
    return str(yaml.safe_dump({"forms": entries}, allow_unicode=True, sort_keys=False, width=100))


def _definition(entry: Mapping[str, Any]) -> Definition:
    who, due, valid = entry["who"], entry["due"], entry["valid"]
    instructions = entry.get("instructions") or {}
    return Definition(
        name_zh=entry["name"]["zh"],
        name_en=entry["name"]["en"],
        cadence=entry["period"],
        who=Who(
            who.get("level", ""),
            who.get("within", ""),
            who.get("group", ""),
            tuple(str(code) for code in who.get("listed", ())),
        ),
        deadline=Deadline(int(due["days"]), due.get("counting", "working_days"), str(due.get("at", "18:00"))),
        review=tuple(Step(str(level)) for level in entry["review"]),
        sections=read_sections(entry["sections"]),
        valid_from=_day(valid["from"]),
        valid_to=_day(valid["to"]) if valid.get("to") else None,
        instructions_zh=instructions.get("zh", ""),
        instructions_en=instructions.get("en", ""),
    )


def _day(value: object) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _plain(code: str, tree: str, definition: Definition) -> dict[str, Any]:
    who = definition.who
    return {
        "code": code,
        "tree": tree,
        "name": {"zh": definition.name_zh, "en": definition.name_en},
        "instructions": {"zh": definition.instructions_zh, "en": definition.instructions_en},
        "period": definition.cadence,
        "valid": {"from": definition.valid_from, "to": definition.valid_to},
        "due": {
            "days": definition.deadline.days,
            "counting": definition.deadline.counting,
            "at": definition.deadline.at,
        },
        "who": {"level": who.level, "within": who.within, "group": who.group, "listed": list(who.listed)},
        "review": [step.level for step in definition.review],
        "sections": write_sections(definition.sections),
    }
