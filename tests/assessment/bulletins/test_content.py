from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from jingtu.assessment.bulletins import sheet
from jingtu.assessment.bulletins.compose import compose
from jingtu.assessment.bulletins.content import Chart, Heading, Note, Table
from jingtu.assessment.bulletins.rules import average, leaders, ranked, trailers, weakest_sections
from jingtu.assessment.bulletins.source import PeerRank, ReleaseFacts, TooSmall, VersionChange
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language
from tests.assessment.bulletins.samples import PLACES, place, source


def test_places_that_share_the_last_leading_rank_are_all_named() -> None:
    six = [
        place(n, str(n), rank, "90", "1", "1", None)
        for n, rank in ((1, 1), (2, 2), (3, 3), (4, 3), (5, 5), (6, 6), (7, 7))
    ]
    assert [p.name for p in leaders(six)] == ["1", "2", "3", "4"]


def test_with_few_places_only_a_third_leads_and_none_both_leads_and_trails() -> None:
    assert [p.name for p in leaders(PLACES[:3], 3)] == ["云岫县"]
    assert not {p.name for p in leaders(PLACES)} & {p.name for p in trailers(PLACES)}


def test_trailing_places_are_named_worst_first() -> None:
    assert [p.name for p in trailers(PLACES)] == ["石渡县", "望溪县", "松陵县"]


def test_everybody_tied_leads_and_nobody_trails() -> None:
    tied = [place(n, str(n), 1, "90", "1", "1", None) for n in range(1, 7)]
    assert len(leaders(tied)) == 6
    assert trailers(tied) == []


def test_unranked_places_come_last_and_leave_the_mean_alone() -> None:
    places = [place(1, "甲", None, "10", "1", "1", None), *PLACES]
    assert ranked(places)[-1].name == "甲"
    assert average(places) == Decimal("89.31")
    assert average([]) is None


def test_the_weakest_section_is_the_one_that_lost_the_largest_share() -> None:
    assert [name for name, _, _ in weakest_sections(source())] == ["打", "治"]


def test_the_chinese_text_says_who_leads_trails_moved_and_crossed_a_red_line() -> None:
    text = compose(source(), "zh").text()
    assert "得分居前的是云岫县（96.50分）、澄湖县（95.00分）、禾丰县（95.00分）。" in text
    assert "得分靠后的是石渡县（71.10分）" in text
    assert "禾丰县位次上升最多，由第4位升至第2位" in text
    assert "石渡县共1项指标触及红线，另有1项未达到要求" in text
    assert "应报数据160项次，实报158项次，有缺报的是柳埠镇、南屏乡" in text
    assert "均为虚构" in text


def test_the_english_text_says_the_same_and_keeps_no_chinese_but_names() -> None:
    text = compose(source(findings=(), red_lines=()), "en").text()
    assert "Leading: 云岫县 (96.50)" in text
    assert "No indicator crossed its red line" in text
    for sentence in ("得分", "排名", "红线", "本期", "较上期"):
        assert sentence not in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_six_parts_stand_in_the_prescribed_order(language: str) -> None:
    headings = [
        block.text
        for block in compose(source(), language).blocks
        if isinstance(block, Heading) and block.level == 1
    ]  # type: ignore[arg-type]
    assert len(headings) == 6
    assert [text[0] for text in headings] == (list("一二三四五六") if language == "zh" else list("123456"))


def test_a_run_without_anything_to_remark_says_so_in_words() -> None:
    text = compose(
        source(
            red_lines=(),
            changes=(),
            findings=(),
            not_reported=(),
            fictional=False,
            distribution=(),
            base_url="",
        ),
        "zh",
    ).text()
    assert "均未触及红线" in text
    assert "没有需要单独说明的变化" in text
    assert "本期数据报送齐全" in text
    assert "虚构，仅供演示" not in text


