from django.urls import URLPattern, URLResolver, path

from . import group_views, publishing_views, reading_views, views

app_name = "runs"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.run_list, name="list"),
    path("new/", views.new, name="new"),
    path("<int:run_id>/", views.detail, name="detail"),
    path("<int:run_id>/scorecard/", reading_views.scorecard, name="scorecard"),
    path("<int:run_id>/groups/", group_views.groups, name="groups"),
    path("<int:run_id>/groups/<str:code>/", group_views.group, name="group"),
    path("<int:run_id>/groups/<str:code>/export.csv", group_views.group_csv, name="group-csv"),
    path("<int:run_id>/explain/", reading_views.explain, name="explain"),
    path("<int:run_id>/since/", views.since, name="since"),
    path("<int:run_id>/compute/", views.compute, name="compute"),
    path("<int:run_id>/check/", views.check, name="check"),
    path("<int:run_id>/submit/", views.submit, name="submit"),
    path("<int:run_id>/send-back/", views.send_back, name="send-back"),
    path("<int:run_id>/open-appeal/", publishing_views.open_appeal, name="open-appeal"),
    path("<int:run_id>/publish/", publishing_views.publish, name="publish"),
    path("<int:run_id>/release/", publishing_views.release, name="release"),
    path("release-rules/", publishing_views.release_rule_list, name="release-rules"),
    path("release-rules/set/", publishing_views.set_release_rule, name="set-release-rule"),
    path("<int:run_id>/correct/", views.correct, name="correct"),
    path("<int:run_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:run_id>/differences/", views.differences, name="differences"),
    path("<int:run_id>/publication.json", views.publication, name="publication"),
    path("findings/<int:finding_id>/answer/", views.answer, name="answer"),
    path("findings/<int:finding_id>/override/", views.override, name="override"),
]
