"""Which addresses may be kept, and how a list of views is put in order. Knows no database."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit

from jingtu.core.kernel.characters import unseen_problem
from jingtu.engine.problems import Problem, register_texts

LONGEST = 1500
MOST = 60
# Rooms whose pages are worth coming back to; pages of the account or of a single act are not.
ROOMS = frozenset(
    {
        "alerts",
        "appeals",
        "bulletins",
        "cockpit",
        "facts",
        "indicators",
        "outputs",
        "regions",
        "reporting",
        "runs",
        "schedules",
        "situation",
        "targets",
    }
)
_PASSING = ("page",)

register_texts(
    {
        "saved.not_a_page": (
            "只能保存本系统中可以查看的页面。",
            "Only pages of this site that can be looked at are kept.",
        ),
        "saved.name_missing": ("请填写名称。", "Give the view a name."),
        "saved.name_taken": (
            "已有名为“{name}”的视图，请换一个名称。",
            'There is a view "{name}" already; choose another name.',
        ),
        "saved.too_many": (
            "最多保存{most}个视图，请先删除不用的。",
            "At most {most} views are kept; remove some first.",
        ),
        "saved.not_your_unit": (
            "只能共享给您的岗位所在或所辖的地区、单位。",
            "A view is shared only with regions and units inside your own posts.",
        ),
    }
)


def tidy(text: str) -> str:
    """The address as it is kept: path and query of this site without page numbers; "" for anything else."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:  # brackets of an address that is none
        return ""
    if (
        parts.scheme
        or parts.netloc
        or not parts.path.startswith("/")
        or parts.path.startswith("//")
        or "\\" in parts.path
    ):
        return ""
    query = [(key, value) for key, value in parse_qsl(parts.query) if key not in _PASSING]
    address = parts.path + (f"?{urlencode(query)}" if query else "")
    return address if len(address) <= LONGEST else ""


def name_problem(name: str, others: Sequence[str]) -> Problem | None:
    """Why a view may not be called so."""
    if not name.strip():
        return Problem("saved.name_missing", column="name")
    if name.strip() in others:
        return Problem("saved.name_taken", {"name": name.strip()}, column="name")
    return unseen_problem("name", name)


def moved(order: Sequence[int], pk: int, step: int) -> list[int]:
    """The order with ``pk`` moved by ``step`` places, as far as the ends allow."""
    rest = [other for other in order if other != pk]
    at = min(max(list(order).index(pk) + step, 0), len(rest))
    return [*rest[:at], pk, *rest[at:]]
