"""Sheets for other evaluations in the demonstration: three example layouts, one of them confirmed and answered."""

from __future__ import annotations

from jingtu.assessment.outputs import queries, services
from jingtu.assessment.outputs.models import LayoutVersion, Sheet
from jingtu.assessment.outputs.rules import Status
from jingtu.core.kernel.actor import SYSTEM, Actor, actor_named
from jingtu.core.regions import queries as regions
from jingtu.portal.demo.people import CITY
from jingtu.portal.demo_data import places

FOLDER = places.FOLDER.parent / "outputs"
SHEETS = (("performance", "2026-Q3"), ("safe-city", "2026-Q3"), ("civilised-city", "2026-H1"))
PRACTICE = "建立“一人一档一团队”帮扶机制，月调度、季复盘（虚构示例）。"
EVIDENCE = "序号,单位,签订日期\n1,示例单位,2026-03-01\n"


def set_out() -> None:
    """Load the layouts and make their sheets; what stands is left as it is."""
    analyst = actor_named("analyst")
    city = regions.root_of(SYSTEM, regions.tree_by_slug(SYSTEM, CITY[0]))
    known = set(LayoutVersion.objects.values_list("code", flat=True))
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.stem.replace("_", "-") not in known:
            services.save_layout(analyst, path.read_text(encoding="utf-8"), "演示：示例表样")
    for code, period in SHEETS:
        if not Sheet.objects.filter(code=code, region=city, period=period).exists():
            sheet = services.make_sheet(analyst, code, city.pk, period)
            if code == SHEETS[0][0]:
                _work_on(analyst, sheet)


def _work_on(analyst: Actor, sheet: Sheet) -> None:
    """Confirm most of the first sheet and answer its text; one item still lacks its evidence."""
    for line in queries.sheet_page(analyst, sheet.pk).lines:
        if line.status == Status.PUBLISHED and line.value is not None:
            services.confirm(analyst, sheet.pk, line.row.code, line.value)
    files = [("做法目录.csv", [EVIDENCE.encode("utf-8-sig")])]
    services.answer(analyst, sheet.pk, "practice", PRACTICE, "", files)
