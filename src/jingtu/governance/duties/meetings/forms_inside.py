"""What people type inside a meeting: its agenda, who came, the minutes and decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.files.forms import FilesField

from .forms import Choices, day_field
from .models import AgendaItem, Attendee
from .rules import MINUTES_MOST, TEXT_MOST, Presence
from .services import Came, DecisionData, ItemData


class ItemForm(forms.Form):
    """An item of the agenda. The words of a proposed one stay as they were proposed."""

    title = forms.CharField(label=_("议题"), max_length=255)
    detail = forms.CharField(
        label=_("说明"), required=False, max_length=TEXT_MOST, widget=forms.Textarea(attrs={"rows": 4})
    )
    presenter_person = forms.TypedChoiceField(label=_("汇报人"), coerce=int, required=False, empty_value=None)
    presenter = forms.CharField(label=_("其他汇报人"), required=False, max_length=64)
    minutes = forms.IntegerField(label=_("时间（分钟）"), min_value=1, max_value=MINUTES_MOST, initial=10)
    papers = FilesField(
        label=_("会议材料"),
        accept=".pdf,.docx,.xlsx",
        help_text=_("PDF 装订进材料汇编；Word 和 Excel 随附，可多选。"),
    )

    def __init__(self, *args: Any, people: Choices, fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["presenter_person"].choices = [("", "–"), *people]  # type: ignore[attr-defined]
        if fixed:
            del self.fields["title"], self.fields["detail"]

    def data_for_service(self) -> ItemData:
        """What was typed, for the service."""
        data = self.cleaned_data
        return ItemData(
            title=data.get("title", ""),
            detail=data.get("detail", ""),
            presenter=data["presenter"],
            presenter_id=data["presenter_person"],
            minutes=data["minutes"],
        )


class AttendanceForm(forms.Form):
    """Who came: one choice and, for a substitute, a name for each person asked."""

    def __init__(
        self, *args: Any, attendees: Sequence[Attendee], presences: Choices, people: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.attendees = list(attendees)
        for one in self.attendees:
            self.fields[f"presence_{one.pk}"] = forms.ChoiceField(
                choices=list(presences), initial=Presence.PRESENT.value
            )
            self.fields[f"person_{one.pk}"] = forms.TypedChoiceField(
                choices=[("", "–"), *people], coerce=int, required=False, empty_value=None
            )
            self.fields[f"substitute_{one.pk}"] = forms.CharField(max_length=64, required=False)

    @property
    def rows(self) -> list[tuple[Attendee, Any, Any, Any]]:
        """Each person with the fields about them."""
        return [
            (
                one,
                self[f"presence_{one.pk}"],
                self[f"person_{one.pk}"],
                self[f"substitute_{one.pk}"],
            )
            for one in self.attendees
        ]

    def came(self) -> dict[int, Came]:
        """What was said, for the service."""
        data = self.cleaned_data
        return {
            one.pk: Came(
                Presence(data[f"presence_{one.pk}"]),
                data[f"substitute_{one.pk}"],
                data[f"person_{one.pk}"],
            )
            for one in self.attendees
        }


class MinutesForm(forms.Form):
    """What was said about each item."""

    def __init__(self, *args: Any, items: Sequence[AgendaItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(items)
        for item in self.items:
            self.fields[f"record_{item.pk}"] = forms.CharField(
                label=f"{item.position}. {item.title}",
                max_length=TEXT_MOST,
                required=False,
                initial=item.record,
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    def records(self) -> dict[int, str]:
        """The texts by item, for the service."""
        return {item.pk: self.cleaned_data[f"record_{item.pk}"] for item in self.items}


class DecisionForm(forms.Form):
    """Who does what by when."""

    text = forms.CharField(label=_("决定事项"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    item = forms.TypedChoiceField(
        label=pgettext_lazy("meetings", "所属议题"), coerce=int, required=False, empty_value=None
    )
    region = forms.TypedChoiceField(label=_("承办地区"), coerce=int)
    unit = forms.TypedChoiceField(label=_("承办单位"), coerce=int, required=False, empty_value=None)
    person = forms.TypedChoiceField(label=_("责任人"), coerce=int, required=False, empty_value=None)
    due = day_field(pgettext_lazy("meetings", "期限"))

    def __init__(self, *args: Any, choices: Mapping[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            empty = [] if name == "region" else [("", "–")]
            self.fields[name].choices = [*empty, *offered]  # type: ignore[attr-defined]

    def data_for_service(self) -> DecisionData:
        """What was typed, for the service."""
        data = self.cleaned_data
        return DecisionData(
            text=data["text"],
            due=data["due"],
            region_id=data["region"],
            unit_id=data["unit"],
            person_id=data["person"],
            item_id=data["item"],
        )
