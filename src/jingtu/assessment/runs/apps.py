from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "jingtu.assessment.runs"
    label = "runs"
    verbose_name = "考核"
