"""What the figures of a run look like before anybody signs them: pure checks over arrays.

Every check returns findings; none of them changes a figure. Thresholds are practice, not law,
and are stated here once. Series are shaped (periods, regions), the period of the run last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jingtu.engine.problems import register_texts

from .rules import Severity

Values = NDArray[np.int64]
Known = NDArray[np.bool_]

HISTORY_MIN = 6
"""Fewer earlier values than this say nothing about what is usual."""
OUTLIER_WARNING = 5.0
OUTLIER_ERROR = 10.0
"""Distances from the usual value, in robust standard deviations (1.4826 × median absolute deviation)."""
ZERO_MEAN = 7.0
"""A Poisson count with mean 7 is zero less than once in a thousand periods."""
PEERS_MIN = 8
PEER_DISTANCE = 6.0
LISTED = 8
"""How many codes a finding names before it only counts them."""


@dataclass(frozen=True)
class Finding:
    """One thing noticed. ``region`` is a column of the series (None: the run as a whole)."""

    code: str
    severity: Severity
    region: int | None = None
    element: str = ""
    indicator: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Series:
    """One element's values by period and region, scaled integers; ``known`` says where one was given."""

    element: str
    values: Values
    known: Known
    scale: int = 1
    flow: bool = True


def missing(series: Sequence[Series]) -> list[Finding]:
    """Regions that gave an element before and give none now: one finding a region.

    An error when the region gives nothing at all any more, otherwise a warning.
    """
    if not series:
        return []
    regions = series[0].values.shape[1]
    gone: dict[int, list[str]] = {}
    usual = np.zeros(regions, dtype=np.int64)
    for item in series:
        before = item.known[:-1].any(axis=0)
        usual += before
        for region in np.flatnonzero(before & ~item.known[-1]):
            gone.setdefault(int(region), []).append(item.element)
    return [
        Finding(
            "runs.finding.nothing_reported" if len(elements) == usual[region] else "runs.finding.missing",
            Severity.ERROR if len(elements) == usual[region] else Severity.WARNING,
            region,
            elements[0] if len(elements) == 1 else "",
            params={"count": len(elements), "elements": elements[:LISTED]},
        )
        for region, elements in sorted(gone.items())
    ]


