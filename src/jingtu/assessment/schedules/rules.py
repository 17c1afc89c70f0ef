"""When a schedule is due, how long it waits for figures, and what then happens. Nothing here knows the database.

A schedule prepares; it never publishes. Days are the office's own; offsets in working days follow the
announced calendar (:mod:`jingtu.engine.workdays`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from jingtu.engine.periods import Period, PeriodKind
from jingtu.engine.problems import InvalidInput, Problem, register_texts
from jingtu.engine.workdays import add_working_days

MOST_AT_ONCE = 400
"""So many missed periods are taken up in one round; the next round goes on from there."""
MOST_OFFSET = 60
MOST_WAIT = 60
NAME_MOST = 64
LONGEST = dt.timedelta(days=480)
"""A period and the days until it is due are never longer than that."""
LATE_AFTER = dt.timedelta(hours=1)
"""An occurrence begun later than this after its time is said to be late, and why."""
STALE_AFTER = dt.timedelta(minutes=30)
"""A process that has not finished an occurrence by then is gone; it is begun again, at most MOST_TRIES times."""
MOST_TRIES = 3
FIRST_PAUSE = dt.timedelta(minutes=10)
LONGEST_PAUSE = dt.timedelta(hours=6)


class Cadence(StrEnum):
    """How often; ``odd`` names its ranges one by one."""

    DAY = "day"
    WEEK = "week"
    DEKAD = "dekad"
    HALF_MONTH = "half_month"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    YTD = "ytd"
    ODD = "odd"


class Consent(StrEnum):
    """What the person says in whose name a schedule is to act."""

    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"


class WaitFor(StrEnum):
    """What must have come in before it goes ahead: figures, or every report of some forms accepted."""

    COVERAGE = "coverage"
    REPORTS = "reports"


class OccurrenceState(StrEnum):
    """Where one period of a schedule stands."""

    WAITING = "waiting"
    RUNNING = "running"
    PRODUCED = "produced"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    FAILED = "failed"


SETTLED = frozenset(
    {OccurrenceState.PRODUCED, OccurrenceState.SKIPPED, OccurrenceState.STOPPED, OccurrenceState.FAILED}
)


@dataclass(frozen=True)
class Preset:
    """What a schedule of one of the usual rhythms starts from; every value can be changed. One that waits for
    reports starts from the forms of its own cadence, and waits for figures where there are none."""

    code: str
    cadence: Cadence
    offset_days: int
    in_working_days: bool
    at: dt.time
    min_coverage: int
    wait_days: int
    bulletin: str
    wait_for: WaitFor = WaitFor.COVERAGE

    def values(self) -> dict[str, object]:
        """What it fills in, whatever is assessed."""
        return {
            "cadence": self.cadence.value,
            "offset_days": self.offset_days,
            "in_working_days": self.in_working_days,
            "at": self.at,
            "min_coverage": self.min_coverage,
            "wait_days": self.wait_days,
            "bulletin": self.bulletin,
        }

    def waiting(self, forms: Sequence[str]) -> dict[str, object]:
        """What it waits for, of the forms of its cadence there."""
        waits = self.wait_for if forms else WaitFor.COVERAGE
        return {"wait_for": waits.value, "reports": list(forms) if waits is WaitFor.REPORTS else []}


PRESETS: dict[str, Preset] = {
    preset.code: preset
    for preset in (
        Preset("daily", Cadence.DAY, 1, False, dt.time(9, 0), 80, 0, "daily"),
        Preset("weekly", Cadence.WEEK, 1, True, dt.time(10, 0), 90, 1, "weekly"),
        Preset("monthly", Cadence.MONTH, 5, True, dt.time(9, 0), 95, 3, "full", WaitFor.REPORTS),
        Preset("quarterly", Cadence.QUARTER, 8, True, dt.time(9, 0), 95, 5, "full", WaitFor.REPORTS),
    )
}


@dataclass(frozen=True)
class Timing:
    """When the periods of a schedule are due: so many days after their last day, at a time of the day, and
    how many days longer it may wait for figures."""

    cadence: Cadence
    offset_days: int
    in_working_days: bool
    at: dt.time
    wait_days: int
    ranges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Due:
    """One period with the moment it is due, the moment it goes ahead whatever came, and a warning's years."""

    period: Period
    at: dt.datetime
    latest: dt.datetime
    unannounced: tuple[int, ...] = ()


