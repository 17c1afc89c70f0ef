from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "jingtu.core.documents"
    label = "documents"
    verbose_name = "制度文件"

    def ready(self) -> None:
        from jingtu.core.documents.effects import affected_documents, hand_over
        from jingtu.core.documents.keeping import PURPOSE, tell_of_expiry
        from jingtu.core.documents.queries import find, may_open, waiting
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.regions.hooks import register_change_hook
        from jingtu.core.ui import navigation, search, today

        navigation.register(navigation.Entry(_("制度文件"), "documents:list", icon="law", order=750))
        search.register_source(search.Source("documents", _("制度文件"), find, order=700))
        today.register_duties(today.DutySource("documents", waiting, order=600))
        register_purpose(PURPOSE, may_open)
        register_timer("documents.expiry", tell_of_expiry, _("制度文件到期提醒"), order=400)
        register_effect("documents", _("制度文件"), affected_documents, order=600)
        register_change_hook("documents", hand_over)
