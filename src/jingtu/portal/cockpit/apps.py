from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CockpitConfig(AppConfig):
    name = "jingtu.portal.cockpit"
    label = "cockpit"
    verbose_name = _("今日")

    def ready(self) -> None:
        from jingtu.assessment.runs.registry import Reading, register_reading
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source

        from .searching import find_runs

        explorer = ("cockpit:explorer", "cockpit:explorer-csv", "cockpit:compare", "cockpit:compare-file")
        register(
            Entry(
                _("今日"),
                "cockpit:home",
                icon="gauge",
                order=100,
                except_views=(*explorer, "cockpit:figures", "cockpit:profile"),
            )
        )
        register(
            Entry(
                _("指标分析"),
                "cockpit:explorer",
                icon="indicator",
                order=200,
                permissions=(Permission.RESULTS_READ, Permission.FACTS_READ),
                except_views=(
                    "cockpit:home",
                    "cockpit:today",
                    "cockpit:wall",
                    "cockpit:figures",
                    "cockpit:profile",
                ),
            )
        )
        register(
            Entry(
                _("公布数字"),
                "cockpit:figures",
                icon="document",
                order=260,
                except_views=(
                    "cockpit:home",
                    "cockpit:today",
                    "cockpit:slides",
                    "cockpit:wall",
                    "cockpit:profile",
                    *explorer,
                ),
            )
        )
        register_reading("compare", Reading(_("两地对比"), "cockpit:compare", "compare"))
        register_source(Source("runs", _("考核结果"), find_runs, order=300))
