from django.urls import URLPattern, URLResolver, path

from .views import acting, boards, examining, keeping, proposing

app_name = "listings"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", boards.board, name="list"),
    path("export/", boards.export, name="export"),
    path("new/", proposing.new, name="new"),
    path("candidates/", boards.candidates, name="candidates"),
    path("statistics/", boards.statistics, name="statistics"),
    path("regions/<int:region_id>/", boards.region, name="region"),
    path("rules/", keeping.rules, name="rules"),
    path("rules/adopt/", keeping.adopt, name="adopt"),
    path("rules/<int:rule_set_id>/", keeping.rule, name="rule"),
    path("rules/<int:rule_set_id>/edit/", keeping.edit_rule, name="edit-rule"),
    path("designations/", keeping.designations, name="designations"),
    path("designations/new/", keeping.name_area, name="name-area"),
    path("designations/<int:designation_id>/decide/", keeping.decide_area, {"yes": True}, name="decide-area"),
    path(
        "designations/<int:designation_id>/decline/", keeping.decide_area, {"yes": False}, name="decline-area"
    ),
    path("<int:listing_id>/paper/", keeping.paper, name="paper"),
    path("<int:listing_id>/public/", keeping.public, name="public"),
    path("<int:listing_id>/", boards.detail, name="detail"),
    path("<int:listing_id>/criteria/", acting.criteria, name="criteria"),
    path("<int:listing_id>/acceptance/", examining.acceptance, name="acceptance"),
    path("<int:listing_id>/sign/", examining.sign, name="sign"),
    path("<int:listing_id>/opinions/<int:opinion_id>/", examining.opinion, name="opinion"),
    path("<int:listing_id>/do/<slug:act>/", acting.act, name="act"),
]
