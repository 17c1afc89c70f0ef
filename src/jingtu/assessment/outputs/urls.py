from django.urls import path, re_path

from . import views

app_name = "outputs"

urlpatterns = [
    path("", views.sheet_list, name="list"),
    path("layouts/", views.layout_list, name="layouts"),
    path("layouts/edit/", views.edit_layout, name="layout-new"),
    path("layouts/<slug:code>/", views.layout_page, name="layout"),
    path("layouts/<slug:code>/edit/", views.edit_layout, name="layout-edit"),
    path("<int:sheet_id>/", views.detail, name="detail"),
    path("<int:sheet_id>/items/<slug:row>/confirm/", views.confirm, name="confirm"),
    path("<int:sheet_id>/items/<slug:row>/", views.item, name="item"),
    path("<int:sheet_id>/send/", views.send, name="send"),
    re_path(r"^(?P<sheet_id>\d{1,18})/sheet\.(?P<extension>xlsx|docx|pdf)$", views.export, name="export"),
]
