"""The words and marks of the interface for states, missing values, qualifiers and movement.

A state is always shown as shape, colour and word together; missing, not applicable, too small a denominator
and withheld are different words.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class State:
    """A state's key (CSS class ``jt-state-<key>``), mark and word."""

    key: str
    mark: str
    word: str | Promise


STATES: dict[str, State] = {
    "met": State("met", "●", _("达标")),
    "watch": State("watch", "▲", _("预警")),
    "below": State("below", "◆", _("触红线")),
    "missing": State("none", "–", _("缺报")),
    "not_applicable": State("none", "–", _("不适用")),
    "too_small": State("none", "–", _("未达最小分母")),
    "suppressed": State("none", "–", _("小数保护")),
    "none": State("none", "–", _("无要求")),
}
"""What may stand instead of a value or beside it."""

_STATE_ALIASES = {"ok": "met", "red": "below", "not-applicable": "not_applicable", "na": "not_applicable"}

QUALIFIERS = {"": "", "=": "", ">=": "≥", "<=": "≤", ">": ">", "<": "<", "~": "≈", "+": "+"}


def state_of(key: object) -> State:
    """The state for a key (or an enumeration whose value is one); an unknown key is a programming error."""
    name = str(getattr(key, "value", key)).lower()
    return STATES[_STATE_ALIASES.get(name, name)]


def to_decimal(value: object) -> Decimal | None:
    """The number in ``value`` (number, fraction, or text such as "98.50"); None when there is none."""
    if value is None or isinstance(value, bool) or value == "":
        return None
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def format_number(value: object, decimals: int | None = None) -> str | None:
    """``value`` with thousands separators, rounded half-up to ``decimals`` (as it stands when None)."""
    number = to_decimal(value)
    if number is None:
        return None
    if decimals is not None:
        number = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{abs(number):,f}"
    return MINUS + text if number < 0 else text


@dataclass(frozen=True)
class Movement:
    """A change as the reader sees it: arrow, size without sign, tone (better, worse, neutral) and a spoken word."""

    arrow: str
    size: str
    tone: str
    word: str | Promise


def movement(change: object, good: str = "none", decimals: int | None = None) -> Movement | None:
    """A change of a value; ``good`` is the direction that is an improvement: up, down or none."""
    number = to_decimal(change)
    size = format_number(abs(number), decimals) if number is not None else None
    if number is None or size is None:
        return None
    if not any(digit in "123456789" for digit in size):
        return Movement("→", size, "neutral", pgettext_lazy("change", "持平"))
    up = number > 0
    tone = "neutral" if good not in {"up", "down"} else ("better" if (good == "up") == up else "worse")
    return Movement("↑" if up else "↓", size, tone, _("上升") if up else _("下降"))


def rank_text(rank: int, *, tied: bool) -> str:
    """A rank as it is printed everywhere: a shared one says so."""
    return str(_("%(rank)s（并列）") % {"rank": rank}) if tied else str(rank)


def rank_movement(places: object) -> Movement | None:
    """A change of rank in places gained (positive: moved up the table)."""
    number = to_decimal(places)
    if number is None:
        return None
    if number == 0:
        return Movement("→", "", "neutral", _("名次不变"))
    up = number > 0
    return Movement(
        "↑" if up else "↓",
        str(abs(number)),
        "better" if up else "worse",
        _("名次上升") if up else _("名次下降"),
    )
