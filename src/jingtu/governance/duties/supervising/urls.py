from django.urls import path

from . import views

app_name = "supervising"

urlpatterns = [
    path("", views.notice_list, name="list"),
    path("export/", views.export, name="export"),
    path("new/", views.new, name="new"),
    path("<int:notice_id>/", views.detail, name="detail"),
    path("<int:notice_id>/notice.<str:extension>", views.download, name="download"),
    path("<int:notice_id>/<str:action>/", views.act, name="act"),
]
