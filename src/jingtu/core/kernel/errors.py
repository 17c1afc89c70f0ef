"""Errors that services raise and doors (pages, API, command line) turn into answers."""

from __future__ import annotations

from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts

__all__ = ["Conflict", "InvalidInput", "NotFound", "PermissionDenied", "Problem", "refuse", "register_texts"]

DENIED = (
    "您的岗位无权执行此操作：{what}。如确需办理，请向安全管理员申请相应岗位。",
    "Your posts do not allow this: {what}. If you need it, ask the security administrator for the post.",
)
# What each permission allows, as people say it; the codes are those of ``kernel.actor.Permission``.
PERMITTED = {
    "regions.manage": ("管理区划", "manage regions"),
    "accounts.read": ("查看用户和岗位", "read users and posts"),
    "accounts.manage": ("管理用户", "manage users"),
    "posts.grant": ("授予和终止岗位", "grant and end posts"),
    "posts.confirm": ("确认岗位变更", "confirm changes of posts"),
    "audit.read": ("查看审计记录", "read the audit trail"),
    "system.maintain": ("系统运维", "maintain the system"),
    "catalogue.draft": ("起草指标目录", "draft the catalogue"),
    "catalogue.manage": ("管理指标目录", "manage the catalogue"),
    "documents.manage": ("管理制度文件", "manage documents"),
    "facts.read": ("查看数据", "read figures"),
    "facts.import": ("填报和导入数据", "report and import figures"),
    "forms.fill": ("填报报表", "fill in report forms"),
    "forms.review": ("审核报表", "review report forms"),
    "drafts.read": ("查看未发布的考核", "read unpublished assessments"),
    "runs.prepare": ("编制考核", "prepare assessments"),
    "runs.approve": ("审批考核", "approve assessments"),
    "targets.manage": ("管理目标和调查结果", "manage targets and survey results"),
    "results.read": ("查看考核结果", "read results"),
    "numbers.read": ("查看文号登记", "read the register of numbers"),
    "numbers.manage": ("管理文号", "manage official numbers"),
    "entries.file": ("申报加减分", "enter bonus and deduction points"),
    "appeals.file": ("提出申诉", "file appeals"),
    "appeals.examine": ("受理申诉", "examine appeals"),
    "appeals.decide": ("裁定申诉", "decide appeals"),
    "schedules.read": ("查看计划", "read schedules"),
    "schedules.manage": ("管理计划", "manage schedules"),
    "alerts.handle": ("处置预警", "settle alerts"),
    "alerts.dismiss": ("暂缓、排除和分派预警", "put off, dismiss and assign alerts"),
    "duties.read": ("查看计划、会议和督办", "read plans, meetings and supervision"),
    "bodies.manage": ("管理机构和成员", "manage bodies and their members"),
    "meetings.manage": ("管理会议", "manage meetings"),
    "duty_reports.read": ("查看述职报告", "read duty reports"),
    "plans.manage": ("管理计划和任务", "manage plans and tasks"),
    "tasks.report": ("报告任务进度", "report on tasks"),
    "listings.prepare": ("办理挂牌整治", "prepare listings"),
    "listings.decide": ("决定挂牌整治", "decide listings"),
    "letters.manage": ("管理责任书", "manage letters of responsibility"),
    "supervision.issue": ("下达督办", "issue supervision notices"),
    "supervision.answer": ("答复督办", "answer supervision notices"),
    "letters.sign": ("签订责任书", "sign letters of responsibility"),
    "measures.read": ("查看追责建议和措施", "read proposals and measures of accountability"),
    "measures.prepare": ("整理追责材料", "prepare files of accountability"),
    "measures.decide": ("决定追责措施", "decide on measures of accountability"),
    "measures.reply": ("就追责告知陈述申辩", "reply to a notice of accountability"),
    "small_cells.read": ("查看人数较少的准确计数", "read exact counts of few persons"),
}

