"""What is said when an import, a bulk change or a split is refused."""

from __future__ import annotations

from jingtu.engine.problems import register_texts

register_texts(
    {
        "plans.due_over": (
            "任务期限{day}已过，现已按逾期计算；如有笔误请修改。",
            "The due date {day} is over, so the task counts as late already; change it if this is a mistake.",
        ),
        "plans.due_after_plan": (
            "任务期限{day}晚于计划截止日期{ends}。",
            "The task is due on {day}, after the end of its plan on {ends}.",
        ),
        "plans.not_yet": ("日期不能晚于今天。", "The day cannot lie after today."),
        "plans.reached_already": ("该里程碑已达成。", "The milestone was reached already."),
        "plans.unknown_indicator": (
            "现行指标目录中没有“{code}”。",
            'The catalogue in force has no indicator "{code}".',
        ),
        "plans.both_ends": (
            "按指标测进度须同时给出起点值和目标值。",
            "To measure progress give both the value it starts from and the target.",
        ),
        "plans.done_after_submission": (
            "完成日期不能晚于提交日期（{day}）。",
            "The work cannot have been done after it was submitted ({day}).",
        ),
        "plans.done_before_start": (
            "完成日期不能早于任务的起始日期（{day}）。",
            "The work cannot have been done before the task began ({day}).",
        ),
        "plans.done_before_evidence": (
            "完成日期不能早于佐证材料的提交日期（{day}）：此前没有材料可以证明。",
            "The work cannot count as done before its evidence was handed in ({day}): nothing proves it earlier.",
        ),
        "plans.reached_before_start": (
            "达成日期不能早于任务的起始日期（{day}）。",
            "The milestone cannot have been reached before the task began ({day}).",
        ),
        "plans.nothing_chosen": ("请先选择任务。", "Choose tasks first."),
        "plans.most_at_once": ("一次最多修改{most}项任务。", "At most {most} tasks can be changed at once."),
        "plans.changed_since": (
            "“{field}”此后又被改动，不能撤销，请直接修改。",
            "“{field}” has been changed since; it cannot be undone. Change it instead.",
        ),
        "plans.changed_since_of": (
            "{number} {title}（{place}）：“{field}”此后又被改动。",
            "{number} {title} ({place}): “{field}” has been changed since.",
        ),
        "plans.closed_since": (
            "{number} {title}（{place}）：此后已办结或已取消。",
            "{number} {title} ({place}): it has been done or cancelled since.",
        ),
        "plans.begun_since": (
            "{number} {title}（{place}）：此后已有办理、修改或分解。",
            "{number} {title} ({place}): it has been worked on, changed or split since.",
        ),
        "plans.split_too_many": (
            "一次最多分解出{most}项任务，现为{count}项，请分批。",
            "At most {most} tasks can be made at once, these are {count}; split in parts.",
        ),
        "plans.nothing_to_undo": ("这一步没有可撤销的改动。", "There is nothing to undo in this step."),
        "plans.no_places": ("请选择要分解到的地区。", "Choose the places to split the task to."),
        "plans.not_below": (
            "只能分解到本任务责任地区的下级或其成员单位。",
            "A task is split only to places below its own, or to member units.",
        ),
        "plans.split_already": (
            "所选地区都已分解过该任务。",
            "The task has been split to all these places already.",
        ),
        "plans.nothing_to_carry": (
            "下级任务与本任务一致，没有要调整的内容。",
            "The tasks below agree with this one; there is nothing to carry over.",
        ),
        "plans.sheet_no_header": (
            "没有找到表头：需要“编号”“任务名称”和“期限”列。可下载模板填写。",
            "No header found: the columns number, task and due are needed. You can download a template.",
        ),
        "plans.sheet_unknown_column": (
            "不认识的列“{text}”，请删去或改用模板中的列名",
            'unknown column "{text}"; delete it or use a name from the template',
        ),
        "plans.sheet_repeated_column": (
            "“{text}”列出现了不止一次，请只留一列",
            'the column "{text}" occurs more than once; keep one',
        ),
        "plans.sheet_no_rows": ("表头下面没有任务", "there is no task below the header"),
        "plans.sheet_number": (
            "编号“{text}”应写作 1、1.2 或 1.2.3",
            'the number "{text}" must look like 1, 1.2 or 1.2.3',
        ),
        "plans.sheet_number_twice": (
            "编号“{text}”与第{first}行重复，请改为不同的编号",
            'the number "{text}" repeats row {first}; give each task its own',
        ),
        "plans.sheet_no_parent": (
            "没有编号为“{text}”的上级任务，请把上级任务写在它前面",
            'there is no task "{text}" above it; put that one before it',
        ),
        "plans.sheet_region": (
            "计划的地区内没有“{text}”，请写全称或代码",
            'the plan\'s place has no "{text}"; write the full name or the code',
        ),
        "plans.sheet_region_twice": (
            "有几个地区都叫“{text}”，请写代码",
            'several places are called "{text}"; write the code',
        ),
        "plans.sheet_unit": (
            "没有单位“{text}”，请先登记该单位或改用登记的名称",
            'there is no unit "{text}"; register it or use the registered name',
        ),
        "plans.sheet_person": (
            "没有用户“{text}”，请写用户名或唯一的姓名",
            'there is no user "{text}"; write the user name, or a full name that only one person has',
        ),
        "plans.sheet_date": (
            "日期“{text}”应写作 2026-06-30",
            'the date "{text}" must look like 2026-06-30',
        ),
        "plans.sheet_weight": (
            "权重“{text}”应为1至{most}的整数",
            'the weight "{text}" must be a whole number from 1 to {most}',
        ),
        "plans.sheet_milestone": (
            "里程碑“{text}”应写作“内容@2026-06-30”，多个用分号隔开",
            'the milestone "{text}" must look like “what@2026-06-30”; put semicolons between several',
        ),
        "plans.sheet_due": ("没有写期限", "the due day is missing"),
        "plans.sheet_too_many": (
            "一次最多导入{most}项任务，请分开导入",
            "at most {most} tasks can be imported at once; split the file",
        ),
    }
)
