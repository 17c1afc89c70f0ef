from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "jingtu.core.files"
    label = "files"
    verbose_name = "文件"
