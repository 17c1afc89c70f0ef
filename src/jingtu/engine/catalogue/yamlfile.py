"""One YAML file of a catalogue: safe reading, the line of every entry, the JSON Schema."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from jingtu.engine.plainyaml import MAX_DEPTH, NotPlainYaml, build
from jingtu.engine.problems import InvalidInput, Problem, register_texts
from jingtu.engine.textfile import decode, read_bytes

MAX_BYTES = 8 * 1024 * 1024

register_texts(
    {
        "catalogue.too_large": (
            "{where}：文件超过{limit}MB，目录文件不应如此之大",
            "{where}: the file is larger than {limit} MB; no catalogue is that large",
        ),
        "catalogue.not_yaml": ("{where}：不是有效的YAML：{reason}", "{where}: not valid YAML: {reason}"),
        "catalogue.not_a_mapping": (
            "{where}：最外层应为“名称: 内容”的结构",
            "{where}: the file must consist of names with their content",
        ),
        "catalogue.alias": (
            "{where}：不接受YAML引用（& 和 *），请把内容写全",
            "{where}: YAML references (& and *) are not accepted; write the content out",
        ),
        "catalogue.too_deep": ("{where}：嵌套过深", "{where}: nested too deeply"),
        "catalogue.repeated_field": (
            "{where}：“{name}”写了两次",
            '{where}: "{name}" is written twice',
        ),
        "catalogue.missing_field": ("{where}：缺少“{name}”", '{where}: "{name}" is missing'),
        "catalogue.unknown_field": (
            "{where}：没有“{name}”这个字段，可用：{known}",
            '{where}: there is no field "{name}"; available: {known}',
        ),
        "catalogue.unknown_field_near": (
            "{where}：没有“{name}”这个字段，是否指“{near}”？",
            '{where}: there is no field "{name}"; did you mean "{near}"?',
        ),
        "catalogue.not_one_of": (
            "{where}：“{value}”不在可选值中，可用：{known}",
            '{where}: "{value}" is not allowed; use one of: {known}',
        ),
        "catalogue.wrong_type": (
            "{where}：“{value}”的类型不对，应为{wanted}",
            '{where}: "{value}" is of the wrong type; {wanted} is expected',
        ),
        "catalogue.bad_form": (
            "{where}：“{value}”的写法不对（{wanted}）",
            '{where}: "{value}" is not well written ({wanted})',
        ),
        "catalogue.bad_words": ("{where}：不能是空白", "{where}: must not be blank"),
        "catalogue.bad_threshold": (
            "{where}：“{value}”的写法不对；写成比较号加数字，如 ≥90 或 <60",
            '{where}: "{value}" is not well written; write a sign and a number, such as >= 90 or < 60',
        ),
        "catalogue.bad_snake": (
            "{where}：编码“{value}”只用小写字母、数字和下划线，以字母开头，如 drug_cases",
            '{where}: the code "{value}" takes small letters, digits and underscores after a letter, as in drug_cases',
        ),
        "catalogue.bad_indicator_code": (
            "{where}：指标编码“{value}”只用大写字母、数字和下划线，以字母开头，如 CASE_RATE",
            '{where}: the code "{value}" of an indicator takes capitals, digits and underscores after a letter, '
            "as in CASE_RATE",
        ),
        "catalogue.bad_row": (
            "{where}：机制编号“{value}”是一个大写字母加数字，如 A2",
            '{where}: the mechanism "{value}" is a capital and a number, as in A2',
        ),
        "catalogue.bad_cite": (
            "{where}：“{value}”写成文件编码，或“文件编码:条款”",
            '{where}: write "{value}" as the code of a document, or as code:article',
        ),
        "catalogue.bad_date": (
            "{where}：日期“{value}”写成 2026、2026-10 或 2026-10-31",
            '{where}: write the date "{value}" as 2026, 2026-10 or 2026-10-31',
        ),
        "catalogue.bad_url": (
            "{where}：网址“{value}”以 http:// 或 https:// 开头，中间不能有空格",
            '{where}: the address "{value}" begins with http:// or https:// and has no blanks',
        ),
        "catalogue.out_of_range": (
            "{where}：“{value}”超出范围（{wanted}）",
            '{where}: "{value}" is out of range ({wanted})',
        ),
        "catalogue.too_few": ("{where}：不能为空", "{where}: must not be empty"),
        "catalogue.repeated_value": ("{where}：有重复的值", "{where}: a value occurs twice"),
    }
)

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class YamlFile:
    """The content of one file with the line (from 1) of every entry and field."""

    name: str
    content: dict[str, Any]
    lines: dict[Path_, int] = field(default_factory=dict)

    def line(self, path: Sequence[str | int]) -> int | None:
        """The line of a path, or of the nearest thing around it."""
        at = tuple(path)
        while at not in self.lines:
            if not at:
                return None
            at = at[:-1]
        return self.lines[at]

    def where(self, path: Sequence[str | int]) -> str:
        """The place in words: file, kind of entry, code of the entry, field."""
        words: list[str] = []
        value: Any = self.content
        for part in path:
            value = _inside(value, part)
            if isinstance(part, int):
                code = value.get("code") or value.get("indicator") if isinstance(value, dict) else None
                words.append(str(code) if code else f"#{part + 1}")
            else:
                words.append(part)
        return f"{self.name} {'/'.join(words)}".strip()

    def problem(self, code: str, path: Sequence[str | int], /, **params: object) -> Problem:
        """A problem at a path of this file."""
        names = [part for part in path if isinstance(part, str)]
        return Problem(
            code,
            {"where": self.where(path), **params},
            row=self.line(path),
            column=names[-1] if names else None,
        )


def read_yaml(source: Path | bytes | str, name: str) -> YamlFile:
    """Read one file or text; InvalidInput for anything but plain, schema-conforming YAML."""
    data = source.encode() if isinstance(source, str) else read_bytes(source)
    if len(data) > MAX_BYTES:
        raise InvalidInput([Problem("catalogue.too_large", {"where": name, "limit": MAX_BYTES >> 20})])
    loader = yaml.CSafeLoader(decode(data))
    try:
        try:
            node = loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            raise InvalidInput(
                [Problem("catalogue.not_yaml", {"where": name, "reason": error.problem or ""}, row=line)]
            ) from None
        except yaml.YAMLError as error:
            raise InvalidInput(
                [Problem("catalogue.not_yaml", {"where": name, "reason": str(error)})]
            ) from None
        lines: dict[Path_, int] = {}
        problems = list(_inspect(node, (), lines, set(), name)) if node is not None else []
        if problems:
            raise InvalidInput(problems)
        try:
            content = _texts_for_dates(build(loader, node)) if node is not None else {}
        except NotPlainYaml as error:
            raise InvalidInput(
                [Problem("catalogue.not_yaml", {"where": name, "reason": error.reason}, row=error.line)]
            ) from None
    finally:
        loader.dispose()
    if not isinstance(content, dict):
        raise InvalidInput([Problem("catalogue.not_a_mapping", {"where": name}, row=1)])
    file = YamlFile(name, content, lines)
    problems = [_explain(error, file) for error in schema_errors(content)]
    if problems:
        raise InvalidInput(sorted(problems, key=lambda problem: problem.row or 0))
    return file


@cache
def validator() -> Draft202012Validator:
    """The validator of the catalogue's JSON Schema."""
    text = files("jingtu").joinpath("catalogue/schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def schema_errors(content: object) -> list[ValidationError]:
    """What the schema objects to."""
    return list(validator().iter_errors(content))


def _inspect(
    node: yaml.Node, path: Path_, lines: dict[Path_, int], seen: set[int], name: str
) -> Iterator[Problem]:
    """Note every line; object to references, repeated fields and bottomless nesting."""
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if id(node) in seen:
        yield Problem("catalogue.alias", {"where": name}, row=line)
        return
    seen.add(id(node))
    if len(path) > MAX_DEPTH:
        yield Problem("catalogue.too_deep", {"where": name}, row=line)
    elif isinstance(node, yaml.MappingNode):
        fields: set[str] = set()
        for key, value in node.value:
            field_name = str(key.value)
            lines[(*path, field_name)] = key.start_mark.line + 1
            if field_name in fields:
                yield Problem(
                    "catalogue.repeated_field",
                    {"where": name, "name": field_name},
                    row=key.start_mark.line + 1,
                    column=field_name,
                )
            fields.add(field_name)
            yield from _inspect(value, (*path, field_name), lines, seen, name)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _inspect(value, (*path, index), lines, seen, name)


def _texts_for_dates(value: Any) -> Any:
    """YAML reads 2007-12-29 as a date; definitions keep it as text."""
    if isinstance(value, dict):
        return {str(key): _texts_for_dates(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts_for_dates(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _inside(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _explain(error: ValidationError, file: YamlFile) -> Problem:
    """A schema violation as a sentence about the entry and field."""
    path: list[str | int] = list(error.absolute_path)
    rule: Any = error.validator_value
    instance: Any = error.instance
    schema: Any = error.schema
    value = _short(instance)
    match error.validator:
        case "required":
            missing = next(name for name in rule if name not in instance)
            return file.problem("catalogue.missing_field", path, name=missing)
        case "additionalProperties":
            known = list(schema.get("properties", {}))
            extra = next(name for name in instance if name not in known)
            near = difflib.get_close_matches(extra, known, n=1)
            path.append(extra)
            if near:
                return file.problem("catalogue.unknown_field_near", path, name=extra, near=near[0])
            return file.problem("catalogue.unknown_field", path, name=extra, known=", ".join(known))
        case "enum" | "const":
            known = rule if isinstance(rule, list) else [rule]
            return file.problem("catalogue.not_one_of", path, value=value, known=", ".join(map(str, known)))
        case "type":
            return file.problem("catalogue.wrong_type", path, value=value, wanted=rule)
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            signs = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}
            return file.problem(
                "catalogue.out_of_range", path, value=value, wanted=f"{signs[error.validator]} {rule}"
            )
        case "minItems" | "minLength":
            return file.problem("catalogue.too_few", path)
        case "uniqueItems":
            return file.problem("catalogue.repeated_value", path)
        case _:
            # What the schema calls the form is explained in words; nobody is asked to read a pattern.
            form = error.schema.get("form", "form") if isinstance(error.schema, Mapping) else "form"
            return file.problem(f"catalogue.bad_{form}", path, value=value, wanted=rule)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
