from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "jingtu.core.documents"
    label = "documents"
    verbose_name = "制度文件"
