from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "jingtu.core.accounts"
    label = "accounts"
    verbose_name = "用户与岗位"
