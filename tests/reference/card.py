"""A scorecard by hand: points, redistribution, bonus, vetoes, totals, ranks and comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

from tests.reference.formulas import Node, elements, ratio
from tests.reference.spans import Span, span
from tests.reference.world import Value, World, combine, percent_change

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def half_up(value: Fraction, digits: int) -> Decimal:
    """The value rounded half-up (away from zero) at ``digits``."""
    scaled = abs(value) * 10**digits
    whole = scaled.numerator // scaled.denominator
    if (scaled - whole) * 2 >= 1:
        whole += 1
    return Decimal(-whole if value < 0 else whole).scaleb(-digits, _EXACT)


def shown(value: Fraction, digits: int) -> str:
    return f"{half_up(value, digits):.{digits}f}" if half_up(value, digits) else f"{Decimal(0):.{digits}f}"


def plain(value: Value | None, *, fraction: bool = False) -> str | None:
    """An exact value as text: decimals when they end within nine digits, else num/den."""
    if value is None or isinstance(value, str):
        return None
    if value.denominator == 1:
        return str(value.numerator)
    if not fraction:
        for digits in range(1, 10):
            if (value * 10**digits).denominator == 1:
                return shown(value, digits)
    return f"{value.numerator}/{value.denominator}"


def holds(value: Value, condition: str) -> bool:
    """Whether an exact value satisfies ">= 98" and the like."""
    if isinstance(value, str):
        return False
    sign, number = condition.split()
    limit = Fraction(number)
    return {
        ">=": value >= limit,
        ">": value > limit,
        "<=": value <= limit,
        "<": value < limit,
        "==": value == limit,
    }[sign]


def number(value: Any) -> Fraction:
    return Fraction(str(value))


class Card:
    """One scorecard over the subjects of one period."""

    def __init__(
        self,
        world: World,
        code: str,
        asked: Span,
        targets: tuple[dict[str, str], ...] = (),
        groups: Mapping[str, list[str]] | None = None,
        ledger: Mapping[str, list[dict[str, Any]]] | None = None,
    ) -> None:
        """``targets``: rows of a file, places and indicators by code. ``ledger``: what people entered and ruled;
        without one a veto that fires applies."""
        self.world, self.asked, self.targets = world, asked, targets
        self.groups, self.ledger = groups or {}, ledger
        self.definition = world.definitions["scorecards"][code]
        self.digits: int = self.definition["decimals"]
        self.subjects = world.subjects(self.definition["level"])
        self.sections = self.definition["sections"]
        self.items: list[dict[str, Any]] = [item for section in self.sections for item in section["items"]]
        self.section_of = [section["code"] for section in self.sections for _ in section["items"]]
        self.bonus_items = self.definition.get("bonus", {}).get("items", [])
        self.vetoes = self.definition.get("vetoes", [])
        self.codes = list(
            dict.fromkeys(
                [item["indicator"] for item in [*self.items, *self.bonus_items, *self.vetoes]]
                + self.definition.get("tie_breaks", [])
            )
        )
        self._known: dict[str, list[Fraction]] = {}
        self._keys: dict[str, tuple[Any, ...]] = {}
        self.results = {region: self._subject(region) for region in self.subjects}
        self.ranks = self._ranks(self.subjects)

    # -- values -----------------------------------------------------------------------------------

    def value(self, code: str, region: str) -> tuple[Value, str]:
        return self.world.indicator(code, region, self.asked)

    def rankable(self, code: str, region: str) -> Fraction | None:
        value, state = self.value(code, region)
        return value if state == "ok" and isinstance(value, Fraction) else None

    def higher_is_better(self, code: str) -> bool:
        return bool(self.world.definitions["indicators"][code]["direction"] != "down")

    def indicator_rank(self, code: str, region: str) -> int | None:
        """1 + the number of subjects with a better value; None without a value or a direction."""
        if self.world.definitions["indicators"][code]["direction"] == "none":
            return None
        return self._rank_by_value(code, region)

    def _rank_by_value(self, code: str, region: str) -> int | None:
        mine = self.rankable(code, region)
        if mine is None:
            return None
        up = self.higher_is_better(code)
        return 1 + sum(value > mine if up else value < mine for value in self.known(code))

    def known(self, code: str) -> list[Fraction]:
        """The values that take part in the ranking by one indicator."""
        if code not in self._known:
            values = [self.rankable(code, region) for region in self.subjects]
            self._known[code] = [value for value in values if value is not None]
        return self._known[code]

    # -- points -----------------------------------------------------------------------------------

    def target(self, code: str) -> str | None:
        for item in self.items:
            if item["indicator"] == code and "target" in item:
                return str(item["target"])
        return self.world.definitions["indicators"][code].get("target")

    def assigned(self, code: str, region: str, what: str) -> dict[str, str] | None:
        """The row that decides for a place: its own before its level's, nearer in time before wider."""
        fitting = []
        for row in self.targets:
            if row["indicator"] != code or not row.get(what) or not self._dated(row):
                continue
            by_level, group = bool(row.get("level")), row.get("group")
            if group and region not in self.groups.get(group, []):
                continue
            if not group and not by_level and row["region"] != region:
                continue
            if by_level and (
                self.world.levels[region] != row["level"] or region not in self.world.below(row["region"])
            ):
                continue
            stated = span(row["period"])
            depth = 0
            above: str | None = None if group else row["region"]
            while above is not None:
                above, depth = self.world.parents.get(above), depth + 1
            basis = ("exact", "cumulative", "each").index(row.get("basis") or "each")
            fitting.append(
                ((2 if by_level else bool(group), -depth, basis, stated.days, -stated.start.toordinal()), row)
            )
        return min(fitting, key=lambda entry: entry[0])[1] if fitting else None

    def _dated(self, row: dict[str, str]) -> bool:
        stated, asked = span(row["period"]), self.asked
        if row.get("basis") == "exact":
            return (stated.start, stated.end) == (asked.start, asked.end)
        if row.get("basis") == "cumulative":
            from_january = (asked.start.month, asked.start.day, asked.start.year) == (1, 1, asked.end.year)
            return from_january and stated.start <= asked.end <= stated.end
        return stated.holds(asked)

    def _said(self, kind: str, region: str) -> list[dict[str, Any]]:
        """What people said about a place in the period: entries or rulings."""
        place = [self.world.levels[region], region]
        return [
            one
            for one in (self.ledger or {}).get(kind, [])
            if one["scorecard"] == self.definition["code"]
            and span(one["period"]) is self.asked
            and one["region"] == place
        ]

    def counted(self, line: str, code: str, region: str) -> tuple[Value, str]:
        """The value with the counts that people entered on a line of the card."""
        value, state = self.value(code, region)
        entered = [
            number(one["count"])
            for one in self._said("entries", region)
            if (one["line"], one["indicator"]) == (line, code)
        ]
        if not sum(entered, Fraction(0)):
            return value, state
        base = value if state == "ok" and isinstance(value, Fraction) else Fraction(0)
        return base + sum(entered, Fraction(0)), "ok"

    def entries(self, region: str) -> list[list[str]]:
        """What was entered for a place, as a publication lists it."""
        return [[one["line"], one["indicator"], one["count"]] for one in self._said("entries", region)]

    def share(self, item: dict[str, Any], region: str) -> Fraction | str:
        """The part of the points the value earns, or the state of a value that earns by policy."""
        if item["rule"]["kind"] == "deduction":
            value, state = self.counted("deduction", item["indicator"], region)
        else:
            value, state = self.value(item["indicator"], region)
        if state != "ok":
            return state
        assert isinstance(value, Fraction)
        rule = item["rule"]
        points = number(item["points"])
        target = item.get("target") or self.world.definitions["indicators"][item["indicator"]].get("target")
        mine = self.assigned(item["indicator"], region, "requirement")
        if mine is not None:
            target = mine["requirement"]
        if rule["kind"] == "threshold":
            return number(rule.get("met", 1)) if holds(value, target) else number(rule.get("unmet", 0))
        if rule["kind"] == "steps":
            for step in rule["steps"]:
                if holds(value, step["when"]):
                    return number(step["share"])
            return Fraction(0)
        if rule["kind"] == "linear":
            floor = number(rule["floor"])
            goal = number(rule["target"]) if "target" in rule else number(target.split()[1])
            if mine is not None:
                goal = number(target.split()[1])
                upward = target.startswith(">")
                if target.startswith("==") or goal == floor or (goal > floor) != upward:
                    return Fraction(holds(value, target))
            return min(max((value - floor) / (goal - floor), Fraction(0)), Fraction(1))
        if rule["kind"] == "deduction":
            lost = min(max(value * number(rule["per_event"]), Fraction(0)), number(rule.get("cap", points)))
            return 1 - min(lost, points) / points
        if rule["kind"] == "rank":
            rank = self._rank_by_value(item["indicator"], region)
            assert rank is not None
            last = len(self.known(item["indicator"]))
            best, worst = number(rule.get("best", 1)), number(rule.get("worst", 0))
            return best if last < 2 else best - (best - worst) * Fraction(rank - 1, last - 1)
        raise ValueError(rule)

    def _subject(self, region: str) -> dict[str, Any]:
        shares = [self.share(item, region) for item in self.items]
        dropped = []
        earned: list[Fraction] = []
        for item, share in zip(self.items, shares, strict=True):
            if isinstance(share, Fraction):
                dropped.append(False)
                earned.append(share)
                continue
            policy = item["missing" if share == "missing" else "not_applicable"]
            dropped.append(policy == "redistribute")
            earned.append(Fraction(policy == "full"))
        maxima = self._maxima(dropped)
        points = [
            half_up(share * number(most), self.digits) for share, most in zip(earned, maxima, strict=True)
        ]
        bonus_points = [self._bonus(item, region) for item in self.bonus_items]
        cap = Decimal(str(self.definition["bonus"]["cap"])) if self.bonus_items else Decimal(0)
        bonus = min(sum(bonus_points, Decimal(0)), cap)
        before_veto = sum(points, Decimal(0)) + bonus
        total, hits, last = before_veto, [], False
        proposed = []
        applied = [one["indicator"] for one in self._said("rulings", region) if one["applies"]]
        for veto in self.vetoes:
            value, state = self.value(veto["indicator"], region)
            if state == "ok" and holds(value, veto["when"]):
                if self.ledger is not None and veto["indicator"] not in applied:
                    proposed.append(veto["indicator"])
                    continue
                hits.append(veto["indicator"])
                if veto["effect"] == "zero":
                    total = Decimal(0)
                elif veto["effect"] == "cap":
                    total = min(total, Decimal(str(veto["cap"])))
                else:
                    last = True
        coverage = self._coverage(region)
        enough = Fraction(coverage[0]) >= number(self.definition.get("min_coverage", 0)) * coverage[1]
        return {
            "points": points,
            "maxima": maxima,
            "bonus": bonus,
            "bonus_items": bonus_points,
            "before_veto": before_veto,
            "total": total,
            "vetoes": hits,
            "proposed": proposed,
            "last": last,
            "coverage": coverage,
            "ranked": enough and any(isinstance(share, Fraction) for share in shares),
        }

    def _bonus(self, item: dict[str, Any], region: str) -> Decimal:
        value, state = self.counted("bonus", item["indicator"], region)
        if state != "ok" or isinstance(value, str):
            return Decimal(0)
        rule = item["rule"]
        most = number(rule.get("cap", self.definition["bonus"]["cap"]))
        return half_up(min(max(value * number(rule["per_unit"]), Fraction(0)), most), self.digits)

    def _maxima(self, dropped: list[bool]) -> list[Decimal]:
        """Full points after those of dropped items went to their section's, else to all other items."""
        points = [number(item["points"]) for item in self.items]
        kept = [place for place, gone in enumerate(dropped) if not gone]
        if not kept:
            return [Decimal(0)] * len(points)
        worth = {place: points[place] for place in kept}
        homeless = Fraction(0)
        for section in self.sections:
            places = [n for n, name in enumerate(self.section_of) if name == section["code"]]
            freed = sum((points[n] for n in places if dropped[n]), Fraction(0))
            stay = [n for n in places if not dropped[n]]
            if stay:
                base = sum((points[n] for n in stay), Fraction(0))
                for n in stay:
                    worth[n] += freed * points[n] / base
            else:
                homeless += freed
        base = sum(worth.values(), Fraction(0))
        worth = {n: value + homeless * value / base for n, value in worth.items()}
        unit = Fraction(1, 10**self.digits)
        floors = {n: value // unit for n, value in worth.items()}
        left = int(sum(points) / unit) - sum(floors.values())
        by_remainder = sorted(worth, key=lambda n: (-(worth[n] / unit - floors[n]), n))
        for n in by_remainder[:left]:
            floors[n] += 1
        return [Decimal(floors.get(n, 0)).scaleb(-self.digits) for n in range(len(points))]

    def _coverage(self, region: str) -> tuple[int, int]:
        codes = sorted({e for code in self.codes for _, e, _ in elements(self.world.formulas[code])})
        kinds = {code: self.world.kind(code) for code in codes}
        got = sum(self.world.rolled(code, region, self.asked, (), kinds[code])[1] for code in codes)
        return got, sum(self.world.expected(code, region) for code in codes)

    # -- ranks ------------------------------------------------------------------------------------

    def _ranks(self, among: list[str]) -> dict[str, int]:
        """1 + the number of subjects ahead: not vetoed to the end, higher total, stated tie-breaks."""
        takers = [region for region in among if self.results[region]["ranked"]]
        keys = {region: self.key(region) for region in takers}
        return {region: 1 + sum(keys[other] < keys[region] for other in takers) for region in takers}

    def key(self, region: str) -> tuple[Any, ...]:
        """What the rank compares, lower is better."""
        if region not in self._keys:
            self._keys[region] = self._key(region)
        return self._keys[region]

    def _key(self, region: str) -> tuple[Any, ...]:
        result = self.results[region]
        breaks = []
        for code in self.definition.get("tie_breaks", []):
            value = self.rankable(code, region)
            better = Fraction(0) if value is None else (-value if self.higher_is_better(code) else value)
            breaks.append((value is None, better))
        return (result["last"], -result["total"], *breaks)

    def ranks_among(self, members: list[str]) -> dict[str, int]:
        """Ranks within a group of the subjects."""
        return self._ranks([region for region in self.subjects if region in members])

    # -- comparisons ------------------------------------------------------------------------------

    def change(self, code: str, region: str, other: Span) -> dict[str, str | None] | None:
        """The difference to another period, in the unit and in %, as published."""
        now, before = (
            self.world.indicator(code, region, self.asked)[0],
            self.world.indicator(code, region, other)[0],
        )
        difference = combine("-", now, before)
        if isinstance(difference, str):
            return None
        percent = percent_change(now, before)
        decimals = self.world.definitions["indicators"][code]["decimals"]
        return {
            "difference": shown(difference, decimals),
            "percent": None if isinstance(percent, str) else shown(percent, 2),
        }

    def streak(self, code: str, region: str, limit: int = 24) -> int:
        """Rises in a row up to this period (negative: falls)."""
        count, later = 0, self.asked
        for _ in range(limit):
            earlier = later.previous()
            if earlier.end < self.world.first_day:
                break
            now, before = (self.world.indicator(code, region, period)[0] for period in (later, earlier))
            if isinstance(now, str) or isinstance(before, str) or now == before:
                break
            direction = 1 if now > before else -1
            if count * direction < 0:
                break
            count += direction
            later = earlier
        return count


def subject_rows(card: Card, groups: dict[str, list[str]] | None = None) -> list[dict[str, Any]]:
    """What a publication must state about every subject, in the order of the tree."""
    world, asked, digits = card.world, card.asked, card.digits
    previous = (
        Card(world, card.definition["code"], asked.previous(), card.targets, card.groups, card.ledger)
        if world.any_fact(card.codes, asked.previous())
        else None
    )
    compared = {
        "on_previous": asked.previous() if previous else None,
        "on_last_year": asked.last_year() if world.any_fact(card.codes, asked.last_year()) else None,
    }

    def text(points: Decimal) -> str:
        return f"{points:.{digits}f}"

    families = {world.parents[region] for region in card.subjects}
    siblings: dict[str, int] = {}
    for parent in families:
        siblings |= card.ranks_among([region for region in card.subjects if world.parents[region] == parent])
    group_ranks = {name: card.ranks_among(members) for name, members in (groups or {}).items()}
    rows = []
    for region in card.subjects:
        result = card.results[region]
        by_section = [
            [n for n, name in enumerate(card.section_of) if name == s["code"]] for s in card.sections
        ]
        said: dict[str, Any] = {}
        entries = card.entries(region)
        if entries:
            said["entries"] = entries
        if result["proposed"]:
            said["proposed_vetoes"] = result["proposed"]
        rows.append(
            said
            | {
                "region": region,
                "level": world.levels[region],
                "name": world.names[region],
                "total": text(result["total"]) if result["ranked"] else None,
                "rank": card.ranks.get(region),
                "sibling_rank": siblings.get(region),
                "peer_ranks": {name: ranks[region] for name, ranks in group_ranks.items() if region in ranks},
                "previous_rank": previous.ranks.get(region) if previous else None,
                "coverage": list(result["coverage"]),
                "bonus": text(result["bonus"]),
                "bonus_items": [text(points) for points in result["bonus_items"]],
                "before_veto": text(result["before_veto"]),
                "vetoes": result["vetoes"],
                "sections": [
                    {
                        "code": section["code"],
                        "points": text(sum((result["points"][n] for n in places), Decimal(0))),
                        "maximum": text(sum((result["maxima"][n] for n in places), Decimal(0))),
                    }
                    for section, places in zip(card.sections, by_section, strict=True)
                ],
                "items": [
                    {"indicator": item["indicator"], "points": text(points), "maximum": text(most)}
                    for item, points, most in zip(card.items, result["points"], result["maxima"], strict=True)
                ],
                "indicators": {code: indicator_row(card, code, region, compared) for code in card.codes},
            }
        )
    return rows


def indicator_row(card: Card, code: str, region: str, compared: dict[str, Span | None]) -> dict[str, Any]:
    """What a publication must state about one indicator of one subject."""
    world = card.world
    value, state = card.value(code, region)
    definition = world.definitions["indicators"][code]
    parts = ratio(world.formulas[code])
    target, red_line = card.target(code), definition.get("red_line")
    mine, line = (card.assigned(code, region, what) for what in ("requirement", "red_line"))
    target = mine["requirement"] if mine else target
    red_line = line["red_line"] if line else red_line

    def part(node: Node | None) -> str | None:
        return None if node is None else plain(world.value(node, region, card.asked))

    row: dict[str, Any] = {
        "value": None if isinstance(value, str) else shown(value, definition["decimals"]),
        "state": state,
        "numerator": part(parts[0] if parts else None),
        "denominator": part(parts[1] if parts else None),
        "exact": plain(value, fraction=True),
        "qualifier": "",
        "met": holds(value, target) if target and state == "ok" else None,
        "red_line": holds(value, red_line) if red_line and state == "ok" else None,
        "rank": card.indicator_rank(code, region),
        "coverage": list(world.reported(code, region, card.asked)),
        "on_base": None,
        "streak": card.streak(code, region),
    }
    if mine or line:
        row["assigned"] = {
            "requirement": [mine["requirement"], mine.get("document", "")] if mine else None,
            "red_line": [line["red_line"], line.get("document", "")] if line else None,
        }
    for name, period in compared.items():
        row[name] = None if period is None else card.change(code, region, period)
    return row
