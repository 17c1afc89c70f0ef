from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class TargetsConfig(AppConfig):
    name = "jingtu.assessment.targets"
    label = "targets"
    verbose_name = pgettext_lazy("many", "目标")

    def ready(self) -> None:
        from jingtu.assessment.indicators.registry import register_use
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.today import DutySource, register_duties

        from .duties import waiting_targets
        from .effects import affected_targets
        from .queries import may_open_file
        from .services import PURPOSE
        from .uses import indicators_aimed_at

        register_purpose(PURPOSE, may_open_file)
        register_use("targets", indicators_aimed_at)
        register_effect("targets", pgettext_lazy("many", "目标"), affected_targets, order=300)
        register_duties(DutySource("targets", waiting_targets, order=140))
        register(
            Entry(
                pgettext_lazy("many", "目标"),
                "targets:list",
                icon="law",
                order=270,
                permissions=(Permission.RESULTS_READ, Permission.TARGETS_MANAGE, Permission.RUNS_APPROVE),
            )
        )
