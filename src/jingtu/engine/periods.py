"""Reporting periods: what a figure covers in time, and what it is compared with.

A :class:`Period` is a kind with its first and last day. Its ``key`` is the one spelling used
in files, databases and snapshots; :meth:`Period.parse` also takes what people write
(``2026年1—2月``, ``2018-01/02``). Two periods of different kinds may cover the same days
(``2026-YTD02`` and ``2026-01..2026-02``): they compare unequal, :meth:`Period.same_days` says so.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache, total_ordering

from jingtu.engine.problems import InvalidInput, Language, refuse, register_texts

FIRST_YEAR, LAST_YEAR = 1900, 2199

_ACCEPTED_ZH = (
    "2026-10-05（日）、2026-W40（周）、2026-10-D1（旬）、2026-10-B1（半月）、2026-10（月）、2026-Q3（季）、"
    "2026-H1（半年）、2026（年）、2026-YTD10（累计）、2018-01..2018-02（起止月）、2015..2017（多年）"
)
_ACCEPTED_EN = (
    "2026-10-05 (day), 2026-W40 (week), 2026-10-D1 (ten days), 2026-10-B1 (half-month), 2026-10 (month), "
    "2026-Q3 (quarter), 2026-H1 (half-year), 2026 (year), 2026-YTD10 (year to date), "
    "2018-01..2018-02 (months), 2015..2017 (years)"
)

register_texts(
    {
        "period.unreadable": (
            f"“{{text}}”不是可识别的期间。可写：{_ACCEPTED_ZH}",
            f'"{{text}}" is not a period. Write one of: {_ACCEPTED_EN}',
        ),
        "period.impossible": (
            "“{text}”写法正确，但没有这样的日期、周或月份，请核对",
            '"{text}" is well written but no such day, week or month exists; please check it',
        ),
        "period.backwards": (
            "“{text}”的起始晚于截止，请把较早的一端写在前面",
            '"{text}" ends before it starts; write the earlier end first',
        ),
        "period.out_of_reach": (
            "“{text}”的年份须在{first}至{last}之间",
            'the year in "{text}" must lie between {first} and {last}',
        ),
        "period.no_tiling": (
            "{period}不能整分为“{kind}”",
            '{period} cannot be divided into whole periods of kind "{kind}"',
        ),
        "period.kind_needs_range": (
            "“{kind}”类期间要给出起止月，不能由一个日期推出",
            'a period of kind "{kind}" needs both ends and cannot be told from one day',
        ),
    }
)


class PeriodKind(StrEnum):
    """How a period is cut from the calendar."""

    DAY = "day"
    WEEK = "week"
    DEKAD = "dekad"
    HALF_MONTH = "half_month"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    YTD = "ytd"
    RANGE = "range"


_MONTHS_OF: dict[PeriodKind, int] = {
    PeriodKind.MONTH: 1,
    PeriodKind.QUARTER: 3,
    PeriodKind.HALF_YEAR: 6,
    PeriodKind.YEAR: 12,
}
_KIND_OF_MONTHS = {months: kind for kind, months in _MONTHS_OF.items()}
_CHINESE_NUMERALS = "〇一二三四五六七八九"


@total_ordering
@dataclass(frozen=True)
class Period:
    """A kind of period with its first and last day, both inside it.

    Ordered by (start, end). Raises ValueError when the days do not form a period of the kind;
    text from people goes through :meth:`parse`, which raises InvalidInput instead.
    """

    kind: PeriodKind
    start: date
    end: date

    def __post_init__(self) -> None:
        if self.kind is PeriodKind.RANGE:
            whole = self.start.day == 1 and self.end == _last_of_month(self.end) and self.start <= self.end
        elif self.kind is PeriodKind.YTD:
            whole = (self.start.month, self.start.day, self.start.year) == (1, 1, self.end.year) and (
                self.end == _last_of_month(self.end)
            )
        else:
            whole = (self.start, self.end) == _bounds(self.kind, self.start)
        if not whole:
            raise ValueError(f"{self.start}..{self.end} is not a {self.kind} period")

    def __lt__(self, other: Period) -> bool:
        return (self.start, self.end, self.kind) < (other.start, other.end, other.kind)

    # -- making ---------------------------------------------------------------------------------

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period a key or a customary spelling names; InvalidInput names the accepted forms."""
        return _parse(text)

    @classmethod
    def of(cls, kind: PeriodKind | str, day: date) -> Period:
        """The period of ``kind`` that holds ``day``; for year-to-date, January to the month of ``day``.

        InvalidInput for ``range``, which one day does not determine.
        """
        kind = PeriodKind(kind)
        if kind is PeriodKind.RANGE:
            raise refuse("period.kind_needs_range", kind=kind.value)
        if kind is PeriodKind.YTD:
            return cls(kind, date(day.year, 1, 1), _last_of_month(day))
        return cls(kind, *_bounds(kind, day))

    @classmethod
    def of_months(cls, start: date, end: date) -> Period:
        """From the month of ``start`` to the month of ``end``.

        A calendar month, quarter, half-year or year comes back as that kind, so that
        "January–March" and "first quarter" are one period.
        """
        first, last = start.replace(day=1), _last_of_month(end)
        kind = _KIND_OF_MONTHS.get(_month_number(last) - _month_number(first) + 1)
        if kind is not None and (first, last) == _bounds(kind, first):
            return cls(kind, first, last)
        return cls(PeriodKind.RANGE, first, last)

    # -- reading --------------------------------------------------------------------------------

    @property
    def key(self) -> str:
        """The one spelling used in files and databases; ``Period.parse(p.key) == p``."""
        year, month = self.start.year, self.start.month
        match self.kind:
            case PeriodKind.DAY:
                return self.start.isoformat()
            case PeriodKind.WEEK:
                iso_year, week, _ = self.start.isocalendar()
                return f"{iso_year:04}-W{week:02}"
            case PeriodKind.DEKAD:
                return f"{year:04}-{month:02}-D{self._part}"
            case PeriodKind.HALF_MONTH:
                return f"{year:04}-{month:02}-B{self._part}"
            case PeriodKind.MONTH:
                return f"{year:04}-{month:02}"
            case PeriodKind.QUARTER:
                return f"{year:04}-Q{self._part}"
            case PeriodKind.HALF_YEAR:
                return f"{year:04}-H{self._part}"
            case PeriodKind.YEAR:
                return f"{year:04}"
            case PeriodKind.YTD:
                return f"{year:04}-YTD{self.end.month:02}"
            case PeriodKind.RANGE:
                if self._whole_years:
                    return f"{year:04}..{self.end.year:04}"
                return f"{year:04}-{month:02}..{self.end.year:04}-{self.end.month:02}"

    def __str__(self) -> str:
        return self.key

    @property
    def days(self) -> int:
        """How many days it covers."""
        return (self.end - self.start).days + 1

    @property
    def months(self) -> tuple[Period, ...]:
        """The calendar months it consists of; empty for periods shorter than a month and weeks."""
        if self.kind in _SHORT_KINDS:
            return ()
        return tuple(self.split_into(PeriodKind.MONTH))

    def label(self, language: Language = "zh") -> str:
        """The name people read: 2026年1—2月, January–February 2026."""
        return self._label_zh() if language == "zh" else self._label_en()

    # -- relating -------------------------------------------------------------------------------

    def previous(self) -> Period:
        """The period before (环比): same kind, or for a range the same number of months before.

        For year-to-date, the cumulative figure one month earlier (after January: the whole
        year before).
        """
        return self._neighbour(-1)

    def next(self) -> Period:
        """The period after; the inverse of :meth:`previous`."""
        return self._neighbour(1)

    def last_year(self) -> Period:
        """The same period one year earlier (同比).

        29 February becomes 28 February. ISO week 53 becomes the last week of a year that has
        only 52.
        """
        if self.kind is PeriodKind.DAY:
            day = _shift_months(self.start, -12)
            return Period(self.kind, day, day)
        if self.kind is PeriodKind.WEEK:
            iso_year, week, _ = self.start.isocalendar()
            weeks = date(iso_year - 1, 12, 28).isocalendar().week
            monday = date.fromisocalendar(iso_year - 1, min(week, weeks), 1)
            return Period(self.kind, monday, monday + timedelta(days=6))
        if self.kind in (PeriodKind.RANGE, PeriodKind.YTD):
            return Period(
                self.kind, _shift_months(self.start, -12), _last_of_month(_shift_months(self.end, -12))
            )
        return Period.of(self.kind, _shift_months(self.start, -12))

    def contains(self, other: Period) -> bool:
        """Whether every day of ``other`` lies in this period."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Period) -> bool:
        """Whether the two share a day."""
        return self.start <= other.end and other.start <= self.end

    def same_days(self, other: Period) -> bool:
        """Whether the two cover the same days, whatever their kinds."""
        return (self.start, self.end) == (other.start, other.end)

    def split_into(self, kind: PeriodKind | str) -> list[Period]:
        """The consecutive periods of ``kind`` that fill this one exactly, in order.

        InvalidInput when they do not fit, as a month does not divide into weeks.
        """
        kind = PeriodKind(kind)
        pieces: list[Period] = []
        if kind in (PeriodKind.RANGE, PeriodKind.YTD):
            raise refuse("period.no_tiling", period=self.key, kind=kind.value)
        day = self.start
        while day <= self.end:
            piece = Period.of(kind, day)
            if piece.start != day or piece.end > self.end:
                raise refuse("period.no_tiling", period=self.key, kind=kind.value)
            pieces.append(piece)
            day = piece.end + timedelta(days=1)
        return pieces

    # -- inside ---------------------------------------------------------------------------------

    @property
    def _part(self) -> int:
        match self.kind:
            case PeriodKind.DEKAD:
                return min(3, (self.start.day - 1) // 10 + 1)
            case PeriodKind.HALF_MONTH:
                return 1 if self.start.day == 1 else 2
            case _:
                return (self.start.month - 1) // _MONTHS_OF[self.kind] + 1

    @property
    def _whole_years(self) -> bool:
        return self.start.month == 1 and self.end.month == 12

    def _neighbour(self, direction: int) -> Period:
        if self.kind is PeriodKind.YTD:
            return Period.of(self.kind, _shift_months(self.end, direction))
        if self.kind is PeriodKind.RANGE:
            months = _month_number(self.end) - _month_number(self.start) + 1
            first = _shift_months(self.start, direction * months)
            return Period(self.kind, first, _last_of_month(_shift_months(first, months - 1)))
        outside = self.start - timedelta(days=1) if direction < 0 else self.end + timedelta(days=1)
        return Period.of(self.kind, outside)

    def _label_zh(self) -> str:
        year, month = f"{self.start.year}年", f"{self.start.month}月"
        match self.kind:
            case PeriodKind.DAY:
                return f"{year}{month}{self.start.day}日"
            case PeriodKind.WEEK:
                iso_year, week, _ = self.start.isocalendar()
                return f"{iso_year}年第{week}周"
            case PeriodKind.DEKAD:
                return f"{year}{month}{'上中下'[self._part - 1]}旬"
            case PeriodKind.HALF_MONTH:
                return f"{year}{month}{'上下'[self._part - 1]}半月"
            case PeriodKind.MONTH:
                return year + month
            case PeriodKind.QUARTER:
                return f"{year}第{_CHINESE_NUMERALS[self._part]}季度"
            case PeriodKind.HALF_YEAR:
                return f"{year}{'上下'[self._part - 1]}半年"
            case PeriodKind.YEAR:
                return year
            case PeriodKind.YTD:
                return f"{year}1—{self.end.month}月累计" if self.end.month > 1 else f"{year}1月累计"
            case PeriodKind.RANGE:
                if self._whole_years:
                    return f"{self.start.year}—{self.end.year}年"
                if self.start.year == self.end.year:
                    return f"{year}{self.start.month}—{self.end.month}月"
                return f"{year}{month}—{self.end.year}年{self.end.month}月"

    def _label_en(self) -> str:
        year, month = self.start.year, calendar.month_name[self.start.month]
        last_month = calendar.month_name[self.end.month]
        match self.kind:
            case PeriodKind.DAY:
                return f"{self.start.day} {month} {year}"
            case PeriodKind.WEEK:
                iso_year, week, _ = self.start.isocalendar()
                return f"Week {week} of {iso_year}"
            case PeriodKind.DEKAD | PeriodKind.HALF_MONTH:
                return f"{self.start.day}–{self.end.day} {month} {year}"
            case PeriodKind.MONTH:
                return f"{month} {year}"
            case PeriodKind.QUARTER:
                return f"Q{self._part} {year}"
            case PeriodKind.HALF_YEAR:
                return f"{('First', 'Second')[self._part - 1]} half of {year}"
            case PeriodKind.YEAR:
                return f"{year}"
            case PeriodKind.YTD:
                months = month if self.end.month == 1 else f"{month}–{last_month}"
                return f"{months} {year} (year to date)"
            case PeriodKind.RANGE:
                if self._whole_years:
                    return f"{year}–{self.end.year}"
                if year == self.end.year:
                    return f"{month}–{last_month} {year}"
                return f"{month} {year} – {last_month} {self.end.year}"


_SHORT_KINDS = frozenset({PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.DEKAD, PeriodKind.HALF_MONTH})


def _last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _shift_months(day: date, months: int) -> date:
    year, month = divmod(_month_number(day) + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _bounds(kind: PeriodKind, day: date) -> tuple[date, date]:
    """First and last day of the calendar period of ``kind`` around ``day`` (not ytd, not range)."""
    match kind:
        case PeriodKind.DAY:
            return day, day
        case PeriodKind.WEEK:
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=6)
        case PeriodKind.DEKAD:
            part = min(2, (day.day - 1) // 10)
            start = day.replace(day=part * 10 + 1)
            return start, start.replace(day=part * 10 + 10) if part < 2 else _last_of_month(day)
        case PeriodKind.HALF_MONTH:
            if day.day <= 15:
                return day.replace(day=1), day.replace(day=15)
            return day.replace(day=16), _last_of_month(day)
        case _:
            months = _MONTHS_OF[kind]
            start = date(day.year, (day.month - 1) // months * months + 1, 1)
            return start, _last_of_month(_shift_months(start, months - 1))


# Spellings people use, after full-width characters, blanks and dashes were made uniform.
_TO = r"(?:\.\.|/|-|~)"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("day", r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})"),
        ("day", r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
        ("day", r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
        ("week", r"(?P<y>\d{4})-?W(?P<w>\d{1,2})|(?P<y2>\d{4})年第?(?P<w2>\d{1,2})周"),
        ("dekad", r"(?P<y>\d{4})-(?P<m>\d{1,2})-D(?P<p>[1-3])"),
        ("dekad", r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<p>[上中下])旬"),
        ("half_month", r"(?P<y>\d{4})-(?P<m>\d{1,2})-B(?P<p>[12])"),
        ("half_month", r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<p>[上下])半月"),
        ("month", r"(?P<y>\d{4})(?:[-/.]|年)(?P<m>\d{1,2})月?"),
        ("month", r"(?P<y>\d{4})(?P<m>\d{2})"),
        ("quarter", r"(?P<y>\d{4})(?:-?Q|年第?)(?P<p>[1-4一二三四])(?:季度|季)?"),
        ("half_year", r"(?P<y>\d{4})-?H(?P<p>[12])|(?P<y2>\d{4})年(?P<p2>[上下])半年"),
        ("year", r"(?P<y>\d{4})年?"),
        ("ytd", r"(?P<y>\d{4})-?YTD(?P<m>\d{1,2})"),
        ("ytd", r"(?P<y>\d{4})年(?:1-|1月-)?(?P<m>\d{1,2})月累计"),
        ("range", rf"(?P<y>\d{{4}})-(?P<m>\d{{1,2}}){_TO}(?P<y2>\d{{4}})-(?P<m2>\d{{1,2}})"),
        ("range", r"(?P<y>\d{4})-(?P<m>\d{1,2})(?:\.\.|/|~)(?P<m2>\d{1,2})"),
        ("range", r"(?P<y>\d{4})年(?P<m>\d{1,2})月?(?:-|~)(?P<m2>\d{1,2})月"),
        ("range", r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?:-|~)(?P<y2>\d{4})年(?P<m2>\d{1,2})月"),
        ("years", rf"(?P<y>\d{{4}})年?{_TO}(?P<y2>\d{{4}})年?"),
    )
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－至到", "-") | {"〜": "~", "∼": "~"})
_PART_NUMBERS = {"上": 1, "中": 2, "一": 1, "二": 2, "三": 3, "四": 4}


@lru_cache(maxsize=8192)
def _parse(text: str) -> Period:
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).translate(_DASHES).upper()
    plain = re.sub(r"-{2,}", "-", plain)
    for name, pattern in _PATTERNS:
        found = pattern.fullmatch(plain)
        if found is None:
            continue
        groups = found.groupdict()
        if "p2" in groups or "w2" in groups:
            groups = {key.rstrip("2"): value for key, value in groups.items() if value is not None}
        for group in ("y", "y2"):
            year = groups.get(group)
            if year is not None and not FIRST_YEAR <= int(year) <= LAST_YEAR:
                raise refuse("period.out_of_reach", text=text, first=FIRST_YEAR, last=LAST_YEAR)
        try:
            return _from_groups(name, groups, text)
        except ValueError:
            raise refuse("period.impossible", text=text) from None
    raise refuse("period.unreadable", text=text)


def _from_groups(name: str, groups: dict[str, str | None], text: str) -> Period:
    number = {key: int(value) for key, value in groups.items() if value is not None and value.isdecimal()}
    year = number["y"]
    part = groups.get("p") or ""
    match name:
        case "day":
            day = date(year, number["m"], number["d"])
            return Period(PeriodKind.DAY, day, day)
        case "week":
            monday = date.fromisocalendar(year, number["w"], 1)
            return Period(PeriodKind.WEEK, monday, monday + timedelta(days=6))
        case "dekad":
            index = 3 if part == "下" else _PART_NUMBERS.get(part) or int(part)
            return Period.of(PeriodKind.DEKAD, date(year, number["m"], index * 10 - 9))
        case "half_month":
            index = 2 if part == "下" else _PART_NUMBERS.get(part) or int(part)
            return Period.of(PeriodKind.HALF_MONTH, date(year, number["m"], 1 if index == 1 else 16))
        case "month":
            return Period.of(PeriodKind.MONTH, date(year, number["m"], 1))
        case "quarter":
            index = _PART_NUMBERS.get(part) or int(part)
            return Period.of(PeriodKind.QUARTER, date(year, index * 3, 1))
        case "half_year":
            index = 2 if part == "下" else _PART_NUMBERS.get(part) or int(part)
            return Period.of(PeriodKind.HALF_YEAR, date(year, index * 6, 1))
        case "year":
            return Period.of(PeriodKind.YEAR, date(year, 1, 1))
        case "ytd":
            return Period.of(PeriodKind.YTD, date(year, number["m"], 1))
        case "years":
            start, end = date(year, 1, 1), date(number["y2"], 12, 1)
        case _:
            start = date(year, number["m"], 1)
            end = date(number.get("y2", year), number["m2"], 1)
    if start > end:
        raise refuse("period.backwards", text=text)
    return Period.of_months(start, end)


__all__ = ["FIRST_YEAR", "LAST_YEAR", "InvalidInput", "Period", "PeriodKind"]
