"""Sentences and audit actions of facts."""

from __future__ import annotations

from jingtu.core.audit.actions import register_actions, register_objects, register_reads
from jingtu.engine.problems import register_texts

register_texts(
    {
        "facts.unknown_element": (
            "没有数据元素“{text}”，最接近的是“{nearest}”。",
            'There is no element "{text}"; the nearest is "{nearest}".',
        ),
        "facts.unknown_element_without_hint": (
            "没有数据元素“{text}”，请对照模板或指标目录。",
            'There is no element "{text}"; see the template or the catalogue.',
        ),
        "facts.no_elements": (
            "尚未装载指标目录，没有可导入的数据元素。请先装载目录。",
            "No catalogue is loaded yet, so there are no elements to import. Load a catalogue first.",
        ),
        "facts.reason_required": (
            "请写明理由：修改、撤回和撤销导入都要留下原因。",
            "State the reason: changes, retractions and undone imports keep one.",
        ),
        "facts.value_required": (
            "请填写数值；要去掉一个数请用“撤回”。",
            "Give a value; to take a figure back use “retract”.",
        ),
        "facts.nothing_to_retract": (
            "该处没有数值，无需撤回。",
            "There is no value here to retract.",
        ),
        "facts.unchanged": (
            "新值与现值相同，未作改动。",
            "The new value equals the present one; nothing was changed.",
        ),
        "facts.future_period": (
            "期间 {period} 尚未开始，不能填报未来的数据。",
            "Period {period} has not begun; figures of the future cannot be reported.",
        ),
        "facts.already_undone": (
            "这次导入已经撤销过。",
            "This import has been undone already.",
        ),
        "facts.not_an_import": (
            "只能撤销导入，不能撤销修改或撤回；请再作一次修改。",
            "Only imports can be undone; to reverse a change, change the value again.",
        ),
        "facts.nothing_left_to_undo": (
            "这次导入的数值均已被后来的数据取代，没有可撤销的内容。",
            "Every value of this import has since been replaced; there is nothing left to undo.",
        ),
        "facts.import_not_ready": (
            "该文件不在待确认状态：可能已入库、已退回，或仍在校验。",
            "This file is not waiting for confirmation: it is stored, refused or still being checked.",
        ),
        "facts.no_figures": (
            "文件中没有任何数值，没有可入库的内容。",
            "The file states no figures; there is nothing to store.",
        ),
        "facts.template_too_large": (
            "模板有 {cells} 格，超过上限 {limit} 格。请减少数据元素、地区或期间。",
            "The template has {cells} cells, more than the limit of {limit}. Choose fewer elements, regions or periods.",
        ),
        "facts.ended_region": (
            "“{region}”已撤销建制，不能再改其数据。",
            "“{region}” has ended; its figures can no longer be changed.",
        ),
    }
)

register_actions(
    {
        "facts.elements_stored": ("装载数据元素", "Elements stored"),
        "facts.imported": ("导入数据", "Facts imported"),
        "facts.import_refused": ("退回导入文件", "Import refused"),
        "facts.changed": ("修改数据", "Fact changed"),
        "facts.settled": ("依裁定修改数据", "Fact changed by a decision"),
        "facts.retracted": ("撤回数据", "Fact retracted"),
        "facts.import_undone": ("撤销导入", "Import undone"),
        "facts.reported": ("报表数据入库", "Reported facts stored"),
        "facts.exported": ("导出数据", "Facts exported"),
        "facts.template_made": ("下载填报模板", "Template made"),
    }
)
register_objects(
    {
        "fact": ("数据", "Figure"),
        "fact_batch": ("数据批次", "Batch of figures"),
        "fact_import": ("数据导入", "Import of figures"),
        "elements": ("数据元素", "Elements"),
    }
)
register_reads("facts.exported", "facts.template_made")
