"""Audited acts of reporting."""

from __future__ import annotations

from jingtu.core.audit.actions import register_actions, register_objects

register_actions(
    {
        "reporting.form_edited": ("编辑报表定义", "Form edited"),
        "reporting.form_published": ("发布报表", "Form published"),
        "reporting.form_discarded": ("放弃报表草稿", "Draft of a form discarded"),
        "reporting.begun": ("开始填报", "Report begun"),
        "reporting.submitted": ("提交报表", "Report submitted"),
        "reporting.withdrawn": ("撤回报表", "Report withdrawn"),
        "reporting.returned": ("退回报表单元格", "Cells of a report returned"),
        "reporting.passed": ("报表审核通过本级", "Report passed a step of review"),
        "reporting.accepted": ("报表审核通过入库", "Reports accepted"),
        "reporting.chosen": ("在报表与已有的数之间选定", "Chosen between a report and figures that stood"),
        "reporting.unlocked": ("解锁报表单元格", "Cells of a report unlocked"),
        "reporting.received": ("登记已收到的报表", "Reports received otherwise registered"),
        "reporting.exported": ("导出填报进度", "Progress of reports exported"),
        "reporting.reminded": ("催报", "Reminder sent"),
        "reporting.proxy_asked": ("申请代填", "Proxy asked for"),
        "reporting.proxy_decided": ("审批代填", "Proxy decided"),
        "reporting.proxy_ended": ("终止代填", "Proxy ended"),
        "reporting.handed_over": ("交接在填报表", "Open reports handed over"),
        "reporting.sheet_made": ("下载报表表格", "Sheet of a form made"),
        "reporting.sheet_read": ("上传报表表格", "Sheet of a form read"),
    }
)
register_objects(
    {"form": ("报表", "Report form"), "report": ("报表填报", "Report"), "proxy": ("代填", "Proxy")}
)
