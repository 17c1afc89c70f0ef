from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SimulationsConfig(AppConfig):
    name = "jingtu.assessment.simulations"
    label = "simulations"
    verbose_name = _("模拟")

    def ready(self) -> None:
        from jingtu.assessment.runs.registry import register_aside

        from .queries import aside

        register_aside("simulations", aside)
