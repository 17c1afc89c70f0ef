from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SimulationsConfig(AppConfig):
    name = "jingtu.assessment.simulations"
    label = "simulations"
    verbose_name = _("模拟")

    def ready(self) -> None:
        from jingtu.assessment.runs.registry import register_aside
        from jingtu.core.jobs.registry import register_job

        from .queries import aside
        from .retrospecting import JOB_KIND, as_job, outcome

        register_aside("simulations", aside)
        register_job(JOB_KIND, as_job, _("多期回溯"), outcome)
