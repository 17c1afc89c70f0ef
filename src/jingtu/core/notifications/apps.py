from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NotificationsConfig(AppConfig):
    name = "jingtu.core.notifications"
    label = "notifications"
    verbose_name = "通知"

    def ready(self) -> None:
        from jingtu.core.accounts import announcing
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.kernel.vault import register_place
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.today import DutySource, register_duties

        from .channels import reencrypt, used_keys
        from .duties import unread_notices
        from .outgoing import deliver
        from .services import notify
        from .texts import NoticeText, register_notices

        # Accounts stand below: they name what they have to say, and it is sent from here.
        register_notices({code: NoticeText(*words) for code, words in announcing.TEXTS.items()})
        announcing.register_sender(
            lambda actor, recipients, code, params, link: notify(
                actor, recipients, code, params=params, link=link
            )
        )
        register_place("messages", used_keys, reencrypt)
        register_timer("messages", deliver, _("消息发送"), order=900)
        register(
            Entry(
                _("消息渠道"),
                "notifications:channels",
                icon="send",
                order=630,
                group="manage",
                permissions=(Permission.SYSTEM_MAINTAIN,),
                namespaces=("",),
            )
        )
        register_duties(DutySource("notices", unread_notices, order=900))
        register(
            Entry(
                pgettext_lazy("many", "通知"),
                "notifications:list",
                icon="bell",
                order=100,
                group="tool",
                badge_url_name="notifications:unread",
            )
        )
