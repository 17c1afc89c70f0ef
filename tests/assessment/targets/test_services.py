from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from jingtu.assessment.runs import queries as run_queries
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.changed import what_changed
from jingtu.assessment.runs.snapshots import require_intact
from jingtu.assessment.targets import queries, services
from jingtu.assessment.targets.commands import app
from jingtu.assessment.targets.models import Target, TargetImport, Trajectory
from jingtu.assessment.targets.queries import TargetFilter
from jingtu.assessment.targets.rules import TargetState
from jingtu.assessment.targets.services import MilestoneData, TrajectoryData
from jingtu.core.audit.models import AuditEntry
from jingtu.core.files.queries import content_path
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.regions.models import PeerGroup
from jingtu.engine import targets as engine
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.periods import Period
from tests.assessment.office import CATALOGUE, MONTH, Office, version_of

# An indicator that no scorecard uses.
FREE = CATALOGUE.replace("version: 1", "version: 2").replace(
    "groups:",
    "  - {code: FREE, name: {zh: 自由, en: Free}, strand: crackdown, formula: 'cases', direction: up, unit: cases, "
    "decimals: 0, rows: [A1], status: V, definition: {zh: 案件, en: cases}}\ngroups:",
)


def wanted(
    asked: str = ">= 96", code: str = "310101", period: str = "2026", indicator: str = "RATE", **more: object
) -> engine.Target:
    return engine.Target(
        indicator,
        "place",
        period,
        "each",
        ("county", code),
        requirement=Threshold.parse(asked),
        **more,  # type: ignore[arg-type]
    )


def propose(office: Office, asked: str = ">= 96", **more: object) -> Target:
    return services.propose(office.analyst, office.cast.tree, wanted(asked, **more), "市里下达任务")  # type: ignore[arg-type]


def in_force(office: Office, asked: str = ">= 96", **more: object) -> Target:
    return services.approve(office.reviewer, propose(office, asked, **more).pk, "同意")


def test_a_target_that_decides_points_waits_for_a_second_person(office: Office) -> None:
    made = propose(office)
    assert made.state == TargetState.PROPOSED
    assert not len(queries.table_for(SYSTEM, office.cast.tree, ["RATE"], [Period.parse(MONTH)]))
    with pytest.raises(PermissionDenied):
        services.approve(office.analyst, made.pk)
    services.approve(office.reviewer, made.pk)
    table = queries.table_for(SYSTEM, office.cast.tree, ["RATE"], [Period.parse(MONTH)])
    assert [str(target.requirement) for target in table] == [">= 96"]
    actions = list(
        AuditEntry.objects.filter(target_type="target").order_by("pk").values_list("action", flat=True)
    )
    assert actions == ["targets.proposed", "targets.in_force"]


def test_nobody_approves_what_they_proposed(office: Office) -> None:
    from jingtu.core.accounts.models import Post

    made = propose(office)
    Post.objects.create(
        user=office.cast.user("analyst", "ancestor"),
        role="reviewer",
        region=office.city,
        valid_from="2020-01-01",
    )
    with pytest.raises(Conflict) as refused:
        services.approve(office.cast.actor("analyst", "ancestor"), made.pk)
    assert refused.value.problem.code == "targets.same_person"


def test_a_target_without_a_scorecard_holds_at_once(office: Office) -> None:
    version_of(FREE)
    assert propose(office, ">= 3", indicator="FREE").state == TargetState.IN_FORCE


def test_a_new_version_supersedes_and_nothing_is_overwritten(office: Office) -> None:
    first = in_force(office)
    second = propose(office, ">= 97")
    assert Target.objects.get(pk=first.pk).state == TargetState.IN_FORCE
    services.approve(office.reviewer, second.pk)
    found = list(queries.versions_of(office.analyst, second).values_list("version", "requirement", "state"))
    assert found == [(2, ">= 97", "in_force"), (1, ">= 96", "superseded")]


def test_the_same_again_is_refused_and_a_waiting_proposal_must_be_settled_first(office: Office) -> None:
    in_force(office)
    with pytest.raises(InvalidInput, match="nothing to change"):
        propose(office)
    propose(office, ">= 97")
    with pytest.raises(Conflict):
        propose(office, ">= 98")


