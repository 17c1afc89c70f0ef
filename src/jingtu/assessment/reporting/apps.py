from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "jingtu.assessment.reporting"
    label = "reporting"
    verbose_name = _("填报")

    def ready(self) -> None:
        from django.urls import reverse_lazy

        from jingtu.assessment.indicators.registry import Asking, register_asking
        from jingtu.core.facts.feeds import Feed, register_feed
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source
        from jingtu.core.ui.today import DutySource, register_duties

        from .asking import asked_elements
        from .duties import waiting_reports
        from .effects import affected_reports
        from .feeds import DUE, ON_TIME, reports_counted
        from .searching import find_forms
        from .services import send_reminders
        from .services.sheets import PURPOSE, may_open_sheet

        register_purpose(PURPOSE, may_open_sheet)
        register_asking("reporting", Asking(_("报表定义"), reverse_lazy("reporting:forms"), asked_elements))
        register_feed(Feed("reporting", _("报表报送记录"), frozenset({DUE, ON_TIME}), reports_counted))
        register_timer("reporting.reminders", send_reminders, _("催报"), order=300)
        register_effect("reporting", _("填报"), affected_reports, order=200)
        register_duties(DutySource("reporting", waiting_reports, order=50))
        register_source(Source("forms", _("报表"), find_forms, order=320))
        register(
            Entry(
                _("填报"),
                "reporting:due",
                icon="document",
                order=150,
                permissions=(
                    Permission.FORMS_FILL,
                    Permission.FORMS_REVIEW,
                    Permission.FACTS_READ,
                    Permission.CATALOGUE_MANAGE,
                ),
            )
        )
