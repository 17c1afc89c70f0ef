from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubscriptionsConfig(AppConfig):
    name = "jingtu.assessment.subscriptions"
    label = "subscriptions"
    verbose_name = _("订阅")

    def ready(self) -> None:
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.notifications.outgoing import register_source
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.ui.navigation import Entry, register

        from .effects import affected_subscriptions
        from .services import SOURCE, send_due, worded

        register_effect("subscriptions", _("订阅"), affected_subscriptions, order=800)
        register_source(SOURCE, worded)
        register_timer("subscriptions", send_due, _("订阅"), order=800)
        register(
            Entry(
                _("订阅"),
                "subscriptions:list",
                icon="send",
                order=360,
                permissions=(Permission.RESULTS_READ,),
            )
        )
