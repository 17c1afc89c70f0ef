"""The sentences of a situation report, in Chinese and English, each from a named rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from jingtu.assessment.bulletins.content import (
    Block,
    Bulletin,
    Cell,
    Chart,
    Column,
    Heading,
    Note,
    Paragraph,
    Table,
)
from jingtu.engine.notation import chinese_day
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

from .models import SituationReport
from .rules import RULES, Said, change, shares, stretches

STATES = {
    "missing": ("缺报", "not reported"),
    "not_applicable": ("不适用", "not applicable"),
    "below_minimum": ("未达最小分母", "too small a denominator"),
    "suppressed": ("小数保护", "protected small counts"),
}
_ENDS = {"zh": ("。", "，", "；", "、"), "en": (".", ", ", "; ", ", ")}


class SituationWriter:
    """Writes one report in one language; :attr:`said` lists its sentences with their rules."""

    def __init__(self, report: SituationReport, language: Language) -> None:
        self.report = report
        self.content: Mapping[str, Any] = report.content
        self.language: Language = language
        self.at = 0 if language == "zh" else 1
        self.period = Period.parse(report.period)
        self.said: list[Said] = []

    def pick(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def document(self) -> Bulletin:
        """The composed report."""
        report, area = self.report, self.content["area" if self.language == "zh" else "area_en"]
        label = self.period.label(self.language)
        day = timezone.localtime(report.approved_at).date() if report.approved_at else None
        dated = "" if day is None else self.pick(chinese_day(day), day.isoformat())
        invented = self.pick(
            "虚构示范数据：本文所涉地区、名称和数字均为虚构",
            "Fictional demonstration data: places, names and figures are invented",
        )
        issuer = self.pick(report.issuer_zh, report.issuer_en or report.issuer_zh)
        return Bulletin(
            language=self.language,
            issuer=issuer
            or self.pick(f"{self.content['area']}禁毒委员会办公室", f"Drug Control Office, {area}"),
            number=report.number,
            title=self.pick(f"{area}{label}毒情形势分析", f"Drug situation of {area}, {label}"),
            recipient="",
            blocks=tuple(self.blocks()),
            signature=issuer,
            date=dated or self.pick("（未签发）", "(not signed)"),
            distribution="",
            fictional_notice=invented if self.content["fictional"] else "",
            running_foot=self.pick(
                f"第{report.version}稿　校验码 {report.digest[:16]}",
                f"Version {report.version}, hash {report.digest[:16]}",
            ),
        )

    def blocks(self) -> list[Block]:
        self.said = []
        parts: list[tuple[str, str, list[Block]]] = [
            ("总体情况", "Overall", [*map(Paragraph, self.overview()), self.figure_table()]),
            ("构成", "Composition", self.composition()),
            ("长期走势与拐点", "Long trend and turning points", self.trends()),
            ("预警", "Alerts", [Paragraph(self.say("alerts", self.alert_sentence()))]),
        ]
        found: list[Block] = []
        for number, (zh, en, blocks) in enumerate(parts, 1):
            found += [Heading(self.pick(f"{'一二三四'[number - 1]}、{zh}", f"{number}. {en}")), *blocks]
        found.append(Heading(self.pick("数据说明", "Notes on the data")))
        used = dict.fromkeys(said.rule for said in self.said)
        found += [Note(f"{RULES[rule][self.at]}{self.end}") for rule in used]
        found.append(
            Note(
                self.pick(
                    f"依据编写时在用的数据编成，校验码（SHA-256）{self.report.digest}；签发后不再改动，更正另出新稿。",
                    f"Written from the figures in force when it was drafted; SHA-256 {self.report.digest}. It does not "
                    "change once signed; corrections are further versions.",
                )
            )
        )
        return found

    @property
    def end(self) -> str:
        return _ENDS[self.language][0]

    @property
    def comma(self) -> str:
        return _ENDS[self.language][1]

    @property
    def semicolon(self) -> str:
        return _ENDS[self.language][2]

    def listed(self, names: Sequence[str]) -> str:
        return _ENDS[self.language][3].join(names)

    def say(self, rule: str, text: str) -> str:
        self.said.append(Said(rule, text))
        return text

    # --- figures

    def shown(self, value: str | None, unit: str) -> str:
        """A value with its unit; a long unit stands apart in English."""
        if value is None:
            return "–"
        text = f"{Decimal(value):,f}"
        return f"{text}{unit}" if unit == "%" or self.language == "zh" else f"{text} {unit}"

    def versus(self, figure: Mapping[str, Any], key: str) -> str:
        before = self.period.previous() if key == "previous" else self.period.last_year()
        known = figure["value"] is not None and figure[key] is not None
        if self.partial or not known or self.in_part(figure, self.period, before):
            return ""
        return change(Decimal(figure["value"]), Decimal(figure[key]), figure["unit"][0], self.language)

    def overview(self) -> list[str]:
        figures = self.content["figures"]
        label, texts = self.period.label(self.language), []
        parts = []
        for figure in figures:
            if figure["value"] is None:
                continue
            text = self.pick(
                f"{figure['name'][0]}{self.shown(figure['value'], figure['unit'][0])}",
                f"{figure['name'][1]}: {self.shown(figure['value'], figure['unit'][1])}",
            )
            moved = [
                self.pick(zh, "") + words + self.pick("", en)
                for key, zh, en in (
                    ("last_year", "同比", " on the year before"),
                    ("previous", "环比", " on the period before"),
                )
                if (words := self.versus(figure, key)) and not (key == "previous" and self._yearly)
            ]
            parts.append(
                text
                + (f"（{self.comma.join(moved)}）" if self.language == "zh" and moved else "")
                + (f" ({self.comma.join(moved)})" if self.language == "en" and moved else "")
            )
        if parts:
            texts.append(
                self.say(
                    "value", self.pick(f"{label}，", f"In {label}: ") + self.semicolon.join(parts) + self.end
                )
            )
        gaps = self.gaps()
        if gaps:
            texts.append(self.say("gaps", gaps))
        parts_only = self.parts_only()
        if parts_only:
            texts.append(self.say("part", parts_only))
        absent = [
            f"{figure['name'][self.at]}{self.pick('（', ' (')}{STATES.get(figure['state'], STATES['missing'])[self.at]}"
            f"{self.pick('）', ')')}"
            for figure in figures
            if figure["value"] is None
        ]
        if absent:
            texts.append(
                self.say(
                    "missing",
                    self.pick(
                        f"没有数值的指标有：{self.listed(absent)}，均不作零计。",
                        f"Without a value, which is not zero: {self.listed(absent)}.",
                    ),
                )
            )
        texts.append(self.say("zero", self.laboratories()))
        return texts

    def gaps(self) -> str:
        """Which months of the period nothing is known of, "" where there is none."""
        empty = stretches([Period.parse(key) for key in self.content.get("empty_months", ())])
        named = self.listed(
            [
                first.label(self.language)
                if first == last
                else first.label(self.language) + self.pick("至", " to ") + last.label(self.language)
                for first, last in empty
            ]
        )
        return named and self.pick(
            f"{named}没有数据，上列数值只含有数据的月份，不能作为全期数与其他时期比较。",
            f"Nothing is known of {named}: the values above hold the other months only and do not compare with "
            "whole periods.",
        )

    def parts_only(self) -> str:
        """Which indicators a period spoken of holds some months of only, "" where there is none."""
        if self.partial:
            return ""  # said of all of them
        spoken = dict.fromkeys((self.period, self.period.previous(), self.period.last_year()))
        named = []
        for figure in self.content["figures"]:
            lacking = [period.label(self.language) for period in spoken if self.in_part(figure, period)]
            if lacking and figure["value"] is not None:
                periods = self.listed(lacking)
                named.append(f"{figure['name'][self.at]}{self.pick(f'（{periods}）', f' ({periods})')}")
        return self.semicolon.join(named) and self.pick(
            f"下列指标在所列时期只有部分月份的数据，不与该期比较：{self.semicolon.join(named)}。",
            f"Of these indicators only some months of the period named are known, and nothing is compared with it: "
            f"{self.semicolon.join(named)}.",
        )

    @staticmethod
    def in_part(figure: Mapping[str, Any], *periods: Period) -> bool:
        """Whether one of the periods lacks months of this indicator."""
        return not {period.key for period in periods}.isdisjoint(figure.get("part", ()))

    @property
    def partial(self) -> bool:
        """Whether months of the period are unknown: its values then compare with no other period's."""
        return bool(self.content.get("empty_months"))

    @property
    def _yearly(self) -> bool:
        return self.period.kind.value == "year"

    def laboratories(self) -> str:
        found = self.content["laboratories"]
        if found["state"] != "ok":
            word = STATES.get(found["state"], STATES["missing"])[self.at]
            return self.pick(
                f"捣毁制毒窝点数{word}，不能视为没有发现。",
                f"Clandestine laboratories destroyed: {word}, which does not mean that none was found.",
            )
        value = Decimal(found["value"])
        if value == 0 and (self.partial or found.get("part")):
            return self.pick(
                "制毒窝点按报送为零，但部分月份没有数据，不能视为全期没有捣毁制毒窝点。",
                "Clandestine laboratories are reported as zero, but not for every month: that none was destroyed in the "
                "whole period cannot be said.",
            )
        if value == 0:
            return self.pick(
                "制毒窝点按报送为零：本期没有捣毁制毒窝点。",
                "Clandestine laboratories are reported as zero: none was destroyed.",
            )
        words = ""
        if found["last_year"] is not None and not self.partial:
            words = change(value, Decimal(found["last_year"]), "", self.language)
        beside = self.pick(f"，同比{words}", f", {words} on the year before") if words else ""
        return self.pick(
            f"捣毁制毒窝点{value:f}处{beside}。", f"Clandestine laboratories destroyed: {value:f}{beside}."
        )

    def figure_table(self) -> Table:
        columns = [
            Column(self.pick("指标", "Indicator"), "left", 2.2),
            Column(self.pick("本期", "This period"), "right", 1.1),
            Column(self.pick("上年同期", "Year before"), "right", 1.1),
            Column(self.pick("同比", "On the year"), "right", 1.2),
            Column(self.pick("基期", "Base"), "right", 1.3),
            Column(self.pick("较基期", "On the base"), "right", 1.2),
        ]
        rows = []
        for figure in self.content["figures"]:
            unit = figure["unit"][self.at]
            base = figure["base"]
            since = ""
            entire = not self.partial and not self.in_part(figure, self.period)
            if base is not None and figure["value"] is not None and entire:
                since = change(Decimal(figure["value"]), Decimal(base[1]), figure["unit"][0], self.language)
            rows.append(
                (
                    Cell(figure["name"][self.at]),
                    Cell(
                        self.shown(figure["value"], unit) + self.star(figure, self.period)
                        if figure["value"] is not None
                        else STATES.get(figure["state"], STATES["missing"])[self.at]
                    ),
                    Cell(
                        self.shown(figure["last_year"], unit)
                        + (self.star(figure, self.period.last_year()) if figure["last_year"] else "")
                    ),
                    Cell(self.versus(figure, "last_year") or "–"),
                    Cell("–" if base is None else f"{self.shown(base[1], unit)} ({base[0]})"),
                    Cell(since or "–"),
                )
            )
        return Table(
            self.pick("主要指标", "Indicators"),
            self.pick("主要指标", "Main indicators"),
            tuple(columns),
            tuple(rows),
            self.pick(
                "基期为所列各期中最早有值的一期",
                "the base is the earliest of the periods looked at that has a value",
            )
            + self.starred(),
        )

    def star(self, figure: Mapping[str, Any], period: Period) -> str:
        """The mark of a value that holds some months of its period only."""
        return "*" if self.in_part(figure, period) else ""

    def starred(self) -> str:
        """What the mark means, where it may stand."""
        if not any(figure.get("part") for figure in self.content["figures"]):
            return ""
        return self.pick("；带*的数值只含部分月份", "; * holds some months of the period only")

    # --- composition

    def composition(self) -> list[Block]:
        found: list[Block] = []
        for part in self.content["compositions"]:
            name = part["name"][self.at]
            if part["state"] != "ok":
                word = STATES[part["state"]][self.at]
                text = self.pick(f"{name}的分类构成：{word}。", f"{name}, by category: {word}.")
                found.append(Paragraph(self.say("composition", text)))
                continue
            known = [(names, Decimal(number)) for names, number in part["parts"] if number is not None]
            rates = shares([number for _, number in known])
            ordered = sorted(zip(known, rates, strict=True), key=lambda row: -row[0][1])
            whole = sum((number for _, number in known), Decimal(0))
            unit = part["unit"][self.at]
            if not whole:
                text = self.pick(f"{name}各类均为零。", f"{name}: zero in every category.")
                found.append(Paragraph(self.say("zero", text)))
                continue
            words = self.listed(
                [
                    self.pick(f"{names[0]}占{share}%", f"{names[1]} {share}%")
                    for (names, number), share in ordered
                    if number
                ]
            )
            zeros = [names[self.at] for (names, number), _ in ordered if not number]
            absent = [names[self.at] for names, number in part["parts"] if number is None]
            text = self.pick(
                f"{name}共{self.shown(f'{whole:f}', unit)}，其中{words}",
                f"{name}: {self.shown(f'{whole:f}', unit)} in all; {words}",
            )
            if zeros:
                text += self.pick(f"；{self.listed(zeros)}为零", f"; {self.listed(zeros)}: zero")
            if absent:
                text += self.pick(f"；{self.listed(absent)}缺报", f"; {self.listed(absent)}: not reported")
            found.append(Paragraph(self.say("composition", text + self.end)))
            if part["dimension"] == "drug":
                found.append(
                    Chart(
                        self.pick(f"{name}构成", f"{name} by category"),
                        self.pick("占比", "Share"),
                        tuple(names[self.at] for (names, _), _ in ordered),
                        tuple(share for _, share in ordered),
                        "%",
                    )
                )
        return found or [
            Paragraph(
                self.say("composition", self.pick("没有分类数据。", "There are no figures by category."))
            )
        ]

    # --- trends

    def trends(self) -> list[Block]:
        if self.partial:
            texts = [self.unjudged()]
        else:
            texts = [self.streaks(), *(self.say("turning", text) for text in self.turns())]
        periods = [key for key, _ in self.content["figures"][0]["series"]] if self.content["figures"] else []
        columns = (
            Column(self.pick("指标", "Indicator"), "left", 2.2),
            *(Column(Period.parse(key).label(self.language), "right", 1.0) for key in periods[-6:]),
        )
        rows = tuple(
            (
                Cell(
                    f"{figure['name'][self.at]}{self.pick('（', ' (')}{figure['unit'][self.at]}{self.pick('）', ')')}"
                ),
                *(
                    Cell("–" if text is None else f"{Decimal(text):,f}{self.star(figure, Period.parse(key))}")
                    for key, text in figure["series"][-6:]
                ),
            )
            for figure in self.content["figures"]
        )
        table = Table(
            self.pick("历期数值", "Series"),
            self.pick("历期数值", "Values by period"),
            columns,
            rows,
            self.pick("“–”为没有数值，不是零", "– stands for no value, not for zero") + self.starred(),
        )
        return [*(Paragraph(text) for text in texts), table]

    def streaks(self) -> str:
        runs = [
            self.pick(
                f"{figure['name'][0]}连续{abs(figure['streak'])}期{'上升' if figure['streak'] > 0 else '下降'}",
                f"{figure['name'][1]} has gone {'up' if figure['streak'] > 0 else 'down'} {abs(figure['streak'])} periods running",
            )
            for figure in self.content["figures"]
            if abs(figure["streak"]) >= 3
        ]
        return self.say(
            "streak",
            self.semicolon.join(runs) + self.end
            if runs
            else self.pick(
                "没有连续三期及以上同向变化的指标。",
                "No indicator moved the same way three periods running.",
            ),
        )

    def unjudged(self) -> str:
        return self.say(
            "gaps",
            self.pick(
                "本期数值不是全期数，不判断连续变化和拐点。",
                "The values are not those of the whole period: streaks and turning points are not judged.",
            ),
        )

    def turns(self) -> list[str]:
        found: dict[str, list[str]] = {}
        texts = []
        for figure in self.content["figures"]:
            told = figure["turning"]
            if told is None:
                continue
            name = figure["name"][self.at]
            if told["state"] in ("turned", "undone"):
                at = Period.parse(told["at"]).label(self.language)
                text = self.pick(
                    f"{name}以{at}为最差，其后连续{told['steps']}期好转，出现拐点",
                    f"{name} was at its worst in {at} and then improved {told['steps']} periods running: a turning point",
                )
                if told["state"] == "undone":
                    text += self.pick(
                        "；但其后又回到最差值，拐点已反复",
                        "; it has since come back to its worst, so the turn is undone",
                    )
                texts.append(text + self.end)
            else:
                found.setdefault(told["state"], []).append(name)
        words = {
            "perhaps": ("已开始好转、尚不足以判为拐点的有", "Improving, not yet enough for a turning point"),
            "not_yet": ("尚未出现拐点的有", "No turning point yet"),
            "improving": ("各期持续好转、没有拐点可言的有", "Improving throughout, so without a turn"),
            "too_short": ("连续数据不足、不作判断的有", "Too few periods in a row to judge"),
        }
        for state, names in found.items():
            texts.append(f"{words[state][self.at]}{self.pick('：', ': ')}{self.listed(names)}{self.end}")
        return texts

    def alert_sentence(self) -> str:
        counts = self.content["alerts"]
        if not counts["all"]:
            return self.pick("没有未了结的预警。", "There is no open alert.")
        return self.pick(
            f"未了结的预警{counts['all']}条，其中紧急{counts['critical']}条、警示{counts['warning']}条、"
            f"提示{counts['info']}条，逾期未处置{counts['overdue']}条。",
            f"{counts['all']} alerts are open: {counts['critical']} critical, {counts['warning']} warnings, "
            f"{counts['info']} notes; {counts['overdue']} are overdue.",
        )