@pytest.mark.parametrize(
    ("asked", "code"), [("<= 96", "targets.against_direction"), ("< 10", "targets.against_direction")]
)
def test_a_target_against_the_direction_is_refused(office: Office, asked: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        propose(office, asked)
    assert refused.value.problems[0].code == code


def test_nobody_sets_targets_outside_their_area(office: Office) -> None:
    county = office.cast.actor("analyst", "own")
    with pytest.raises(PermissionDenied):
        services.propose(county, office.cast.tree, wanted(code="310102"), "越权试试")
    city = engine.Target(
        "RATE",
        "level",
        "2026",
        "each",
        ("city", "310100"),
        level="county",
        requirement=Threshold.parse(">= 9"),
    )
    with pytest.raises(PermissionDenied):
        services.propose(county, office.cast.tree, city, "越权试试")


def test_a_withdrawal_needs_the_approver_and_a_reason(office: Office) -> None:
    made = in_force(office)
    with pytest.raises(PermissionDenied):
        services.withdraw(office.analyst, made.pk, "上级取消")
    with pytest.raises(InvalidInput):
        services.withdraw(office.reviewer, made.pk, "")
    services.withdraw(office.reviewer, made.pk, "上级取消")
    assert not len(queries.table_for(SYSTEM, office.cast.tree, ["RATE"], [Period.parse(MONTH)]))


def test_a_run_judges_by_the_target_and_says_when_it_changed(office: Office) -> None:
    usual = office.published()
    in_force(office, ">= 50")  # county A: 42 of 60
    assert [change.code for change in what_changed(usual)] == ["runs.changed.targets"]
    corrected = runs.correct(office.analyst, usual.pk, "按新目标重算")
    assert corrected.publication_hash != usual.publication_hash
    assert corrected.targets_digest
    assert what_changed(corrected) == []
    require_intact(corrected)
    reader = run_queries.open_for(office.analyst, corrected.pk)
    position = reader.position_of(office.cast.places["county_a"].pk)
    definition = reader.indicator("RATE")
    assert (reader.requirement(definition, position), reader.requirement(definition)) == ("≥50%", "≥90%")
    entry = dict(reader.subjects)[position]["indicators"]["RATE"]
    assert entry["met"] is True


def test_a_target_of_another_time_leaves_hash_and_standing_alone(office: Office) -> None:
    usual = office.published()
    in_force(office, period="2027")
    assert what_changed(usual) == []
    assert usual.targets_digest == ""


# -- files -------------------------------------------------------------------------------------------------


def test_a_file_is_taken_whole_after_confirmation(office: Office) -> None:
    text = (
        "指标,地区,期间,目标,红线,依据文件\n到位率,甲县,2026,≥96%,<80,市发1号\nRATE,310102,2026-Q3,>= 97,,\n"
    )
    made = services.begin_import(office.analyst, office.cast.tree, [text.encode()], "targets.csv")
    assert (made.state, made.row_count, Target.objects.count()) == ("ready", 2, 0)
    services.confirm_import(office.analyst, made.pk)
    rows = Target.objects.order_by("source_row").values_list(
        "region__code", "requirement", "red_line", "source_row"
    )
    assert list(rows) == [("310101", ">= 96", "< 80", 2), ("310102", ">= 97", "", 3)]
    assert set(Target.objects.values_list("reason", flat=True)) == {""}  # the page names the file and the row
    with pytest.raises(Conflict):
        services.confirm_import(office.analyst, made.pk)


def test_a_file_with_one_wrong_row_is_refused_whole_and_given_back_marked(office: Office) -> None:
    stored = services.make_template(office.analyst, office.cast.tree)
    book = openpyxl.load_workbook(content_path(stored).open("rb"))
    page = book.worksheets[0]
    page.append(["RATE", "310101", "", "", "", "", "2026", "", ">= 96"])
    page.append(["RATE", "310109", "", "", "", "", "2026", "", ">= 96"])
    page.append(["RATE", "320101", "", "", "", "", "2026", "", ">= 96"])
    page.append(["RATE", "310102", "", "", "", "", "2026", "", ">= 96", "", "市" * 256])
    path = content_path(stored).parent / "filled.xlsx"
    book.save(path)
    made = services.begin_import(office.analyst, office.cast.tree, [path.read_bytes()], "targets.xlsx")
    assert made.state == TargetImport.State.REFUSED
    assert [(problem.code, problem.row) for problem in made.listed_problems()] == [
        ("targets.unknown_region_near", 3),
        ("targets.not_yours", 4),
        ("targets.too_long", 5),
    ]
    assert made.marked_file is not None
    marked = openpyxl.load_workbook(content_path(made.marked_file).open("rb")).worksheets[0]
    assert "310109" in str(marked.cell(3, marked.max_column).value)
    assert not Target.objects.exists()


def test_an_export_can_be_read_back_and_changes_nothing(office: Office, tmp_path: Path) -> None:
    in_force(office)
    rows = [row.as_target() for row in queries.list_targets(office.analyst, TargetFilter())]
    stored = services.export_targets(office.analyst, office.cast.tree, rows)
    path = tmp_path / "again.xlsx"
    path.write_bytes(content_path(stored).read_bytes())
    made = services.import_path(office.analyst, office.cast.tree, path)
    assert (made.row_count, made.targets.count()) == (1, 0)


def test_a_file_belongs_to_its_sender(office: Office) -> None:
    text = "indicator,region,period,requirement\nRATE,310101,2026,>= 96\n"
    made = services.begin_import(office.analyst, office.cast.tree, [text.encode()], "t.csv")
    with pytest.raises(NotFound):
        services.confirm_import(office.cast.actor("analyst", "own"), made.pk)


# -- trajectories ------------------------------------------------------------------------------------------


def trajectory(office: Office, **more: object) -> Trajectory:
    values: dict[str, object] = {
        "indicator": "RATE",
        "name_zh": "到位率三年拐点",
        "base_period": "2026-06",
        "base_value": Decimal(60),
        "milestones": [
            MilestoneData("2026-12", Decimal(90)),
            MilestoneData("2026-09", Decimal(80), "见成效"),
        ],
        "cadence": "month",
        "turning_wrong_way": 1,
        "turning_right_way": 1,
        "reason": "市里下达任务",
    }
    return services.set_trajectory(office.analyst, office.city, TrajectoryData(**{**values, **more}))  # type: ignore[arg-type]


def test_the_same_trajectory_twice_is_one_version(office: Office) -> None:
    first = trajectory(office)
    with pytest.raises(InvalidInput) as refused:
        trajectory(office)
    assert refused.value.problems[0].code == "targets.nothing_new"
    assert trajectory(office, tolerance=Decimal(1)).version == first.version + 1


def test_a_trajectory_is_held_against_the_figures(office: Office) -> None:
    for month, done in (("2026-06", 30), ("2026-07", 20), ("2026-08", 25)):
        office.report(
            month, {"township_a": (40, done, 5), "township_a2": (20, 10, 8), "township_b": (30, 15, 9)}
        )
    found = queries.trajectory_page(office.analyst, trajectory(office).pk)
    shown = {point.period.key: (point.value, point.asked, point.progress.standing) for point in found.points}
    assert shown["2026-09"] == (Decimal("80.00"), Decimal("80.00"), "on")
    assert shown["2026-06"][2] == "ahead"
    assert shown["2026-07"][2] == "behind"
    assert shown["2026-12"][2] == "unknown"
    assert found.latest is not None
    assert found.latest.period.key == "2026-09"
    assert [(milestone.period, reached) for milestone, reached in found.milestones] == [
        ("2026-09", True),
        ("2026-12", None),
    ]
    # From 61 % to 50 % of 90 people lies within the intervals: no worsening to turn from.
    assert found.turning is not None
    assert found.turning.state == "not_yet"


def test_what_an_unfinished_period_has_brought_so_far_is_not_held_against_its_goal(office: Office) -> None:
    for month, cases in (("2026-08", 30), ("2026-10", 2)):
        office.report(month, dict.fromkeys(("township_a", "township_a2", "township_b"), (40, 30, cases)))
    with frozen(dt.datetime(2026, 10, 12, 4, tzinfo=dt.UTC)):
        found = queries.trajectory_page(
            office.analyst,
            trajectory(
                office,
                indicator="CASES",
                base_period="2026-08",
                base_value=Decimal(90),
                milestones=[MilestoneData("2026-10", Decimal(100))],
            ).pk,
        )
    shown = [(point.period.key, point.value, point.standing) for point in found.points]
    assert shown == [
        ("2026-08", Decimal(90), "base"),
        ("2026-09", Decimal(22), "behind"),
        ("2026-10", Decimal(6), "running"),
    ]
    assert found.latest is not None
    assert (found.latest.period.key, found.milestones[0][1]) == ("2026-09", None)


def test_a_turn_is_told_once_the_intervals_part(office: Office) -> None:
    for month, done in (("2026-06", 40), ("2026-07", 20), ("2026-08", 25)):
        office.report(
            month, {"township_a": (40, done, 5), "township_a2": (20, done // 2, 8), "township_b": (30, 15, 9)}
        )
    turning = queries.trajectory_page(office.analyst, trajectory(office).pk).turning
    assert turning is not None
    assert (turning.state, turning.at and turning.at.key) == ("turned", "2026-07")
    assert [period.key for period in turning.towards] == ["2026-08", "2026-09"]


def test_many_proposals_are_approved_as_one_act_or_not_at_all(office: Office) -> None:
    made = [propose(office), propose(office, period="2027")]
    for stranger in (office.analyst, office.cast.actor("reviewer", "sibling")):
        with pytest.raises(PermissionDenied):
            services.approve_many(stranger, [one.pk for one in made])
    with pytest.raises(InvalidInput, match="Tick"):
        services.approve_many(office.reviewer, [])
    services.reject(office.reviewer, made[1].pk, "依据不足")
    with pytest.raises(Conflict):
        services.approve_many(office.reviewer, [one.pk for one in made])
    assert set(Target.objects.values_list("state", flat=True)) == {"proposed", "rejected"}
    again = propose(office, period="2027")
    assert queries.approvable(office.reviewer, [made[0], again]) == {made[0].pk, again.pk}
    assert queries.approvable(office.analyst, [made[0], again]) == set()
    services.approve_many(office.reviewer, [made[0].pk, again.pk])
    assert Target.objects.filter(state="in_force").count() == 2


def test_a_change_is_a_new_version(office: Office) -> None:
    first = trajectory(office)
    second = trajectory(office, base_value=Decimal(61))
    assert [one.pk for one in queries.list_trajectories(office.analyst)] == [second.pk]
    assert second.version == 2
    assert queries.trajectory_page(office.analyst, first.pk).trajectory.base_value == 60
    services.retire_trajectory(office.analyst, second.pk, "不再使用")
    assert not queries.list_trajectories(office.analyst).exists()


WAYS = (
    "指标,地区,名称,基期,基期值,里程碑,容差,依据文件,说明\n"
    "RATE,310101,甲县三年拐点,2025,80,2026 85 一年建机制；2027 90 两年见成效；2028 95 三年拐点,0.5,市发1号,市里下达三年目标\n"
    "到位率,乙县,乙县追赶,2025,60.5%,2026 70,,,补齐历史差距\n"
)


def test_many_trajectories_come_from_one_file_or_none(office: Office) -> None:
    tree = office.cast.tree

    def brought_in(text: str) -> list[Trajectory]:
        return services.import_trajectories(office.analyst, tree, [text.encode()], "ways.csv")

    wrong = WAYS + (
        "RATE,310101,再来,2025,80,2026 85,,\n"  # the same place and indicator again
        "NONE,310102,无此指标,2025,80,2026 85,,\n"
        "CASES,310102,,二〇二五,八十,2026 很多,,\n"
        "CASES,310101,里程碑在前,2025,80,2024 85,,\n"
        "CASES,310109,无此地区,2025,80,2026 85,,\n"
        "CASES,310102,没有说明,2025,80,2026 85,,,\n"
    )
    with pytest.raises(InvalidInput) as refused:
        brought_in(wrong)
    told = {(problem.row, problem.column, problem.code) for problem in refused.value.problems}
    assert {row for row, _column, _code in told} == {4, 5, 6, 7, 8, 9}
    assert {
        (6, "里程碑", "targets.milestone_line"),
        (6, "基期值", "targets.not_a_value"),
        (4, "地区", "targets.twice"),
        (9, "说明", "targets.reason_missing"),
    } < told
    assert not Trajectory.objects.exists()
    with pytest.raises(InvalidInput, match="header"):
        brought_in("指标,地区,目标\nRATE,310101,95\n")
    with pytest.raises(PermissionDenied):
        services.import_trajectories(office.reviewer, tree, [WAYS.encode()], "ways.csv")

    first, second = brought_in(WAYS)
    assert [(one.period, one.value, one.turning) for one in first.milestones.all()] == [
        ("2026", Decimal(85), False),
        ("2027", Decimal(90), False),
        ("2028", Decimal(95), True),
    ]
    assert (first.tolerance, first.cadence, second.base_value) == (Decimal("0.5"), "year", Decimal("60.5"))
    with pytest.raises(InvalidInput, match="nothing to change"):
        brought_in(WAYS)
    assert len(brought_in(WAYS.replace("2026 85", "2026 86"))) == 1
    assert sorted(Trajectory.objects.filter(in_force=True).values_list("version", flat=True)) == [1, 2]


def test_a_file_of_trajectories_says_which_value_none_takes_and_is_not_endless(office: Office) -> None:
    def told(text: str) -> set[tuple[int | None, str | None, str]]:
        with pytest.raises(InvalidInput) as refused:
            services.import_trajectories(office.analyst, office.cast.tree, [text.encode()], "ways.csv")
        return {(problem.row, problem.column, problem.code) for problem in refused.value.problems}

    for value in ("1e30", "1e14", "85.00001", "NaN"):
        assert told(WAYS.replace("2026 85", f"2026 {value}")) == {(2, "里程碑", "targets.milestone_line")}
    long = (
        WAYS.replace("甲县三年拐点", "甲" * 129)
        .replace("一年建机制", "建" * 129)
        .replace("市发1号", "市" * 256)
    )
    assert told(long.replace(",0.5,", ",-0.5,")) == {
        (2, column, code)
        for column, code in (
            ("名称", "targets.too_long"),
            ("里程碑", "targets.too_long"),
            ("依据文件", "targets.too_long"),
            ("容差", "targets.negative"),
        )
    }
    head, row = WAYS.splitlines()[:2]
    assert told("\n".join([head, *[row] * 501])) == {(None, None, "targets.too_many_rows")}
    assert not Trajectory.objects.exists()


def test_a_trajectory_takes_no_text_that_cannot_be_printed(office: Office) -> None:
    with pytest.raises(InvalidInput) as refused:
        trajectory(office, name_zh="甲\x0c\x7f县", document="市发\x001号")
    assert [problem.column for problem in refused.value.problems] == ["name_zh", "document"]


def test_milestones_must_come_after_the_base(office: Office) -> None:
    with pytest.raises(InvalidInput) as refused:
        trajectory(office, milestones=[MilestoneData("2026-05", Decimal(90))])
    assert refused.value.problems[0].code == "targets.milestones"


def test_who_may_not_read_figures_sees_the_way_but_not_the_series(office: Office) -> None:
    found = queries.trajectory_page(office.cast.actor("viewer", "ancestor"), trajectory(office).pk)
    assert (found.points, found.latest, found.turning, found.sees_figures) == ([], None, None, False)
    assert len(found.milestones) == 2


@pytest.mark.parametrize("command", ["list", "trajectories"])
def test_the_command_line_says_that_there_is_no_such_tree(office: Office, command: str) -> None:
    analyst = office.cast.user("analyst", "ancestor").username
    told = CliRunner().invoke(app, [command, "--tree", "nowhere", "--as", analyst])
    assert (told.exit_code, "nowhere" in told.output) == (2, True)


def test_a_group_that_is_not_written_is_told_so_and_groups_are_called_by_name(office: Office) -> None:
    PeerGroup.objects.create(tree=office.cast.tree, code="rural", name_zh="农村", name_en="Rural")
    said = {"indicator": "RATE", "period": "2026", "requirement": "≥95", "scope": "group"}
    for group, told in (("", "没有写分类组，现有：农村"), ("x", "没有分类组“x”，现有：农村")):
        with pytest.raises(InvalidInput) as refused:
            services.read_target(office.analyst, office.cast.tree, {**said, "group": group})
        assert told in [problem.text() for problem in refused.value.problems]
