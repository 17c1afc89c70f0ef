from django.urls import URLPattern, URLResolver, path

from . import finding_views as views

app_name = "findings"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.finding_list, name="list"),
    path("assign/", views.assign, name="assign"),
    path("<int:finding_id>/", views.detail, name="detail"),
    path("<int:finding_id>/reply/", views.reply, name="reply"),
    path("<int:finding_id>/return/", views.send_back, name="return"),
    path("<int:finding_id>/accept/", views.accept, name="accept"),
]
