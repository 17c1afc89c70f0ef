from django.urls import path

from . import views

app_name = "schedules"

urlpatterns = [
    path("", views.schedule_list, name="list"),
    path("calendar/", views.month, name="calendar"),
    path("new/", views.new, name="new"),
    path("<int:schedule_id>/", views.detail, name="detail"),
    path("<int:schedule_id>/edit/", views.edit, name="edit"),
    path("<int:schedule_id>/answer/", views.answer, name="answer"),
    path("<int:schedule_id>/enable/", views.enable, name="enable"),
    path("<int:schedule_id>/pause/", views.pause, name="pause"),
    path("<int:schedule_id>/run/", views.run_now, name="run-now"),
]
