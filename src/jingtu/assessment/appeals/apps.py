from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppealsConfig(AppConfig):
    name = "jingtu.assessment.appeals"
    label = "appeals"
    verbose_name = _("申诉")

    def ready(self) -> None:
        from jingtu.assessment.runs.registry import (
            register_aside,
            register_hold,
            register_listener,
            register_owed,
        )
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.notifications.outgoing import register_gate
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source
        from jingtu.core.ui.today import DutySource, register_duties

        from . import notices, queries
        from .searching import find_appeals
        from .services import PURPOSE, remind

        register_gate("appeals:detail", queries.may_open_page)
        register_purpose(PURPOSE, queries.may_open)
        register_hold("appeals", queries.holds)
        register_owed("appeals", queries.correcting_batches)
        register_aside("appeals", queries.aside)
        register_listener("opened", "appeals", notices.window_opened)
        register_listener("withdrawn", "appeals", notices.run_withdrawn)
        register_timer("appeals.remind", remind, _("申诉到期提醒"), order=300)
        register_duties(DutySource("appeals", queries.waiting_appeals, order=150))
        register_source(Source("appeals", _("申诉"), find_appeals, order=360))
        register(
            Entry(
                _("申诉"),
                "appeals:list",
                icon="compare",
                order=350,
                permissions=(
                    Permission.RESULTS_READ,
                    Permission.APPEALS_FILE,
                    Permission.APPEALS_EXAMINE,
                    Permission.APPEALS_DECIDE,
                ),
            )
        )
