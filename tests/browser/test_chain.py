"""The chain of responsibility from the plan to the place and from the red line to the listing and back.

Nothing here waits: a task is late because it is taken over late, and each term that must pass before an act is
waived by the act that may come earlier (the place replies before its time is over).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from .visiting import PHONE, Visitor, Visitors

PLAN = "寄递渠道禁毒百日清查方案（演示）"
TASK = "逐个核查寄递网点（演示）"
COUNTY, TOWNSHIP, CODE = "槐岫县", "泠垭乡", "F05015"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where people keep the files they send."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def office(office: Visitors) -> Visitors:
    """The demo's people; its reporter also speaks for the township whose numbers stand red."""
    reason = ("--reason", "示禁办〔2026〕1号", "--json")
    where = ("--tree", "demo", "--region", CODE)
    asked = office.site.command("user", "grant", "reporter", "reporter", *where, *reason, "--as", "secadmin")
    number = str(json.loads(asked)["proposal"])
    office.site.command("user", "confirm", number, "--as", "secadmin2")
    return office


def day(after: int) -> str:
    """A day so many days from today, as forms and tables write it."""
    return (dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date() + dt.timedelta(days=after)).isoformat()


def path_of(visitor: Visitor) -> str:
    """Where the window stands, without the site's address and query."""
    return visitor.page.url.removeprefix(visitor.site.address).partition("?")[0]


def main(visitor: Visitor) -> Page:
    return visitor.page.locator("main")  # type: ignore[return-value]


def filled_template(visitor: Visitor, target: Path) -> Path:
    """The table that the page hands out, its two examples overwritten with the tasks of the plan."""
    with visitor.page.expect_download() as waiting:
        visitor.follow("下载模板")
    waiting.value.save_as(target)
    book = openpyxl.load_workbook(target)
    sheet = book.worksheets[0]
    top = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == "编号")
    columns = {cell.value: cell.column for cell in sheet[top]}
    rows = (
        {"编号": "1", "任务名称": "寄递渠道清查（演示）", "工作体系": "阻断流通", "期限": day(60), "权重": 1},
        {
            "编号": "1.1",
            "任务名称": TASK,
            "工作要求": "逐点登记，列出未装机网点。",
            "期限": day(-3),
            "权重": 2,
            "交付成果": "网点核查表",
        },
    )
    for row, told in enumerate(rows, start=top + 1):
        for name, column in columns.items():
            sheet.cell(row, column).value = told.get(str(name))
    book.save(target)
    return target


def open_task(visitor: Visitor, place: str) -> str:
    """The journey's task of a place, found as people find it; its address."""
    visitor.open(f"/plans/tasks/?q={TASK}")
    row = visitor.page.locator("main tbody tr").filter(has_text=place).filter(has_text=TASK)
    row.get_by_role("link", name=TASK, exact=True).first.click()
    expect(visitor.page.locator("h1")).to_have_text(TASK)
    expect(main(visitor)).to_contain_text(place)
    return path_of(visitor)


