"""A new user's first ten minutes, in the order of the guide. Each step continues what the one before left."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from playwright.sync_api import expect
from pypdf import PdfReader

from .visiting import Visitor, Visitors, fill_sign_in

ELEMENTS = ("cdt_in_execution", "cdt_due")
COUNTY = "槐岫县"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the analyst's browser puts what it downloads."""
    return tmp_path_factory.mktemp("downloads")


def download(visitor: Visitor, button: str, target: Path) -> Path:
    """Press what answers with a file, and keep the file."""
    with visitor.page.expect_download() as waiting:
        visitor.page.locator("main").get_by_text(button, exact=True).first.click()
    waiting.value.save_as(target)
    return target


def first_run(visitor: Visitor) -> str:
    """The address of the monthly card of September 2026."""
    visitor.open("/runs/?tree=demo&scorecard=county_monthly&period=2026-09")
    return str(visitor.page.locator("main tbody tr th a").first.get_attribute("href"))


def test_from_the_worst_red_number_down_to_the_imported_row(office: Visitors) -> None:
    with office.visit("analyst") as visitor:
        visitor.open("/")
        page = visitor.page
        expect(page.get_by_role("heading", level=1)).to_have_text("示范市（虚构）")
        worst = page.locator("#red tbody tr").first
        expect(worst).to_contain_text("触红线")
        worst.locator("td.jt-n a").first.click()
        expect(page.locator(".jt-sentence")).to_contain_text("2026年9月")
        expect(page.locator("#change li").first).to_be_visible()
        row = page.get_by_text(re.compile(r"第 \d+ 行")).first
        for _ in range(4):
            if row.count():
                break
            # The deepest step: an operand, then a township.
            page.locator(".jt-chain a").last.click()
            onward = page.locator("#step").get_by_role("link", name=re.compile("^看.*的这项指标$"))
            if not row.count() and onward.count():
                onward.click()
        source = page.locator("#step td", has=row).first
        expect(source).to_contain_text("示例·分析员")
        expect(source).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"))
        source.get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^demo-202[56]-\d\d\.csv$"))


def test_a_wrong_row_comes_back_marked_and_nothing_is_stored(office: Visitors, desk: Path) -> None:
    with office.visit("analyst") as visitor:
        page = visitor.page
        visitor.open("/facts/template/?tree=demo")
        page.locator("#id_elements").select_option(list(ELEMENTS))
        page.locator("#id_periods").fill("2026-09")
        template = download(visitor, "下载模板", desk / "template.xlsx")

        book = openpyxl.load_workbook(template)
        sheet = book.worksheets[0]
        columns = {cell.value: cell.column for cell in sheet[2]}
        rows = {sheet.cell(row, columns["region"]).value: row for row in range(4, sheet.max_row + 1)}
        for code in ("F05001", "F05002", "F05003"):
            sheet.cell(rows[code], columns["cdt_due"]).value = 40
            sheet.cell(rows[code], columns["cdt_in_execution"]).value = 40
        wrong = rows["F05002"]
        sheet.cell(wrong, columns["cdt_in_execution"]).value = -3
        book.save(desk / "september.xlsx")

        visitor.open("/facts/upload/?tree=demo")
        page.locator("#id_file").set_input_files(desk / "september.xlsx")
        visitor.press("上传并校验")
        expect(page.locator("#import-outcome")).to_contain_text("未存入任何数据")
        expect(page.locator("#import-outcome tbody tr").first).to_contain_text(str(wrong))
        marked = openpyxl.load_workbook(download(visitor, "下载标注了错误的原表", desk / "marked.xlsx"))
        noted = marked.worksheets[0]
        last = [noted.cell(row, noted.max_column).value for row in range(4, noted.max_row + 1)]
        assert [4 + place for place, text in enumerate(last) if text] == [wrong]

        sheet.cell(wrong, columns["cdt_in_execution"]).value = 40
        book.save(desk / "september.xlsx")
        visitor.open("/facts/upload/?tree=demo")
        page.locator("#id_file").set_input_files(desk / "september.xlsx")
        visitor.press("上传并校验")
        expect(page.locator("#import-outcome")).to_contain_text("校验通过，尚未入库")
        visitor.press("确认入库")
        expect(page.locator("#import-outcome")).to_contain_text("已入库")


def test_published_numbers_stay_and_a_correction_says_what_changed_and_why(office: Visitors) -> None:
    with office.visit("analyst") as visitor:
        page = visitor.page
        published = first_run(visitor)
        visitor.open(f"{published}scorecard/")
        frozen = page.locator("tfoot").inner_text()
        visitor.open(published)
        expect(page.get_by_text("计算之后有变化")).to_be_visible()
        visitor.follow("更正")
        page.locator("#id_reason").fill("三个乡镇补报执行人数")
        visitor.send()
        expect(page.locator("main")).to_contain_text("第 2 版")
        second = page.url.removeprefix(visitor.site.address)
        assert second != published
        visitor.follow("与本版的差异")
        expect(page.get_by_role("heading", level=1)).to_have_text("第 1 版 → 第 2 版")
        expect(page.locator("main")).to_contain_text("三个乡镇补报执行人数")
        expect(page.locator("main")).to_contain_text("september.xlsx")
        expect(page.locator("main tbody").last).to_contain_text(COUNTY)
        visitor.open(f"{published}scorecard/")
        assert page.locator("tfoot").inner_text() == frozen

        visitor.open(f"{second}?findings=error")
        answers = page.locator("main").get_by_role("link", name="答复", exact=True)
        for _ in range(answers.count()):
            answers.first.click()
            page.locator("#id_reason").fill("已与当地核实")
            page.locator("main button[type=submit]").first.click()
            visitor.open(f"{second}?findings=error")
        visitor.follow("提交审批")
        visitor.send()
        expect(page.locator("main")).to_contain_text("已提交审批")


