from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DutyReportsConfig(AppConfig):
    name = "jingtu.governance.duties.dutyreports"
    label = "dutyreports"
    verbose_name = _("述职")

    def ready(self) -> None:
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.notifications.outgoing import register_gate
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source
        from jingtu.core.ui.today import DutySource, register_duties

        from . import known, queries
        from .effects import affected_reports
        from .searching import find_reports
        from .sections import register_section

        register_section("bodies", ("任职", "Bodies sat in"), known.bodies_sat_in, order=100)
        register_section("tasks", ("任务", "Tasks"), known.tasks_held, order=200)
        register_section(
            "standing", ("本地区考核", "Assessments of the place"), known.standing_of_place, order=250
        )
        register_section("indicators", ("指标", "Indicators"), known.indicators, order=300)
        register_gate("dutyreports:detail", queries.may_open_page)
        register_source(Source("dutyreports", _("述职"), find_reports, order=450))
        register_effect("dutyreports", _("述职"), affected_reports, order=850)
        register_duties(DutySource("dutyreports", queries.waiting, order=460))
        register(
            Entry(
                _("述职"), "dutyreports:list", icon="edit", order=660, permissions=(Permission.DUTIES_READ,)
            )
        )