def test_an_override_and_its_reason_are_printed() -> None:
    from dataclasses import replace

    finding = replace(source().findings[0], overridden_by="审核员乙", reason="已电话核实")
    assert "经审核员乙核准发布，理由：已电话核实" in compose(source(findings=(finding,)), "zh").text()


def test_the_chart_and_the_table_carry_the_same_totals() -> None:
    bulletin = compose(source(), "zh")
    chart = next(block for block in bulletin.blocks if isinstance(block, Chart))
    table = next(block for block in bulletin.blocks if isinstance(block, Table) and block.key == "ranking")
    assert [row[2].number for row in table.rows] == list(chart.values)
    assert [row[1].text for row in table.rows] == list(chart.categories)


def test_every_total_links_to_its_explanation() -> None:
    table = next(block for block in compose(source(), "zh").blocks if isinstance(block, Table))
    assert next(row[2].url for row in table.rows) == "http://127.0.0.1:8000/e/7/11"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("分组位次", "2（并列）", "云岫县", "列出而不排名的数值", "66.67%")),
        ("en", ("Ranks in peer groups", "2 (tied)", "Values shown, not ranked", "66.67%")),
    ],
)
def test_ranks_in_peer_groups_and_values_that_are_not_ranked_are_printed(
    language: Language, words: tuple[str, ...]
) -> None:
    peers = (
        PeerRank("山区县", "Mountain counties", "松陵县", 1, 3),
        PeerRank("山区县", "Mountain counties", "云岫县", 2, 3, tied=True),
    )
    small = (TooSmall("石渡县", "就业安置率", "Employment rate", "66.67%", 10),)
    bulletin = compose(source(peer_ranks=peers, too_small=small), language)
    text = bulletin.text()
    for word in words:
        assert word in text
    book = openpyxl.load_workbook(io.BytesIO(sheet.render(bulletin)))
    assert {"分组位次", "列出不排名"} <= set(book.sheetnames) or {
        "Peer groups",
        "Shown, not ranked",
    } <= set(book.sheetnames)
    plain = compose(source(), language).text()
    assert words[0] not in plain


CORRECTED = VersionChange(
    "石渡县", Decimal("71.10"), Decimal("69.00"), 6, 6, ("应到人员到位率",), ("Report-in rate",)
)


def test_a_later_version_says_for_whom_it_differs_by_how_much_and_why() -> None:
    for language, words in (
        ("zh", ("与上一版的差异", "+2.10", "应到人员到位率", "漏报更正", "1个县")),
        ("en", ("Against the version before", "+2.10", "Report-in rate", "漏报更正", "1 county")),
    ):
        bulletin = compose(
            source(version=2, version_changes=(CORRECTED,), version_reason="漏报更正"), language
        )
        notes = " ".join(block.text for block in bulletin.blocks if isinstance(block, Note))
        table = next(
            block for block in bulletin.blocks if isinstance(block, Table) and block.key == "version_changes"
        )
        said = bulletin.text() + notes + table.note
        assert all(word in said for word in words), language


