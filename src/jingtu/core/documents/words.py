"""The words of the interface for where a document stands."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from .rules import Force

WORDS: dict[Force, str | Promise] = {
    Force.IN_FORCE: pgettext_lazy("document", "有效"),
    Force.SOON_ENDING: pgettext_lazy("document", "即将失效"),
    Force.NOT_YET: pgettext_lazy("document", "尚未施行"),
    Force.ENDED: pgettext_lazy("document", "已失效"),
}
MARKS: dict[Force, tuple[str, str]] = {
    Force.IN_FORCE: ("met", "●"),
    Force.SOON_ENDING: ("watch", "▲"),
    Force.NOT_YET: ("none", "–"),
    Force.ENDED: ("none", "–"),
}
