"""``jingtu assess``: assess, show, explain and compare, on files alone or on the database.

With files nothing here loads the web framework: an analyst can use the engine as a tool, without a
database. With ``--tree``, or where a run's number stands for a folder, the same commands work on the
database as a named user (``assess_runs``; without it ``assess_files``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    emit_json,
    fail,
    language,
    speaking_plainly,
)
from jingtu.engine.problems import register_texts
from jingtu.portal.cli.assess_printing import print_changes, print_derivation

app = typer.Typer(no_args_is_help=True, help="考核：计算、查看、说明、比较 · assess, show, explain, compare")

register_texts(
    {
        "assess.bad_pair": (
            "“{text}”应写成“编码=值”，数字写成“元素@地区号=值”",
            '"{text}" must read CODE=VALUE, a figure ELEMENT@REGION=VALUE',
        ),
        "assess.not_ranked": (
            "“{region}”不在本次考核的排名对象之中；可加 --indicator 查看它的单项指标",
            '"{region}" is not among the ranked places; add --indicator to see one of its indicators',
        ),
        "assess.unknown_indicator": (
            "目录中没有指标“{indicator}”，可用：{known}",
            'there is no indicator "{indicator}"; there are: {known}',
        ),
        "bulk.no_level": (
            "区划树中没有级别“{level}”，可用：{known}",
            'the tree has no level "{level}"; it has: {known}',
        ),
        "assess.cannot_write": ("无法写入“{path}”：{reason}", 'cannot write to "{path}": {reason}'),
    }
)

Results = Annotated[
    str,
    typer.Argument(
        help="assess run --out 写出的目录，或考核编号 · a folder written by run --out, or a run's number"
    ),
]
RunNumber = Annotated[str, typer.Argument(metavar="RUN", help="考核编号 · number of the run")]
Note = Annotated[str, typer.Option(help="说明 · note")]
Reason = Annotated[str, typer.Option(help="理由 · reason")]


@app.command()
def run(
    scorecard: Annotated[str, typer.Option(help="评分表编码 · code of the scorecard")],
    period: Annotated[str, typer.Option(help="期间，如 2026-10、2026-Q3、2018-01..2018-02 · period")],
    regions: Annotated[
        Path | None, typer.Option(help="区划 CSV：code,name,parent[,level] · region tree")
    ] = None,
    facts: Annotated[
        list[Path] | None, typer.Option(help="数据 CSV/XLSX，可多次给出 · facts, may be repeated")
    ] = None,
    catalogue: Annotated[
        list[Path] | None,
        typer.Option(help="指标目录 YAML 或文件夹 · catalogue file or folder, may be repeated"),
    ] = None,
    peers: Annotated[
        Path | None,
        typer.Option(help="分类考核分组 CSV：region,group · peer groups to rank within as well"),
    ] = None,
    tree: Annotated[
        str | None,
        typer.Option(help="用数据库中的区划树而不用文件 · a region tree of the database, no files"),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="与 --tree 同用：在此地区之内排名 · with --tree: rank inside this region"),
    ] = None,
    within: Annotated[str | None, typer.Option(help="只排此地区之内 · rank inside this region only")] = None,
    level: Annotated[str | None, typer.Option(help="排名级别，默认取评分表的 · level to rank")] = None,
    base: Annotated[str | None, typer.Option(help="固定基期 · fixed base period")] = None,
    targets: Annotated[
        Path | None,
        typer.Option(help="各地目标 CSV：指标,地区,期间,目标,红线,依据文件 · dated targets of single places"),
    ] = None,
    entries: Annotated[
        Path | None,
        typer.Option(
            help="加减分与否决裁定 CSV：类型,指标,地区,期间,数量,决定,事由 · bonus, deductions, vetoes decided"
        ),
    ] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="写出结果的目录 · folder to write results to")
    ] = None,
    note: Note = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """按评分表考核，列出排名；--out 另存公布内容、排名表与结果快照。

    Assess by a scorecard and print the ranking; --out writes publication.json, ranking.csv and a
    snapshot that the other commands read. With --tree: on the database, as a new version of the run.
    """
    if tree is not None:
        with speaking_plainly():
            _database().run(username, tree, region or within, level, scorecard, period, note, as_json)
        return
    if regions is None or not facts or not catalogue:
        fail(
            "give --regions, --facts and --catalogue, or --tree to work on the database"
            if language() == "en"
            else "请给出 --regions、--facts、--catalogue；或用 --tree 在数据库上考核"
        )
    with speaking_plainly():
        _files().run(
            regions,
            facts,
            catalogue,
            scorecard,
            period,
            peers=peers,
            within=within,
            level=level,
            base=base,
            targets=targets,
            entries=entries,
            out_folder=out_folder,
            as_json=as_json,
        )


@app.command()
def show(results: Results, username: AsUser = None, as_json: AsJson = False) -> None:
    """查看结果的排名 · show the ranking of written results or of a run."""
    with speaking_plainly():
        if _is_run(results):
            _database().show(username, _number(results), as_json)
        else:
            _files().show(Path(results), as_json)


@app.command()
def explain(
    results: Results,
    region: Annotated[str, typer.Option(help="地区编码或名称 · code or name of the region")],
    indicator: Annotated[str | None, typer.Option(help="指标编码；不给则说明总分 · one indicator")] = None,
    depth: Annotated[int, typer.Option(min=1, help="展开层数 · levels to open")] = 9,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """说明一个得分或指标从何而来、离要求还差多少 · open a number into its derivation and its gap."""
    with speaking_plainly():
        if _is_run(results):
            sentence, root, content = _database().explanation(username, _number(results), region, indicator)
            if as_json:
                emit_json(content)
            else:
                print_derivation(sentence, root, depth)
            return
        explanation = _files().explanation(Path(results), region, indicator)
    if as_json:
        emit_json(explanation.plain())
        return
    print_derivation(explanation.sentence(language()), explanation.root, depth)


@app.command()
def simulate(
    number: Annotated[int, typer.Argument(metavar="RUN", help="考核编号 · number of the run")],
    points: Annotated[list[str] | None, typer.Option(help="改分值 指标=分 · other points, CODE=5")] = None,
    target: Annotated[list[str] | None, typer.Option(help="改目标 指标=目标 · target, CODE='>= 95'")] = None,
    rule: Annotated[list[str] | None, typer.Option(help="改规则 · rule, CODE='linear 60 95'")] = None,
    figure: Annotated[list[str] | None, typer.Option(help="改数字 元素@地区号=值 · ELEMENT@REGION=5")] = None,
    catalogue: Annotated[
        int | None, typer.Option(help="按目录第几版的评分表回溯 · by the card of this catalogue version")
    ] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """改一改看名次：不保存、不发布 · try other weights, targets, rules, figures or another card."""
    with speaking_plainly():
        _database().simulation(
            username, number, (points or [], target or [], rule or [], figure or []), catalogue, as_json
        )


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="原结果目录或考核编号 · the earlier results or run")],
    new: Annotated[str, typer.Argument(help="新结果目录或考核编号 · the later results or run")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """两份结果有何不同、由哪些数据或定义引起 · what changed between two results, and why."""
    with speaking_plainly():
        if _is_run(old) and _is_run(new):
            _database().diff(username, _number(old), _number(new), as_json)
            return
        changes = _files().differences(Path(old), Path(new))
    if as_json:
        emit_json(changes)
        return
    print_changes(changes)


@app.command("list")
def list_runs(
    tree: Annotated[str, typer.Option(help="区划树 · region tree")] = "",
    state: Annotated[str, typer.Option(help="状态，如 published · state")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出数据库中的考核 · list the runs of the database."""
    with speaking_plainly():
        _database().list_runs(username, tree, state, as_json)


