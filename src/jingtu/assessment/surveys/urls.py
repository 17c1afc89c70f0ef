from django.urls import URLPattern, URLResolver, path

from . import views

app_name = "surveys"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.wave_list, name="list"),
    path("import/", views.upload, name="upload"),
    path("template/", views.template, name="template"),
    path("imports/<int:import_id>/", views.import_detail, name="import"),
    path("imports/<int:import_id>/confirm/", views.confirm, name="confirm"),
    path("<int:wave_id>/", views.detail, name="detail"),
]
