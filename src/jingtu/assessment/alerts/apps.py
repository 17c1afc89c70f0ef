from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class AlertsConfig(AppConfig):
    name = "jingtu.assessment.alerts"
    label = "alerts"
    verbose_name = pgettext_lazy("alerts", "预警")

    def ready(self) -> None:
        from jingtu.assessment.runs.registry import register_listener
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.notifications.outgoing import register_gate
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source
        from jingtu.core.ui.today import DutySource, register_duties

        from .duties import waiting_alerts
        from .effects import affected_alerts
        from .searching import find_alerts
        from .services import heard_of, on_time, run_withdrawn
        from .visibility import can_see

        register_gate("alerts:detail", lambda actor, kwargs: can_see(actor, kwargs["alert_id"]))
        register_effect("alerts", pgettext_lazy("alerts", "预警"), affected_alerts, order=700)
        register_duties(DutySource("alerts", waiting_alerts, order=50))
        register_listener("computed", "alerts", heard_of)
        register_listener("released", "alerts", heard_of)
        register_listener("withdrawn", "alerts", run_withdrawn)
        register_timer("alerts", on_time, pgettext_lazy("alerts", "预警"), order=300)
        register_source(Source("alerts", pgettext_lazy("alerts", "预警"), find_alerts, order=350))
        register(
            Entry(
                pgettext_lazy("alerts", "预警"),
                "alerts:list",
                icon="alert",
                order=350,
                permissions=(Permission.RESULTS_READ, Permission.DRAFTS_READ),
            )
        )
