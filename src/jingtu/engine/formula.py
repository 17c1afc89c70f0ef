"""The formula language of indicators: text to nodes (:mod:`formulatree`) and back.

The grammar and the meaning of every function are in ``docs/reference/formula.md``. The language is
closed: element references, numbers, ``+ - * /`` and the functions listed in :data:`FUNCTIONS`;
nothing is ever handed to Python's ``eval``. A formula is at most 1000 characters long and 32 deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from jingtu.engine.formulatree import (
    FUNCTIONS,
    Binary,
    Call,
    ElementRef,
    Function,
    Negate,
    Node,
    Number,
    Operator,
    Text,
    Window,
    base_period,
    children_of,
    elements_of,
    periods_of,
    references_of,
    walk,
    windows_of,
    year_to_date,
)
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, Problem, register_texts

MAX_LENGTH = 1000
MAX_DEPTH = 32

__all__ = [
    "FUNCTIONS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "Binary",
    "Call",
    "ElementRef",
    "Function",
    "Negate",
    "Node",
    "Number",
    "Operator",
    "Text",
    "Window",
    "base_period",
    "children_of",
    "elements_of",
    "format_formula",
    "parse",
    "periods_of",
    "references_of",
    "walk",
    "windows_of",
    "year_to_date",
]

register_texts(
    {
        "formula.empty": ("公式为空", "the formula is empty"),
        "formula.too_long": (
            "公式有{length}个字符，最多{limit}个，请拆成几个指标",
            "the formula has {length} characters, at most {limit} are allowed; split it into several indicators",
        ),
        "formula.too_deep": (
            "第{position}个字符处嵌套超过{limit}层\n{caret}",
            "nested deeper than {limit} levels at character {position}\n{caret}",
        ),
        "formula.bad_character": (
            "第{position}个字符“{found}”不能用在公式里\n{caret}",
            'the character "{found}" at {position} cannot stand in a formula\n{caret}',
        ),
        "formula.open_text": (
            "第{position}个字符处的引号没有配对\n{caret}",
            "the quotation mark at character {position} is never closed\n{caret}",
        ),
        "formula.expected_mark": (
            "第{position}个字符处应为“{mark}”\n{caret}",
            'expected "{mark}" at character {position}\n{caret}',
        ),
        "formula.expected_operand": (
            "第{position}个字符处应为数字、数据元素、函数或左括号\n{caret}",
            'expected a number, an element, a function or "(" at character {position}\n{caret}',
        ),
        "formula.expected_operator": (
            "第{position}个字符处应为运算符（+ - * /）或公式结尾\n{caret}",
            "expected an operator (+ - * /) or the end of the formula at character {position}\n{caret}",
        ),
        "formula.expected_dimension": (
            '第{position}个字符处应为分类维度，如 age="u25"\n{caret}',
            'expected a dimension, as in age="u25", at character {position}\n{caret}',
        ),
        "formula.expected_category": (
            '第{position}个字符处应为加引号的分类取值，如"u25"\n{caret}',
            'expected a category value in quotes, such as "u25", at character {position}\n{caret}',
        ),
        "formula.unknown_function": (
            "第{position}个字符处的函数“{name}”不存在，可用：{known}\n{caret}",
            'there is no function "{name}" (character {position}); available: {known}\n{caret}',
        ),
        "formula.arity": (
            "第{position}个字符处：函数“{name}”要{wanted}个参数，写了{given}个；写法：{usage}\n{caret}",
            'the function "{name}" (character {position}) takes {wanted} arguments, {given} given; '
            "write {usage}\n{caret}",
        ),
        "formula.number_argument": (
            "函数“{name}”的第三个参数须是大于0的数，如10000\n{caret}",
            'the third argument of "{name}" must be a number above 0, such as 10000\n{caret}',
        ),
        "formula.period_argument": (
            '函数“{name}”的第二个参数须是加引号的期间，如"2016"\n{caret}',
            'the second argument of "{name}" must be a period in quotes, such as "2016"\n{caret}',
        ),
        "formula.element_argument": (
            "函数“{name}”只能直接用于数据元素\n{caret}",
            'the function "{name}" applies to an element only\n{caret}',
        ),
        "formula.repeated_dimension": (
            "分类维度“{dimension}”写了两次\n{caret}",
            'the dimension "{dimension}" is given twice\n{caret}',
        ),
    }
)


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The formula as nodes.

    InvalidInput names the first place that is wrong and shows it with a caret.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidInput([Problem("formula.too_long", {"length": len(text), "limit": MAX_LENGTH})])
    if not text.strip():
        raise InvalidInput([Problem("formula.empty")])
    return _Parser(text).formula()


class _Token(NamedTuple):
    kind: str  # number, name, text, mark or end
    text: str
    start: int


_TOKEN = re.compile(
    r"(?P<blank>\s+)|(?P<number>\d+(?:\.\d+)?)(?![A-Za-z_])|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>\"[^\"\n]*\")|(?P<mark>[-+*/()\[\],=])"
)
_PRECEDENCE: dict[str, int] = {"+": 1, "-": 1, "*": 2, "/": 2}


class _Parser:
    """Recursive descent with operator precedence; one token of look-ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self.scan())
        self.at = 0

    def scan(self) -> Iterator[_Token]:
        at = 0
        while at < len(self.text):
            found = _TOKEN.match(self.text, at)
            if found is None:
                code = "formula.open_text" if self.text[at] == '"' else "formula.bad_character"
                raise self.refuse(code, at, found=self.text[at])
            if found.lastgroup is not None and found.lastgroup != "blank":
                yield _Token(found.lastgroup, found.group(), at)
            at = found.end()
        yield _Token("end", "", at)

    def formula(self) -> Node:
        node = self.expression(0, 1)
        if self.token.kind != "end":
            raise self.refuse("formula.expected_operator", self.token.start)
        return node

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def advance(self) -> _Token:
        token = self.token
        self.at += 1
        return token

    def expression(self, weakest: int, depth: int) -> Node:
        left = self.unary(depth)
        # A chain a+b+c leans left and would be as deep as it is long: depth counts it as such.
        depth_here = depth
        while (precedence := _PRECEDENCE.get(self.token.text, 0)) > weakest and self.token.kind == "mark":
            operator = self.advance()
            depth_here += 1
            self.check_depth(depth_here, operator.start)
            right = self.expression(precedence, depth + 1)
            left = Binary(_operator(operator.text), left, right, operator.start)
        return left

    def unary(self, depth: int) -> Node:
        self.check_depth(depth, self.token.start)
        if self.token.text == "-" and self.token.kind == "mark":
            minus = self.advance()
            return Negate(self.unary(depth + 1), minus.start)
        return self.primary(depth)

    def primary(self, depth: int) -> Node:
        token = self.token
        if token.kind == "number":
            self.advance()
            return Number(Decimal(token.text), token.start)
        if token.kind == "name":
            self.advance()
            if self.token.text == "(":
                return self.call(token, depth)
            return self.reference(token)
        if token.text == "(":
            self.advance()
            inner = self.expression(0, depth + 1)
            self.expect(")")
            return inner
        raise self.refuse("formula.expected_operand", token.start)

    def call(self, name: _Token, depth: int) -> Node:
        function = FUNCTIONS.get(name.text)
        if function is None:
            known = ", ".join(FUNCTIONS)
            raise self.refuse("formula.unknown_function", name.start, name=name.text, known=known)
        self.advance()
        args: list[Node] = []
        if self.token.text != ")":
            while True:
                args.append(self.argument(function, len(args), depth + 1))
                if self.token.text != ",":
                    break
                self.advance()
        self.expect(")")
        if len(args) != len(function.arguments):
            raise self.refuse(
                "formula.arity",
                name.start,
                name=function.name,
                wanted=len(function.arguments),
                given=len(args),
                usage=function.usage,
            )
        return Call(function.name, tuple(args), name.start)

    def argument(self, function: Function, index: int, depth: int) -> Node:
        kind = function.arguments[index] if index < len(function.arguments) else "x"
        start = self.token.start
        if kind == "p":
            return self.period_argument(function)
        if self.token.kind == "text" and index >= len(function.arguments):
            token = self.advance()
            return Text(token.text[1:-1], token.start)
        node = self.expression(0, depth)
        if kind == "n" and not (isinstance(node, Number) and node.value > 0):
            raise self.refuse("formula.number_argument", start, name=function.name)
        if kind == "e" and not isinstance(node, ElementRef):
            raise self.refuse("formula.element_argument", start, name=function.name)
        return node

    def period_argument(self, function: Function) -> Node:
        token = self.token
        if token.kind != "text":
            raise self.refuse("formula.period_argument", token.start, name=function.name)
        self.advance()
        try:
            return Text(Period.parse(token.text[1:-1]).key, token.start)
        except InvalidInput:
            raise self.refuse("formula.period_argument", token.start, name=function.name) from None

    def reference(self, name: _Token) -> Node:
        if self.token.text != "[":
            return ElementRef(name.text, (), name.start)
        self.advance()
        selection: dict[str, str] = {}
        while True:
            if self.token.kind != "name":
                raise self.refuse("formula.expected_dimension", self.token.start)
            dimension = self.advance()
            if dimension.text in selection:
                raise self.refuse("formula.repeated_dimension", dimension.start, dimension=dimension.text)
            self.expect("=")
            if self.token.kind != "text" or not _CATEGORY_VALUE.fullmatch(self.token.text[1:-1]):
                raise self.refuse("formula.expected_category", self.token.start)
            selection[dimension.text] = self.advance().text[1:-1]
            if self.token.text != ",":
                break
            self.advance()
        self.expect("]")
        return ElementRef(name.text, tuple(sorted(selection.items())), name.start)

    def expect(self, mark: str) -> None:
        if self.token.kind != "mark" or self.token.text != mark:
            raise self.refuse("formula.expected_mark", self.token.start, mark=mark)
        self.advance()

    def check_depth(self, depth: int, position: int) -> None:
        if depth > MAX_DEPTH:
            raise self.refuse("formula.too_deep", position, limit=MAX_DEPTH)

    def refuse(self, code: str, position: int, /, **params: object) -> InvalidInput:
        """The refusal, with the position counted from 1 and the place pointed at."""
        return InvalidInput(
            [Problem(code, {**params, "position": position + 1, "caret": _caret(self.text, position)})]
        )


