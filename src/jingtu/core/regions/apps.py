from django.apps import AppConfig


class RegionsConfig(AppConfig):
    name = "jingtu.core.regions"
    label = "regions"
    verbose_name = "区划"

    def ready(self) -> None:
        from jingtu.core.audit.actions import register_teller

        from . import naming

        register_teller("region", naming.tell, naming.find)
