from django.urls import path

from prevenance.domains.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
    path("entrer/", views.sign_in, name="sign_in"),
    path("entrer/demonstration/", views.demonstrate, name="demonstrate"),
    path("sortir/", views.sign_out, name="sign_out"),
    path("changer/", views.switch, name="switch"),
    path("second-facteur/", views.second_factor, name="second_factor"),
    path("second-facteur/secours/", views.recovery, name="recovery"),
    path("second-facteur/installer/", views.set_up_second_factor, name="set_up_second_factor"),
    path("second-facteur/remplacer/", views.replace_second_factor, name="replace_second_factor"),
    path("second-facteur/codes/", views.recovery_codes, name="recovery_codes"),
    path("mot-de-passe/", views.change_password, name="change_password"),
    path("mot-de-passe/oublie/", views.ask_password_reset, name="ask_password_reset"),
    path("mot-de-passe/nouveau/<str:uid>/<str:token>/", views.reset_password, name="reset_password"),
    path("invitation/<str:token>/", views.accept_invitation, name="accept_invitation"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/fermer/", views.close_session, name="close_session"),
    path("roles/", views.roles, name="roles"),
    path("personnes/", views.people, name="people"),
    path("personnes/inviter/", views.invite, name="invite"),
    path("personnes/inviter/perimetre/", views.choose_scope, name="choose_scope"),
    path("personnes/<int:pk>/", views.person, name="person"),
    path("personnes/<int:pk>/fermer/", views.close_account, name="close_account"),
    path("personnes/<int:pk>/second-facteur/", views.take_second_factor_away, name="take_second_factor_away"),
    path("mandats/<int:pk>/fin/", views.end_mandate, name="end_mandate"),
    path("invitations/<int:pk>/renvoyer/", views.resend_invitation, name="resend_invitation"),
    path("invitations/<int:pk>/annuler/", views.cancel_invitation, name="cancel_invitation"),
]
