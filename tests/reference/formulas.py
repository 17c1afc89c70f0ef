"""A second reader of the formula language: text in, nested tuples out."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from typing import Any

Node = tuple[Any, ...]

_TOKEN = re.compile(r'\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|("[^"]*")|([-+*/()\[\],=]))')


@cache
def parse(text: str) -> Node:
    """("number", n) | ("element", code, selection) | ("-", x) | (op, a, b) | ("call", name, args)."""
    tokens: list[str] = []
    place = 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None:
            raise ValueError(text[place:])
        tokens.append(next(group for group in found.groups() if group is not None))
        place = found.end()
    node, rest = _sum(tokens)
    if rest:
        raise ValueError(rest)
    return node


def elements(node: Node) -> list[Node]:
    """Every element in reading order."""
    if node[0] == "element":
        return [node]
    inner = node[2] if node[0] == "call" else node[1:]
    return [found for part in inner if isinstance(part, tuple) for found in elements(part)]


def ratio(node: Node) -> tuple[Node, Node] | None:
    """Numerator and denominator where the formula is one ratio, perhaps times a number."""
    if node[0] == "call" and node[1] in ("share", "per"):
        return node[2][0], node[2][1]
    if node[0] == "/":
        inner = ratio(node[1]) if node[2][0] == "number" else None
        return inner or (None if node[2][0] == "number" else (node[1], node[2]))
    if node[0] == "*":
        for number, other in ((node[1], node[2]), (node[2], node[1])):
            if number[0] == "number" and ratio(other):
                return ratio(other)
    return None


def _sum(tokens: list[str]) -> tuple[Node, list[str]]:
    node, rest = _product(tokens)
    while rest and rest[0] in "+-":
        right, after = _product(rest[1:])
        node, rest = (rest[0], node, right), after
    return node, rest


def _product(tokens: list[str]) -> tuple[Node, list[str]]:
    node, rest = _single(tokens)
    while rest and rest[0] in "*/":
        right, after = _single(rest[1:])
        node, rest = (rest[0], node, right), after
    return node, rest


def _single(tokens: list[str]) -> tuple[Node, list[str]]:
    first, rest = tokens[0], tokens[1:]
    if first == "-":
        node, rest = _single(rest)
        return ("-", node), rest
    if first == "(":
        node, rest = _sum(rest)
        return node, rest[1:]
    if first[0].isdigit():
        return ("number", Fraction(first)), rest
    if first[0] == '"':
        return ("text", first[1:-1]), rest
    if rest and rest[0] == "(":
        arguments: list[Node] = []
        while rest[0] != ")":
            node, rest = _sum(rest[1:])
            arguments.append(node)
        return ("call", first, tuple(arguments)), rest[1:]
    if rest and rest[0] == "[":
        closing = rest.index("]")
        inside = rest[1:closing]
        pairs = [(inside[n], inside[n + 2][1:-1]) for n in range(0, len(inside), 4)]
        return ("element", first, tuple(sorted(pairs))), rest[closing + 1 :]
    return ("element", first, ()), rest