def due_of(timing: Timing, period: Period, zone: ZoneInfo) -> Due:
    """When one period is due."""
    day, first = _after(period.end, timing.offset_days, timing.in_working_days)
    last, second = _after(day, timing.wait_days, timing.in_working_days)
    years = tuple(sorted({*first, *second}))
    return Due(
        period,
        dt.datetime.combine(day, timing.at, zone),
        dt.datetime.combine(last, timing.at, zone),
        years,
    )


def _after(day: dt.date, days: int, working: bool) -> tuple[dt.date, tuple[int, ...]]:
    if not days:
        return day, ()
    if not working:
        return day + dt.timedelta(days=days), ()
    term = add_working_days(day, days)
    return term.day, term.unannounced


def periods_from(timing: Timing, starts_on: dt.date) -> Iterator[Period]:
    """The periods of a schedule in order, the first that ends on or after ``starts_on``; without end for a
    regular cadence."""
    if timing.cadence is Cadence.ODD:
        listed = sorted((Period.parse(text) for text in timing.ranges), key=lambda period: period.end)
        yield from (period for period in listed if period.end >= starts_on)
        return
    period = Period.of(PeriodKind(timing.cadence.value), starts_on)
    while True:
        yield period
        period = period.next()


def due_until(timing: Timing, starts_on: dt.date, until: dt.datetime, zone: ZoneInfo) -> list[Due]:
    """Everything that fell due up to a moment, in order, at most :data:`MOST_AT_ONCE`."""
    found: list[Due] = []
    for period in periods_from(timing, starts_on):
        due = due_of(timing, period, zone)
        if due.at > until or len(found) == MOST_AT_ONCE:
            break
        found.append(due)
    return found


def due_within(
    timing: Timing, starts_on: dt.date, start: dt.datetime, end: dt.datetime, zone: ZoneInfo
) -> list[Due]:
    """What falls due in a span of time, for a calendar."""
    found: list[Due] = []
    begin = max(starts_on, start.date() - LONGEST) if timing.cadence != Cadence.ODD else starts_on
    for period in periods_from(timing, begin):
        due = due_of(timing, period, zone)
        if due.at >= end:
            break
        if due.at >= start and period.end >= starts_on:
            found.append(due)
    return found


class Verdict(StrEnum):
    """What to do with an occurrence that is due."""

    GO = "go"
    WAIT = "wait"
    GO_INCOMPLETE = "go_incomplete"


def verdict(coverage: float, least: int, now: dt.datetime, latest: dt.datetime) -> Verdict:
    """Enough figures: go. Too few: wait until the latest moment, then go and say how many there were."""
    if coverage * 100 >= least:
        return Verdict.GO
    return Verdict.WAIT if now < latest else Verdict.GO_INCOMPLETE


def timing_problems(timing: Timing, min_coverage: int) -> list[Problem]:
    """What is wrong with a schedule's timing."""
    found = []
    if not 0 <= timing.offset_days <= MOST_OFFSET:
        found.append(Problem("schedules.days", {"most": MOST_OFFSET}, column="offset_days"))
    if not 0 <= timing.wait_days <= MOST_WAIT:
        found.append(Problem("schedules.days", {"most": MOST_WAIT}, column="wait_days"))
    if not 0 <= min_coverage <= 100:
        found.append(Problem("schedules.percent", column="min_coverage"))
    if timing.cadence is Cadence.ODD and not timing.ranges:
        found.append(Problem("schedules.no_ranges", column="ranges"))
    for text in timing.ranges:
        try:
            Period.parse(text)
        except InvalidInput as error:
            found += [Problem(one.code, one.params, column="ranges") for one in error.problems]
    return found


