from django.urls import URLPattern, URLResolver, path

from . import views

app_name = "adjustments"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.entry_list, name="list"),
    path("new/", views.new, name="new"),
    path("<int:entry_id>/", views.entry, name="entry"),
    path("<int:entry_id>/approve/", views.decide, {"act": "approve"}, name="approve"),
    path("<int:entry_id>/refuse/", views.decide, {"act": "refuse"}, name="refuse"),
    path("<int:entry_id>/withdraw/", views.decide, {"act": "withdraw"}, name="withdraw"),
    path("vetoes/", views.veto_list, name="vetoes"),
    path("vetoes/<int:case_id>/", views.veto, name="veto"),
    path("vetoes/<int:case_id>/reply/", views.reply, name="reply"),
    path("vetoes/<int:case_id>/decide/", views.decide_veto, name="decide-veto"),
]