@app.command()
def answer(
    finding: Annotated[int, typer.Argument(help="核查意见编号 · number of the finding")],
    text: Annotated[str, typer.Argument(help="答复 · the answer")],
    username: AsUser = None,
) -> None:
    """答复一条核查意见 · answer a finding."""
    with speaking_plainly():
        _database().answer(username, finding, text)


@app.command()
def submit(run_number: RunNumber, note: Note = "", username: AsUser = None, as_json: AsJson = False) -> None:
    """提交审批 · submit a run for review."""
    _act("submit_for_review", run_number, note, username, as_json)


@app.command("send-back")
def send_back(
    run_number: RunNumber, reason: Reason, username: AsUser = None, as_json: AsJson = False
) -> None:
    """退回编制人 · send a run back to its preparer."""
    _act("send_back", run_number, reason, username, as_json)


@app.command()
def publish(run_number: RunNumber, note: Note = "", username: AsUser = None, as_json: AsJson = False) -> None:
    """批准并发布；编制人本人会被拒绝 · approve and publish; the preparer is refused."""
    _act("approve_and_publish", run_number, note, username, as_json)


@app.command()
def correct(run_number: RunNumber, reason: Reason, username: AsUser = None, as_json: AsJson = False) -> None:
    """按现在的数据生成新版 · make a new version of a published run from the facts of now."""
    _act("correct", run_number, reason, username, as_json)


@app.command()
def withdraw(run_number: RunNumber, reason: Reason, username: AsUser = None, as_json: AsJson = False) -> None:
    """撤回 · withdraw a run."""
    _act("withdraw", run_number, reason, username, as_json)


def _act(service: str, run_number: str, text: str, username: str | None, as_json: bool) -> None:
    database = _database()
    from jingtu.assessment.runs import services

    with speaking_plainly():
        database.act(username, getattr(services, service), _number(run_number), text, as_json)


def _files() -> Any:
    """The commands on files; only now is the engine loaded, so that help comes at once."""
    from jingtu.portal.cli import assess_files

    return assess_files


def _database() -> Any:
    """The commands on the database; only now is the web framework loaded."""
    from jingtu.portal.cli import set_up_django

    set_up_django()
    from jingtu.portal.cli import assess_runs

    return assess_runs


def _is_run(text: str) -> bool:
    """Whether a run's number is meant and not a folder."""
    digits = text.removeprefix("#")
    return digits.isascii() and digits.isdigit() and not Path(text).exists()


def _number(text: str) -> int:
    number: int = _database().number_of(text)
    return number


@app.command()
def bulk(
    regions: Annotated[Path, typer.Option(help="区划 CSV：code,name,parent[,level] · region tree")],
    facts: Annotated[list[Path], typer.Option(help="数据 CSV/XLSX，可多次给出 · facts, may be repeated")],
    catalogue: Annotated[
        list[Path], typer.Option(help="指标目录 YAML 或文件夹 · catalogue file or folder, may be repeated")
    ],
    out_folder: Annotated[Path, typer.Option("--out", help="写出结果的目录 · folder to write results to")],
    level: Annotated[str | None, typer.Option(help="只写此级别 · write this level only")] = None,
    as_json: AsJson = False,
) -> None:
    """成批计算：所有月份、所有地区的比率类指标，每月写一个 Parquet 文件。

    Every month and every region at once: ratio indicators with year-on-year change, requirement and
    rank among siblings, one Parquet file a month. Indicators that need the exact path are named.
    """
    with speaking_plainly():
        _files().bulk(regions, facts, catalogue, out_folder, level, as_json)
