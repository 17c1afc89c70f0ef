"""The API put together."""

from __future__ import annotations

from . import (
    adjustments,
    alerts,
    appeals,
    bulletins,
    catalogue,
    catalogue_versions,
    facts,
    findings,
    jobs,
    me,
    outputs,
    regions,
    reporting,
    results,
    retrospects,
    runs,
    saved,
    schedules,
    situation,
    subscriptions,
    survey_imports,
    tables,
    targets,
)
from .door import DESCRIPTION, JingtuAPI, JsonParser, Session, Token, checked

api = JingtuAPI(
    title="Jingtu API",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api:v1",
    openapi_url=None,
    docs_url=None,
    auth=[Token(), Session()],
    parser=JsonParser(),
    openapi_extra={
        "tags": [
            {"name": "me", "description": "本人 · the calling user"},
            {"name": "regions", "description": "区划 · region trees"},
            {"name": "catalogue", "description": "指标目录 · definitions in force"},
            {"name": "facts", "description": "数据 · facts and imports"},
            {"name": "reports", "description": "报表 · report forms"},
            {"name": "runs", "description": "考核 · runs"},
            {"name": "findings", "description": "核查意见 · findings of the checks"},
            {"name": "alerts", "description": "预警 · alerts"},
            {"name": "results", "description": "结果 · results of runs"},
            {"name": "appeals", "description": "申诉 · appeals"},
            {"name": "adjustments", "description": "加减分与一票否决 · bonus, deduction and vetoes"},
            {"name": "schedules", "description": "计划 · schedules"},
            {"name": "bulletins", "description": "通报 · bulletins"},
            {"name": "outputs", "description": "外报表 · sheets for other evaluations"},
            {"name": "targets", "description": "目标、轨迹、民意调查 · targets, trajectories, surveys"},
            {"name": "jobs", "description": "作业 · jobs"},
        ]
    },
)
api.add_decorator(checked, mode="view")
for part in (
    me,
    subscriptions,
    saved,
    regions,
    catalogue,
    catalogue_versions,
    tables,
    facts,
    reporting,
    runs,
    findings,
    results,
    retrospects,
    targets,
    survey_imports,
    alerts,
    appeals,
    adjustments,
    bulletins,
    situation,
    outputs,
    schedules,
    jobs,
):
    api.add_router("", part.router)
