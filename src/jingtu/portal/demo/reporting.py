"""The city's report forms with what became of them: months registered, October under way, three daily reports.

Everything happens on fixed days through the services people use; figures that are facts already are
registered, never stored again, so no published number moves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager

from django.db import transaction
from django.utils import timezone

from jingtu.assessment.reporting import services
from jingtu.assessment.reporting.definition import lines_of
from jingtu.assessment.reporting.definition_text import read_forms
from jingtu.assessment.reporting.models import Cell, Form, Report
from jingtu.assessment.reporting.services import Chosen, Entry
from jingtu.core.facts.queries import elements
from jingtu.core.facts.services import change_fact
from jingtu.core.kernel.actor import SYSTEM, Actor, actor_named
from jingtu.core.kernel.clock import frozen
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import tree_by_slug
from jingtu.portal.demo_data import city, places
from jingtu.portal.demo_data.reports import OPEN_MONTH

FORMS = places.FOLDER.with_name("forms.yaml")
MONTHLY, UNITS, EDUCATION, DAILY = "township_monthly", "unit_monthly", "education_monthly", "situation_daily"
PAST = {
    MONTHLY: ("2026-07", "2026-08", "2026-09"),
    UNITS: ("2026-07", "2026-08", "2026-09"),
    EDUCATION: ("2026-09",),
}
DAYS = (18, 19, 20)
SILENT = {"F03007", "F05014", "F07011", "FU22", "FU30", "FU35"}
"""Units that have not begun October's report."""
CLASH = ("F03001", "visits_done")
"""Where a figure came another way after the report was handed in."""

Values = dict[str, dict[str, str]]
"""Figures by region code and cell."""


def load_forms() -> bool:
    """Install the forms and let the months pass; True when anything was written."""
    if Form.objects.filter(code=DAILY).exists():
        return False
    # Whole or not at all, so that a demo that was broken off is completed by the next.
    with transaction.atomic():
        _let_the_months_pass()
    return True


def _let_the_months_pass() -> None:
    for code, tree, definition in read_forms(FORMS):
        services.install_form(SYSTEM, code, tree_by_slug(SYSTEM, tree), definition)
    analyst = actor_named("analyst")
    for code, months in PAST.items():
        for month in months:
            _register(analyst, code, month)
    figures = {report.tree: _by_place(report) for report in city.open_month()}
    _townships(figures[places.CITY_TREE])
    _units(figures[places.UNITS_TREE])
    _days()


