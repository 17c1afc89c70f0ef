"""The half of ``jingtu assess`` that works on the database, as a named user with that user's rights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from jingtu.assessment.runs import queries, services
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import RunFilter
from jingtu.assessment.runs.rules import RunState
from jingtu.assessment.runs.templatetags.runs import movement_note
from jingtu.assessment.runs.words import STATES, UNRANKED
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.console import acting_as, emit_json, language, one_of, out, print_table
from jingtu.core.kernel.errors import InvalidInput, NotFound, refuse
from jingtu.core.regions.queries import find_region, root_of, tree_by_slug
from jingtu.engine.derivation import Step
from jingtu.portal.cli.assess_printing import rank_words


def run(
    username: str | None,
    tree: str,
    region: str | None,
    level: str | None,
    scorecard: str,
    period: str,
    note: str,
    as_json: bool,
) -> None:
    """Create, compute and check a run, and print its ranking."""
    actor = acting_as(username)
    found = tree_by_slug(actor, tree)
    place = find_region(actor, found, region) if region else root_of(actor, found)
    made = services.create_run(actor, place, level, scorecard, period, note)
    made = services.prepare(actor, made.pk)
    _print_run(actor, made.pk, as_json)


def show(username: str | None, run_id: int, as_json: bool) -> None:
    """Print a run's ranking and where it stands."""
    _print_run(acting_as(username), run_id, as_json)


def list_runs(username: str | None, tree: str, state: str, as_json: bool) -> None:
    """Print the runs the user may know of."""
    one_of("--state", state, *RunState)
    actor = acting_as(username)
    if tree:
        tree_by_slug(actor, tree)
    found = list(queries.runs_visible(actor, RunFilter(tree=tree, state=state)))
    if as_json:
        emit_json([_described(run) for run in found])
        return
    english = language() == "en"
    titles = ("run", "period", "scorecard", "region", "version", "state") if english else (
        "编号", "周期", "评分表", "范围", "版本", "状态"
    )  # fmt: skip
    rows = [
        (
            run.pk,
            run.period,
            run.scorecard_en if english else run.scorecard_zh,
            run.region.name,
            run.version,
            _state(run),
        )
        for run in found
    ]
    print_table("", titles, rows, right=(0, 4))


def explanation(
    username: str | None, run_id: int, region: str, indicator: str | None
) -> tuple[str, Step, dict[str, Any]]:
    """(sentence, derivation, JSON) of a place's total or indicator, as far as the user may see it."""
    actor = acting_as(username)
    reader = queries.open_for(actor, run_id)
    known = reader.opened.tree
    named = known.named(region) if not known.candidates(region) else []
    position = named[0] if len(named) == 1 else int(known.position(region))
    found = queries.explanation(actor, run_id, int(known.ids[position]), indicator)
    content = {
        "run": run_id,
        "region": known.codes[position],
        "indicator": indicator,
        "sentence": found.sentence,
        "ways": list(found.ways),
        "closed": found.closed,
        "suppressed": found.suppressed,
        "steps": found.root.plain(),
    }
    return found.sentence, found.root, content


def simulation(
    username: str | None,
    run_id: int,
    texts: tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[str]],
    catalogue: int | None,
    as_json: bool,
) -> None:
    """Where totals and ranks would go; nothing is kept."""
    from jingtu.assessment.simulations.queries import Asked, try_out

    points, targets, rules, figures = (dict(_pair(text) for text in given) for given in texts)
    stated = [(*_pair(place, "@"), value) for place, value in figures.items()]
    tried = try_out(acting_as(username), run_id, Asked(points, targets, rules, stated, catalogue))
    if tried.problems:
        raise InvalidInput(tried.problems)
    if as_json:
        emit_json(
            {"simulation": True, "places": [{"name": name, **move.plain()} for move, name in tried.moves]}
        )
        return
    english = language() == "en"
    rows = [
        (name, move.old_total or "–", move.new_total or "–", move.old_rank or "–", move.new_rank or "–",
         f"{move.gained:+d}" if move.gained else "")
        for move, name in tried.moves
    ]  # fmt: skip
    titles = ("place", "total", "would be", "rank", "would be", "±") if english else (
        "名称", "原总分", "模拟总分", "原名次", "模拟名次", "±"
    )  # fmt: skip
    print_table(
        "Simulation, not a result" if english else "模拟，不是考核结果", titles, rows, right=(1, 2, 3, 4)
    )


def _pair(text: str, sign: str = "=") -> tuple[str, str]:
    left, found, right = text.partition(sign)
    if not found or not left.strip() or not right.strip():
        raise refuse("assess.bad_pair", text=text)
    return left.strip(), right.strip()