# What may be looked for in vain: its name, and the command that lists what there is.
FINDABLE = {
    "tree": ("区划树", "region tree", "jingtu regions list"),
    "region": ("地区", "region", "jingtu regions search"),
    "group": ("同类组", "peer group", "jingtu regions peers"),
    "user": ("用户", "user", "jingtu user list"),
    "post": ("岗位", "post", "jingtu user list"),
    "proposal": ("岗位变更", "change of posts", "jingtu user proposals"),
    "review": ("待确认岗位", "post to confirm", ""),
    "session": ("登录会话", "session", ""),
    "factor": ("第二因素", "second factor", ""),
    "unit": ("成员单位", "unit", ""),
    "article": ("条文", "article", ""),
    "body": ("组织机构", "body", "jingtu bodies list"),
    "member": ("成员", "member", "jingtu bodies members"),
    "record": ("记录", "record", ""),
    "body_report": ("机构工作报告", "report of a body", ""),
    "duty_report": ("述职报告", "duty report", "jingtu duty-reports list"),
    "token": ("接口令牌", "API token", ""),
    "audit_entry": ("审计记录", "audit entry", "jingtu audit list"),
    "document": ("制度文件", "document", ""),
    "file": ("文件", "file", ""),
    "import": ("导入", "import", ""),
    "batch": ("数据批次", "batch of figures", ""),
    "job": ("后台作业", "background job", ""),
    "notice": ("通知", "notice", ""),
    "catalogue": ("指标目录", "catalogue", "jingtu catalogue import"),
    "catalogue_draft": ("目录草案", "catalogue draft", "jingtu catalogue drafts"),
    "definition": ("指标或数据元素", "indicator or element", "jingtu catalogue show"),
    "run": ("考核", "assessment", "jingtu assess list"),
    "finding": ("核查意见", "finding", "jingtu findings list"),
    "bulletin": ("通报", "bulletin", "jingtu bulletin list"),
    "plan": ("计划", "plan", "jingtu plans list"),
    "task": ("任务", "task", "jingtu plans tasks"),
    "listing": ("挂牌整治", "listing", "jingtu listings list"),
    "supervision": ("督办", "supervision notice", "jingtu supervision list"),
    "letter": ("责任书", "letter of responsibility", "jingtu letters list"),
    "meeting": ("会议", "meeting", "jingtu meetings list"),
    "measure": ("追责措施", "measure", "jingtu measures list"),
    "measure_proposal": ("追责建议", "proposed measure", "jingtu measures proposals"),
    "letter_template": ("责任书模板", "template of letters", ""),
    "catalogue_version": ("指标目录版本", "version of the catalogue", ""),
    "form": ("报表", "report form", "jingtu reports list"),
    "report": ("报表填报", "report", "jingtu reports due"),
    "target": ("目标", "target", "jingtu targets list"),
    "trajectory": ("目标轨迹", "trajectory", "jingtu targets trajectories"),
    "survey": ("民意调查", "survey", "jingtu surveys list"),
    "schedule": ("计划", "schedule", "jingtu schedules list"),
    "alert": ("预警", "alert", "jingtu alerts list"),
    "alert_rule": ("预警规则", "alert rule", ""),
    "appeal": ("申诉", "appeal", "jingtu appeal list"),
    "bonus_entry": ("加减分申报", "bonus or deduction", "jingtu adjustments list"),
    "veto": ("一票否决", "veto", "jingtu adjustments vetoes"),
    "situation_report": ("形势分析", "situation report", "jingtu situation list"),
    "layout": ("外报表样", "layout of a sheet", "jingtu outputs layouts"),
    "output_sheet": ("外报表", "sheet for another evaluation", "jingtu outputs list"),
    "distribution_list": ("发送名单", "distribution list", ""),
    "subscription": ("订阅", "subscription", ""),
    "official_number": ("文号", "official number", ""),
}

# What everything else stands on, before the first of it was loaded.
NOT_YET = {
    "any_tree": (
        "还没有区划树，请先导入区划。",
        "No region tree has been loaded yet.",
        "jingtu regions load",
    ),
    "any_catalogue": (
        "还没有指标目录，请先导入。",
        "No catalogue has been brought in force yet.",
        "jingtu catalogue import",
    ),
}

register_texts(
    {
        "kernel.permission_denied": DENIED,
        **{
            f"kernel.permission_denied.{code}": (DENIED[0].format(what=zh), DENIED[1].format(what=en))
            for code, (zh, en) in PERMITTED.items()
        },
        "kernel.not_found": ("没有找到“{what}”。", 'There is no "{what}".'),
        **{
            f"kernel.not_found.{kind}": (
                f"没有找到{zh}“{{what}}”，或者您无权查看。",
                f'There is no {en} "{{what}}", or none that you may see.',
            )
            for kind, (zh, en, _) in FINDABLE.items()
        },
        **{f"kernel.not_found.{kind}": (zh, en) for kind, (zh, en, _) in NOT_YET.items()},
    }
)


class PermissionDenied(Exception):
    """The actor may not do this. Doors answer 403, or 404 where existence itself is not to be known."""

    def __init__(self, what: str) -> None:
        code = f"kernel.permission_denied.{what}" if what in PERMITTED else "kernel.permission_denied"
        self.problem = Problem(code, {"what": what})
        super().__init__(self.problem.text("en"))


class NotFound(Exception):
    """No such thing, or none that the actor may know of. ``kind`` says what was looked for (FINDABLE)
    or what everything waits for (NOT_YET)."""

    def __init__(self, what: object, kind: str = "") -> None:
        self.kind = kind
        self.problem = Problem(f"kernel.not_found.{kind}" if kind else "kernel.not_found", {"what": what})
        super().__init__(self.problem.text("en"))


class Conflict(Exception):
    """The thing is not in a state that allows this, or somebody else was faster."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.text("en"))
