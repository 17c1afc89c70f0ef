from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CockpitConfig(AppConfig):
    name = "jingtu.portal.cockpit"
    label = "cockpit"
    verbose_name = _("今日")

    def ready(self) -> None:
        from jingtu.assessment.indicators.registry import register_use
        from jingtu.assessment.runs.registry import Reading, register_reading
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.ui.navigation import Entry, register, register_heading
        from jingtu.core.ui.search import Source, register_source

        from .published import public_definitions
        from .searching import find_runs

        # The portal puts the rooms together, so it names the parts they stand in.
        for order, heading in (
            (200, pgettext_lazy("navigation", "指标")),
            (300, pgettext_lazy("navigation", "考核")),
            (610, pgettext_lazy("navigation", "责任落实")),
            (680, pgettext_lazy("navigation", "追责与整治")),
            (700, pgettext_lazy("navigation", "依据与资料")),
        ):
            register_heading(order, heading)
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
        register_use("published", public_definitions)
        register_reading("compare", Reading(_("两地对比"), "cockpit:compare", "compare"))
        register_source(Source("runs", _("考核结果"), find_runs, order=300))
