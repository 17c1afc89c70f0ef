from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RunsConfig(AppConfig):
    name = "jingtu.assessment.runs"
    label = "runs"
    verbose_name = pgettext_lazy("many", "考核")

    def ready(self) -> None:
        from jingtu.assessment.indicators.registry import Judge, register_judge
        from jingtu.core.facts.disclosure import register_published
        from jingtu.core.facts.followers import register_follower
        from jingtu.core.jobs.registry import register_job
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.notifications.outgoing import register_gate
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.today import DutySource, register_duties

        from .duties import waiting_findings, waiting_runs
        from .effects import affected_runs
        from .judging import impact_on, latest_results
        from .published import published_states
        from .queries import finding_open, may_open
        from .services import JOB_KIND, facts_stored, prepare_as_job, release_due

        register_gate("runs:detail", may_open)
        register_judge("runs", Judge(latest_results, impact_on))
        register_published(published_states)
        register_effect("runs", pgettext_lazy("many", "考核"), affected_runs, order=500)
        register_duties(DutySource("runs", waiting_runs, order=100))

        register_gate("findings:detail", finding_open)
        register_duties(DutySource("findings", waiting_findings, order=110))
        register_follower("runs", facts_stored)
        register_timer("runs.release", release_due, _("到时公布"), order=100)
        register_job(JOB_KIND, prepare_as_job, _("计算考核"))
        register(
            Entry(
                pgettext_lazy("many", "考核"),
                "runs:list",
                icon="ranking",
                order=300,
                permissions=(
                    Permission.RESULTS_READ,
                    Permission.DRAFTS_READ,
                    Permission.RUNS_PREPARE,
                    Permission.RUNS_APPROVE,
                ),
            )
        )
        register(
            Entry(
                _("核查意见"),
                "findings:list",
                icon="check",
                order=310,
                permissions=(
                    Permission.DRAFTS_READ,
                    Permission.RUNS_PREPARE,
                    Permission.RUNS_APPROVE,
                    Permission.FORMS_FILL,
                ),
            )
        )
