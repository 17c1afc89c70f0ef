"""What people type about series and meetings as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.ui.choices import nothing_chosen

from .models import Meeting, Series
from .rules import MINUTES_MOST, PRESETS, REASON_MOST, TITLE_MOST, Rhythm, Rule, Shift
from .services import MeetingData, Named, SeriesData
from .words import NTHS, PRESET_NAMES, RHYTHMS, SHIFTS, STATES, WEEKDAYS

Choices = Sequence[tuple[Any, Any]]


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs
    )


def _time(label: Any, **kwargs: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **kwargs
    )


class _Called(forms.Form):
    """What series and single meetings have in common; the fields of people come last."""

    region = forms.TypedChoiceField(label=_("地区"), coerce=int)
    chair = forms.TypedChoiceField(
        label=pgettext_lazy("meetings", "主持人"), coerce=int, help_text=_("会议纪要由主持人本人确认。")
    )
    at = _time(pgettext_lazy("meetings", "开会时间"), initial=dt.time(9, 0))
    minutes = forms.IntegerField(label=_("时长（分钟）"), min_value=1, max_value=MINUTES_MOST, initial=60)
    place = forms.CharField(label=pgettext_lazy("meetings", "地点"), max_length=TITLE_MOST, required=False)
    people = forms.TypedMultipleChoiceField(
        label=pgettext_lazy("meetings", "参会人员"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    guests = forms.CharField(
        label=_("其他参会人员"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("没有账号的人，每行一位：姓名，单位和职务。"),
    )

    def __init__(self, *args: Any, regions: Choices, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "region" in self.fields:
            self.fields["region"].choices = regions  # type: ignore[attr-defined]
        self.fields["chair"].choices = nothing_chosen(people)  # type: ignore[attr-defined]
        self.fields["people"].choices = people  # type: ignore[attr-defined]

    def named(self) -> list[Named]:
        """The people of the list: those with accounts, then guests by name."""
        found = [Named(person_id=one) for one in self.cleaned_data["people"]]
        for line in self.cleaned_data["guests"].splitlines():
            name, _sep, role = line.replace("，", ",").partition(",")
            if name.strip():
                found.append(Named(name=name.strip(), role=role.strip()))
        return found


class SeriesForm(_Called):
    """A series."""

    name = forms.CharField(label=_("名称"), max_length=TITLE_MOST)
    body = forms.TypedChoiceField(label=_("召开的机构"), coerce=int, required=False, empty_value=None)
    preset = forms.CharField(required=False, widget=forms.HiddenInput)
    rhythm = forms.ChoiceField(label=_("多久开一次"), choices=list(RHYTHMS.items()))
    weekday = forms.TypedChoiceField(
        label=_("星期几"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=[("", "–"), *((key, word) for key, word in WEEKDAYS.items() if key < 5)],
        help_text=_("每周的会必填；每月、每季的会要按“第几个星期几”时填写。"),
    )
    nth = forms.TypedChoiceField(
        label=_("第几个星期几"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=[("", "–"), *NTHS.items()],
    )
    day = forms.IntegerField(
        label=_("几号"),
        required=False,
        min_value=1,
        max_value=31,
        help_text=_("每半月的会从1日和16日算起第几天；每月、每季的会是几号，当月没有这一天的取最后一天。"),
    )
    month = forms.TypedChoiceField(
        label=_("季度的第几个月"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=[(1, "1"), (2, "2"), (3, "3")],
    )
    shift = forms.ChoiceField(label=_("遇节假日"), choices=list(SHIFTS.items()))
    starts_on = day_field(_("从哪天起"))

    field_order = (
        "name",
        "region",
        "body",
        "preset",
        "rhythm",
        "weekday",
        "nth",
        "day",
        "month",
        "shift",
        "starts_on",
        "at",
        "minutes",
        "place",
        "chair",
        "people",
        "guests",
    )

    def __init__(self, *args: Any, bodies: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].choices = [("", "–"), *bodies]  # type: ignore[attr-defined]

    def data_for_service(self) -> SeriesData:
        """What was typed, for the service."""
        data = self.cleaned_data
        rhythm = Rhythm(data["rhythm"])
        by_weekday = rhythm is Rhythm.WEEK
        monthly = rhythm in (Rhythm.MONTH, Rhythm.QUARTER)
        return SeriesData(
            region_id=data["region"],
            name=data["name"],
            rule=Rule(
                rhythm,
                weekday=data["weekday"] if by_weekday or monthly else None,
                nth=(data["nth"] or 0) if monthly else 0,
                day=0 if by_weekday or (monthly and data["nth"]) else data["day"] or 0,
                month=(data["month"] or 1) if rhythm is Rhythm.QUARTER else 1,
                shift=Shift(data["shift"]),
            ),
            at=data["at"],
            chair_id=data["chair"],
            starts_on=data["starts_on"],
            minutes=data["minutes"],
            place=data["place"],
            preset=data["preset"],
            body_id=data["body"],
            usual=self.named(),
        )


class MeetingForm(_Called):
    """An extraordinary meeting."""

    title = forms.CharField(label=_("会议名称"), max_length=TITLE_MOST)
    day = day_field(_("开会日期"))
    day_off = forms.BooleanField(label=_("休息日也开"), required=False)

    field_order = ("title", "region", "day", "at", "day_off", "minutes", "place", "chair", "people", "guests")

    def data_for_service(self) -> MeetingData:
        """What was typed, for the service."""
        data = self.cleaned_data
        return MeetingData(
            region_id=data["region"],
            title=data["title"],
            day=data["day"],
            at=data["at"],
            chair_id=data["chair"],
            minutes=data["minutes"],
            place=data["place"],
            people=self.named(),
            day_off=data["day_off"],
        )


class ChangeForm(_Called):
    """Place, chair, length and people of a meeting that stands."""

    field_order = ("place", "minutes", "chair", "people", "guests")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["region"], self.fields["at"]


class MoveForm(forms.Form):
    """Another day or time, and why."""

    day = day_field(_("改到哪天"))
    at = _time(pgettext_lazy("meetings", "开会时间"))
    day_off = forms.BooleanField(label=_("休息日也开"), required=False)
    reason = forms.CharField(
        label=_("改期原因"), max_length=REASON_MOST, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=pgettext_lazy("meetings", "原因"),
        max_length=REASON_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class GenerateForm(forms.Form):
    """Until when meetings are put down."""

    until = day_field(_("安排到哪天"))


class MeetingFilterForm(forms.Form):
    """The filters of the list; all in the address."""

    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[("", pgettext_lazy("meetings", "全部状态")), *STATES.items()],
    )
    series = forms.ChoiceField(label=_("会议系列"), required=False)
    mine = forms.BooleanField(label=_("只看我参加的"), required=False)
    off = forms.BooleanField(label=_("只看落在休息日的"), required=False)

    def __init__(self, *args: Any, series: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["series"].choices = [  # type: ignore[attr-defined]
            ("", pgettext_lazy("meetings", "全部系列")),
            *series,
        ]


def guests_text(people: Sequence[Any]) -> str:
    """Guests by name, one a line, as the form takes them."""
    return "\n".join(
        f"{one.name}，{one.role}" if one.role else one.name for one in people if one.person_id is None
    )


def initial_of_series(series: Series) -> dict[str, object]:
    """The form filled with a series."""
    usual = list(series.usual.all())
    return {
        "region": series.region_id,
        "body": series.body_id,
        "name": series.name,
        "preset": series.preset,
        "rhythm": series.rhythm,
        "weekday": series.weekday,
        "nth": series.nth or "",
        "day": series.day or None,
        "month": series.month,
        "shift": series.shift,
        "at": series.at,
        "minutes": series.minutes,
        "place": series.place,
        "chair": series.chair_id,
        "starts_on": series.starts_on,
        "people": [one.person_id for one in usual if one.person_id],
        "guests": guests_text(usual),
    }


def initial_of_preset(code: str) -> Mapping[str, object]:
    """The form filled with one of the usual rhythms; empty for an unknown one."""
    rule = PRESETS.get(code)
    if rule is None:
        return {}
    return {
        "name": PRESET_NAMES[code],
        "preset": code,
        "rhythm": rule.rhythm.value,
        "weekday": rule.weekday,
        "nth": rule.nth or "",
        "day": rule.day or None,
        "month": rule.month,
        "shift": rule.shift.value,
    }


def initial_of_meeting(meeting: Meeting) -> dict[str, object]:
    """The form filled with what can be changed of a meeting."""
    people = list(meeting.attendees.all())
    return {
        "place": meeting.place,
        "minutes": meeting.minutes,
        "chair": meeting.chair_id,
        "people": [one.person_id for one in people if one.person_id],
        "guests": guests_text(people),
    }
