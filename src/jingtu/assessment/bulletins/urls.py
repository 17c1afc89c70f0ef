from django.urls import path

from jingtu.assessment.bulletins import views

app_name = "bulletins"

urlpatterns = [
    path("", views.bulletin_list, name="list"),
    path("issue/<int:run_id>/", views.issue, name="issue"),
    path("lists/", views.list_lists, name="lists"),
    path("lists/edit/", views.edit_list, name="edit-list"),
    path("<int:bulletin_id>/", views.detail, name="detail"),
    path("<int:bulletin_id>/send/", views.send, name="send"),
    path("<int:bulletin_id>/confirm/", views.confirm, name="confirm"),
    path("<int:bulletin_id>/remind/", views.remind, name="remind"),
    path("<int:bulletin_id>/<str:language>.<str:extension>", views.download, name="download"),
]
