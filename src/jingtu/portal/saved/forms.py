from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jingtu.core.kernel.actor import Actor

from .queries import sharing_choices


class ViewForm(forms.Form):
    """A view's name and with whom it is shared; the address comes along when it is new."""

    name = forms.CharField(label=_("名称"), max_length=60)
    share_with = forms.TypedChoiceField(
        label=_("共享给"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("该地区、单位及其下级的人会在“常用视图”里看到它；看到的内容始终按各人自己的权限。"),
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["share_with"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [
            ("", _("只给自己")),
            *((region.pk, region.name) for region in sharing_choices(actor)),
        ]


class NewViewForm(ViewForm):
    address = forms.CharField(widget=forms.HiddenInput, max_length=2000)
    home = forms.BooleanField(label=_("登录后先打开它"), required=False)