def test_a_plan_from_a_table_goes_down_to_a_township_goes_late_is_supervised_and_done(
    office: Visitors, desk: Path
) -> None:
    evidence = desk / "网点核查表.csv"
    evidence.write_text("网点,结果\n示例网点,已核查\n", encoding="utf-8-sig")
    with office.visit("secretary") as visitor:
        page = visitor.page
        visitor.open("/plans/")
        visitor.follow("新建计划")
        page.locator("#id_title").fill(PLAN)
        page.locator("#id_region").select_option(label="示范市（虚构）")
        page.locator("#id_starts").fill(day(-60))
        page.locator("#id_ends").fill(day(60))
        visitor.send()
        expect(page.locator("h1")).to_have_text(PLAN)
        plan = path_of(visitor)
        visitor.follow("导入任务")
        page.locator("#id_file").set_input_files(filled_template(visitor, desk / "tasks.xlsx"))
        visitor.send()
        expect(main(visitor)).to_contain_text("寄递渠道清查（演示）")
        open_task(visitor, "示范市")
        visitor.follow("分解任务")
        page.get_by_label(COUNTY, exact=True).check()
        visitor.send()
        expect(main(visitor)).to_contain_text(COUNTY)
    with office.visit("countysec") as visitor:
        open_task(visitor, COUNTY)
        visitor.follow("分解任务")
        visitor.page.get_by_label(TOWNSHIP, exact=True).check()
        visitor.send()
        expect(main(visitor)).to_contain_text(TOWNSHIP)
    with office.visit("reporter", size=PHONE) as visitor:
        page = visitor.page
        task = open_task(visitor, TOWNSHIP)
        expect(main(visitor)).to_contain_text("逾期3天")
        visitor.follow("报告进度")
        page.locator("#id_percent").fill("40")
        page.locator("#id_text").fill("已核查四成网点，其余下周完成。")
        page.locator("#id_evidence").set_input_files(evidence)
        visitor.send()
        expect(main(visitor)).to_contain_text(evidence.name)
        expect(main(visitor)).to_contain_text("40")
    with office.visit("secretary") as visitor:
        page = visitor.page
        visitor.open(plan)
        expect(page.locator(".jt-tile-value").first).to_have_text("40.0%")
        visitor.open(task)
        visitor.follow("对这项任务下达督办")
        page.locator("#id_text").fill("该任务已逾期，请说明原因和完成时限，并附核查表。")
        visitor.send()
        expect(page.locator("h1")).to_have_text(TASK)
        notice = path_of(visitor)
    with office.visit("reporter") as visitor:
        # A draft is the office's own.
        assert visitor.open(notice) == 404
    with office.visit("leader") as visitor:
        visitor.open(notice)
        visitor.follow("下达")
        visitor.page.locator("#id_series").select_option(index=1)
        visitor.send()
        expect(main(visitor)).to_contain_text("待答复")
    with office.visit("reporter", size=PHONE) as visitor:
        page = visitor.page
        visitor.open(notice)
        visitor.follow("答复")
        page.locator("#id_reason").fill("两名巡查员病假，已补齐人手，核查完毕，见附表。")
        page.locator("#id_evidence").set_input_files(evidence)
        visitor.send()
        expect(main(visitor)).to_contain_text("待审核")
        visitor.open(task)
        visitor.follow("提交办结")
        page.locator("#id_text").fill("全部网点核查完毕，核查表已附。")
        page.locator("#id_evidence").set_input_files(evidence)
        visitor.send()
        expect(main(visitor)).to_contain_text("待验收")
    with office.visit("leader") as visitor:
        visitor.open(notice)
        expect(main(visitor)).to_contain_text("两名巡查员病假")
        visitor.follow("审核通过")
        visitor.send()
        expect(main(visitor)).to_contain_text("已办结")
    with office.visit("countysec") as visitor:
        visitor.open(task)
        visitor.follow("验收通过")
        visitor.send()
        expect(main(visitor)).to_contain_text("已办结")
    with office.visit("secretary") as visitor:
        visitor.open(plan)
        expect(visitor.page.locator(".jt-tile-value").first).to_have_text("100.0%")


def act(visitor: Visitor, listing: str, word: str, **fields: str) -> None:
    """Open the listing, choose what is to be done, fill in what it asks, send it."""
    visitor.open(listing)
    visitor.follow(word)
    for name, value in fields.items():
        visitor.page.locator(f"#id_{name}").fill(value)
    visitor.send()


def offered(visitor: Visitor, word: str) -> int:
    """How often the page offers an act."""
    return int(visitor.page.locator("main").get_by_role("link", name=word, exact=True).count())


