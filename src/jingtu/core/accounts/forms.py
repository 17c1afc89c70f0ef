"""Forms of sign-in, own account and people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.regions.forms import TreeField
from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine.problems import Language

from .models import MODULE_LABELS, ROLE_LABELS, Unit, User
from .rules import ADMINISTRATIVE

Choices = list[tuple[str, str | Promise]]


def add_problems(form: forms.Form, error: InvalidInput, language: Language) -> None:
    """Show a service's refusal at the fields it names."""
    for problem in error.problems:
        column = problem.column if problem.column in form.fields else None
        form.add_error(column, problem.text(language))


class SignInForm(forms.Form):
    """User name and password."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()


class PasswordForm(forms.Form):
    """A new password, with the present one."""

    present = forms.CharField(
        label=_("当前密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("新密码"),
        max_length=256,
        strip=False,
        help_text=_("至少 10 位；不能只有数字，不能是常用密码，也不能与用户名、姓名相近。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再次输入新密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "new" in data and "again" in data and data["new"] != data["again"]:
            self.add_error("again", _("两次输入的新密码不一致。"))
        return data


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        label=_("用途"), max_length=64, help_text=_("写明哪个程序使用，便于日后辨认和撤销。")
    )
    days = forms.TypedChoiceField(
        label=_("有效期"),
        coerce=int,
        choices=[(30, _("30 天")), (90, _("90 天")), (180, _("180 天")), (366, _("1 年"))],
        initial=90,
    )


class CodeForm(forms.Form):
    """A code of an authenticator program."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).replace(" ", "")


class CampaignForm(forms.Form):
    """The yearly confirmation of posts."""

    title = forms.CharField(label=_("名称"), max_length=100, help_text=_("例如“2026年度权限确认”。"))
    due_on = forms.DateField(
        label=_("截止日期"),
        help_text=_("含当日；次日起，未确认的岗位自动暂停，确认后恢复。"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class PasskeyForm(forms.Form):
    """The name by which its owner knows a passkey again."""

    name = forms.CharField(
        label=_("名称"), max_length=64, help_text=_("例如“办公电脑”“蓝色安全密钥”，便于日后辨认。")
    )


class ProfileForm(forms.Form):
    """What everybody may change of their own."""

    language = forms.ChoiceField(label=_("界面语言"), choices=User.Language.choices)
    email = forms.EmailField(label=_("电子邮箱"), required=False, max_length=254)


class UserFilterForm(forms.Form):
    """Filters of the list of users."""

    q = forms.CharField(label=_("姓名或用户名"), required=False, max_length=64)
    role = forms.ChoiceField(label=_("岗位角色"), required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[("", _("全部")), ("active", _("正常")), ("suspended", _("已停用"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles: Choices = [("", _("全部")), *((role.value, label) for role, label in ROLE_LABELS.items())]
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = roles


class UserForm(forms.Form):
    """A new user; for an existing one the user name is left out."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=64,
        help_text=_("小写字母、数字及 . _ -，建立后不能更改。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    full_name = forms.CharField(label=_("姓名"), max_length=64)
    email = forms.EmailField(label=_("电子邮箱"), required=False, max_length=254)
    language = forms.ChoiceField(label=_("界面语言"), choices=User.Language.choices)

    def __init__(self, *args: Any, existing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if existing:
            del self.fields["username"], self.fields["language"]


class ReasonForm(forms.Form):
    """A reason that goes into the audit trail."""

    reason = forms.CharField(label=_("原因"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class RegionChoiceMixin(forms.Form):
    """Finds a region by tree and code or full name; the wrong or ambiguous ones are said at the field."""

    def find_region(self, tree: RegionTree | None, text: str, field: str) -> Region | None:
        """The one current region of ``tree`` with that code or name; adds an error otherwise."""
        if not text:
            return None
        if tree is None:
            self.add_error(field, _("请先选择区划树。"))
            return None
        current = Region.objects.filter(tree=tree, valid_to__isnull=True)
        found = list(current.filter(code=text)[:5]) or list(current.filter(name=text)[:5])
        if len(found) == 1:
            return found[0]
        if not found:
            self.add_error(field, _("没有找到该区划，请填写代码或全称。"))
        else:
            listed = "、".join(f"{region.name} {region.code}" for region in found)
            self.add_error(field, _("有多个区划符合，请填写更确切的代码：%(listed)s") % {"listed": listed})
        return None


class PostForm(RegionChoiceMixin):
    """A post to be given."""

    role = forms.ChoiceField(label=_("角色"))
    tree = TreeField(
        label=_("区划树"),
        queryset=RegionTree.objects.all(),
        required=False,
        empty_label=_("（管理岗位留空）"),
    )
    region = forms.CharField(
        label=_("区划代码或全称"),
        required=False,
        max_length=128,
        help_text=_("权限及于该区划及其全部下级；管理岗位留空。"),
    )
    unit = forms.ModelChoiceField(
        label=_("所属单位"), queryset=Unit.objects.none(), required=False, empty_label="—"
    )
    module = forms.ChoiceField(label=_("限于模块"), required=False)
    valid_from = forms.DateField(
        label=_("起始日期"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    valid_to = forms.DateField(
        label=_("截止日期"),
        required=False,
        help_text=_("含当日；留空表示长期。"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    reason = forms.CharField(label=_("依据或原因"), required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Business roles first: an administrative post is the exception.
        ordered = sorted(ROLE_LABELS.items(), key=lambda pair: pair[0] in ADMINISTRATIVE)
        roles: Choices = [("", _("请选择")), *((role.value, label) for role, label in ordered)]
        modules: Choices = [
            ("", _("全部模块")),
            *((key.value, label) for key, label in MODULE_LABELS.items()),
        ]
        for name, choices in (("role", roles), ("module", modules)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        unit.queryset = Unit.objects.filter(is_active=True).select_related("region")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["place"] = self.find_region(data.get("tree"), (data.get("region") or "").strip(), "region")
        if data.get("role") in ADMINISTRATIVE and data.get("tree") and not data.get("region"):
            data["tree"] = None
        return data


class UnitForm(RegionChoiceMixin):
    """A member unit."""

    name = forms.CharField(label=_("单位名称"), max_length=128)
    short_name = forms.CharField(label=_("简称"), required=False, max_length=32)
    tree = TreeField(
        label=_("区划树"),
        queryset=RegionTree.objects.filter(kind=RegionTree.Kind.PLACES),
        empty_label=None,
    )
    region = forms.CharField(label=_("所在区划代码或全称"), max_length=128)
    unit_tree = TreeField(
        label=_("成员单位树"),
        queryset=RegionTree.objects.filter(kind=RegionTree.Kind.UNITS),
        required=False,
        empty_label=_("（不作为考核对象）"),
    )
    unit_region = forms.CharField(
        label=_("对应的考核对象"),
        required=False,
        max_length=128,
        help_text=_("成员单位树中的代码或全称；填写后该单位可被考核。"),
    )
    is_active = forms.BooleanField(label=_("使用中"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["place"] = self.find_region(data.get("tree"), (data.get("region") or "").strip(), "region")
        data["subject"] = self.find_region(
            data.get("unit_tree"), (data.get("unit_region") or "").strip(), "unit_region"
        )
        return data
