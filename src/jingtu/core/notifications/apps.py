from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "jingtu.core.notifications"
    label = "notifications"
    verbose_name = "通知"

    def ready(self) -> None:
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.today import DutySource, register_duties

        from .duties import unread_notices

        register_duties(DutySource("notices", unread_notices, order=900))
        register(
            Entry(
                _("通知"),
                "notifications:list",
                icon="bell",
                order=100,
                group="tool",
                badge_url_name="notifications:unread",
            )
        )
