from django.urls import include, path

urlpatterns = [
    path("", include("jingtu.portal.cockpit.urls")),
    path("", include("jingtu.core.accounts.urls")),
    path("", include("jingtu.core.accounts.allauth_urls")),
    path("audit/", include("jingtu.core.audit.urls")),
    path("regions/", include("jingtu.core.regions.urls")),
    path("facts/", include("jingtu.core.facts.urls")),
    path("documents/", include("jingtu.core.documents.urls")),
    path("files/", include("jingtu.core.files.urls")),
    path("jobs/", include("jingtu.core.jobs.urls")),
    path("numbers/", include("jingtu.core.numbering.urls")),
    path("notices/", include("jingtu.core.notifications.urls")),
    path("reports/", include("jingtu.assessment.reporting.urls")),
    path("indicators/", include("jingtu.assessment.indicators.urls")),
    path("targets/", include("jingtu.assessment.targets.urls")),
    path("runs/", include("jingtu.assessment.runs.urls")),
    path("alerts/", include("jingtu.assessment.alerts.urls")),
    path("e/", include("jingtu.assessment.runs.short_urls")),
    path("bulletins/", include("jingtu.assessment.bulletins.urls")),
    path("api/v1/", include("jingtu.portal.api.urls")),
    path("", include("jingtu.core.ui.urls")),
]