def diff(username: str | None, old: int, new: int, as_json: bool) -> None:
    """Print what changed between two versions of a run, and why."""
    page = queries.difference_page(acting_as(username), new, old)
    if as_json:
        emit_json(
            {
                "older": _described(page.older),
                "newer": _described(page.newer),
                "reasons": [reason.sentence for reason in page.reasons],
                "changes": [vars(row) for row in page.changes],
            }
        )
        return
    for reason in page.reasons:
        out.print(reason.sentence, markup=False, soft_wrap=True)
    english = language() == "en"
    titles = (
        ("place", "what", "before", "now", "because of") if english else ("地区", "项目", "原", "现", "起因")
    )
    rows = [(row.place, row.what, row.old, row.new, row.why) for row in page.changes]
    print_table("", titles, rows, right=(2, 3))


def act(
    username: str | None, work: Callable[[Actor, int, str], Run], run_id: int, text: str, as_json: bool
) -> None:
    """Do one of the deeds that change a run's state and say what it is now."""
    changed = work(acting_as(username), run_id, text)
    if as_json:
        emit_json(_described(changed))
        return
    out.print(f"#{changed.pk} v{changed.version}: {_state(changed)}", markup=False)
    if changed.publication_hash:
        out.print(f"SHA-256 {changed.publication_hash}", style="dim", markup=False)


def answer(username: str | None, finding_id: int, text: str) -> None:
    """Answer a finding of a checked run."""
    finding = services.answer_finding(acting_as(username), finding_id, text)
    out.print(f"#{finding.pk} ✓", markup=False)


def _print_run(actor: Actor, run_id: int, as_json: bool) -> None:
    page = queries.run_detail(actor, run_id)
    found = queries.ranking(actor, run_id)
    if as_json:
        emit_json(
            {
                **_described(page.run),
                "ranking": [
                    {
                        "region": row.code,
                        "name": row.name,
                        "rank": row.rank,
                        "tied": row.tied,
                        "unranked": row.unranked,
                        "total": None if row.total is None else str(row.total),
                        "moved": row.moved,
                    }
                    for row in found.rows
                ],
                "findings": [
                    {"id": row.id, "severity": row.severity, "state": row.state, "text": row.sentence}
                    for row in page.findings
                ],
            }
        )
        return
    english = language() == "en"
    run = page.run
    card = run.scorecard_en if english else run.scorecard_zh
    title = f"#{run.pk} v{run.version} {run.region.name} · {card} · {run.period} · {_state(run)}"
    titles = ("rank", "±", "code", "name", "total", "●", "▲", "◆") if english else (
        "名次", "±", "编码", "名称", "总分", "●", "▲", "◆"
    )  # fmt: skip
    rows = [
        (
            rank_words(row.rank, tied=row.tied),
            "" if not row.moved else f"↑{row.moved}" if row.moved > 0 else f"↓{-row.moved}",
            row.code,
            row.name,
            row.total if row.total is not None else "–",
            row.counts["met"],
            row.counts["watch"],
            row.counts["below"],
        )
        for row in found.rows
    ]
    print_table(title, titles, rows, right=(0, 1, 4, 5, 6, 7))
    with _interface_language():
        out.print(f"± {movement_note(found)}", style="dim", markup=False)
        for row in found.rows:
            if row.unranked:
                out.print(f"{row.name}: {UNRANKED[row.unranked]}", style="dim", markup=False)
    for finding in page.findings[:10]:
        out.print(f"! [{finding.id}] {finding.sentence}", style="yellow", markup=False, soft_wrap=True)
    if len(page.findings) > 10:
        out.print(f"… +{len(page.findings) - 10}", style="yellow", markup=False)
    out.print(f"SHA-256 {run.publication_hash}", style="dim", markup=False)


def _interface_language() -> AbstractContextManager[None]:
    from jingtu.core.kernel.languages import speaking

    return speaking(language())


def _state(run: Run) -> str:
    with _interface_language():
        return str(STATES[run.state])


def _described(run: Run) -> dict[str, Any]:
    return {
        "run": run.pk,
        "tree": run.tree.slug,
        "region": run.region.code,
        "level": run.level,
        "scorecard": run.scorecard,
        "period": run.period,
        "version": run.version,
        "state": run.state,
        "sha256": run.publication_hash,
        "facts_upto": run.facts_upto,
    }


def number_of(text: str) -> int:
    """The number of a run as written (12 or #12). Raises NotFound for anything else."""
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit()):
        raise NotFound(text, "run")
    return int(digits)
