"""Whom a step of a duty report concerns, and what they are told. Called inside the transaction of the step."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices

from .models import DutyReport

register_notices(
    {
        "dutyreports.submitted": NoticeText(
            "{region}有{year}年度述职报告待讲评",
            "A duty report of {region} for {year} waits for comments",
            "{region}的一份{year}年度述职报告已提交，请讲评。",
            "A duty report of {region} for {year} has been handed in. Please comment on it.",
        ),
        "dutyreports.commented": NoticeText(
            "您的{year}年度述职报告有新的讲评",
            "New comment on your duty report for {year}",
            "您在{region}的{year}年度述职报告有新的讲评，请查看。",
            "There is a new comment on your duty report for {year} at {region}.",
        ),
        "dutyreports.closed": NoticeText(
            "您的{year}年度述职报告已办结",
            "Your duty report for {year} was closed",
            "您在{region}的{year}年度述职报告已讲评办结。",
            "Your duty report for {year} at {region} has been commented on and closed.",
        ),
    }
)


def submitted(actor: Actor, report: DutyReport) -> None:
    """Tell whoever comments on the reports of the place."""
    people = {user.pk for user in holders(SYSTEM, Permission.DUTY_REPORTS_READ, report.region_id)}
    _tell(actor, report, "dutyreports.submitted", people - {report.person_id})


def commented(actor: Actor, report: DutyReport) -> None:
    """Tell the author."""
    _tell(actor, report, "dutyreports.commented", [report.person_id])


def closed(actor: Actor, report: DutyReport) -> None:
    """Tell the author."""
    _tell(actor, report, "dutyreports.closed", [report.person_id])


def _tell(actor: Actor, report: DutyReport, code: str, people: Iterable[int]) -> None:
    # Neither the post nor its holder is named in a subject.
    notify(
        actor,
        people,
        code,
        params={"year": report.year, "region": report.region.name},
        link=reverse("dutyreports:detail", args=[report.pk]),
    )