def _register(analyst: Actor, code: str, month: str) -> None:
    """The month's reports came as files: most in time, some late."""
    form = Form.objects.select_related("tree").get(code=code)
    year, number = int(month[:4]), int(month[5:])
    first = dt.date(year + number // 12, number % 12 + 1, 1)
    arrived = {}
    regions = Region.objects.filter(tree=form.tree, position__isnull=False).order_by("position")
    for region_id, position in regions.values_list("pk", "position"):
        late = (position or 0) % 17 == number % 17
        day = first + dt.timedelta(days=12 if late else (position or 0) % 5)
        arrived[region_id] = timezone.make_aware(
            dt.datetime.combine(day, dt.time(9 + (position or 0) % 8, 10))
        )
    services.receive_reports(analyst, code, month, arrived, "以文件报送，按收到时间登记")


def _by_place(report: city.MonthReport) -> Values:
    found: Values = {}
    for row in report.rows:
        key = f"{row.element}|{row.category}" if row.category else row.element
        found.setdefault(row.region, {})[key] = row.value
    return found


def _townships(figures: Values) -> None:
    codes = [code for code in sorted(figures) if code not in SILENT]
    own = {code for code in codes if code.startswith("F05")}
    late = {code for number, code in enumerate(codes) if number % 16 == 3} - own
    begun = {code for number, code in enumerate(codes) if number % 16 == 7} - own
    silent = {code for number, code in enumerate(codes) if number % 32 == 11} - own
    in_time = [code for code in codes if code not in late | begun | silent | own]
    with _at(5, 16):
        _hand_in(SYSTEM, MONTHLY, OPEN_MONTH, in_time, figures)
    county, reporter = actor_named("county"), actor_named("reporter")
    with _at(6, 9):
        _type(SYSTEM, MONTHLY, OPEN_MONTH, sorted(begun), figures, most=20)
        _type(county, MONTHLY, OPEN_MONTH, ["F05009"], figures, most=20)
        _hand_in(county, MONTHLY, OPEN_MONTH, sorted(own - {"F05001", "F05009"}), figures)
    with _at(6, 10):
        _hand_in(reporter, MONTHLY, OPEN_MONTH, ["F05001"], figures)
    analyst = actor_named("analyst")
    with _at(9, 15):
        accepted = [code for code in in_time if code[:3] in {"F01", "F02", "F04"}]
        services.pass_reports(analyst, _chosen(MONTHLY, OPEN_MONTH, accepted), "与上月比对无异常")
    with _at(10, 9):
        # What the accepted monthly reports gave already is locked here and not typed again.
        _hand_in(SYSTEM, EDUCATION, OPEN_MONTH, [code for code in accepted if code[:3] != "F04"], figures)
    with _at(10, 11):
        _hand_in(SYSTEM, MONTHLY, OPEN_MONTH, sorted(late), figures)
    with _at(11, 9):
        report = Report.objects.get(form__code=MONTHLY, period=OPEN_MONTH, region__code="F05001")
        services.return_cells(analyst, report.pk, {"visits_done": "走访次数与走访记录不一致，请核对后重报"})
    with _at(12, 10):
        # The report of this township is submitted and says something else: whoever accepts it has to choose.
        place, key = CLASH
        change_fact(
            analyst,
            region_id=_ids(MONTHLY, [place])[place],
            element=key,
            period=OPEN_MONTH,
            value=str(int(figures[place][key]) - 4),
            reason="与走访系统逐条核对，剔除重复登记4次（演示）",
        )


def _units(figures: Values) -> None:
    codes = [code for code in sorted(figures) if code not in SILENT]
    late = codes[-2:]
    analyst, reviewer = actor_named("analyst"), actor_named("reviewer")
    with _at(4, 17):
        _hand_in(SYSTEM, UNITS, OPEN_MONTH, codes[:-2], figures)
    with _at(9, 10):
        services.pass_reports(analyst, _chosen(UNITS, OPEN_MONTH, codes[:24]), "初审通过")
        returned = Report.objects.get(form__code=UNITS, period=OPEN_MONTH, region__code=codes[25])
        services.return_cells(analyst, returned.pk, {"unit_staff_trained": "培训人数请附签到名单核对"})
    with _at(10, 10):
        services.pass_reports(reviewer, _chosen(UNITS, OPEN_MONTH, codes[:20]), "复审通过")
    with _at(12, 9):
        _hand_in(SYSTEM, UNITS, OPEN_MONTH, late, figures)


def _days() -> None:
    counties = [place.code for place in places.counties()]
    reviewer, county = actor_named("reviewer"), actor_named("county")
    for day in DAYS:
        period = f"2026-11-{day}"
        values = {code: _of_the_day(number, day) for number, code in enumerate(counties)}
        others = [code for code in counties if code != "F05" and (code, day) != ("F07", 20)]
        with _at(day, 19):
            _hand_in(SYSTEM, DAILY, period, others, values)
        with _at(day, 21 if day == 20 else 18):
            _hand_in(county, DAILY, period, ["F05"], values)
        if day != DAYS[-1]:
            with _at(day + 1, 8):
                services.pass_reports(reviewer, _chosen(DAILY, period, [*others, "F05"]))


def _of_the_day(number: int, day: int) -> dict[str, str]:
    solved, outside = (number * 2 + day) % 3, (number + day) % 2
    return {
        "drug_cases_solved": str(solved),
        "suspects_local_origin": str(solved + number % 2),
        "suspects_outside_origin": str(outside if solved else 0),
        "drug_admin_cases": str((number + day * 2) % 5),
        "users_detected": str((number * 3 + day) % 7),
    }


def _type(
    actor: Actor, form: str, period: str, codes: Sequence[str], figures: Values, most: int | None = None
) -> None:
    """Type figures into new reports: by hand for a person, through the API for the counties' own systems."""
    ids = _ids(form, codes)
    origin = Cell.Origin.API if actor is SYSTEM else Cell.Origin.TYPED
    entries = [Entry(ids[code], key, value) for code in codes for key, value in list(figures[code].items())]
    known = _cells_of(form)
    wanted = [entry for entry in entries if entry.key in known]
    if most is not None:
        wanted = [entry for entry in wanted if known[entry.key] < most]
    for start in range(0, len(wanted), services.MOST_ENTRIES):
        services.save_cells(actor, form, period, wanted[start : start + services.MOST_ENTRIES], origin)


def _cells_of(form: str) -> dict[str, int]:
    """The cells people type in, with their place in the form."""
    version = Form.objects.get(code=form).versions.get()
    lines = lines_of(version.content, elements(SYSTEM))
    return {line.key: number for number, line in enumerate(lines) if line.kind == "typed"}


def _hand_in(actor: Actor, form: str, period: str, codes: Sequence[str], figures: Values) -> None:
    """Type and submit; odd figures get the note that the form asks for."""
    _type(actor, form, period, codes, figures)
    ids = list(_ids(form, codes).values())
    outcome = services.submit_many(actor, form, period, ids)
    if not outcome.held_back:
        return
    versions = {
        (region, f"{element}|{category}" if category else element): version
        for region, element, category, version in Cell.objects.filter(
            report__form__code=form, report__period=period, report__region_id__in=list(outcome.held_back)
        ).values_list("report__region_id", "element", "category", "version")
    }
    notes = [
        Entry(region_id, found.key, None, versions.get((region_id, found.key), 0), "已与台账核对，情况属实")
        for region_id, problems in outcome.held_back.items()
        for found in problems
    ]
    services.save_cells(actor, form, period, notes)
    services.submit_many(actor, form, period, list(outcome.held_back))


def _ids(form: str, codes: Iterable[str]) -> dict[str, int]:
    tree = Form.objects.get(code=form).tree_id
    rows = Region.objects.filter(tree_id=tree, code__in=list(codes), valid_to__isnull=True)
    return dict(rows.order_by("position").values_list("code", "pk"))


def _chosen(form: str, period: str, codes: Sequence[str]) -> list[Chosen]:
    waiting = Report.objects.filter(
        form__code=form, period=period, region__code__in=codes, state__in=["submitted", "in_review"]
    )
    return [Chosen(pk) for pk in waiting.order_by("pk").values_list("pk", flat=True)]


def _at(day: int, hour: int) -> AbstractContextManager[None]:
    """On a day of November 2026, when October was being reported."""
    return frozen(dt.datetime(2026, 11, day, hour, 20, tzinfo=timezone.get_default_timezone()))
