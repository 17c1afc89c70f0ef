from django.urls import URLPattern, URLResolver, path

from . import drafting_views, judging_views, views

app_name = "indicators"

urlpatterns: list[URLPattern | URLResolver] = [
    path("catalogue/", views.catalogue, name="catalogue"),
    path("catalogue/versions/", views.catalogue_versions, name="versions"),
    path("catalogue/versions/compare/", judging_views.compare, name="compare"),
    path(
        "catalogue/versions/<int:number>/<str:kind>/<str:code>/",
        judging_views.version_entry,
        name="version-entry",
    ),
    path("catalogue/integrity/", judging_views.integrity, name="integrity"),
    path("catalogue/drafts/", drafting_views.draft_list, name="drafts"),
    path("catalogue/drafts/<int:draft_id>/", drafting_views.draft, name="draft"),
    path("catalogue/drafts/<int:draft_id>/difference/", judging_views.difference, name="draft-difference"),
    path("catalogue/drafts/<int:draft_id>/impact/", judging_views.impact, name="draft-impact"),
    path("catalogue/drafts/<int:draft_id>/integrity/", judging_views.integrity, name="draft-integrity"),
    path("catalogue/drafts/<int:draft_id>/history/", judging_views.history, name="draft-history"),
    path("catalogue/drafts/<int:draft_id>/import/", drafting_views.draft_import, name="draft-import"),
    path("catalogue/drafts/<int:draft_id>/export.yaml", drafting_views.draft_export, name="draft-export"),
    path("catalogue/drafts/<int:draft_id>/check/", drafting_views.check, name="draft-check"),
    path("catalogue/drafts/<int:draft_id>/act/<str:act>/", drafting_views.draft_act, name="draft-act"),
    path("catalogue/drafts/<int:draft_id>/new/<str:kind>/", drafting_views.entry, name="draft-new"),
    path(
        "catalogue/drafts/<int:draft_id>/entry/<str:kind>/<str:code>/",
        drafting_views.entry,
        name="draft-entry",
    ),
    path(
        "catalogue/drafts/<int:draft_id>/source/<str:kind>/<str:code>/",
        drafting_views.source,
        name="draft-source",
    ),
    path(
        "catalogue/drafts/<int:draft_id>/head/",
        drafting_views.source,
        {"kind": "catalogue"},
        name="draft-head",
    ),
    path(
        "catalogue/drafts/<int:draft_id>/remove/<str:kind>/<str:code>/",
        drafting_views.remove,
        name="draft-remove",
    ),
    path("catalogue/export.yaml", views.catalogue_yaml, name="export"),
    path("catalogue/scorecards/<str:code>/", views.scorecard_page, name="scorecard"),
    path("catalogue/groups/<str:code>/", views.group_page, name="group"),
    path("catalogue/elements/<str:code>/", views.element, name="element"),
    path("catalogue/<str:code>/", views.indicator, name="indicator"),
]
