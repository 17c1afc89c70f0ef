from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SituationConfig(AppConfig):
    name = "jingtu.assessment.situation"
    label = "situation"
    verbose_name = _("毒情形势分析")

    def ready(self) -> None:
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source

        from . import queries, services  # noqa: F401  (registers the audit actions)
        from .searching import find_reports

        register_purpose("situation", queries.may_open)
        register_source(Source("situation", _("形势分析"), find_reports, order=410))
        register(
            Entry(
                _("形势分析"),
                "situation:list",
                icon="chart",
                order=410,
                permissions=(Permission.RESULTS_READ, Permission.RUNS_PREPARE, Permission.RUNS_APPROVE),
            )
        )
