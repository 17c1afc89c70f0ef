from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jingtu.core.jobs"
    label = "jobs"
    verbose_name = "作业"
