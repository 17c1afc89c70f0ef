from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LettersConfig(AppConfig):
    name = "jingtu.governance.duties.letters"
    label = "letters"
    verbose_name = _("责任书")

    def ready(self) -> None:
        from jingtu.core.facts.feeds import Feed, register_feed
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.notifications.outgoing import register_gate
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source
        from jingtu.core.ui.today import DutySource, register_duties
        from jingtu.governance.duties.bodies.panels import register_panel

        from . import queries, services
        from .beside import letters_of_place
        from .effects import affected_letters
        from .feeds import ELEMENTS, letters_counted
        from .searching import find_letters
        from .waiting import letters_waiting

        register_panel("letters", ("责任书", "Letters of responsibility"), letters_of_place, order=500)
        register_gate("letters:detail", queries.may_open_page)
        register_purpose(services.PURPOSE, queries.may_open_scan)
        register_timer("letters.remind", services.remind, _("责任书签字提醒"), order=340)
        register_timer("letters.expire", services.expire, _("责任书到期"), order=341)
        register_duties(DutySource("letters", letters_waiting, order=240))
        register_source(Source("letters", _("责任书"), find_letters, order=440))
        register_effect("letters", _("责任书"), affected_letters, order=840)
        register_feed(Feed("letters", _("责任书"), ELEMENTS, letters_counted))
        register(Entry(_("责任书"), "letters:list", icon="document", order=640, permissions=queries.READERS))
