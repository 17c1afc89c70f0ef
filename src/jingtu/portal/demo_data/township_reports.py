"""Monthly reports of the fictional townships: people in treatment, visits, schools, meetings."""

from __future__ import annotations

import numpy as np

from .places import PROFILES, Place
from .reports import (
    CALENDAR,
    Counts,
    Rates,
    ReportRow,
    chance,
    done_of,
    rows_of,
    split_whole,
    steadily_done_of,
    stream,
)

SEASON_NEW_USERS = (1.05, 1.1, 1.1, 0.95, 1.0, 0.9, 0.85, 0.6, 1.1, 1.1, 1.15, 1.3)
SEASON_PUBLICITY = (0.6, 0.5, 0.9, 1.0, 1.1, 2.4, 1.0, 0.8, 1.2, 1.0, 1.0, 1.0)
"""Factors by calendar month: quiet at the Spring Festival, busy around 26 June."""

AGES = ("u18", "18_35", "36_59", "60plus")
PLACES_OF_ACTIVITY = ("community", "school", "unit", "village", "family", "venue")

UNREPORTED: frozenset[tuple[str, str]] = frozenset(
    {
        ("F03007", "2026-09"),
        ("F05014", "2026-09"),
        ("F07011", "2026-08"),
        ("F05014", "2026-08"),
        ("F02016", "2026-02"),
        ("F08003", "2025-12"),
        ("F09010", "2025-10"),
    }
)
"""Whole monthly reports that never came."""

EDUCATION_UNREPORTED: frozenset[tuple[str, str]] = frozenset({("F07004", "2026-09"), ("F06019", "2026-07")})
"""Reports whose education part was left blank."""

INCIDENTS: dict[tuple[str, str], int] = {("F04008", "2026-09"): 1}
"""Serious incidents caused by a user: a veto for the county and the township."""

PLANTS: dict[tuple[str, str], int] = {
    ("F09005", "2026-05"): 620,
    ("F09013", "2026-05"): 84,
    ("F08012", "2026-05"): 45,
    ("F06015", "2026-04"): 30,
    ("F09013", "2026-09"): 26,
}
"""Illicit plants found, mostly at flowering time."""

OUTLIERS: dict[tuple[str, str, str], int] = {
    ("F06004", "2026-09", "publicity_activities"): 12,
    ("F02003", "2026-09", "site_visitors"): 10,
    ("F08006", "2026-08", "new_users_found"): 6,
}
"""Figures multiplied by hand, for the checks of a run to find."""

ZEROED: frozenset[tuple[str, str, str]] = frozenset(
    {("F03012", "2026-09", "visits_done"), ("F07002", "2026-09", "outlet_checks_passed")}
)
"""Figures that suddenly fall to zero."""


