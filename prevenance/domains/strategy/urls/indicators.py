from django.urls import path

from prevenance.domains.strategy.views import indicators, totals, value_imports, values

urlpatterns = [
    path("plans/<int:plan>/indicateurs/", indicators.plan_indicators, name="plan_indicators"),
    path("plans/<int:plan>/indicateurs/definir/", indicators.indicator_define, name="indicator_define"),
    path("plans/<int:plan>/indicateurs/suivre/", indicators.indicator_follow, name="indicator_follow"),
    path("plans/<int:plan>/indicateurs/suivis/<int:followed>/", indicators.followed_edit, name="followed_edit"),
    path("plans/<int:plan>/indicateurs/suivis/<int:followed>/arreter/", indicators.followed_stop, name="followed_stop"),
    path("plans/<int:plan>/indicateurs/saisie/<str:kind>/<str:starts>/", values.values_enter, name="values_enter"),
    path("plans/<int:plan>/indicateurs/valeurs/<int:value>/corriger/", values.value_correct, name="value_correct"),
    path("plans/<int:plan>/indicateurs/importer/", value_imports.value_import_start, name="value_import_start"),
    path(
        "plans/<int:plan>/indicateurs/importer/<int:table>/colonnes/",
        value_imports.value_import_columns,
        name="value_import_columns",
    ),
    path(
        "plans/<int:plan>/indicateurs/importer/<int:table>/",
        value_imports.value_import_preview,
        name="value_import_preview",
    ),
    path(
        "plans/<int:plan>/indicateurs/importer/<int:table>/a-corriger/",
        value_imports.value_import_left,
        name="value_import_left",
    ),
    path(
        "plans/<int:plan>/indicateurs/importer/<int:table>/supprimer/",
        value_imports.value_import_discard,
        name="value_import_discard",
    ),
    path("indicateurs/", totals.indicators, name="indicators"),
    path("indicateurs/a-accepter/", values.values_waiting, name="values_waiting"),
    path("indicateurs/a-accepter/<int:plan>/", values.values_settle, name="values_settle"),
    path("indicateurs/<int:indicator>/", totals.indicator, name="indicator"),
    path("indicateurs/<int:indicator>/totaux/", totals.indicator_totals, name="indicator_totals"),
    path("indicateurs/<int:indicator>/modifier/", indicators.indicator_edit, name="indicator_edit"),
    path("indicateurs/<int:indicator>/abandonner/", indicators.indicator_retire, name="indicator_retire"),
]
