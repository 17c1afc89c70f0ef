from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutputsConfig(AppConfig):
    name = "jingtu.assessment.outputs"
    label = "outputs"
    verbose_name = _("外报表")

    def ready(self) -> None:
        from jingtu.assessment.indicators.registry import register_use
        from jingtu.core.facts.disclosure import register_published
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.ui.navigation import Entry, register

        from . import queries
        from .published import sent_states
        from .services import PURPOSE
        from .uses import definitions_asked_for

        register_published(sent_states)
        register_use("outputs", definitions_asked_for)
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
