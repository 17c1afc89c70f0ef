from django.urls import path

from .views import acting, lists, months, overview

app_name = "plans"

VIEWS = {
    "board": overview.board_page,
    "calendar": months.calendar_page,
    "units": overview.units,
    "people": overview.people,
    "late": overview.late_page,
}

urlpatterns = [
    *(path(f"{name}/", view, name=name) for name, view in VIEWS.items()),
    *(path(f"<int:plan_id>/{name}/", view, name=f"plan-{name}") for name, view in VIEWS.items()),
    path("", lists.plan_list, name="list"),
    path("tasks/", lists.task_list, name="tasks"),
    path("new/", lists.new_plan, name="new"),
    path("<int:plan_id>/", lists.plan_detail, name="plan"),
    path("<int:plan_id>/edit/", lists.edit_plan, name="edit-plan"),
    path("<int:plan_id>/cancel/", lists.cancel_plan, name="cancel-plan"),
    path("<int:plan_id>/add/", acting.add, name="add"),
    path("tasks/<int:task_id>/", acting.task_detail, name="task"),
    path("tasks/<int:task_id>/edit/", acting.edit, name="edit"),
    path("tasks/<int:task_id>/evidence/", acting.evidence, name="evidence"),
    path("tasks/<int:task_id>/hand-over/", acting.hand_over, name="hand-over"),
    path("tasks/<int:task_id>/<str:action>/", acting.act, name="act"),
]
