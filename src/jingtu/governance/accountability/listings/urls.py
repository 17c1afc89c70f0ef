from django.urls import URLPattern, URLResolver, path

from .views import acting, boards

app_name = "listings"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", boards.board, name="list"),
    path("export/", boards.export, name="export"),
    path("new/", acting.new, name="new"),
    path("candidates/", boards.candidates, name="candidates"),
    path("statistics/", boards.statistics, name="statistics"),
    path("regions/<int:region_id>/", boards.region, name="region"),
    path("<int:listing_id>/", boards.detail, name="detail"),
    path("<int:listing_id>/criteria/", acting.criteria, name="criteria"),
    path("<int:listing_id>/acceptance/", acting.acceptance, name="acceptance"),
    path("<int:listing_id>/sign/", acting.sign, name="sign"),
    path("<int:listing_id>/opinions/<int:opinion_id>/", acting.opinion, name="opinion"),
    path("<int:listing_id>/do/<slug:act>/", acting.act, name="act"),
]
