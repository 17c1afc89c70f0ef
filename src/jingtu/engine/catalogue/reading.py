"""From YAML files to a catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from jingtu.engine.catalogue.alertrules import alert_rule_from
from jingtu.engine.catalogue.checking import check_catalogue
from jingtu.engine.catalogue.checkrules import check_rule_from
from jingtu.engine.catalogue.model import (
    Bonus,
    BonusRule,
    Catalogue,
    DeductionRule,
    Dimension,
    Document,
    Group,
    GroupMember,
    Indicator,
    Item,
    LinearRule,
    RankRule,
    Rule,
    Scorecard,
    Section,
    Step,
    StepsRule,
    ThresholdRule,
    Unit,
    Veto,
)
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.catalogue.yamlfile import YamlFile, read_yaml
from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.formula import Node, parse
from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts

register_texts(
    {
        "catalogue.no_files": (
            "“{path}”里没有YAML文件（*.yaml）",
            'there are no YAML files (*.yaml) in "{path}"',
        ),
        "catalogue.no_head": (
            "没有“catalogue”一节（code、version、name），不知道这是哪份目录",
            'the section "catalogue" (code, version, name) is missing: it says which catalogue this is',
        ),
        "catalogue.two_heads": (
            "{where}：“catalogue”一节已在{other}写过",
            '{where}: the section "catalogue" was already given in {other}',
        ),
        "catalogue.duplicate": (
            "{where}：编码“{code}”已在{other}（第{line}行）用过",
            '{where}: the code "{code}" was already used in {other} (line {line})',
        ),
    }
)

Source = str | bytes | Path
Plain = Mapping[str, Any]

_KINDS = (
    "documents",
    "units",
    "elements",
    "indicators",
    "groups",
    "scorecards",
    "alerts",
    "dimensions",
    "checks",
)


def load_catalogue(source: Source | Sequence[Source], strict: bool = True) -> Catalogue:
    """The catalogue in a YAML text, a file, a folder (all ``*.yaml`` in it and below), or a list of these.

    A ``str`` of several lines is the text itself, otherwise a path. Parts may be spread over files;
    the section ``catalogue`` occurs once. InvalidInput lists what is wrong with line numbers:
    YAML, schema, repeated codes, formulas; with ``strict`` also every error (not warning) that
    :func:`check_catalogue` finds.
    """
    sources = [source] if isinstance(source, str | bytes | Path) else list(source)
    files: list[YamlFile] = []
    problems: list[Problem] = []
    for name, one in _expand(sources):
        try:
            files.append(read_yaml(one, name))
        except InvalidInput as refusal:
            problems += refusal.problems
    if problems:
        raise InvalidInput(problems)
    catalogue = assemble(files)
    if strict:
        errors = [problem for problem in check_catalogue(catalogue) if problem.severity == "error"]
        if errors:
            raise InvalidInput(errors)
    return catalogue


def assemble(files: list[YamlFile]) -> Catalogue:
    """The catalogue in files whose form the schema has checked; every formula is read once.

    Raises InvalidInput for codes used twice, a missing head and formulas that cannot be read.
    """
    return _Assembly(files).catalogue()


def _expand(sources: Iterable[Source]) -> list[tuple[str, Path | bytes | str]]:
    found: list[tuple[str, Path | bytes | str]] = []
    for source in sources:
        if isinstance(source, bytes) or (isinstance(source, str) and "\n" in source):
            found.append(("", source))
            continue
        path = Path(source)
        if not path.is_dir():
            found.append((path.name, path))
            continue
        inside = sorted(one for pattern in ("*.yaml", "*.yml") for one in path.rglob(pattern))
        if not inside:
            raise refuse("catalogue.no_files", path=str(path))
        found += [(one.relative_to(path).as_posix(), one) for one in inside]
    return found


class _Assembly:
    """Puts the parts of all files together and turns them into records."""

    def __init__(self, files: list[YamlFile]) -> None:
        self.files = files
        self.problems: list[Problem] = []
        self.units: dict[str, Unit] = {}
        self.dimensions: dict[str, Dimension] = {}

    def catalogue(self) -> Catalogue:
        head = self.head()
        parts = {kind: self.entries(kind) for kind in _KINDS}
        self.units = {code: _unit(entry) for code, (entry, _, _) in parts["units"].items()}
        self.dimensions = {code: _dimension(entry) for code, (entry, _, _) in parts["dimensions"].items()}
        documents = {code: _document(entry) for code, (entry, _, _) in parts["documents"].items()}
        elements = {code: self.element(entry) for code, (entry, _, _) in parts["elements"].items()}
        indicators: dict[str, Indicator] = {}
        for code, (entry, file, index) in parts["indicators"].items():
            formula = self.formula(entry, file, index)
            if formula is not None:
                indicators[code] = self.indicator(entry, formula)
        groups = {code: _group(entry) for code, (entry, _, _) in parts["groups"].items()}
        scorecards = {code: _scorecard(entry) for code, (entry, _, _) in parts["scorecards"].items()}
        alerts = {code: alert_rule_from(entry) for code, (entry, _, _) in parts["alerts"].items()}
        checks = {code: check_rule_from(entry) for code, (entry, _, _) in parts["checks"].items()}
        if self.problems:
            raise InvalidInput(self.problems)
        return Catalogue(
            head["code"],
            head["name"]["zh"],
            head["name"]["en"],
            head["version"],
            documents,
            self.units,
            elements,
            indicators,
            groups,
            scorecards,
            alerts,
            self.dimensions,
            checks,
        )

    def head(self) -> Plain:
        with_head = [file for file in self.files if "catalogue" in file.content]
        for file in with_head[1:]:
            self.problems.append(file.problem("catalogue.two_heads", ["catalogue"], other=with_head[0].name))
        if not with_head:
            raise InvalidInput([*self.problems, Problem("catalogue.no_head")])
        head: Plain = with_head[0].content["catalogue"]
        return head

    def entries(self, kind: str) -> dict[str, tuple[Plain, YamlFile, int]]:
        found: dict[str, tuple[Plain, YamlFile, int]] = {}
        for file in self.files:
            for index, entry in enumerate(file.content.get(kind) or []):
                code = entry["code"]
                if code in found:
                    _, other, at = found[code]
                    line = other.line([kind, at])
                    self.problems.append(
                        file.problem(
                            "catalogue.duplicate",
                            [kind, index, "code"],
                            code=code,
                            other=other.name,
                            line=line,
                        )
                    )
                else:
                    found[code] = (entry, file, index)
        return found

    def formula(self, entry: Plain, file: YamlFile, index: int) -> Node | None:
        try:
            return parse(entry["formula"])
        except InvalidInput as refusal:
            path: list[str | int] = ["indicators", index, "formula"]
            for problem in refusal.problems:
                self.problems.append(problem.at(row=file.line(path), column=f"{entry['code']}.formula"))
            return None

    def unit_words(self, code: str) -> dict[str, str]:
        unit = self.units.get(code)
        return {} if unit is None else {"unit_zh": unit.name_zh, "unit_en": unit.name_en}

    def category_words(self, dimensions: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
        words: dict[str, tuple[str, str]] = {}
        for name, values in dimensions.items():
            dimension = self.dimensions.get(name)
            if dimension is not None:
                words[name] = (dimension.name_zh, dimension.name_en)
                known = dimension.values
                words |= {f"{name}={value}": known[value] for value in values if value in known}
        return words

    def element(self, entry: Plain) -> Element:
        definition = entry.get("definition", {})
        return Element(
            code=entry["code"],
            name_zh=entry["name"]["zh"],
            name_en=entry["name"]["en"],
            kind=ElementKind(entry["kind"]),
            unit=entry["unit"],
            decimals=entry.get("decimals", 0),
            dimensions={name: tuple(values) for name, values in entry.get("dimensions", {}).items()},
            person_based=entry.get("person_based", False),
            non_negative=entry.get("non_negative", True),
            source=entry.get("source", "import"),
            strand=entry.get("strand", ""),
            definition_zh=definition.get("zh", ""),
            definition_en=definition.get("en", ""),
            status=entry.get("status", "G"),
            cites=tuple(entry.get("cites", ())),
            parts_of=entry.get("parts_of"),
            labels=self.category_words(entry.get("dimensions", {})),
            **self.unit_words(entry["unit"]),
        )

    def indicator(self, entry: Plain, formula: Node) -> Indicator:
        definition, gap = entry.get("definition", {}), entry.get("gap_unit", {})
        return Indicator(
            code=entry["code"],
            name_zh=entry["name"]["zh"],
            name_en=entry["name"]["en"],
            strand=entry["strand"],
            formula=formula,
            formula_text=entry["formula"],
            direction=entry["direction"],
            unit=entry["unit"],
            decimals=entry.get("decimals", 2),
            target=_threshold(entry.get("target")),
            red_line=_threshold(entry.get("red_line")),
            min_denominator=entry.get("min_denominator", 0),
            lagging=entry.get("lagging", False),
            person_based=entry.get("person_based", False),
            rows=tuple(entry.get("rows", ())),
            cites=tuple(entry.get("cites", ())),
            status=entry.get("status", "G"),
            definition_zh=definition.get("zh", ""),
            definition_en=definition.get("en", ""),
            gap_zh=gap.get("zh", ""),
            gap_en=gap.get("en", ""),
            **self.unit_words(entry["unit"]),
        )


def _threshold(text: str | None) -> Threshold | None:
    return None if text is None else Threshold.parse(text)


def _decimal(value: int | float) -> Decimal:
    """The number as written: YAML's 0.85 is the decimal 0.85, not its binary neighbour."""
    return Decimal(str(value))


