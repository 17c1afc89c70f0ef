"""Targets, trajectories and survey results of the demonstration. Each step is repeatable."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

from jingtu.assessment.surveys import services as surveys
from jingtu.assessment.surveys.models import Wave
from jingtu.assessment.targets import services as targets
from jingtu.assessment.targets.models import Target, Trajectory
from jingtu.assessment.targets.rules import TargetState
from jingtu.assessment.targets.services import MilestoneData, TrajectoryData
from jingtu.core.kernel.actor import actor_named
from jingtu.core.regions import queries as regions
from jingtu.portal.demo_data import goals
from jingtu.portal.demo_data import surveys as invented

from .steps import Report


def load(report: Report) -> None:
    """Survey waves and trajectories as the analyst; targets too, approved by the reviewer."""
    waves = invented.waves()
    steps = len(waves) + len(goals.TARGETS) + len(goals.GOALS)
    with tempfile.TemporaryDirectory() as folder:
        for number, wave in enumerate(waves, start=1):
            _load_wave(wave, Path(folder))
            report(number, steps)
        for number, (slug, text) in enumerate(goals.TARGETS.items(), start=len(waves) + 1):
            _load_targets(slug, text, Path(folder))
            report(number, steps)
    for number, goal in enumerate(goals.GOALS, start=len(waves) + len(goals.TARGETS) + 1):
        _load_goal(goal)
        report(number, steps)


def _load_wave(wave: invented.SurveyWave, folder: Path) -> None:
    analyst = actor_named("analyst")
    tree = regions.tree_by_slug(analyst, wave.tree)
    if Wave.objects.filter(tree=tree, element=wave.element, period=wave.period).exists():
        return
    path = folder / wave.file_name
    path.write_text(wave.text, encoding="utf-8")
    about = surveys.About(
        wave.element,
        wave.period,
        invented.AGENCY,
        invented.METHOD,
        "虚构示范数据 · invented for the demonstration",
    )
    surveys.import_path(analyst, tree, about, path)


def _load_targets(slug: str, text: str, folder: Path) -> None:
    analyst, reviewer = actor_named("analyst"), actor_named("reviewer")
    tree = regions.tree_by_slug(analyst, slug)
    if Target.objects.filter(tree=tree).exists():
        return
    path = folder / f"targets-{slug}.csv"
    path.write_text(text, encoding="utf-8")
    made = targets.import_path(analyst, tree, path)
    for target in made.targets.filter(state=TargetState.PROPOSED):
        targets.approve(reviewer, target.pk, "演示：同意")


def _load_goal(goal: goals.Goal) -> None:
    analyst = actor_named("analyst")
    tree = regions.tree_by_slug(analyst, goals.CITY_TREE)
    region = regions.find_region(analyst, tree, goal.region, goal.level)
    if Trajectory.objects.filter(region=region, indicator=goal.indicator).exists():
        return
    targets.set_trajectory(
        analyst,
        region,
        TrajectoryData(
            goal.indicator,
            goal.name_zh,
            goal.base[0],
            Decimal(goal.base[1]),
            [
                MilestoneData(period, Decimal(value), name_zh, name_en, turning)
                for period, value, name_zh, name_en, turning in goal.milestones
            ],
            goal.interpolation,
            Decimal(goal.tolerance),
            "quarter",
            goal.name_en,
            goal.wrong_way,
            goal.right_way,
            Decimal(goal.noise),
            goals.DOCUMENT,
            "演示：虚构的三年目标",
        ),
    )
