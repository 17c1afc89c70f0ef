from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "jingtu.assessment.indicators"
    label = "indicators"
    verbose_name = "指标"
