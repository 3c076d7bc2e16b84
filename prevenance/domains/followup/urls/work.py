from django.urls import path

from prevenance.domains.followup.views import attachments, contacts, meetings, orientations, plan, reviews

urlpatterns = [
    path("suivis/<int:file>/plan/", plan.plan, name="plan"),
    path("suivis/<int:file>/plan/objectif/", plan.goal_add, name="goal_add"),
    path("suivis/<int:file>/plan/objectif/<int:goal>/", plan.goal_edit, name="goal_edit"),
    path("suivis/<int:file>/plan/objectif/<int:goal>/etape/", plan.step_add, name="step_add"),
    path("suivis/<int:file>/plan/etape/<int:step>/", plan.step_edit, name="step_edit"),
    path("suivis/<int:file>/plan/etape/<int:step>/resultat/", plan.step_done, name="step_done"),
    path("suivis/contact/", contacts.contact_choose, name="contact_choose"),
    path("suivis/<int:file>/contacts/", contacts.contacts, name="contacts"),
    path("suivis/<int:file>/contacts/ajouter/", contacts.contact_add, name="contact_add"),
    path("suivis/<int:file>/contacts/<int:contact>/", contacts.contact_edit, name="contact_edit"),
    path("suivis/<int:file>/alertes/", contacts.alert_add, name="alert_add"),
    path("suivis/<int:file>/points/", reviews.reviews, name="reviews"),
    path("suivis/<int:file>/points/ajouter/", reviews.review_add, name="review_add"),
    path("suivis/<int:file>/points/proposer/", reviews.review_propose, name="review_propose"),
    path("suivis/reunions/", meetings.meetings, name="meetings"),
    path("suivis/reunions/<int:meeting>/", meetings.meeting, name="meeting"),
    path("suivis/reunions/<int:meeting>/inscrire/", meetings.meeting_list, name="meeting_list"),
    path("suivis/reunions/<int:meeting>/<int:file>/", meetings.point, name="point"),
    path("suivis/<int:file>/orientations/", orientations.orientations, name="orientations"),
    path("suivis/<int:file>/orientations/service/", orientations.orientation_start, name="orientation_start"),
    path("suivis/<int:file>/orientations/preparer/", orientations.orientation_prepare, name="orientation_prepare"),
    path("suivis/<int:file>/orientations/accord.pdf", orientations.orientation_paper, name="orientation_paper"),
    path("suivis/<int:file>/orientations/transmettre/", orientations.orientation_send, name="orientation_send"),
    path(
        "suivis/<int:file>/orientations/<int:orientation>/reponse/",
        orientations.orientation_answer,
        name="orientation_answer",
    ),
    path(
        "suivis/<int:file>/orientations/<int:orientation>/resultat/",
        orientations.orientation_conclude,
        name="orientation_conclude",
    ),
    path("suivis/<int:file>/pieces/", attachments.attachments, name="attachments"),
    path("suivis/<int:file>/pieces/<int:attachment>/", attachments.attachment, name="attachment"),
    path(
        "suivis/<int:file>/pieces/<int:attachment>/supprimer/", attachments.attachment_remove, name="attachment_remove"
    ),
]
