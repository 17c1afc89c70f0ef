from django.urls import path

from . import views

app_name = "dutyreports"

urlpatterns = [
    path("", views.report_list, name="list"),
    path("new/", views.new, name="new"),
    path("<int:report_id>/", views.detail, name="detail"),
    path("<int:report_id>/submit/", views.submit, name="submit"),
    path("<int:report_id>/comment/", views.comment, name="comment"),
    path("<int:report_id>/close/", views.close, name="close"),
    path("<int:report_id>/<slug:language>.<slug:extension>", views.printed, name="printed"),
    path("units/<int:run_id>/", views.units, name="units"),
    path("units/<int:run_id>/<int:region_id>/", views.unit, name="unit"),
]
