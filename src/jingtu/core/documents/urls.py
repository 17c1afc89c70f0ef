from django.urls import path

from jingtu.core.documents import views

app_name = "documents"

urlpatterns = [
    path("", views.document_list, name="list"),
    path("<str:code>/", views.document_detail, name="detail"),
]
