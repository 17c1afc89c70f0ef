from django.urls import path

from . import views

app_name = "appeals"

urlpatterns = [
    path("", views.appeal_list, name="list"),
    path("open/", views.open_list, name="open"),
    path("runs/<int:run_id>/<int:region_id>/", views.card, name="card"),
    path("runs/<int:run_id>/<int:region_id>/<str:indicator>/", views.new, name="new"),
    path("<int:appeal_id>/", views.detail, name="detail"),
    path("<int:appeal_id>/accept/", views.accept, name="accept"),
    path("<int:appeal_id>/dismiss/", views.dismiss, name="dismiss"),
    path("<int:appeal_id>/decide/", views.decide, name="decide"),
    path("<int:appeal_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:appeal_id>/add/", views.add, name="add"),
]
