"""Element definitions as they lie in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from jingtu.engine.elements import Element, ElementKind


def to_json(element: Element) -> dict[str, Any]:
    """The definition as JSON-able values, equal for equal definitions."""
    values = asdict(element)
    values["kind"] = element.kind.value
    values["dimensions"] = {name: list(allowed) for name, allowed in sorted(element.dimensions.items())}
    values["cites"] = list(element.cites)
    values["labels"] = {name: list(words) for name, words in sorted(element.labels.items())}
    return values


def from_json(values: Mapping[str, Any]) -> Element:
    """The element :func:`to_json` described."""
    known = {field.name for field in fields(Element)}
    arguments = {name: value for name, value in values.items() if name in known}
    arguments["kind"] = ElementKind(arguments["kind"])
    arguments["dimensions"] = {name: tuple(allowed) for name, allowed in arguments["dimensions"].items()}
    arguments["cites"] = tuple(arguments["cites"])
    arguments["labels"] = {name: tuple(words) for name, words in arguments.get("labels", {}).items()}
    return Element(**arguments)