def test_the_preparer_is_refused_and_a_second_person_publishes(office: Visitors) -> None:
    with office.visit("analyst") as visitor:
        second = _latest(visitor)
        assert visitor.open(f"{second}publish/") == 403
        expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    with office.visit("reviewer") as visitor:
        page = visitor.page
        visitor.open("/")
        expect(page.locator("#duties").locator("..").locator("..")).to_contain_text("待我审批")
        visitor.open(second)
        visitor.follow("批准并发布")
        # The card asks for days of appeal; whoever publishes at once says why.
        page.get_by_label("不等申诉期的理由").fill("更正已与三个乡镇核对一致")
        visitor.send()
        expect(page.locator("main")).to_contain_text("已发布")
        expect(page.locator("main")).to_contain_text("示例·审核员")


def _latest(visitor: Visitor) -> str:
    """The address of the newest version of September's monthly card."""
    visitor.open("/runs/?tree=demo&scorecard=county_monthly&period=2026-09")
    rows = visitor.page.locator("main tbody tr").all()
    newest = max(rows, key=lambda row: int(row.locator("td").nth(4).inner_text()))
    return str(newest.locator("th a").get_attribute("href"))


def test_the_bulletin_is_issued_and_opens_as_word_pdf_and_excel(office: Visitors, desk: Path) -> None:
    with office.visit("reviewer") as visitor:
        page = visitor.page
        second = _latest(visitor)
        visitor.open(f"/bulletins/issue/{second.strip('/').split('/')[-1]}/")
        page.locator("#id_number").fill("示禁办通〔2026〕12号")
        visitor.send()
        expect(page.locator("main")).to_contain_text("示禁办通〔2026〕12号")
        address = page.url.removeprefix(visitor.site.address)
        files = {}
        for extension in ("docx", "pdf", "xlsx"):
            with page.expect_download() as waiting:
                page.locator(f"main a[href$='zh.{extension}']").click()
            files[extension] = desk / f"bulletin.{extension}"
            waiting.value.save_as(files[extension])
        words = "\n".join(paragraph.text for paragraph in Document(str(files["docx"])).paragraphs)
        assert "虚构" in words
        assert "三个乡镇" not in words or "示禁办通〔2026〕12号" in words
        assert COUNTY in "".join(sheet.extract_text() for sheet in PdfReader(files["pdf"]).pages)
        assert openpyxl.load_workbook(files["xlsx"]).sheetnames
        visitor.open(address)
        assert COUNTY in visitor.body


def test_the_saved_picture_of_a_chart_is_one_with_its_words_above(office: Visitors, desk: Path) -> None:
    with office.visit("leader") as visitor:
        page = visitor.page
        visitor.open("/targets/trajectories/")
        page.locator("main tbody a").first.click()
        chart = page.locator("[data-jt-chart]").first
        drawn = chart.locator("canvas").bounding_box()
        assert drawn is not None
        with page.expect_download() as waiting:
            chart.locator("[data-jt-chart-image]").click()
        waiting.value.save_as(desk / "chart.png")
        title = chart.locator(".jt-chart-title").inner_text().partition("(")[0].strip()
        assert waiting.value.suggested_filename == f"{title}.png"
        head = (desk / "chart.png").read_bytes()[:24]
        assert head.startswith(b"\x89PNG\r\n")
        width, height = struct.unpack(">II", head[16:])
        # Twice as fine as on the screen; above it the title, the place and time, and that it is invented.
        assert abs(width - 2 * drawn["width"]) <= 4
        assert abs(height - 2 * (drawn["height"] + 3 * 24 + 16)) <= 4


def test_the_real_figures_stand_with_their_sources(office: Visitors) -> None:
    with office.visit("viewer") as visitor:
        visitor.open("/figures/")
        for words in ("开阳", "邻水", "湘乡", "永州"):
            assert words in visitor.body
        assert "虚构示范数据" not in visitor.body


def test_only_the_keyboard_is_needed_to_sign_in_and_open_the_worst_number(office: Visitors) -> None:
    with office.visit(None) as visitor:
        page = visitor.page
        visitor.open("/sign-in/")
        page.keyboard.type("leader")
        page.keyboard.press("Tab")
        page.keyboard.type("Jingtu-demo-2026")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("示范市（虚构）")
        page.keyboard.press("Tab")
        expect(page.locator(".jt-skip")).to_be_focused()
        page.keyboard.press("Enter")
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('#red tbody td.jt-n a')"):
                break
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/explain/"))
        page.keyboard.press("/")
        expect(page.locator("#jt-search")).to_be_focused()


def test_the_language_switches_on_the_page_and_back(office: Visitors) -> None:
    with office.visit("viewer") as visitor:
        page = visitor.page
        visitor.open("/runs/")
        page.get_by_role("button", name="EN", exact=True).click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        assert page.url.endswith("/runs/")
        page.get_by_role("button", name="中文", exact=True).click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


def test_signing_out_closes_the_session(office: Visitors) -> None:
    with office.visit(None) as visitor:
        page = visitor.page
        fill_sign_in(page, visitor.site, "viewer")
        page.locator("details.jt-menu summary.jt-user").click()
        page.get_by_role("button", name="退出登录").click()
        page.wait_for_url(re.compile("/sign-in/"))
        visitor.open("/runs/")
        assert "/sign-in/" in page.url
