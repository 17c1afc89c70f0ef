from django.apps import AppConfig


class RegionsConfig(AppConfig):
    name = "jingtu.core.regions"
    label = "regions"
    verbose_name = "区划"
