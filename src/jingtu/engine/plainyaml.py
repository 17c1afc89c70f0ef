"""YAML from people: text, numbers, dates, lists and fields. Whatever else YAML could hold is refused in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import yaml

MAX_DEPTH = 16
LONGEST_NUMBER = 40
"""More digits than any figure has; Python writes out no number of more than some thousands."""
_SHOWN = 60


class NotPlainYaml(Exception):
    """The text is no YAML, or not plain. ``reason``: what the reader of YAML says, or the words that are meant."""

    def __init__(self, reason: object, line: int | None = None) -> None:
        self.reason = "".join(char for char in " ".join(str(reason).split())[:300] if char.isprintable())
        self.line = line
        super().__init__(self.reason)


class Builder(Protocol):
    """What a loader of YAML does with a node."""

    def construct_document(self, node: yaml.Node) -> Any: ...

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any: ...


def read_plain_yaml(text: str) -> Any:
    """The content of a YAML text without references, not nested deeply. Raises NotPlainYaml."""
    try:
        # A few lines that name each other could stand for more text than fits into memory.
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise NotPlainYaml("&, *", _line(event.start_mark))
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                raise NotPlainYaml("[[[[[[[[…", _line(event.start_mark))
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
    except (yaml.YAMLError, ValueError) as error:
        raise _unread(error) from None
    return None if node is None else build(loader, node)


def build(loader: Builder, node: yaml.Node) -> Any:
    """What the nodes stand for. Raises NotPlainYaml naming the words that cannot be read."""
    for scalar in _scalars(node):
        if scalar.tag == "tag:yaml.org,2002:int" and len(scalar.value) > LONGEST_NUMBER:
            raise _meant(scalar)
    try:
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        raise _unread(error) from None
    # A tag that does not fit its words ("!!int ''") makes the loader stumble over them in many ways.
    except (ValueError, ArithmeticError, LookupError, AttributeError, TypeError):
        raise _culprit(loader, node) from None


def _unread(error: yaml.YAMLError | ValueError) -> NotPlainYaml:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem:
        return NotPlainYaml(error.problem, _line(error.problem_mark))
    return NotPlainYaml(error)


def _line(mark: Any) -> int | None:
    return mark.line + 1 if mark else None


def _culprit(loader: Builder, node: yaml.Node) -> NotPlainYaml:
    for scalar in _scalars(node):
        try:
            loader.construct_object(scalar)
        except (yaml.YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError):
            return _meant(scalar)
    return NotPlainYaml(node.tag, node.start_mark.line + 1)


def _meant(scalar: yaml.ScalarNode) -> NotPlainYaml:
    kind = scalar.tag.removeprefix("tag:yaml.org,2002:")
    text = scalar.value if len(scalar.value) <= _SHOWN else scalar.value[: _SHOWN - 1] + "…"
    return NotPlainYaml(f"!!{kind} '{text}'", scalar.start_mark.line + 1)


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, yaml.ScalarNode):
            yield one
        elif isinstance(one, yaml.SequenceNode):
            waiting.extend(one.value)
        elif isinstance(one, yaml.MappingNode):
            waiting.extend(part for pair in one.value for part in pair)
