from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "jingtu.core.documents"
    label = "documents"
    verbose_name = "制度文件"

    def ready(self) -> None:
        from jingtu.core.documents.queries import find
        from jingtu.core.ui import navigation, search

        navigation.register(navigation.Entry(_("制度文件"), "documents:list", icon="law", order=750))
        search.register_source(search.Source("documents", _("制度文件"), find, order=700))
