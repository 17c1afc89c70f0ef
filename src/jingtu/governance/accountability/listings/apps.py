from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListingsConfig(AppConfig):
    name = "jingtu.governance.accountability.listings"
    label = "listings"
    verbose_name = _("挂牌整治")

    def ready(self) -> None:
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source
        from jingtu.core.ui.today import DutySource, register_duties

        from .duties import waiting_listings
        from .queries import may_open_file
        from .searching import find
        from .services.common import PURPOSE
        from .visibility import READERS

        register_purpose(PURPOSE, may_open_file)
        register_duties(DutySource("listings", waiting_listings, order=690))
        register_source(Source("listings", _("挂牌整治"), find, order=690))
        register(Entry(_("挂牌整治"), "listings:list", icon="alert", order=690, permissions=READERS))
