"""Screens of people and accounts."""

from prevenance.domains.accounts.views.account import (
    account,
    close_session,
    roles,
    sessions,
)
from prevenance.domains.accounts.views.entering import demonstrate, locked_out, sign_in, sign_out, switch
from prevenance.domains.accounts.views.invitations import (
    accept_invitation,
    cancel_invitation,
    choose_scope,
    invite,
    resend_invitation,
)
from prevenance.domains.accounts.views.passwords import ask_password_reset, change_password, reset_password
from prevenance.domains.accounts.views.people import (
    close_account,
    end_mandate,
    people,
    person,
    take_second_factor_away,
)
from prevenance.domains.accounts.views.second_factor import (
    recovery,
    recovery_codes,
    replace_second_factor,
    second_factor,
    set_up_second_factor,
)

__all__ = [
    "accept_invitation",
    "account",
    "ask_password_reset",
    "cancel_invitation",
    "change_password",
    "choose_scope",
    "close_account",
    "close_session",
    "demonstrate",
    "end_mandate",
    "invite",
    "locked_out",
    "people",
    "person",
    "recovery",
    "recovery_codes",
    "replace_second_factor",
    "resend_invitation",
    "reset_password",
    "roles",
    "second_factor",
    "sessions",
    "set_up_second_factor",
    "sign_in",
    "sign_out",
    "switch",
    "take_second_factor_away",
]