_CATEGORY_VALUE = re.compile(r"[^\s\"=;,，；]+")


def _operator(text: str) -> Operator:
    match text:
        case "+" | "-" | "*" | "/":
            return text
    raise ValueError(text)


def _caret(text: str, position: int) -> str:
    """The part of the formula around a position with a caret beneath it."""
    start = max(0, position - 40)
    part = re.sub(r"\s", " ", text[start : position + 20])
    # A Chinese character is two columns wide on paper and in terminals.
    width = sum(2 if ord(character) > 0x2E7F else 1 for character in part[: position - start])
    return f"  {part}\n  {' ' * width}^"


def format_formula(node: Node) -> str:
    """The formula as text, with no bracket more than needed; parsing it gives ``node`` back."""
    return _write(node, 0)


def _write(node: Node, outer: int) -> str:
    match node:
        case Number():
            return format(node.value, "f")
        case Text():
            return f'"{node.value}"'
        case ElementRef():
            if not node.selection:
                return node.code
            inside = ", ".join(f'{dimension}="{value}"' for dimension, value in node.selection)
            return f"{node.code}[{inside}]"
        case Negate():
            return "-" + _write(node.operand, 3)
        case Call():
            return f"{node.name}({', '.join(_write(arg, 0) for arg in node.args)})"
        case Binary():
            strength = _PRECEDENCE[node.op]
            # The grammar leans left, so a right operand of the same strength needs its brackets.
            text = f"{_write(node.left, strength - 1)} {node.op} {_write(node.right, strength)}"
            return f"({text})" if strength <= outer else text
