from django.urls import path, re_path

from jingtu.assessment.situation import views

app_name = "situation"

urlpatterns = [
    path("", views.report_list, name="list"),
    path("<int:report_id>/", views.detail, name="detail"),
    re_path(r"^(?P<report_id>\d{1,18})/(?P<action>refresh|submit|return|approve)/$", views.act, name="act"),
    path("<int:report_id>/<str:language>.<str:extension>", views.download, name="download"),
]