class Townships:
    """The state of all townships, moved month by month; arrays run over townships in code order."""

    def __init__(self, places: list[Place]) -> None:
        self.codes = [place.code for place in places]
        self.index = {code: position for position, code in enumerate(self.codes)}
        self.profiles = [PROFILES[place.parent] for place in places]
        draw = stream(0, 1)
        count = len(places)
        urban = np.array([place.name.endswith("街道") for place in places])
        self.own = draw.normal(0.0, 0.35, count)
        self.population = np.where(
            urban, draw.integers(24_000, 52_000, count), draw.integers(9_000, 27_000, count)
        )
        per_10k = np.array([profile.users_per_10k for profile in self.profiles])
        self.current: Counts = draw.poisson(self.population * per_10k / 10_000 * np.where(urban, 1.3, 0.85))
        self.abstinent: Counts = np.round(self.current * draw.uniform(0.75, 1.15, count)).astype(np.int64)
        self.gone: Counts = draw.poisson(self.current * 0.12)
        self.order_share = draw.uniform(0.26, 0.46, count)
        self.released_share = draw.uniform(0.12, 0.24, count)
        self.job_share = draw.uniform(0.30, 0.50, count)
        self.mental_share = draw.uniform(0.0, 0.05, count)
        self.ages: Rates = draw.dirichlet((0.4, 14.0, 22.0, 2.5), count)
        self.villages = np.maximum(4, self.population // 2_600 + draw.integers(-1, 4, count))
        self.named = np.minimum(
            self.villages,
            np.round(self.villages * chance(0.87, 0.08, self._quality("education", 0))).astype(int),
        )
        self.schools = np.maximum(1, self.population // 8_500 + draw.integers(0, 2, count))
        self.pupils = np.round(self.population * draw.uniform(0.055, 0.075, count)).astype(np.int64)
        self.venues = np.where(urban, draw.integers(4, 26, count), draw.integers(0, 5, count))
        self.outlets = np.maximum(1, self.population // 7_000)
        self.staff = np.maximum(1, np.round(self.current / draw.uniform(20.0, 42.0, count))).astype(np.int64)
        self.volunteers = np.round(self.population * draw.uniform(0.0015, 0.004, count)).astype(np.int64)
        self.letters = self.villages + draw.integers(6, 14, count)

    def month(self, number: int) -> list[ReportRow]:
        """The reports of a month, moving the state on; months must be asked for in order."""
        period = CALENDAR[number]
        calendar_month = int(period[5:])
        draw = stream(number, 2)
        values = self._recovery(number, calendar_month, draw)
        values |= self._supervision(number, draw)
        education = self._education(number, calendar_month, stream(number, 3))
        values |= self._responsibility(number, stream(number, 4))
        self._touch_up(period, values | education)
        kept = rows_of(self.codes, period, values)
        kept += [
            row
            for row in rows_of(self.codes, period, education)
            if (row.region, period) not in EDUCATION_UNREPORTED
        ]
        return [row for row in kept if (row.region, period) not in UNREPORTED]

    def _quality(self, strand: str, number: int) -> Rates:
        county = np.array(
            [getattr(profile, strand) + profile.trend * number / 12 for profile in self.profiles]
        )
        result: Rates = county + self.own
        return result

    def _recovery(self, number: int, calendar_month: int, draw: np.random.Generator) -> dict[str, Counts]:
        wobble = stream(number, 12).normal(0.0, 0.3, len(self.codes))
        quality = self._quality("recovery", number) + wobble
        growth = np.array([(1 + profile.new_users_growth) ** (number / 12) for profile in self.profiles])
        new = draw.poisson(self.current * 0.017 * growth * SEASON_NEW_USERS[calendar_month - 1])
        settled = draw.binomial(self.current, 0.019)
        self.current = self.current + new - settled
        self.abstinent = self.abstinent + settled
        base = self.current + self.abstinent
        society = np.round(self.current * 0.87).astype(np.int64)
        due = np.round(self.current * self.order_share).astype(np.int64)
        execution = steadily_done_of(40, due, chance(0.957, 0.040, quality))
        report_due = draw.poisson(due * 0.07)
        tests_due = np.round(due * 1.1).astype(np.int64)
        visits_due = np.round(society * 1.25).astype(np.int64)
        released = np.round(self.current * self.released_share).astype(np.int64)
        job_due = np.round(society * self.job_share).astype(np.int64)
        mental = np.round(society * self.mental_share).astype(np.int64)
        society_controlled = steadily_done_of(41, society, chance(0.982, 0.012, quality))
        roll_due = np.round(base * 0.09).astype(np.int64)
        needs = draw.poisson(society * 0.05)
        values: dict[str, Counts] = {
            "population": self.population,
            "users_registered": base + self.gone,
            "registered_base": base,
            "users_current": self.current,
            "abstinent_3y": self.abstinent,
            "users_society": society,
            "users_society_controlled": society_controlled,
            "users_lost": steadily_done_of(39, society - society_controlled, np.full(len(society), 0.25)),
            "cdt_due": due,
            "cdt_in_execution": execution,
            "report_due": report_due,
            "report_on_time": done_of(draw, report_due, chance(0.90, 0.05, quality)),
            "tests_due": tests_due,
            "tests_done": done_of(draw, tests_due, chance(0.915, 0.030, quality)),
            "visits_due": visits_due,
            "visits_done": done_of(draw, visits_due, chance(0.908, 0.032, quality)),
            "relapse_found": draw.binomial(execution, 0.008),
            "released_u3y": released,
            "released_u3y_controlled": steadily_done_of(42, released, chance(0.958, 0.022, quality)),
            "job_due": job_due,
            "job_placed": steadily_done_of(43, job_due, chance(0.94, 0.030, quality)),
            "roll_check_due": roll_due,
            "roll_check_done": done_of(draw, roll_due, chance(0.965, 0.025, quality)),
            "risk_graded": steadily_done_of(44, society, chance(0.972, 0.018, quality)),
            "mental_cases": mental,
            "mental_cases_assigned": steadily_done_of(45, mental, chance(0.97, 0.03, quality)),
            "recovery_staff": self.staff,
            "reintegration_needs": needs,
            "reintegration_helped": done_of(draw, needs, chance(0.88, 0.06, quality)),
            "user_incidents": np.zeros_like(self.current),
            "new_users_found": new,
            "new_users_u25": draw.binomial(
                new, np.clip(0.26 - 0.05 * self._quality("prevention", number), 0.05, 0.6)
            ),
        }
        for position, age in enumerate(AGES):
            values[f"users_current|age={age}"] = split_whole(self.current, self.ages)[:, position]
        return values

    def _supervision(self, number: int, draw: np.random.Generator) -> dict[str, Counts]:
        quality = self._quality("supervision", number)
        due = self.venues * 2
        checks = np.minimum(self.outlets, draw.integers(1, 5, len(self.codes)))
        return {
            "poppy_plants": np.zeros_like(self.current),
            "venues": self.venues,
            "venue_inspections_due": due,
            "venue_inspections_done": done_of(draw, due, chance(0.93, 0.05, quality)),
            "outlet_checks": checks,
            "outlet_checks_passed": done_of(draw, checks, chance(0.94, 0.045, quality)),
        }

    def _education(self, number: int, calendar_month: int, draw: np.random.Generator) -> dict[str, Counts]:
        quality = self._quality("education", number)
        students = np.round(self.pupils * 0.62).astype(np.int64)
        met = steadily_done_of(46, self.schools, chance(0.945, 0.035, quality))
        activities = draw.poisson(
            self.villages * 0.85 * SEASON_PUBLICITY[calendar_month - 1] * (1 + 0.12 * quality).clip(0.5)
        )
        places = split_whole(
            activities, np.tile(np.array([0.24, 0.2, 0.12, 0.28, 0.08, 0.08]), (len(activities), 1))
        )
        reviewed = np.round(self.named * min(1.0, ((calendar_month - 1) % 12 + 1) / 10)).astype(np.int64)
        values: dict[str, Counts] = {
            "schools": self.schools,
            "schools_lessons_met": met,
            "schools_627_met": steadily_done_of(47, met, chance(0.96, 0.03, quality)),
            "schools_drugfree": steadily_done_of(48, met, chance(0.93, 0.04, quality)),
            "students_due": students,
            "students_registered": steadily_done_of(49, students, chance(0.90, 0.05, quality)),
            "publicity_activities": activities,
            "publicity_participants": activities * draw.integers(35, 130, len(activities)),
            "education_sites": np.maximum(1, self.villages // 3),
            "site_visitors": draw.poisson(self.villages * 22 * SEASON_PUBLICITY[calendar_month - 1]),
            "volunteers": self.volunteers,
            "volunteer_hours": draw.poisson(self.volunteers * 2.2),
            "villages_total": self.villages,
            "villages_drugfree": self.named,
            "drugfree_reviewed": reviewed,
            "drugfree_kept": steadily_done_of(50, reviewed, chance(0.97, 0.02, quality)),
            "competition_pupils": draw.binomial(students, 0.55 if calendar_month in (6, 11) else 0.0),
        }
        for position, place in enumerate(PLACES_OF_ACTIVITY):
            values[f"publicity_activities|place={place}"] = places[:, position]
        return values

    def _responsibility(self, number: int, draw: np.random.Generator) -> dict[str, Counts]:
        quality = self._quality("responsibility", number)
        count = len(self.codes)
        meetings = np.full(count, 2)
        tasks = draw.poisson(3.2, count)
        reports = np.full(count, 4)
        signed = chance(0.93 + 0.005 * number, 0.05, quality)
        return {
            "letters_due": self.letters,
            "letters_signed": np.minimum(self.letters, np.round(self.letters * signed).astype(np.int64)),
            "meetings_due": meetings,
            "meetings_held": done_of(draw, meetings, chance(0.93, 0.05, quality)),
            "tasks_due": tasks,
            "tasks_on_time": done_of(draw, tasks, chance(0.875, 0.05, quality)),
            "reports_due": reports,
            "reports_on_time": done_of(draw, reports, chance(0.925, 0.045, quality)),
        }

    def _touch_up(self, period: str, values: dict[str, Counts]) -> None:
        for element, events in (("user_incidents", INCIDENTS), ("poppy_plants", PLANTS)):
            for (code, month), number in events.items():
                if month == period:
                    values[element][self.index[code]] = number
        for (code, month, element), times in OUTLIERS.items():
            for key in values if month == period else ():
                if key.partition("|")[0] == element:
                    values[key][self.index[code]] *= times
        for code, month, element in ZEROED:
            if month == period:
                values[element][self.index[code]] = 0