def _optional(value: int | float | None) -> Decimal | None:
    return None if value is None else _decimal(value)


def _unit(entry: Plain) -> Unit:
    return Unit(entry["code"], entry["name"]["zh"], entry["name"]["en"])


def _dimension(entry: Plain) -> Dimension:
    values = {value: (words["zh"], words["en"]) for value, words in entry["values"].items()}
    return Dimension(entry["code"], entry["name"]["zh"], entry["name"]["en"], values)


def _document(entry: Plain) -> Document:
    return Document(
        entry["code"],
        entry["title"]["zh"],
        entry["title"]["en"],
        entry.get("issuer", ""),
        entry.get("number", ""),
        entry.get("date", ""),
        entry["kind"],
        entry.get("url", ""),
    )


def _described(entry: Plain) -> dict[str, Any]:
    definition = entry.get("definition", {})
    return {
        "rows": tuple(entry.get("rows", ())),
        "cites": tuple(entry.get("cites", ())),
        "status": entry.get("status", "G"),
        "definition_zh": definition.get("zh", ""),
        "definition_en": definition.get("en", ""),
    }


def _group(entry: Plain) -> Group:
    return Group(
        entry["code"],
        entry["name"]["zh"],
        entry["name"]["en"],
        tuple(
            GroupMember(
                member["indicator"],
                member.get("direction"),
                member.get("veto", False),
                _threshold(member.get("target")),
            )
            for member in entry.get("members", ())
        ),
        **_described(entry),
        groups=tuple(entry.get("groups", ())),
        met_from=_decimal(entry.get("met_from", 1)),
        watch_from=_decimal(entry.get("watch_from", 0.5)),
    )


