"""What tests of letters are made of."""

from __future__ import annotations

from collections.abc import Sequence

from jingtu.core.kernel.clock import today
from jingtu.governance.duties.letters.drafting import TemplateData
from jingtu.governance.duties.letters.rules import Kind, Layer

TEXT = "一、总体要求\n{recipient}应落实禁毒责任。\n二、目标任务\n{targets}\n三、职责\n{duties}\n{issuer}与{signer}签订。"


def template_data(
    layer: str = "head", kinds: Sequence[str] = ("place",), text: str = TEXT, year: int | None = None
) -> TemplateData:
    """A template that can be saved."""
    return TemplateData(
        year=year or today().year,
        layer=Layer(layer),
        name="年度责任书",
        kinds=[Kind(kind) for kind in kinds],
        issuer="甲县禁毒委员会办公室",
        title="{year}年禁毒工作责任书",
        text=text,
        duties="每季度研究一次禁毒工作\n落实经费和人员",
    )
