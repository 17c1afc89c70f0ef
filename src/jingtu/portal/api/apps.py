from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "jingtu.portal.api"
    label = "api"
    verbose_name = "接口"
