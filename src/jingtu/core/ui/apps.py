from typing import Any

from django.apps import AppConfig
from django.core.validators import DecimalValidator, MaxLengthValidator, MinLengthValidator
from django.forms import ChoiceField, ModelChoiceField
from django.utils.translation import gettext_lazy as _

# Pages of the own account belong to no room.
OWN_ACCOUNT = tuple(
    f"accounts:{name}"
    for name in ("account", "password", "tokens", "sessions", "factors", "totp-add", "passkey-add", "confirm")
)


class UiConfig(AppConfig):
    name = "jingtu.core.ui"
    label = "ui"
    verbose_name = "界面"

    def ready(self) -> None:
        from jingtu.core.kernel.actor import Permission

        from . import checks  # noqa: F401  (importing registers the check)
        from .account_duties import decisions_that_wait
        from .navigation import Entry, register
        from .page_search import find_pages
        from .region_search import find_regions
        from .search import Source, register_source
        from .today import DutySource, register_duties

        # Django's own Chinese speaks of variables; office staff writes words.
        MinLengthValidator.message = _("至少写%(limit_value)d个字，现有%(show_value)d个。")
        MaxLengthValidator.message = _("最多写%(limit_value)d个字，现有%(show_value)d个。")
        words: Any = {
            "max_digits": _("数字太长，最多%(max)s位。"),
            "max_decimal_places": _("小数位数太多，最多%(max)s位小数。"),
            "max_whole_digits": _("数字太大，小数点前最多%(max)s位。"),
        }
        DecimalValidator.messages = {**DecimalValidator.messages, **words}
        for field in (ChoiceField, ModelChoiceField):
            field.default_error_messages = {
                **field.default_error_messages,
                "invalid_choice": _("没有这个选项，请从所列选项中选择。"),
            }
        register_duties(DutySource("accounts", decisions_that_wait, order=60))
        # Regions, accounts and audit stand below the interface, so their rooms are named here.
        register(Entry(_("区划"), "regions:list", icon="region", order=740))
        register_source(Source("pages", _("页面"), find_pages, order=50))
        register_source(Source("regions", _("区划"), find_regions, order=100))
        register(
            Entry(
                _("用户与岗位"),
                "accounts:people",
                icon="users",
                order=810,
                group="manage",
                permissions=(Permission.ACCOUNTS_READ,),
                except_views=OWN_ACCOUNT,
            )
        )
        register(
            Entry(
                _("审计"),
                "audit:list",
                icon="audit",
                order=820,
                group="manage",
                permissions=(Permission.AUDIT_READ,),
            )
        )
        register(Entry(_("帮助"), "ui:help", icon="help", order=900))
