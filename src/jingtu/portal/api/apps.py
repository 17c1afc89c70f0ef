from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "jingtu.portal.api"
    label = "api"
    verbose_name = "接口"

    def ready(self) -> None:
        from jingtu.core.ui import navigation

        navigation.register(navigation.Entry(_("接口文档"), "api:docs", icon="link", order=910, group="help"))
