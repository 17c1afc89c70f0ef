from django.urls import URLPattern, URLResolver, path

from . import bulletin_views, proposal_views, setting_views, views

app_name = "measures"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.measure_list, name="list"),
    path("proposals/", proposal_views.proposal_list, name="proposals"),
    path("proposals/look/", proposal_views.look, name="propose"),
    path("proposals/<int:proposal_id>/", proposal_views.proposal, name="proposal"),
    path("proposals/<int:proposal_id>/file/", proposal_views.file, name="file"),
    path("proposals/<int:proposal_id>/decide/", proposal_views.decide, name="decide-proposal"),
    path("ladders/", setting_views.ladder_list, name="ladders"),
    path("ladders/adopt/", setting_views.adopt, name="adopt-ladder"),
    path("ladders/<int:ladder_id>/", setting_views.ladder, name="ladder"),
    path("ladders/<int:ladder_id>/edit/", setting_views.edit_ladder, name="edit-ladder"),
    path("rules/", setting_views.rule_list, name="rules"),
    path("rules/<int:region_id>/<slug:kind>/", setting_views.rule, name="rule"),
    path("bulletins/", bulletin_views.bulletin_list, name="bulletins"),
    path("bulletins/<int:bulletin_id>/", bulletin_views.bulletin, name="bulletin"),
    path(
        "bulletins/<int:bulletin_id>/<str:language>.<str:extension>",
        bulletin_views.download,
        name="bulletin-file",
    ),
    path("<int:measure_id>/", views.detail, name="detail"),
    path("<int:measure_id>/effect/", views.effect, name="effect"),
    path("<int:measure_id>/papers/<int:step_id>/<str:language>.<str:extension>", views.paper, name="paper"),
    path("<int:measure_id>/<slug:act>/", views.step, name="step"),
]