def forms_named(missing: str, names: Mapping[str, str], between: str) -> str:
    """The forms of which reports are missing ("code ×n, code ×n") by what they are called; a code nobody knows stays."""
    told = []
    for part in missing.split(", "):
        code, mark, count = part.partition(" ×")
        told.append(f"{names.get(code, code)}{mark}{count}")
    return between.join(told)


def pause_after(troubles: int) -> dt.timedelta:
    """How long a schedule that broke down rests before it is tried again: longer every time, up to six hours."""
    doubled = 1 << min(max(troubles - 1, 0), 10)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


register_texts(
    {
        "schedules.days": ("天数须在0至{most}之间。", "The number of days must lie between 0 and {most}."),
        "schedules.percent": ("比例须在0至100之间。", "The share must lie between 0 and 100."),
        "schedules.no_ranges": (
            "不定期的计划须列出周期，例如 2026-01..2026-02。",
            "A schedule of odd ranges lists its periods, for example 2026-01..2026-02.",
        ),
        "schedules.no_name": ("请填写计划名称。", "Give the schedule a name."),
        "schedules.name_taken": (
            "该地区已有名为“{name}”的计划。",
            'The region has a schedule named "{name}" already.',
        ),
        "schedules.wrong_cadence": (
            "评分表“{card}”不适用于这种周期（可用：{allowed}）。请改周期，或改选适用的评分表。",
            "Scorecard “{card}” is not made for this rhythm (it is for: {allowed}). Change the rhythm, or choose a card "
            "that is made for it.",
        ),
        "schedules.unfit_list": (
            "分发名单应是该地区或其上级机关的，且由您管理。",
            "Choose a distribution list of the region's own office or of one above it that you look after.",
        ),
        "schedules.unfit_person": (
            "{person}在该地区没有编制考核的岗位，不能由其名义执行。",
            "{person} holds no post that prepares assessments there; the schedule cannot act for them.",
        ),
        "schedules.consent_asked": (
            "等待{person}本人同意；同意之前不以其名义办理任何周期，已到期的在同意后依次补办。",
            "Waits for {person} to agree. Until then nothing is prepared in their name; what has fallen due is made up for "
            "afterwards, in order.",
        ),
        "schedules.consent_declined": (
            "{person}没有同意以其名义执行；请在“以谁的名义”中换人，或与其商定后再改计划重新征求。",
            "{person} has not agreed that it acts in their name. Name somebody else under “In whose name”, or change the "
            "schedule as agreed with them; they are then asked anew.",
        ),
        "schedules.not_named": (
            "该计划以{person}的名义执行，只有其本人可以答复。",
            "The schedule is to act in the name of {person}; only they can answer.",
        ),
        "schedules.broken": (
            "本计划办理时出错，已跳过，不影响其他计划；错误编号{reference}，请转告系统管理员。系统会自动再试，也可以“立即办理”。",
            "This schedule broke down and was passed over; the others went on. Reference {reference}: tell the system "
            "administrator. It is tried again by itself, or press “Run now”.",
        ),
        "schedules.no_forms": (
            "请选择至少一张报表，或改为等待数据覆盖率。",
            "Choose at least one form, or wait for the coverage of figures.",
        ),
        "schedules.unknown_form": (
            "“{form}”不是考核范围所在区划树的报表，请取消勾选，或改选考核范围。",
            "“{form}” is not a form of the tree that is assessed; untick it, or choose another region.",
        ),
        "schedules.form_too_long": (
            "报表“{form}”的周期比计划的周期长，计划到期时它还没有到期；请去掉它或改用更长的周期。",
            "Form “{form}” is asked for longer periods than the schedule's; leave it out or choose a longer rhythm.",
        ),
        "schedules.done_reports": (
            "所列报表共{asked}份全部审核通过，已生成考核草稿和通报草稿。",
            "All {asked} reports were accepted; a draft assessment and a draft bulletin were made.",
        ),
        "schedules.done_incomplete_reports": (
            "到最迟时间只有{accepted}份报表审核通过（共{asked}份，{coverage}%；未齐：{missing}），按现有数据生成并注明。",
            "At the latest moment {accepted} of {asked} reports ({coverage}%) were accepted (open: {missing}); made from "
            "what there was, and said so.",
        ),
        "schedules.waiting_reports": (
            "已审核通过{accepted}份报表，共{asked}份（{coverage}%；未齐：{missing}）。",
            "{accepted} of {asked} reports ({coverage}%) are accepted (open: {missing}).",
        ),
        "schedules.not_due": ("还没有到期的周期。", "No period has fallen due yet."),
        "schedules.done": (
            "已生成考核草稿和通报草稿。",
            "A draft assessment and a draft bulletin were made.",
        ),
        "schedules.done_incomplete": (
            "数据覆盖率{coverage}%（要求{least}%），等到最迟时间仍未齐全，按现有数据生成并注明。",
            "Coverage was {coverage}% (wanted {least}%) at the latest moment; made from what there was, and said so.",
        ),
        "schedules.waiting": (
            "数据覆盖率{coverage}%，要求{least}%。",
            "Coverage {coverage}%, wanted {least}%.",
        ),
        "schedules.then_until": (
            "最迟等到{latest}，届时仍未齐的，按现有数据生成并注明。",
            "It waits until {latest} at the latest; what is not complete then is made from what there is, and says so.",
        ),
        "schedules.then_passed": (
            "最迟时间{latest}已过：下一次定时办理（通常一分钟内）即按现有数据生成并注明。",
            "The latest moment, {latest}, has passed: at the next round (usually within a minute) it is made from what there "
            "is, and says so.",
        ),
        "schedules.then_resting": (
            "计划现在不办理，以上是最后一次查看的情况；恢复办理后，过了最迟时间（{latest}）的即按现有数据生成并注明。",
            "The schedule rests, and this is what it saw last; once it goes on, what is past its latest moment ({latest}) is "
            "made from what there is, and says so.",
        ),
        "schedules.then_in_turn": (
            "已到期，按周期先后依次办理。",
            "It has fallen due and is dealt with in its turn, earlier periods first.",
        ),
        "schedules.exists": (
            "该周期已有第{version}版考核，未重复生成。",
            "Version {version} of the assessment for this period exists; nothing was made again.",
        ),
        "schedules.post_ended": (
            "{person}的岗位已终止或不再有权编制考核，计划已停止。",
            "The post of {person} has ended or no longer prepares assessments; the schedule has stopped.",
        ),
        "schedules.failed": ("未能生成：{why}", "Could not be made: {why}"),
        "schedules.broke_off": (
            "办理时出错，错误编号{reference}，请转告系统管理员；处理后点“立即办理”再试。",
            "it broke off. Reference {reference}: tell the system administrator; then press “Run now” to try again.",
        ),
        "schedules.gave_up": (
            "执行中断{times}次，不再重试。",
            "Broken off {times} times; not tried again.",
        ),
        "schedules.late_off": (
            "到期{hours}小时后补办：到期时系统没有运行，或者计划停用、等待同意、在办更早的周期。",
            "Made up for {hours} hours after it fell due: the system was not running then, or the schedule rested, waited for "
            "consent or was at earlier periods.",
        ),
        "schedules.late_figures": (
            "等待数据，{hours}小时后办理。",
            "Waited for figures; went ahead {hours} hours later.",
        ),
        "schedules.late_off_days": (
            "到期{days}天后补办：到期时系统没有运行，或者计划停用、等待同意、在办更早的周期。",
            "Made up for {days} days after it fell due: the system was not running then, or the schedule rested, waited for "
            "consent or was at earlier periods.",
        ),
        "schedules.late_figures_days": (
            "等待数据，{days}天后办理。",
            "Waited for figures; went ahead {days} days later.",
        ),
    }
)
