from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jingtu.core.jobs"
    label = "jobs"
    verbose_name = "作业"

    def ready(self) -> None:
        from jingtu.core.accounts import reviews
        from jingtu.core.ui import navigation
        from jingtu.core.ui.today import DutySource, register_duties

        from . import notices  # noqa: F401  the words of notices, which the site shows and the worker sends
        from .duties import failed_jobs
        from .services import wake_uncalled
        from .timers import register_timer

        navigation.register(navigation.Entry(_("作业"), "jobs:list", icon="job", order=620, group="manage"))
        register_timer("accounts", reviews.daily, _("用户与岗位"), order=50)
        register_timer("jobs", wake_uncalled, _("排队的作业"), order=60)
        register_duties(DutySource("jobs", failed_jobs, order=800))
