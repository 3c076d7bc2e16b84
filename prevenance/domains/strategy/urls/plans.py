from django.urls import path

from prevenance.domains.strategy.views import amendments, plan_texts, plans

PLAN = "plans/<int:plan>/"
AMENDMENT = PLAN + "avenants/<int:amendment>/"

urlpatterns = [
    path("plans/", plans.plans, name="plans"),
    path("plans/ouvrir/", plans.plan_open, name="plan_open"),
    path(PLAN, plans.plan, name="plan"),
    path(PLAN + "modifier/", plans.plan_edit, name="plan_edit"),
    path(PLAN + "fin/", plans.plan_end, name="plan_end"),
    path(PLAN + "texte/", plan_texts.plan_text, name="plan_text"),
    path(PLAN + "tableau/", plan_texts.plan_table, name="plan_table"),
    path(PLAN + "documents/", plan_texts.plan_documents, name="plan_documents"),
    path(PLAN + "documents/preparer/", plan_texts.plan_document_ask, name="plan_document_ask"),
    path(PLAN + "documents/<uuid:key>/", plan_texts.plan_document, name="plan_document"),
    path(PLAN + "avenants/ouvrir/", amendments.amendment_open, name="amendment_open"),
    path(AMENDMENT, amendments.amendment, name="amendment"),
    path(AMENDMENT + "modifier/", amendments.amendment_edit, name="amendment_edit"),
    path(AMENDMENT + "parties/<str:part>/", amendments.amendment_part, name="amendment_part"),
    path(AMENDMENT + "comparer/", amendments.amendment_compare, name="amendment_compare"),
    path(AMENDMENT + "acte/", amendments.amendment_act, name="amendment_act"),
    path(AMENDMENT + "effet/", amendments.amendment_effect, name="amendment_effect"),
    path(AMENDMENT + "abandonner/", amendments.amendment_drop, name="amendment_drop"),
]
