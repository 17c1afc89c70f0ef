"""The paper of an agenda item as text, whatever it came from; apps above register how theirs read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, Literal

from jingtu.assessment.bulletins.content import Block, Cell, Column, Heading, Paragraph, Table
from jingtu.assessment.runs.queries import explanation, open_for
from jingtu.assessment.runs.queries.around import indicator_trend
from jingtu.core.kernel.actor import Actor, Permission, Scope
from jingtu.core.kernel.errors import NotFound
from jingtu.core.kernel.ids import id_in
from jingtu.engine.problems import Language

from .models import AgendaItem

Compose = Callable[[Actor, str, Language], Sequence[Block]]
"""Actor, key and language → what is printed. Raises NotFound for a thing that is gone or not the actor's."""

_papers: dict[str, Compose] = {}


def register_paper(kind: str, compose: Compose) -> None:
    """Say how items of a kind read on paper; the same kind again replaces it."""
    _papers[kind] = compose


class PaperReader:
    """An actor as papers are printed for: in the papers' language, and without the right to exact counts of
    few persons, since a pack is read by everybody who is asked to the meeting."""

    def __init__(self, actor: Actor, language: Language) -> None:
        self._actor = actor
        self.language: Literal["zh", "en"] = language

    @property
    def actor_id(self) -> str:
        return self._actor.actor_id

    @property
    def label(self) -> str:
        return self._actor.label

    def can(self, permission: Permission, region_id: int | None = None) -> bool:
        return permission is not Permission.SMALL_CELLS_READ and self._actor.can(permission, region_id)

    def scopes(self, permission: Permission) -> Iterable[Scope]:
        return () if permission is Permission.SMALL_CELLS_READ else self._actor.scopes(permission)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._actor, name)


def paper_of(actor: Actor, item: AgendaItem, language: Language) -> list[Block]:
    """What is printed for an item; its own words where its kind has no paper, or the thing is not there."""
    detail = item.detail_en or item.detail_zh if language == "en" else item.detail_zh
    own: list[Block] = [Paragraph(line) for line in detail.splitlines() if line.strip()]
    compose = _papers.get(item.kind)
    if compose is None:
        return own
    try:
        return [*own, *compose(PaperReader(actor, language), item.key, language)]
    except NotFound:
        return own


def indicator_paper(actor: Actor, key: str, language: Language) -> list[Block]:
    """A red indicator: the sentence that explains it, what would meet the requirement, and its trend."""
    run_text, _, rest = key.partition(":")
    region_text, _, code = rest.partition(":")
    run_id, region_id = id_in(run_text), id_in(region_text)
    if run_id is None or region_id is None:
        raise NotFound(key)
    zh = language == "zh"
    reader = open_for(actor, run_id)
    told = explanation(actor, reader, region_id, code)
    blocks: list[Block] = [
        Heading("情况说明" if zh else "Explanation", 2),
        Paragraph(told.sentence),
        *(Paragraph(way) for way in told.ways),
    ]
    definition = reader.indicator(code)
    trend = indicator_trend(reader, region_id, definition)
    if trend:
        unit = definition.unit_name(language)
        blocks.append(
            Table(
                "trend",
                f"{definition.name(language)}走势" if zh else f"{definition.name(language)}: trend",
                (
                    Column("周期" if zh else "Period", "left", 1.4),
                    Column(f"数值（{unit}）" if zh else f"Value ({unit})", "right"),
                    Column("比上期" if zh else "Change", "right"),
                ),
                tuple(
                    (
                        Cell(point.period.label(language)),
                        Cell(_number(point.value, definition.decimals)),
                        Cell(_change(before.value if before else None, point.value, definition.decimals)),
                    )
                    for before, point in zip([None, *trend], trend, strict=False)
                ),
            )
        )
    return blocks


def _number(value: Decimal | None, decimals: int) -> str:
    return "—" if value is None else f"{value:.{decimals}f}"


def _change(before: Decimal | None, value: Decimal | None, decimals: int) -> str:
    if before is None or value is None:
        return "—"
    return f"{value - before:+.{decimals}f}".replace("-", "−")
