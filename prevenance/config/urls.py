from django.urls import include, path

urlpatterns = [
    path("", include("prevenance.domains.pages.urls")),
    path("compte/", include("prevenance.domains.accounts.urls")),
    path("conseils/", include("prevenance.domains.governance.urls")),
    path("territoires/", include("prevenance.domains.territories.urls")),
    path("annuaire/", include("prevenance.domains.directory.urls")),
    path("couverture/", include("prevenance.domains.directory.urls.coverage")),
    path("", include("prevenance.domains.strategy.urls")),
    path("", include("prevenance.domains.followup.urls")),
]

handler400 = "prevenance.core.errors.bad_request"
handler403 = "prevenance.core.errors.refused"
handler404 = "prevenance.core.errors.not_found"
handler500 = "prevenance.core.errors.failed"
