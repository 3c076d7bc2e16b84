"""The toolbox: who keeps its sheets, and into which plan one may be taken up."""

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import Amendment, Plan, Sheet, ToolEvidence, ToolSheet
from prevenance.domains.strategy.rules.amendments import check_act_is_open
from prevenance.domains.strategy.rules.plans import holds_plan

State = ToolSheet.State

# From a state to those that it may become; a sheet that was withdrawn may be published again.
NEXT: dict[str, tuple[str, ...]] = {
    State.DRAFT: (State.PUBLISHED,),
    State.PUBLISHED: (State.WITHDRAWN,),
    State.WITHDRAWN: (State.PUBLISHED,),
}


def check_can_keep_toolbox(actor: Actor) -> None:
    if not actor.can("keep_toolbox"):
        raise Refused(_("La boîte à outils est tenue par le secrétariat général national."))


def check_can_publish_tool(tool: ToolSheet, actor: Actor) -> None:
    check_can_keep_toolbox(actor)
    if State.PUBLISHED not in NEXT[tool.state]:
        raise Stale(_("Cette fiche outil est déjà publiée."))
    if not tool.steps:
        raise Refused(_("Écrivez au moins une étape : une fiche outil dit comment s’y prendre."))


def check_can_withdraw_tool(tool: ToolSheet, actor: Actor) -> None:
    check_can_keep_toolbox(actor)
    if State.WITHDRAWN not in NEXT[tool.state]:
        raise Stale(_("Seule une fiche outil publiée se retire."))


def check_evidence_has_sources(evidence: dict[str, dict[str, str]]) -> None:
    """What is known is said, with where it comes from: the sentence of the constraint evidence_has_a_source."""
    for heading, known in evidence.items():
        if known["level"] != ToolEvidence.Level.UNKNOWN and not (known["text"] and known["source"]):
            raise Refused(
                _("« %(heading)s » : dites ce que l’on sait et sa source, ou répondez « Inconnu ».")
                % {"heading": ToolEvidence.Heading(heading).label}
            )


# ---------------------------------------------------------------------------------------------------- adoption


def check_can_prepare_some_plan(actor: Actor) -> None:
    if not actor.can("hold_plan"):
        raise Refused(_("Reprendre une fiche outil revient à qui prépare un plan : coordination, maire, préfecture."))


def check_can_adopt(tool: ToolSheet, plan: Plan, amendment: Amendment | None, actor: Actor) -> None:
    """Raises Stale when the draft has the tool already, Refused for the rest."""
    check_can_prepare_some_plan(actor)
    if not holds_plan(plan, actor):
        raise Refused(_("Ce plan n’est pas le vôtre : une fiche outil se reprend dans un plan que l’on prépare."))
    if tool.state != State.PUBLISHED:
        raise Refused(_("Cette fiche outil n’est pas publiée : elle ne se reprend pas dans un plan."))
    if plan.ended_on is not None:
        raise Refused(_("Ce plan est terminé : reprenez la fiche outil dans le plan qui lui succède."))
    if amendment is None:
        raise Refused(
            _("Ce plan n’a aucun texte en préparation : ouvrez d’abord un avenant, puis reprenez la fiche outil.")
        )
    if amendment.plan_id != plan.pk or amendment.state != Amendment.State.DRAFT:
        raise Stale(_("Ce texte n’est plus en préparation : ouvrez un avenant, puis reprenez la fiche outil."))
    check_act_is_open(amendment)
    if (already := adopted(tool, amendment)) is not None:
        raise Stale(
            _("« %(plan)s » a déjà cette fiche outil : c’est sa fiche n° %(number)s.")
            % {"plan": plan.title, "number": already.number}
        )


def adopted(tool: ToolSheet, amendment: Amendment) -> Sheet | None:
    """The sheet that a draft drew from the tool, if any."""
    return amendment.sheets.filter(origin=tool, withdrawn_by=None).first()


def draft_of(plan: Plan) -> Amendment | None:
    """The text in preparation of a plan: its first text, or the last amendment opened."""
    return plan.amendments.filter(state=Amendment.State.DRAFT).order_by("-number").first()
