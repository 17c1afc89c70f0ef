"""Alert rules applied to an assessment: pure, vectorised over regions, deterministic.

Missing data never raises an alert about a value: a gap ends a run of falls, is no part of a history and is
no quiet period. Only missing reports and inactivity look at what is absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jingtu.engine import rational
from jingtu.engine.alerting.signals import Signal
from jingtu.engine.alerting.statistics import Floats, Side, count_change, robust_distance
from jingtu.engine.catalogue.alertrules import HISTORY_MIN, counts_events, watched_indicators
from jingtu.engine.catalogue.model import AlertRule, Indicator
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.elements import ElementKind
from jingtu.engine.evaluate import Measured, parts_of, references
from jingtu.engine.periods import Period
from jingtu.engine.publication import target_of
from jingtu.engine.rational import BoolArray, Rational
from jingtu.engine.scoring import meets
from jingtu.engine.targets import Asked

if TYPE_CHECKING:
    from jingtu.engine.assess import Assessment

Places = NDArray[np.int64]


def detect(assessment: Assessment, rules: Iterable[AlertRule] | None = None) -> list[Signal]:
    """Everything the rules (by default the catalogue's) notice, in the order of rules, subjects and places.

    Rules whose cadence does not include the assessment's kind of period say nothing.
    """
    chosen = assessment.catalogue.alerts.values() if rules is None else rules
    signals: list[Signal] = []
    for rule in chosen:
        if assessment.period.kind.value in rule.cadence:
            signals += _Watch(assessment, rule).signals()
    return signals


class _Watch:
    """One rule over one assessment."""

    def __init__(self, assessment: Assessment, rule: AlertRule) -> None:
        self.a = assessment
        self.rule = rule
        self.places = self._places()

    def signals(self) -> Iterator[Signal]:
        if not self.places.size:
            return
        match self.rule.kind:
            case "missing_report":
                yield from self._missing_report()
            case "inactivity":
                yield from self._inactivity()
            case _:
                watch = self._watches()[self.rule.kind]
                for indicator in watched_indicators(self.a.catalogue, self.rule):
                    yield from watch(indicator)

    def _watches(self) -> Mapping[str, Callable[[Indicator], Iterator[Signal]]]:
        return {
            "red_line": self._red_line,
            "worsening": self._worsening,
            "gap_growing": self._gap_growing,
            "sudden_change": self._sudden_change,
            "first_case": self._first_case,
        }

    def _places(self) -> Places:
        a, levels = self.a, self.rule.levels
        if levels:
            found = [a.tree.at_level(level, a.within).astype(np.int64) - a.within for level in levels]
            return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
        if self.rule.kind == "missing_report":
            return np.arange(a.view.size)
        return a.local

    def _measured(self, indicator: Indicator, period: Period) -> Measured:
        return self.a.evaluator.measured(indicator, period)

    def _values(self, indicator: Indicator, period: Period) -> Rational:
        return self._measured(indicator, period).exact.take(self.places)

    def _shown(self, indicator: Indicator, place: int, period: Period) -> str | None:
        measured = self._measured(indicator, period)
        if measured.exact.state[place] not in (rational.OK, rational.BELOW_MINIMUM):
            return None
        return rational.decimal_text(int(measured.scaled[place]), indicator.decimals)

    def _series(
        self, indicator: Indicator, place: int, periods: Iterable[Period]
    ) -> list[tuple[str, str | None]]:
        return [(period.key, self._shown(indicator, place, period)) for period in periods]

    def _signal(
        self, indicator: Indicator | None, place: int, code: str, strength: float, **evidence: Any
    ) -> Signal:
        return Signal(
            self.rule,
            place + self.a.within,
            self.a.period,
            code,
            round(float(strength), 6),
            indicator.code if indicator else "",
            evidence,
        )

    # -- requirements ---------------------------------------------------------------------------

    def _red_line(self, indicator: Indicator) -> Iterator[Signal]:
        values = self._values(indicator, self.a.period)
        crossed: list[tuple[int, float, Threshold]] = []
        for line, at in self._asked(indicator, indicator.red_line, self.a.period, "red_line"):
            here = values.take(at)
            beyond = np.abs(here.floats() - float(line.value))
            crossed += [
                (int(at[index]), float(beyond[index]), line)
                for index in np.flatnonzero(here.ok & meets(here, line)).tolist()
            ]
        for index, size, line in sorted(crossed, key=lambda entry: entry[0]):
            place = int(self.places[index])
            yield self._signal(
                indicator,
                place,
                "alert.red_line",
                size,
                value=self._shown(indicator, place, self.a.period),
                threshold=str(line),
                series=self._series(indicator, place, self.a.history(self.rule.periods)),
            )

    def _gap_growing(self, indicator: Indicator) -> Iterator[Signal]:
        usual = target_of(self.a.scorecard, indicator)
        periods = self.a.history(self.rule.periods)
        if len(periods) <= self.rule.periods:
            return
        widening: list[tuple[int, float, Threshold]] = []
        for target, at in self._asked(indicator, usual, self.a.period, "requirement"):
            if target.side == "point":
                continue
            newest = self._values(indicator, self.a.period).take(at)
            gaps = [self._gaps(indicator, usual, period, at) for period in periods]
            growing = gaps[-1].ok & ~meets(newest, target)
            for later, earlier in zip(gaps[1:], gaps[:-1], strict=True):
                growing &= later.ok & earlier.ok & (rational.compare(later, earlier) > 0)
            size = gaps[-1].floats()
            widening += [
                (int(at[index]), float(size[index]), target) for index in np.flatnonzero(growing).tolist()
            ]
        for index, distance, target in sorted(widening, key=lambda entry: entry[0]):
            place = int(self.places[index])
            yield self._signal(
                indicator,
                place,
                "alert.gap_growing",
                distance,
                value=self._shown(indicator, place, self.a.period),
                threshold=str(target),
                length=self.rule.periods,
                series=self._series(indicator, place, periods),
            )

    def _asked(
        self, indicator: Indicator, usual: Threshold | None, period: Period, what: Asked
    ) -> Iterator[tuple[Threshold, Places]]:
        """What is asked in a period, by dated target or usually, with the watched places it is asked of."""
        marks = self.a.requirements.marks(indicator.code, period, what)
        if marks is None:
            if usual is not None:
                yield usual, np.arange(self.places.size)
            return
        for threshold, _assigned, at in marks.take(self.places).by_threshold(usual):
            if threshold is not None:
                yield threshold, at

    def _gaps(self, indicator: Indicator, usual: Threshold | None, period: Period, at: Places) -> Rational:
        """How far each place was from what was asked of it in that period; missing where nothing was."""
        values = self._values(indicator, period)
        num, den = values.num.astype(object), values.den.astype(object)
        state = np.where(values.ok, np.uint8(rational.MISSING), values.state)
        for target, places in self._asked(indicator, usual, period, "requirement"):
            if target.side == "point":
                continue
            gap = _gap(values.take(places), target)
            num[places], den[places], state[places] = gap.num, gap.den, gap.state
        return Rational(num, den, state).take(at)

    # -- movements ------------------------------------------------------------------------------

    def _worsening(self, indicator: Indicator) -> Iterator[Signal]:
        if indicator.direction == "none":
            return
        least = self.rule.periods
        if len(self.a.history(least)) <= least:
            return
        worse = -1 if indicator.direction == "up" else 1
        lengths = self.a.streaks(indicator.code)[self.places] * worse
        values = self._values(indicator, self.a.period)
        for index in np.flatnonzero(values.ok & (lengths >= least)).tolist():
            place, length = int(self.places[index]), int(lengths[index])
            yield self._signal(
                indicator,
                place,
                "alert.falling" if worse < 0 else "alert.rising",
                length,
                value=self._shown(indicator, place, self.a.period),
                length=length,
                series=self._series(indicator, place, self.a.history(length)),
            )

    def _sudden_change(self, indicator: Indicator) -> Iterator[Signal]:
        periods = self.a.history(self.rule.periods)[:-1]
        if len(periods) < HISTORY_MIN:
            return
        counted = counts_events(self.a.catalogue, indicator)
        if self.rule.test == "counts" or (self.rule.test == "auto" and counted):
            yield from self._sudden_count(indicator, periods)
        else:
            yield from self._sudden_value(indicator, periods)

    def _side(self, indicator: Indicator) -> Side:
        if self.rule.side == "both" or indicator.direction == "none":
            return "both"
        return "down" if indicator.direction == "up" else "up"

    def _sudden_value(self, indicator: Indicator, periods: list[Period]) -> Iterator[Signal]:
        newest = self._values(indicator, self.a.period)
        values = np.where(newest.ok, newest.floats(), np.nan)
        history = np.array([_known(self._values(indicator, period)) for period in periods])
        floor = self._floor(indicator, history)
        found = robust_distance(history, values, floor, HISTORY_MIN)
        side = self._side(indicator)
        signed = {"up": found.distance, "down": -found.distance, "both": np.abs(found.distance)}[side]
        limit = float(self.rule.distance)
        for index in np.flatnonzero(np.nan_to_num(signed, nan=0.0) > limit).tolist():
            place = int(self.places[index])
            yield self._signal(
                indicator,
                place,
                "alert.sudden_value",
                signed[index],
                value=self._shown(indicator, place, self.a.period),
                median=f"{found.median[index]:.{indicator.decimals}f}",
                distance=f"{signed[index]:.1f}",
                periods=int(np.isfinite(history[:, index]).sum()),
                series=self._series(indicator, place, [*periods, self.a.period]),
            )

    def _floor(self, indicator: Indicator, history: Floats) -> Floats:
        """The least deviation assumed: one step of the digits shown, 2 % of the median, and for a share
        of whole counts its binomial standard error, because so much it varies by itself."""
        with np.errstate(all="ignore"):
            known = np.isfinite(history).any(axis=0)
            middle = np.zeros(history.shape[1])
            middle[known] = np.nanmedian(history[:, known], axis=0)
        floor: Floats = np.maximum(np.abs(middle) * 0.02, 10.0**-indicator.decimals)
        measured = self._measured(indicator, self.a.period)
        factor = parts_of(indicator.formula, self.a.period).factor
        if measured.denominator is None or factor is None or not factor:
            return floor
        base = _known(measured.denominator.take(self.places))
        share = np.clip(middle / float(factor), 0.0, 1.0)
        with np.errstate(all="ignore"):
            error = np.sqrt(share * (1 - share) / base) * float(factor)
        return np.maximum(floor, np.where(np.isfinite(error), error, 0.0))

    def _sudden_count(self, indicator: Indicator, periods: list[Period]) -> Iterator[Signal]:
        newest = _counts(self._values(indicator, self.a.period))
        history = np.array([_counts(self._values(indicator, period)) for period in periods])
        found = count_change(history, newest, self._side(indicator), HISTORY_MIN)
        for index in np.flatnonzero(found.chance < float(self.rule.significance)).tolist():
            place = int(self.places[index])
            yield self._signal(
                indicator,
                place,
                "alert.sudden_count",
                -np.log10(max(found.chance[index], 1e-300)),
                value=self._shown(indicator, place, self.a.period),
                expected=f"{found.expected[index]:.1f}",
                chance=f"{found.chance[index]:.1g}",
                dispersion=f"{found.dispersion:.3g}",
                periods=int((history[:, index] >= 0).sum()),
                series=self._series(indicator, place, [*periods, self.a.period]),
            )

    def _first_case(self, indicator: Indicator) -> Iterator[Signal]:
        periods = self.a.history(self.rule.periods)
        if len(periods) <= self.rule.periods:
            return
        newest = _counts(self._values(indicator, self.a.period))
        quiet = np.all([_counts(self._values(indicator, period)) == 0 for period in periods[:-1]], axis=0)
        for index in np.flatnonzero(quiet & (newest > 0)).tolist():
            place = int(self.places[index])
            yield self._signal(
                indicator,
                place,
                "alert.first_case",
                newest[index],
                value=self._shown(indicator, place, self.a.period),
                length=self.rule.periods,
                series=self._series(indicator, place, periods),
            )

    # -- absence --------------------------------------------------------------------------------

    def _elements(self) -> list[str]:
        """The rule's elements, else those the card needs."""
        a = self.a
        if self.rule.elements:
            return [code for code in self.rule.elements if code in a.catalogue.elements]
        needed = {
            ref.code
            for code in a.scorecard.indicators
            for ref, _ in references(a.catalogue.indicators[code].formula)
        }
        return sorted(code for code in needed if a.catalogue.elements[code].kind is not ElementKind.REPORTED)

    def _missing_report(self) -> Iterator[Signal]:
        a = self.a
        absent: dict[int, list[str]] = {}
        for code in self._elements():
            if not len(a.view.all_rows(code)):
                continue
            due = a.view.due(code)
            reported = np.zeros(a.view.size, dtype=bool)
            reported[a.view.position[a.view.chosen_rows(code, a.period)]] = True
            # What nobody at all has reported is not late: it belongs to another rhythm.
            if reported.any():
                late: BoolArray = due & ~reported
                for place in self.places[late[self.places]].tolist():
                    absent.setdefault(place, []).append(code)
        for place in sorted(absent):
            yield self._signal(
                None,
                place,
                "alert.missing_report",
                len(absent[place]),
                count=len(absent[place]),
                elements=absent[place],
            )

    def _inactivity(self) -> Iterator[Signal]:
        a, least = self.a, self.rule.periods
        periods = a.history()
        if len(periods) <= least:
            return
        due = np.zeros(self.places.size, dtype=bool)
        active = np.zeros((len(periods), self.places.size), dtype=bool)
        for code in self._elements():
            due |= a.view.expected(code)[self.places] > 0
            for row, period in enumerate(periods):
                active[row] |= a.view.values(code, period).present[self.places]
        silent = np.argmax(active[::-1], axis=0)
        once = active.any(axis=0)
        for index in np.flatnonzero(due & once & (silent >= least)).tolist():
            length = int(silent[index])
            yield self._signal(
                None,
                int(self.places[index]),
                "alert.inactivity",
                length,
                length=length,
            )


def _gap(values: Rational, target: Threshold) -> Rational:
    """How far below (or above) the target, negative where it is met."""
    wanted = rational.constant(target.value, len(values))
    return rational.subtract(wanted, values) if target.side == "high" else rational.subtract(values, wanted)


def _known(values: Rational) -> Floats:
    return np.where(values.ok, values.floats(), np.nan)


def _counts(values: Rational) -> NDArray[np.int64]:
    """Whole counts, −1 where there is none."""
    whole = values.ok & (values.den == 1) & (values.num >= 0)
    limited = np.minimum(np.where(whole, values.num, 0), 2**53)
    return np.where(whole, limited, -1).astype(np.int64)
