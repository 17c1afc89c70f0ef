"""Words of the interface for sheets."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from .rules import Origin, Status

STATUSES: dict[Status, tuple[str | Promise, str, str]] = {
    Status.CONFIRMED: (pgettext_lazy("sheet item", "已核定"), "met", "●"),
    Status.PUBLISHED: (pgettext_lazy("sheet item", "待核定"), "none", "○"),
    Status.PROVISIONAL: (pgettext_lazy("sheet item", "暂定，未发布"), "watch", "▲"),
    Status.STALE: (pgettext_lazy("sheet item", "核定后有变化"), "watch", "▲"),
    Status.NEEDS_EVIDENCE: (pgettext_lazy("sheet item", "缺佐证"), "watch", "▲"),
    Status.SUPPRESSED: (pgettext_lazy("sheet item", "小数保护，不外报"), "none", "–"),
    Status.MISSING: (pgettext_lazy("sheet item", "缺数据"), "below", "◆"),
}
ORIGINS: dict[Origin, str | Promise] = {
    Origin.RUN: pgettext_lazy("sheet item", "已发布考核"),
    Origin.FACTS: pgettext_lazy("sheet item", "现有数据（未发布）"),
    Origin.TEXT: pgettext_lazy("sheet item", "文字填写"),
    Origin.NONE: "–",
}