def rule_from(entry: Plain) -> Rule:
    """The rule a YAML mapping states; the schema has checked its fields."""
    match entry["kind"]:
        case "threshold":
            return ThresholdRule(_decimal(entry.get("met", 1)), _decimal(entry.get("unmet", 0)))
        case "steps":
            steps = [Step(Threshold.parse(step["when"]), _decimal(step["share"])) for step in entry["steps"]]
            return StepsRule(tuple(steps))
        case "linear":
            return LinearRule(_decimal(entry["floor"]), _optional(entry.get("target")))
        case "deduction":
            return DeductionRule(_decimal(entry["per_event"]), _optional(entry.get("cap")))
        case "rank":
            return RankRule(_decimal(entry.get("best", 1)), _decimal(entry.get("worst", 0)))
        case "bonus":
            return BonusRule(_decimal(entry["per_unit"]), _optional(entry.get("cap")))
    raise ValueError(entry["kind"])


def _item(entry: Plain) -> Item:
    return Item(
        entry["indicator"],
        _decimal(entry.get("points", 0)),
        rule_from(entry["rule"]),
        entry.get("not_applicable", "redistribute"),
        entry.get("missing", "zero"),
        _threshold(entry.get("target")),
    )


def _scorecard(entry: Plain) -> Scorecard:
    bonus = entry.get("bonus")
    return Scorecard(
        code=entry["code"],
        name_zh=entry["name"]["zh"],
        name_en=entry["name"]["en"],
        subject=entry["subject"],
        level=entry["level"],
        total=_decimal(entry["total"]),
        decimals=entry.get("decimals", 2),
        cadence=tuple(entry["cadence"]),
        sections=tuple(
            Section(
                section["code"],
                section["name"]["zh"],
                section["name"]["en"],
                tuple(_item(item) for item in section["items"]),
            )
            for section in entry["sections"]
        ),
        bonus=None if bonus is None else Bonus(_decimal(bonus["cap"]), tuple(map(_item, bonus["items"]))),
        vetoes=tuple(
            Veto(
                veto["indicator"],
                Threshold.parse(veto["when"]),
                veto["effect"],
                veto["name"]["zh"],
                veto["name"]["en"],
                _optional(veto.get("cap")),
            )
            for veto in entry.get("vetoes", ())
        ),
        tie_breaks=tuple(entry.get("tie_breaks", ())),
        min_coverage=_decimal(entry.get("min_coverage", 0)),
        **_described(entry),
    )