def sudden_zero(series: Sequence[Series]) -> list[Finding]:
    """A flow that was never zero, seven or more on average, and now is."""
    found = []
    for item in series:
        if not item.flow or item.values.shape[0] <= HISTORY_MIN // 2:
            continue
        before, told = item.values[:-1], item.known[:-1]
        count = told.sum(axis=0)
        mean = np.where(told, before, 0).sum(axis=0) / np.maximum(count, 1) / item.scale
        never_zero = np.where(told, before > 0, True).all(axis=0)
        zero_now = item.known[-1] & (item.values[-1] == 0)
        hit = zero_now & never_zero & (count >= HISTORY_MIN // 2) & (mean >= ZERO_MEAN)
        found += [
            Finding(
                "runs.finding.sudden_zero",
                Severity.ERROR,
                int(region),
                item.element,
                params={"mean": f"{mean[region]:.1f}"},
            )
            for region in np.flatnonzero(hit)
        ]
    return found


def outliers(series: Sequence[Series]) -> list[Finding]:
    """Values far from what the same region usually gives (median and MAD of its earlier periods)."""
    found = []
    for item in series:
        told = item.known[:-1]
        enough = item.known[-1] & (told.sum(axis=0) >= HISTORY_MIN)
        columns = np.flatnonzero(enough)
        if not columns.size:
            continue
        earlier = np.where(told[:, columns], item.values[:-1, columns] / item.scale, np.nan)
        usual = np.nanmedian(earlier, axis=0)
        # Counts scatter by their square root even when nothing happens, so MAD 0 is no certainty.
        spread = np.maximum(
            1.4826 * np.nanmedian(np.abs(earlier - usual), axis=0),
            np.maximum(np.sqrt(np.abs(usual)), 1.0 if item.flow else 0.02 * np.abs(usual) + 1.0),
        )
        now = item.values[-1, columns] / item.scale
        distance = np.abs(now - usual) / spread
        zero = item.flow & (now == 0)  # said by its own check
        for index in np.flatnonzero((distance >= OUTLIER_WARNING) & ~zero):
            found.append(
                Finding(
                    "runs.finding.outlier",
                    Severity.ERROR if distance[index] >= OUTLIER_ERROR else Severity.WARNING,
                    int(columns[index]),
                    item.element,
                    params={"value": f"{now[index]:g}", "usual": f"{usual[index]:g}"},
                )
            )
    return found


def sum_of_parts(totals: Mapping[str, Series], parts: Mapping[str, Sequence[Series]]) -> list[Finding]:
    """Totals that differ from the sum of their parts, where all are given for the run's period."""
    found = []
    for code, total in totals.items():
        members = parts.get(code, ())
        if not members:
            continue
        known = total.known[-1].copy()
        added = np.zeros_like(total.values[-1])
        for part in members:
            known &= part.known[-1]
            added += part.values[-1] * (total.scale // part.scale or 1)
        for region in np.flatnonzero(known & (added != total.values[-1])):
            found.append(
                Finding(
                    "runs.finding.sum_of_parts",
                    Severity.ERROR,
                    int(region),
                    code,
                    params={
                        "total": f"{total.values[-1, region] / total.scale:g}",
                        "parts": f"{added[region] / total.scale:g}",
                    },
                )
            )
    return found


def numerator_above_denominator(
    indicator: str, numerator: Values, denominator: Values, known: Known
) -> list[Finding]:
    """Places where a part is larger than its whole (only for shares)."""
    return [
        Finding(
            "runs.finding.above_whole",
            Severity.ERROR,
            int(region),
            indicator=indicator,
            params={"numerator": int(numerator[region]), "denominator": int(denominator[region])},
        )
        for region in np.flatnonzero(known & (numerator > denominator))
    ]


def far_from_peers(indicator: str, values: NDArray[np.float64], known: Known) -> list[Finding]:
    """Places whose indicator is far from that of the others ranked with them."""
    columns = np.flatnonzero(known)
    if columns.size < PEERS_MIN:
        return []
    present = values[columns]
    middle = float(np.median(present))
    spread = max(1.4826 * float(np.median(np.abs(present - middle))), 0.02 * abs(middle), 1e-9)
    return [
        Finding(
            "runs.finding.far_from_peers",
            Severity.WARNING,
            int(columns[index]),
            indicator=indicator,
            params={"value": f"{present[index]:.2f}", "middle": f"{middle:.2f}"},
        )
        for index in np.flatnonzero(np.abs(present - middle) / spread >= PEER_DISTANCE)
    ]


register_texts(
    {
        "runs.finding.nothing_reported": (
            "本期未报送任何数据（此前报送过{count}项）。",
            "Nothing was reported for this period ({count} elements were before).",
        ),
        "runs.finding.missing": (
            "本期缺报{count}项：{elements}。",
            "{count} elements reported before are missing: {elements}.",
        ),
        "runs.finding.sudden_zero": (
            "“{element}”本期为0，此前平均{mean}，从未为0。",
            "“{element}” is 0 this period; it averaged {mean} and was never 0 before.",
        ),
        "runs.finding.outlier": (
            "“{element}”本期为{value}，与本地以往水平（{usual}）相差悬殊。",
            "“{element}” is {value} this period, far from what this place usually reports ({usual}).",
        ),
        "runs.finding.sum_of_parts": (
            "“{element}”合计{total}，分项相加为{parts}，两者不符。",
            "“{element}” is {total} but its parts add up to {parts}.",
        ),
        "runs.finding.above_whole": (
            "“{indicator}”分子{numerator}大于分母{denominator}。",
            "“{indicator}”: the numerator {numerator} is larger than the denominator {denominator}.",
        ),
        "runs.finding.far_from_peers": (
            "“{indicator}”为{value}，与同级其他单位（中位数{middle}）相差悬殊。",
            "“{indicator}” is {value}, far from the others ranked with it (median {middle}).",
        ),
    }
)
