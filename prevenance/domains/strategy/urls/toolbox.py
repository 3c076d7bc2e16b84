from django.urls import path

from prevenance.domains.strategy.views import experiments, successes, toolbox

urlpatterns = [
    path("outils/", toolbox.tools, name="tools"),
    path("outils/nouvelle/", toolbox.tool_add, name="tool_add"),
    path("outils/fiche/<slug:tool>/", toolbox.tool, name="tool"),
    path("outils/fiche/<slug:tool>/modifier/", toolbox.tool_edit, name="tool_edit"),
    path("outils/fiche/<slug:tool>/publier/", toolbox.tool_publish, name="tool_publish"),
    path("outils/fiche/<slug:tool>/retirer/", toolbox.tool_withdraw, name="tool_withdraw"),
    path("outils/fiche/<slug:tool>/reprendre/", toolbox.tool_adopt, name="tool_adopt"),
    path("outils/fiche/<slug:tool>/depliant/", toolbox.tool_leaflet, name="tool_leaflet"),
    path("outils/reussites/", successes.successes, name="successes"),
    path("outils/reussites/proposer/", successes.success_choose, name="success_choose"),
    path("outils/reussites/<int:success>/", successes.success, name="success"),
    path("outils/reussites/<int:success>/publier/", successes.success_publish, name="success_publish"),
    path("outils/reussites/<int:success>/rendre/", successes.success_return, name="success_return"),
    path("plans/<int:plan>/fiches/<int:sheet>/reussite/", successes.success_propose, name="success_propose"),
    path("outils/experimentations/", experiments.experiments, name="experiments"),
    path("outils/experimentations/ouvrir/", experiments.experiment_choose, name="experiment_choose"),
    path("outils/experimentations/<int:experiment>/", experiments.experiment, name="experiment"),
    path("outils/experimentations/<int:experiment>/modifier/", experiments.experiment_edit, name="experiment_edit"),
    path("outils/experimentations/<int:experiment>/suite/", experiments.experiment_decide, name="experiment_decide"),
    path("plans/<int:plan>/fiches/<int:sheet>/experimentation/", experiments.experiment_lead, name="experiment_lead"),
]
