from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FactsConfig(AppConfig):
    name = "jingtu.core.facts"
    label = "facts"
    verbose_name = "数据"

    def ready(self) -> None:
        from jingtu.core.facts.effects import affected_facts
        from jingtu.core.facts.queries import EXPORT_PURPOSE, may_open_export, may_open_import_file
        from jingtu.core.facts.services.imports import JOB_KIND, PURPOSE, run_import_job
        from jingtu.core.facts.services.outputs import (
            EXPORT_JOB,
            expire_exports,
            export_outcome,
            run_export_job,
        )
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.jobs.registry import register_job
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.ui import navigation

        register_effect("facts", _("数据"), affected_facts, order=400)
        register_purpose(PURPOSE, may_open_import_file)
        register_job(JOB_KIND, run_import_job, _("导入数据"))
        register_purpose(EXPORT_PURPOSE, may_open_export)
        register_job(EXPORT_JOB, run_export_job, _("导出数据"), export_outcome)
        register_timer("facts.exports", expire_exports, _("清理过期的导出文件"), order=900)
        navigation.register(
            navigation.Entry(
                _("数据"), "facts:imports", icon="data", order=350, permissions=(Permission.FACTS_READ,)
            )
        )
