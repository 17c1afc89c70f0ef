from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutputsConfig(AppConfig):
    name = "jingtu.assessment.outputs"
    label = "outputs"
    verbose_name = _("外报表")

    def ready(self) -> None:
        from jingtu.assessment.indicators.registry import register_shown
        from jingtu.core.facts.disclosure import register_published
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.ui.navigation import Entry, register

        from . import queries
        from .published import sent_states
        from .services import PURPOSE
        from .shown import definitions_shown

        register_published(sent_states)
        register_shown("outputs", definitions_shown)
        register_purpose(PURPOSE, queries.may_open)
        register(
            Entry(
                _("外报表"),
                "outputs:list",
                icon="send",
                order=420,
                permissions=(*queries.READERS, *queries.DRAFTERS),
            )
        )
