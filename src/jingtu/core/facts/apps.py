from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "jingtu.core.facts"
    label = "facts"
    verbose_name = "数据"