def test_the_notes_say_how_the_run_got_to_its_readers() -> None:
    release = ReleaseFacts(
        appeal_from=dt.date(2026, 10, 12),
        appeal_until=dt.date(2026, 10, 14),
        objections_until=dt.date(2026, 10, 22),
        warning_zh="放假安排尚未公布。",
        skip_reason="上级要求当日报送",
        held_zh=("还有1件申诉未裁定（第3号）。",),
        held_en=("1 appeal is undecided (no. 3).",),
        hold_reason="不影响名次",
        signed_by="王某",
        appeals=3,
        upheld=1,
        rejected=1,
        undecided=1,
    )
    text = compose(source(release=release), "zh").text()
    for words in (
        "2026-10-12至2026-10-14开放申诉",
        "理由：上级要求当日报送（王某）",
        "收到申诉3件：成立1件，不成立1件，未裁定1件",
        "还有1件申诉未裁定（第3号）。经王某决定仍予发布，理由：不影响名次",
        "申诉截止日：2026-10-22",
        "放假安排尚未公布",
        "2026年10月22日前",
    ):
        assert words in text, words
    english = compose(source(release=release), "en").text()
    assert "3 appeals before signature: 1 upheld, 1 rejected, 1 undecided." in english
    assert "Appeals until 2026-10-22" in english


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_daily_monitor_is_short_and_a_weekly_notice_says_what_to_do(language: Language) -> None:
    full, weekly, daily = (compose(source(kind=kind), language) for kind in ("full", "weekly", "daily"))
    assert len(daily.text()) < len(weekly.text()) < len(full.text())
    assert not any(isinstance(block, Chart) for block in (*daily.blocks, *weekly.blocks))
    for short in (daily, weekly):
        tables = {block.key: block for block in short.blocks if isinstance(block, Table)}
        assert tables["ranking"].columns[0].title in ("位次", "Rank")
        assert len(tables["ranking"].columns) == 4
        # What every bulletin must say stays, whatever its length.
        assert "ab" * 32 in short.text()
    assert {"zh": "日监测", "en": "Daily monitor"}[language] in daily.title
    assert {"zh": "周通报", "en": "Weekly bulletin"}[language] in weekly.title


def test_the_notes_state_version_hash_suppression_and_unverified_definitions() -> None:
    notes = "\n".join(
        block.text
        for block in compose(
            source(
                version=2,
                suppressed=True,
                unverified_indicators=("复吸率",),
                version_changes=(CORRECTED,),
                version_reason="石渡县得分更正",
            ),
            "zh",
        ).blocks
        if isinstance(block, Note)
    )
    assert "第2版" in notes
    assert "ab" * 32 in notes
    assert "小于5的涉人计数" in notes
    assert "复吸率" in notes
    assert "石渡县得分更正" in notes


def test_all_red_lines_and_only_the_widest_gaps_are_printed() -> None:
    from dataclasses import replace

    crossed, unmet = source().red_lines
    many = tuple(replace(crossed, place=f"红{n}") for n in range(3)) + tuple(
        replace(unmet, place=f"差{n}") for n in range(40)
    )
    bulletin = compose(source(red_lines=many), "zh")
    table = next(block for block in bulletin.blocks if isinstance(block, Table) and block.key == "red_lines")
    assert [row[0].text for row in table.rows] == [f"红{n}" for n in range(3)] + [f"差{n}" for n in range(17)]
    assert "共20项，其余见系统内评分表" in bulletin.text()
    assert "另有40项未达到要求" in bulletin.text()


def test_a_section_that_states_its_points_is_not_given_them_twice() -> None:
    from dataclasses import replace

    sections = (replace(source().sections[0], name_zh="打击（20分）"), source().sections[1])
    table = next(
        block for block in compose(source(sections=sections), "zh").blocks if isinstance(block, Table)
    )
    assert [column.title for column in table.columns][3:5] == ["打击（20分）", "治（30）"]


def test_a_shared_rank_says_so_in_the_cell_and_a_single_one_does_not() -> None:
    pairs: tuple[tuple[Language, str], ...] = (("zh", "2（并列）"), ("en", "2 (tied)"))
    for language, mark in pairs:
        table = next(block for block in compose(source(), language).blocks if isinstance(block, Table))
        assert [row[0].text for row in table.rows][:4] == ["1", mark, mark, "4"]


def test_the_notes_say_what_ranks_are_compared_with_or_why_they_are_not() -> None:
    august = Period.parse("2026-08")

    def notes(**changes: object) -> str:
        return " ".join(
            block.text for block in compose(source(**changes), "zh").blocks if isinstance(block, Note)
        )

    assert "“较上期”指与2026年8月的位次比较" in notes(previous_period=august)
    assert "排名的县与本期不同，不比较位次" in notes(previous_period=august, other_places_before=True)
    assert "没有已发布的上期排名" in notes(previous_period=None)
