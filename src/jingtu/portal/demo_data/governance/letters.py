"""Invented templates of letters, and the people inside one member unit of a county."""

from __future__ import annotations

PEOPLE_UNIT = "县公安局"
INSIDE = (
    ("deputy", "分管副局长"),
    ("discipline", "派驻纪检组长"),
    ("staff", "禁毒大队民警甲"),
    ("staff", "禁毒大队民警乙"),
)
PARTNER, PARTNER_HEAD = "驻外地示例商会", "示例·商会会长"

CITY_TEXT = """为落实禁毒工作责任制，{issuer}与{recipient}签订本责任书。
一、目标任务
{targets}
二、工作职责
{duties}
三、责任追究
未完成目标任务的，按有关规定追责整治。
签字人：{signer}"""
CITY_DUTIES = """党政主要领导每季度专题研究一次禁毒工作
把禁毒经费列入财政预算，足额到位
按月分析毒情，对触红线的指标限期整改
逐级签订责任书，做到乡镇、单位全覆盖"""
COUNTY_TEXT = """为把禁毒工作责任压实到岗到人，{issuer}与{recipient}签订本责任书。
一、目标任务
{targets}
二、工作职责
{duties}
三、有效期
本责任书自签订之日起至{year}年12月31日止。
签字人：{signer}"""
HEAD_DUTIES = """主要负责人是本地区、本单位禁毒工作第一责任人
按任务清单按期完成并报送证明材料
每半年向县禁毒委员会报告一次工作"""
INSIDE_DUTIES = {
    "deputy": "分管禁毒工作，每月调度一次\n对逾期任务牵头督促",
    "staff": "按岗位职责完成当月任务\n如实填报数据，保存证明材料",
    "discipline": "跟踪提醒各层级履责情况\n对不履责的提出处理意见",
}
INSIDE_NAMES = {"deputy": "分管领导责任书", "staff": "工作人员责任书", "discipline": "纪检监督责任书"}
REFUSAL = "人员编制尚未到位，职责第二条需先会商后再签。"
SCAN = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)

COUNTY_TEXT_EN = """So that responsibility for drug control rests on posts and persons, {issuer} and {recipient} sign this letter.
I. Targets
{targets}
II. Duties
{duties}
III. Term
This letter holds from its signature to 31 December {year}.
Signer: {signer}"""
HEAD_DUTIES_EN = """The head answers first for drug control in the place or unit
Finish tasks by their dates and hand in the evidence
Report to the county's committee every half year"""
TITLE_EN = "Letter of responsibility for drug control, {year}"