def test_a_red_number_becomes_a_proposal_a_listing_and_after_rectification_a_delisting(
    office: Visitors,
) -> None:
    with office.visit("secretary") as visitor:
        page = visitor.page
        visitor.open(f"/measures/proposals/?q={TOWNSHIP}&state=open")
        page.locator("main tbody tr th a").first.click()
        expect(page.locator("h1")).to_contain_text(TOWNSHIP)
        proposal = path_of(visitor)
        # What the rule saw leads into the publication itself, where the number stands red.
        page.locator("#evidence-head").locator("xpath=ancestor::section").get_by_role("link").first.click()
        page.wait_for_url(re.compile("/explain/"))
        expect(page.locator(".jt-sentence")).to_contain_text(TOWNSHIP)
        expect(main(visitor)).to_contain_text("红线")
        visitor.open(proposal)
        visitor.follow("整理材料")
        page.locator("#id_rung").select_option("listing")
        page.locator("#id_facts").fill("上期多项指标越过红线，已提醒两次，未见改进（演示）。")
        visitor.send()
        expect(main(visitor)).to_contain_text("已提醒两次")
        # Whoever prepared the file does not decide.
        assert offered(visitor, "对建议作出决定") == 0
    with office.visit("leader") as visitor:
        page = visitor.page
        visitor.open(proposal)
        visitor.follow("对建议作出决定")
        page.get_by_label("采取，立案并告知", exact=True).check()
        page.locator("#id_reason").fill("多项越线且提醒后未改进，按程序告知并听取意见。")
        visitor.send()
        visitor.follow("挂牌整治")
        expect(page.locator("h1")).to_contain_text(TOWNSHIP)
        listing = path_of(visitor)
        # Nothing is listed by it: the decision waits for notice and hearing.
        assert offered(visitor, "决定挂牌") == 0
    with office.visit("secretary") as visitor:
        act(visitor, listing, "送达告知", text="拟挂牌整治，请在期限内陈述申辩（演示）。")
        expect(main(visitor)).to_contain_text("已告知")
        # Before the place has spoken or its time is over, nobody writes that it was heard.
        assert offered(visitor, "记录听取情况") == 0
    with office.visit("reporter", size=PHONE) as visitor:
        act(visitor, listing, "陈述申辩", text="已调整力量，请给予整改时间（演示）。")
        expect(main(visitor)).to_contain_text("请给予整改时间")
    with office.visit("secretary") as visitor:
        act(visitor, listing, "记录听取情况", text="街道说明了整改安排，书面意见已附卷（演示）。")
        expect(main(visitor)).to_contain_text("待决定")
        assert offered(visitor, "决定挂牌") == 0
    with office.visit("leader") as visitor:
        act(
            visitor,
            listing,
            "决定挂牌",
            decision="事实清楚，程序完备，同意挂牌整治（演示）。",
            document_number="示禁毒委〔2026〕90号",
            leader="街道办事处主任",
        )
        expect(main(visitor)).to_contain_text("已挂牌")
    with office.visit("countysec") as visitor:
        tasks = f"逐人见面核实在册人员（演示） | {day(30)}\n补签社区戒毒协议（演示） | {day(60)}"
        act(visitor, listing, "建立整治方案", text="整治方案已经审定（演示）。", tasks=tasks)
        expect(main(visitor)).to_contain_text("整治中")
        expect(main(visitor)).to_contain_text("补签社区戒毒协议（演示）")
    with office.visit("reporter", size=PHONE) as visitor:
        values = {"value_execution": "97", "source_execution": "街道月报（演示）"}
        act(visitor, listing, "填报进展", text="协议全部补签，执行率回升（演示）。", **values)
        expect(main(visitor)).to_contain_text("街道月报（演示）")
        act(visitor, listing, "报送自评", text="各项任务完成，申请验收（演示）。")
        expect(main(visitor)).to_contain_text("待验收")
    with office.visit("secretary") as visitor:
        page = visitor.page
        visitor.open(listing)
        visitor.follow("现场验收")
        page.locator("#id_findings").fill("查阅台账、走访群众、抽查场所（演示）。")
        page.locator("#id_leads").select_option(label="示例·分析员")
        page.get_by_label("示例·审核员", exact=True).check()
        for field in page.locator("input[name^=score_]").all():
            field.fill(str(field.get_attribute("max")))
        visitor.send()
        expect(main(visitor)).to_contain_text("得100分")
    for member in ("analyst", "reviewer"):
        with office.visit(member) as visitor:
            visitor.open(listing)
            visitor.press("签署验收记录")
            expect(visitor.page.locator("main").get_by_role("button", name="签署验收记录")).to_have_count(0)
    with office.visit("secretary") as visitor:
        page = visitor.page
        act(visitor, listing, "征求意见", units="市公安局", text="请就摘牌提出意见（演示）。")
        visitor.follow("登记意见")
        page.get_by_label("同意", exact=True).check()
        page.locator("#id_text").fill("同意摘牌（演示）")
        visitor.send()
        expect(main(visitor)).to_contain_text("同意摘牌（演示）")
    with office.visit("analyst") as visitor:
        # A member of the team that examined it decides nothing.
        visitor.open(listing)
        assert offered(visitor, "决定摘牌") == 0
    with office.visit("leader") as visitor:
        act(
            visitor,
            listing,
            "决定摘牌",
            despite="两项任务下月到期，就业安置列入巩固期核查（演示）。",
            decision="验收合格，各方同意，予以摘牌（演示）。",
            document_number="示禁毒委〔2026〕91号",
        )
        expect(main(visitor)).to_contain_text("已摘牌，巩固期")
    with office.visit("reporter") as visitor:
        visitor.open("/listings/")
        row = visitor.page.locator("main tbody tr").filter(has_text=TOWNSHIP).first
        expect(row).to_contain_text("已摘牌，巩固期")
