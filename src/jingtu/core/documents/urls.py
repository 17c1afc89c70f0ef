from django.urls import path

from jingtu.core.documents import views

app_name = "documents"

urlpatterns = [
    path("", views.document_list, name="list"),
    path("new/", views.add, name="new"),
    path("<str:code>/", views.document_detail, name="detail"),
    path("<str:code>/edit/", views.edit, name="edit"),
    path("<str:code>/version/", views.version, name="version"),
    path("<str:code>/articles/", views.articles, name="articles"),
    path("<str:code>/articles/split/", views.split, name="split"),
    path("<str:code>/articles/<int:article_id>/", views.article, name="article"),
    path("<str:code>/articles/<int:article_id>/remove/", views.remove, name="remove"),
]
