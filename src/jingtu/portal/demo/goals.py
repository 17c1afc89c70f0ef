"""Targets, trajectories and survey results of the demonstration. Each step is repeatable."""

from __future__ import annotations

import csv
import tempfile
from decimal import Decimal
from pathlib import Path

from jingtu.assessment.surveys import services as surveys
from jingtu.assessment.surveys.models import Wave
from jingtu.assessment.targets import services as targets
from jingtu.assessment.targets.models import Target, Trajectory
from jingtu.assessment.targets.rules import TargetState
from jingtu.assessment.targets.services import MilestoneData, TrajectoryData
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.actor import actor_named
from jingtu.core.regions import queries as regions
from jingtu.portal.demo_data import goals
from jingtu.portal.demo_data import surveys as invented

from .steps import Report

WAYS_FILE = "trajectories-demo.csv"


def load(report: Report) -> None:
    """Survey waves, one of them taken back, and trajectories as the analyst; targets too, approved by the reviewer
    but for one proposal that waits."""
    waves = invented.waves()
    steps = len(waves) + len(goals.TARGETS) + len(goals.GOALS)
    with tempfile.TemporaryDirectory() as folder:
        for number, wave in enumerate(waves, start=1):
            _load_wave(wave, Path(folder))
            report(number, steps)
        for number, (slug, text) in enumerate(goals.TARGETS.items(), start=len(waves) + 1):
            _load_targets(slug, text, Path(folder))
            report(number, steps)
        _withdraw(_load_wave(invented.withdrawn(), Path(folder)))
        _propose(goals.CITY_TREE, goals.WAITING, Path(folder))
    for number, goal in enumerate(goals.GOALS, start=len(waves) + len(goals.TARGETS) + 1):
        _load_goal(goal)
        report(number, steps)
    _load_ways(goals.CITY_TREE, goals.WAYS)


def _load_wave(wave: invented.SurveyWave, folder: Path) -> Wave:
    analyst = actor_named("analyst")
    tree = regions.tree_by_slug(analyst, wave.tree)
    known = Wave.objects.filter(tree=tree, element=wave.element, period=wave.period).first()
    if known is not None:
        return known
    path = folder / wave.file_name
    path.write_text(wave.text, encoding="utf-8")
    about = surveys.About(
        wave.element,
        wave.period,
        invented.AGENCY,
        invented.METHOD,
        "虚构示范数据 · invented for the demonstration",
    )
    return surveys.import_path(analyst, tree, about, path)


def _withdraw(wave: Wave) -> None:
    if not FactBatch.objects.filter(undoes=wave.batch_id).exists():
        surveys.withdraw_wave(actor_named("analyst"), wave.pk, invented.WITHDRAWN)


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


def _propose(slug: str, text: str, folder: Path) -> None:
    """Bring in a file of targets that nobody decides."""
    analyst = actor_named("analyst")
    tree = regions.tree_by_slug(analyst, slug)
    # The file is kept before its targets are: what it states is asked for, not the file.
    stated = [
        Target.objects.filter(
            tree=tree,
            region__code=row["地区"],
            indicator=row["指标"],
            period=row["期间"],
            basis=row["适用方式"],
        )
        for row in _rows(text)
    ]
    if not all(found.exists() for found in stated):
        path = folder / "targets-next-year.csv"
        path.write_text(text, encoding="utf-8")
        targets.import_path(analyst, tree, path)


def _load_ways(slug: str, text: str) -> None:
    """Bring in a file of trajectories."""
    analyst = actor_named("analyst")
    tree = regions.tree_by_slug(analyst, slug)
    stated = [
        Trajectory.objects.filter(tree=tree, region__code=row["地区"], indicator=row["指标"])
        for row in _rows(text)
    ]
    if not all(found.exists() for found in stated):
        targets.import_trajectories(analyst, tree, [text.encode()], WAYS_FILE)


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


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
