"""Monthly reports of the fictional counties: cases, precursors, parcels, surveys."""

from __future__ import annotations

import numpy as np

from .places import PROFILES, Place
from .reports import MONTHS, Counts, Rates, ReportRow, chance, done_of, rows_of, split_whole, stream

DRUGS = ("heroin", "meth", "ketamine", "cannabis", "etomidate", "other")
TARGET_LEVELS = ("ministry", "province", "city")
SEASON_CASES = (0.8, 0.7, 1.1, 1.15, 1.2, 1.3, 1.0, 0.95, 1.05, 1.0, 0.95, 0.8)

MEDICINE_LOSSES: dict[tuple[str, str], int] = {("F08", "2026-01"): 1}
"""Losses of controlled medicines: the veto of the January–February card."""

HONOURS: dict[tuple[str, str], int] = {("F01", "2026-09"): 1, ("F06", "2026-08"): 1, ("F02", "2026-02"): 1}
CRITICISMS: dict[tuple[str, str], int] = {("F05", "2026-09"): 1, ("F08", "2026-01"): 1}
UNSURVEYED: frozenset[tuple[str, str]] = frozenset({("F09", "2026-09")})
"""Counties whose survey of the quarter was not delivered."""


class Counties:
    """What the counties report; ``population`` and ``users`` are the sums of their townships."""

    def __init__(self, places: list[Place], population: Counts, users: Counts) -> None:
        self.codes = [place.code for place in places]
        self.profiles = [PROFILES[code] for code in self.codes]
        self.population = population
        self.users = users
        draw = stream(0, 5)
        self.firms = np.round(population / 7_500).astype(np.int64) + draw.integers(4, 14, len(places))
        self.institutions = np.maximum(3, population // 22_000)
        self.patients = np.maximum(6, np.round(users * 0.11)).astype(np.int64)
        self.workers = np.maximum(3, users // 45)
        self.centres = np.maximum(2, population // 60_000)
        self.outlets = np.round(population / 4_200).astype(np.int64)
        self.sewage = draw.uniform(18.0, 42.0, len(places))

    def month(self, number: int) -> list[ReportRow]:
        """The reports of a month."""
        period = MONTHS[number]
        calendar_month = int(period[5:])
        values = self._crackdown(number, calendar_month, stream(number, 6))
        values |= self._supervision(number, calendar_month, stream(number, 7))
        values |= self._recovery(calendar_month, stream(number, 8))
        for element, events in (
            ("medicine_losses", MEDICINE_LOSSES),
            ("honours", HONOURS),
            ("criticisms", CRITICISMS),
        ):
            values[element] = np.array([events.get((code, period), 0) for code in self.codes])
        rows = rows_of(self.codes, period, values)
        rows += self._seizures(number, period, values["drug_cases_solved"])
        rows += self._sewage(number, period)
        if calendar_month % 3 == 0:
            surveys = rows_of(self.codes, period, self._surveys(number))
            rows += [row for row in surveys if (row.region, period) not in UNSURVEYED]
        return rows

    def _quality(self, strand: str, number: int) -> Rates:
        return np.array([getattr(profile, strand) + profile.trend * number / 12 for profile in self.profiles])

    def _crackdown(self, number: int, calendar_month: int, draw: np.random.Generator) -> dict[str, Counts]:
        quality = self._quality("crackdown", number)
        season = SEASON_CASES[calendar_month - 1]
        cases = draw.poisson(self.population / 100_000 * (1.9 + 0.55 * quality).clip(0.5) * season)
        suspects = cases + draw.poisson(cases * 0.45)
        local = done_of(draw, suspects, np.full(len(suspects), 0.63))
        outflow_growth = np.array([(1 + p.outflow_growth) ** (number / 12) for p in self.profiles])
        property_suspects = draw.poisson(self.population / 100_000 * 13)
        treated_share = np.clip(0.115 - 0.045 * self._quality("prevention", number), 0.02, 0.5)
        targets = draw.poisson(0.25 + 0.18 * (quality + 1).clip(0))
        levels = split_whole(targets, np.tile(np.array([0.1, 0.35, 0.55]), (len(targets), 1)))
        tests = draw.poisson(self.population / 10_000 * 6)
        zeros = np.zeros_like(cases)
        values: dict[str, Counts] = {
            "drug_cases_solved": cases,
            "drug_suspects_caught": suspects,
            "suspects_local_origin": local,
            "suspects_outside_origin": suspects - local,
            "suspects_prosecuted": done_of(draw, suspects, chance(0.84, 0.08, quality)),
            "drug_admin_cases": draw.poisson(self.users * 0.022 * season),
            "users_detected": draw.poisson(self.users * 0.052 * season),
            "gangs_broken": np.minimum(cases, draw.poisson(0.2 + cases * 0.04)),
            "target_cases_solved": targets,
            "internet_cases": done_of(draw, cases, np.full(len(cases), 0.17)),
            "parcel_cases": done_of(draw, cases, np.full(len(cases), 0.08)),
            "transit_cases": done_of(draw, cases, np.full(len(cases), 0.05)),
            "outflow_traffickers": draw.poisson(self.population / 100_000 * 1.15 * outflow_growth),
            "labs_destroyed": zeros,
            "illegal_firms_dealt": draw.poisson(0.4, len(cases)),
            "checkpoint_inspections": draw.poisson(self.population / 100),
            "property_suspects": property_suspects,
            "property_suspects_cdt": done_of(draw, property_suspects, treated_share),
            "drug_driving_tests": tests,
            "drug_driving_found": done_of(draw, tests, np.full(len(tests), 0.004)),
        }
        for position, level in enumerate(TARGET_LEVELS):
            values[f"target_cases_solved|level={level}"] = levels[:, position]
        return values

    def _supervision(self, number: int, calendar_month: int, draw: np.random.Generator) -> dict[str, Counts]:
        quality = self._quality("supervision", number)
        inspections = np.maximum(2, np.round(self.firms * 0.5)).astype(np.int64)
        problems = draw.poisson(inspections * 0.35)
        sales = draw.poisson(self.firms * 2.4)
        checked = np.maximum(2, np.round(self.firms * 0.3)).astype(np.int64)
        parcels = draw.poisson(self.population * (3.6 if calendar_month in (11, 12, 6) else 2.9))
        annual = self.firms if calendar_month == 3 else None
        values: dict[str, Counts] = {
            "precursor_firms": self.firms,
            "precursor_firms_filed": done_of(draw, self.firms, chance(0.985, 0.012, quality)),
            "precursor_inspections_due": inspections,
            "precursor_inspections_done": done_of(draw, inspections, chance(0.925, 0.06, quality)),
            "precursor_problems_found": problems,
            "precursor_problems_fixed": done_of(draw, problems, chance(0.93, 0.05, quality)),
            "precursor_sales_due": sales,
            "precursor_sales_on_time": done_of(draw, sales, chance(0.965, 0.03, quality)),
            "ledger_checked": checked,
            "ledger_matched": done_of(draw, checked, chance(0.96, 0.035, quality)),
            "parcels_due": parcels,
            "parcels_inspected": done_of(draw, parcels, chance(0.9915, 0.0075, quality)),
            "parcels_realname": done_of(draw, parcels, chance(0.9945, 0.005, quality)),
            "parcels_xray": done_of(draw, parcels, chance(0.9880, 0.0110, quality)),
            "outlets": self.outlets,
            "medicine_institutions": self.institutions,
            "medicine_checks_done": draw.binomial(self.institutions, 0.12),
            "venue_drug_cases": draw.poisson(0.12, len(self.codes)),
        }
        if annual is not None:
            values["precursor_annual_due"] = annual
            values["precursor_annual_on_time"] = done_of(draw, annual, chance(0.96, 0.03, quality))
        return values

    def _recovery(self, calendar_month: int, draw: np.random.Generator) -> dict[str, Counts]:
        decided = draw.poisson(self.users * 0.012)
        special = draw.binomial(decided, 0.15)
        treated = self.patients + np.round(self.patients * 0.018 * calendar_month).astype(np.int64)
        return {
            "cidt_decided": decided,
            "cidt_admitted": done_of(draw, decided, np.full(len(decided), 0.97)),
            "special_due": special,
            "special_admitted": done_of(draw, special, np.full(len(special), 0.93)),
            "mmt_treated": treated,
            "mmt_in_treatment": done_of(draw, treated, np.full(len(treated), 0.87)),
            "social_workers": self.workers,
            "recovery_centres": self.centres,
        }

    def _surveys(self, number: int) -> dict[str, Counts]:
        draw = stream(number, 9)
        quality = self._quality("education", number)
        sample = draw.integers(300, 420, len(self.codes))
        asked = draw.integers(300, 420, len(self.codes))
        return {
            "satisfaction_sample": sample,
            "satisfaction_positive": done_of(draw, sample, chance(0.957, 0.018, quality)),
            "knowledge_sample": asked,
            "knowledge_correct": done_of(draw, asked, chance(0.935, 0.025, quality)),
        }

    def _seizures(self, number: int, period: str, cases: Counts) -> list[ReportRow]:
        draw = stream(number, 10)
        rows = []
        for code, count in zip(self.codes, cases, strict=True):
            grams = draw.lognormal(2.6, 1.1, len(DRUGS)) * count * (0.5, 1.6, 0.5, 0.2, 0.7, 0.1)
            rows += [
                ReportRow(code, "drugs_seized", period, f"{int(weight) / 1000:.3f}", f"drug={drug}")
                for drug, weight in zip(DRUGS, grams, strict=True)
            ]
            rows.append(
                ReportRow(code, "precursors_seized", period, f"{int(draw.gamma(0.4, 20_000)) / 1000:.3f}")
            )
        return rows

    def _sewage(self, number: int, period: str) -> list[ReportRow]:
        draw = stream(number, 11)
        growth = np.array([(1 + profile.new_users_growth / 2) ** (number / 12) for profile in self.profiles])
        index = self.sewage * growth * draw.uniform(0.9, 1.1, len(self.codes))
        return [
            ReportRow(code, "sewage_index", period, f"{value:.1f}")
            for code, value in zip(self.codes, index, strict=True)
        ]
