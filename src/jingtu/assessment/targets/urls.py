from django.urls import URLPattern, URLResolver, path

from . import file_views, trajectory_views, views

app_name = "targets"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.target_list, name="list"),
    path("table/", views.grid, name="grid"),
    path("table/cell/", views.cell, name="cell"),
    path("new/", views.new, name="new"),
    path("export/", file_views.export, name="export"),
    path("template/", file_views.template, name="template"),
    path("import/", file_views.upload, name="upload"),
    path("imports/<int:import_id>/", file_views.import_detail, name="import"),
    path("imports/<int:import_id>/confirm/", file_views.confirm, name="confirm"),
    path("trajectories/", trajectory_views.trajectory_list, name="trajectories"),
    path("trajectories/new/", trajectory_views.new, name="trajectory_new"),
    path("trajectories/<int:trajectory_id>/", trajectory_views.detail, name="trajectory"),
    path("trajectories/<int:trajectory_id>/retire/", trajectory_views.retire, name="trajectory_retire"),
    path("<int:target_id>/", views.detail, name="detail"),
    path("<int:target_id>/<str:act>/", views.decide, name="decide"),
]
