"""Which function does the work of which kind of job. Apps register theirs when they start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django.utils.functional import Promise

from jingtu.core.jobs.models import Job
from jingtu.core.kernel.actor import Actor
from jingtu.engine.problems import Problem, register_texts

register_texts(
    {
        "jobs.unknown_kind": (
            "本系统不会执行“{kind}”类作业。",
            'This installation has no work for jobs of kind "{kind}".',
        ),
        "jobs.interrupted": (
            "作业被中断（服务停止或重启），重试后仍未完成。请查看系统运行情况后再次重试。",
            "The job was interrupted (the service stopped) and did not finish when tried again. "
            "Check the service, then retry.",
        ),
        "jobs.crashed": (
            "作业出错而停止，未改动任何数据。错误编号 {reference}，请告知系统管理员。",
            "The job stopped on an error and changed nothing. Reference {reference}; tell the administrator.",
        ),
        "jobs.owner_gone": (
            "作业所有者的账号已停用，作业不再执行。",
            "The owner's account is suspended; the job is not run.",
        ),
        "jobs.not_retryable": (
            "只有失败或已取消的作业可以重试。",
            "Only a failed or cancelled job can be retried.",
        ),
        "jobs.not_cancellable": (
            "作业已经结束，无法取消。",
            "The job has ended and cannot be cancelled.",
        ),
        "jobs.waiting": ("等待执行", "Waiting"),
        "jobs.started": ("已开始", "Started"),
        "jobs.resumed": ("服务重启后重新执行", "Started again after a restart"),
        "jobs.done": ("已完成", "Done"),
        "jobs.cancelled": ("已取消", "Cancelled"),
    }
)


class Progress(Protocol):
    """Given to a handler. Call it as the work goes on; it raises JobStopped once the job was cancelled."""

    def __call__(self, percent: int, message: Problem | None = None) -> None: ...


class JobStopped(Exception):
    """The job was cancelled or taken over; the handler lets this pass and writes nothing more."""


Handler = Callable[[Job, Actor, Progress], Mapping[str, Any]]

Outcome = Callable[[Job], tuple[str, str] | None]

_handlers: dict[str, tuple[Handler, str | Promise]] = {}
_outcomes: dict[str, Outcome] = {}


def register_job(
    kind: str, handler: Handler, label: str | Promise = "", outcome: Outcome | None = None
) -> None:
    """Say who does jobs of ``kind``. The handler must bear being called twice: a restart repeats it.

    It gets the job, an actor with the rights the owner has *now*, and a :class:`Progress`; what it
    returns (JSON-able) becomes the job's result. ``label``: the kind's name for people, may be lazy.
    ``outcome``: where the result of a job that is done can be had, as (words, address); None when nowhere.
    """
    _handlers[kind] = (handler, label or kind)
    if outcome is not None:
        _outcomes[kind] = outcome


def handler_of(kind: str) -> Handler | None:
    """The function registered for ``kind``."""
    return _handlers[kind][0] if kind in _handlers else None


def label_of(kind: str) -> str:
    """The kind's name for people."""
    return str(_handlers[kind][1]) if kind in _handlers else kind


def outcome_of(job: Job) -> tuple[str, str] | None:
    """Words and address of what a job that is done has made."""
    outcome = _outcomes.get(job.kind)
    return outcome(job) if outcome is not None and job.state == Job.State.DONE else None
