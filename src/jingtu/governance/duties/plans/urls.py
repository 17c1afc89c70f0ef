from django.urls import path

from .views import acting, adding, ahead, building, feeds, lists, months, overview

app_name = "plans"

VIEWS = {
    "board": overview.board_page,
    "timeline": ahead.timeline_page,
    "calendar": months.calendar_page,
    "units": overview.units,
    "people": overview.people,
    "late": overview.late_page,
    "risk": ahead.risk_page,
}

urlpatterns = [
    *(path(f"{name}/", view, name=name) for name, view in VIEWS.items()),
    *(path(f"<int:plan_id>/{name}/", view, name=f"plan-{name}") for name, view in VIEWS.items()),
    path("", lists.plan_list, name="list"),
    path("tasks/", lists.task_list, name="tasks"),
    path("calendar/address/", feeds.address_page, name="feed-address"),
    path("calendar/address/end/", feeds.end_address, name="feed-end"),
    path("feed/<str:token>.ics", feeds.feed, name="feed"),
    path("new/", lists.new_plan, name="new"),
    path("<int:plan_id>/", lists.plan_detail, name="plan"),
    path("<int:plan_id>/edit/", lists.edit_plan, name="edit-plan"),
    path("<int:plan_id>/cancel/", lists.cancel_plan, name="cancel-plan"),
    path("<int:plan_id>/add/", adding.add, name="add"),
    path("tasks/<int:task_id>/", acting.task_detail, name="task"),
    path("tasks/<int:task_id>/edit/", acting.edit, name="edit"),
    path("tasks/<int:task_id>/evidence/", acting.evidence, name="evidence"),
    path("tasks/<int:task_id>/hand-over/", acting.hand_over, name="hand-over"),
    path("tasks/<int:task_id>/split/", building.split, name="split"),
    path("tasks/<int:task_id>/carry/", building.carry, name="carry"),
    path("tasks/<int:task_id>/route/<str:what>/", building.lay, name="lay"),
    path("tasks/many/", building.many, name="many"),
    path("hand-over/", building.hand_over_all, name="hand-over-all"),
    path("milestones/<int:milestone_id>/", building.reach, name="reach"),
    path("steps/<int:step_id>/undo/", building.undo, name="undo"),
    path("template/", building.sheet_template, name="template"),
    path("<int:plan_id>/import/", building.import_sheet, name="import"),
    path("<int:plan_id>/export/", building.export_sheet, name="export"),
    path("tasks/<int:task_id>/<str:action>/", acting.act, name="act"),
]
