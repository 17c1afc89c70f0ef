"""What leaves as a table is counted, stamped, and streamed in the language it was asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django import forms
from django.utils import translation

from jingtu.core.audit.exporting import Outgoing, export_table, in_words
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from tests.taken import taken_out

SOURCE = Path(__file__).resolve().parents[3] / "src" / "jingtu"
WRITERS = {
    "engine/tablefile.py",  # the one that hands tables to people
    "engine/export.py",  # a publication by the file command: its bytes are fixed
    "core/facts/importing/marking.py",  # somebody's own upload, given back marked
    "portal/api/facts.py",  # rows of the API on their way in
    "portal/demo_data/city.py",
    "portal/demo_data/daily_reports.py",
    "portal/demo_data/real_figures.py",
    "core/regions/commands.py",
}


@pytest.mark.django_db
def test_an_export_is_recorded_before_its_first_row_and_bears_its_number() -> None:
    asked: list[int] = []

    def rows():
        asked.append(AuditEntry.objects.count())
        yield from (["甲", 1], ["乙", 2])

    table = Outgoing("表", ["地区", "数值", "注"], rows(), 2, scope="期间=2026-09", fictional=True)
    response = export_table(SYSTEM, table, "表", "files.downloaded", target_type="table", target_id=1)
    assert asked == []
    stamp, _head, found = taken_out(response)
    assert asked == [1]
    assert found == [["甲", "1"], ["乙", "2"]]
    entry = AuditEntry.objects.get()
    assert entry.after == {"rows": 2, "filter": "期间=2026-09"}
    assert (stamp["筛选条件"], stamp["记录数"], stamp["导出登记"]) == (
        "期间=2026-09",
        "2",
        f"#{entry.sequence}",
    )
    assert f"登记 #{entry.sequence}" in stamp["水印"]
    assert stamp["说明"] == "虚构示范数据"


class Narrowed(forms.Form):
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), ("open", "未办结")])
    text = forms.CharField(label="名称", required=False)
    late = forms.BooleanField(label="只看逾期的", required=False)
    day = forms.DateField(label="起", required=False)


def test_what_narrowed_a_list_is_said_as_its_page_says_it() -> None:
    assert in_words(Narrowed({"state": "open", "text": "镇", "late": "on"}), "任务 3", "") == (
        "状态=未办结；名称=镇；只看逾期的；任务 3"
    )
    assert in_words(Narrowed({"state": "nonsense", "day": "nonsense"})) == ""
    assert in_words(Narrowed()) == ""


@pytest.mark.django_db
def test_rows_are_worded_in_the_language_of_the_request_though_it_is_over() -> None:
    from django.utils.translation import gettext_lazy

    word = gettext_lazy("已提交")
    with translation.override("en"):
        table = Outgoing("t", ["a", "b", "c"], ([word] for _ in range(1)), 1)
        response = export_table(SYSTEM, table, "t", "files.downloaded", target_type="t", target_id=1)
    with translation.override("zh-hans"):
        text = b"".join(response.streaming_content).decode()
    assert "Submitted" in text
    assert "Exported by" in text


def test_nobody_writes_a_table_for_people_by_hand() -> None:
    found = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if re.search(r"csv\.(?:Dict)?[wW]riter\(", path.read_text(encoding="utf-8"))
    }
    assert found <= WRITERS
