from django.urls import path

from jingtu.assessment.bulletins import views

app_name = "bulletins"

urlpatterns = [
    path("", views.bulletin_list, name="list"),
    path("issue/<int:run_id>/", views.issue, name="issue"),
    path("<int:bulletin_id>/", views.detail, name="detail"),
    path("<int:bulletin_id>/<str:language>.<str:extension>", views.download, name="download"),
]
