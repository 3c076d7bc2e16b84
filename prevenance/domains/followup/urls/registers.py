from django.urls import path

from prevenance.domains.followup.views import calls, families, register_figures, registers, transactions

urlpatterns = [
    path("registres/", registers.registers, name="registers"),
    path("registres/protocole/", registers.protocol, name="register_protocol"),
    path("registres/chiffres/", register_figures.register_figures, name="register_figures"),
    path("registres/rappels/", calls.calls, name="calls"),
    path("registres/rappels/ouvrir/", calls.call_open, name="call_open"),
    path("registres/rappels/<int:call>/", calls.call, name="call"),
    path("registres/rappels/<int:call>/documents/<slug:paper>.pdf", calls.call_paper, name="call_paper"),
    path("registres/rappels/<int:call>/conservation/", calls.call_hold, name="call_hold"),
    path("registres/rappels/<int:call>/conservation/lever/", calls.call_release, name="call_release"),
    path("registres/rappels/<int:call>/<slug:stage>/", calls.call_stage, name="call_stage"),
    path("registres/transactions/", transactions.transactions, name="transactions"),
    path("registres/transactions/inscrire/", transactions.transaction_open, name="transaction_open"),
    path("registres/transactions/<int:entry>/", transactions.transaction, name="transaction"),
    path(
        "registres/transactions/<int:entry>/documents/<slug:letter>.pdf", transactions.transaction_paper,
        name="transaction_paper",
    ),
    path("registres/transactions/<int:entry>/conservation/", transactions.transaction_hold, name="transaction_hold"),
    path(
        "registres/transactions/<int:entry>/conservation/lever/", transactions.transaction_release,
        name="transaction_release",
    ),
    path(
        "registres/transactions/<int:entry>/<slug:phase>/", transactions.transaction_stage, name="transaction_stage"
    ),
    path("suivis/<int:file>/famille/", families.family, name="family"),
    path("suivis/<int:file>/famille/commencer/", families.family_begin, name="family_begin"),
    path("suivis/<int:file>/famille/attestation.pdf", families.family_certificate, name="family_certificate"),
    path("suivis/<int:file>/famille/<slug:family>/", families.family_stage, name="family_stage"),
]  # fmt: skip
