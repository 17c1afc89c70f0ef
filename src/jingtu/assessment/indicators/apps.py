from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "jingtu.assessment.indicators"
    label = "indicators"
    verbose_name = _("指标")

    def ready(self) -> None:
        from jingtu.core.documents.registry import register_citations
        from jingtu.core.facts.checks import register_pairs
        from jingtu.core.jobs.registry import register_job
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source

        from .links import citations, share_pairs
        from .queries.catalogue import find_indicators
        from .services import IMPACT_JOB, impact_as_job

        register(Entry(_("指标目录"), "indicators:catalogue", icon="law", order=250))
        register_source(Source("indicators", _("指标"), find_indicators, order=200))
        register_job(IMPACT_JOB, impact_as_job, _("测算目录草案的影响"))
        register_citations(citations)
        register_pairs(share_pairs)
