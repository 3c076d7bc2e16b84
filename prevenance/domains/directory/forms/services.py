"""A service, and the filters of their list."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput
from prevenance.domains.directory.actions.services import Told
from prevenance.domains.directory.forms.structures import HIDDEN, HOURS, AddressMixin, ClosuresField, closures_of
from prevenance.domains.directory.models import closed_list, in_force, kind_choices
from prevenance.domains.directory.rules.services import all_to_confirm, hides_address
from prevenance.domains.territories.forms import TerritoryField
from prevenance.domains.territories.models import Territory

SERVED = ("commune", "epci", "departement", "nation")  # what a commune lies in, that a service usually serves
SERVED_LABELS = {
    "commune": _("Sa commune"),
    "epci": _("Son intercommunalité"),
    "departement": _("Son département"),
    "nation": _("La France entière"),
}


def choices(name):
    """Choices of a closed list of data.inclusion, read when a form is drawn."""
    return lambda: list(closed_list(name).items())


def review_choices():
    months = in_force("review_months", timezone.localdate())["months"]
    return [("", _("À la période habituelle")), *((n, _("Tous les %(count)d mois") % {"count": n}) for n in months)]


def several(label, name, **options):
    """Boxes of a closed list."""
    options |= {"label": label, "choices": choices(name), "required": False, "widget": forms.CheckboxSelectMultiple}
    return forms.MultipleChoiceField(**options)


class ServiceForm(AddressMixin):
    name = forms.CharField(label=_("Nom du service"), max_length=150, min_length=3)
    kind = forms.ChoiceField(label=_("Nature"), choices=lambda: [("", _("Choisissez")), *kind_choices()])
    description = forms.CharField(
        label=_("Ce qui est proposé"), min_length=5, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("En phrases courtes. L’adresse d’un lieu protégé ne s’écrit nulle part, pas même ici."),
    )  # fmt: skip
    audiences = forms.MultipleChoiceField(
        label=_("Publics"), choices=choices("publics"), required=False, widget=forms.CheckboxSelectMultiple
    )
    audience_note = forms.CharField(
        label=_("Précisions sur les publics"), max_length=500, required=False, help_text=_("Âges, situations.")
    )
    conditions = forms.CharField(
        label=_("Conditions d’accès"), max_length=500, required=False, help_text=_("Pièces à apporter, prérequis.")
    )
    cost = forms.ChoiceField(
        label=_("Frais"), required=False, choices=lambda: [("", _("Non précisés")), *closed_list("frais").items()]
    )
    cost_note = forms.CharField(label=_("Précisions sur les frais"), max_length=300, required=False)
    modes = forms.MultipleChoiceField(
        label=_("Accueil"), choices=choices("modes_accueil"), required=False, widget=forms.CheckboxSelectMultiple
    )
    commune = TerritoryField(
        kinds=("commune",), label=_("Commune où le service est rendu"),
        help_text=_("Celle de la permanence, quand la structure est ailleurs."),
    )  # fmt: skip
    address_hidden = forms.BooleanField(label=_("Adresse tenue secrète"), required=False, help_text=HIDDEN)
    address = forms.CharField(
        label=_("Adresse"), max_length=200, required=False, help_text=_("Vide : celle de la structure.")
    )
    address_more = forms.CharField(label=_("Complément d’adresse"), max_length=200, required=False)
    postcode = forms.CharField(label=_("Code postal"), max_length=8, required=False)
    served = forms.MultipleChoiceField(
        label=_("Pour les habitants de"), required=False, choices=list(SERVED_LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    others = forms.CharField(
        label=_("Et de ces autres territoires"), max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Un par ligne : nom, code Insee ou code postal d’une commune, d’un département…"),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Téléphone"), max_length=25, required=False, help_text=_("Vide : celui de la structure.")
    )
    email = forms.EmailField(
        label=_("Adresse électronique"), required=False, help_text=_("Vide : celle de la structure.")
    )
    reached_by = forms.MultipleChoiceField(
        label=_("Qui peut s’y adresser"), choices=choices("mobilisable_par"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    reach_modes = forms.MultipleChoiceField(
        label=_("Comment"), choices=choices("modes_mobilisation"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reach_link = forms.URLField(
        label=_("Lien pour s’y adresser"), max_length=2083, required=False, assume_scheme="https"
    )
    reach_note = forms.CharField(label=_("Précisions pour s’y adresser"), max_length=500, required=False)
    contact = forms.CharField(
        label=_("Personne à contacter"),
        max_length=200,
        required=False,
        help_text=_("Un professionnel, s’il l’accepte."),
    )
    opened_on = forms.DateField(label=_("Ouvert le"), required=False, widget=DateInput)
    type = forms.ChoiceField(
        label=_("Forme"), required=False, choices=lambda: [("", _("Non précisée")), *closed_list("types").items()]
    )
    needs = several(_("Pour les victimes de"), "needs")
    schemes = several(_("Dispositifs"), "schemes")
    stages = several(_("À quel moment"), "stages")
    age_from = forms.IntegerField(label=_("À partir de cet âge"), min_value=0, max_value=120, required=False)
    age_to = forms.IntegerField(label=_("Jusqu’à cet âge, compris"), min_value=0, max_value=120, required=False)
    languages = several(_("Langues parlées, outre le français"), "languages")
    sign_language = forms.BooleanField(label=_("Accueil en langue des signes française"), required=False)
    accessibility = several(_("Accessibilité"), "accessibility")
    ways = several(_("Comment on est reçu"), "ways")
    hours = forms.CharField(label=_("Horaires d’accueil"), max_length=1000, required=False, help_text=HOURS)
    closures = ClosuresField(label=_("Fermetures"))
    capacity_hours = forms.DecimalField(
        label=_("Heures d’accueil par semaine"), min_value=0, max_value=10_000, decimal_places=2, required=False,
        help_text=_("Toutes personnes confondues : une permanence de 3 heures à deux en fait 6."),
    )  # fmt: skip
    takes_complaints = forms.BooleanField(label=_("On peut y déposer plainte"), required=False)
    digital_mediation = forms.BooleanField(
        label=_("Point de médiation numérique"), required=False, help_text=_("Accès gratuit à internet, avec une aide.")
    )
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180, required=False)
    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90, required=False)
    owner_name = forms.CharField(
        label=_("Tenu à jour par"), max_length=160, required=False,
        help_text=_("L’organisme dont les membres reçoivent les rappels. Vide : qui l’a inscrit."),
    )  # fmt: skip
    review_months = forms.TypedChoiceField(
        label=_("À vérifier"), required=False, coerce=int, empty_value=None, choices=lambda: review_choices()
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    # Headings under which the fields are shown.
    PARTS = [
        (_("Le service"), ("name", "kind", "type", "description", "needs", "schemes", "stages", "opened_on")),
        (_("Pour qui"), ("audiences", "age_from", "age_to", "audience_note", "conditions", "cost", "cost_note")),
        (
            _("Où"),
            (
                "modes",
                "ways",
                "commune",
                "address_hidden",
                "address",
                "address_more",
                "postcode",
                "longitude",
                "latitude",
                "served",
                "others",
            ),
        ),
        (_("Quand"), ("hours", "closures", "capacity_hours")),
        (_("Langues et accès"), ("languages", "sign_language", "accessibility")),
        (_("Tenue de la fiche"), ("owner_name", "review_months")),
        (_("Ce qu’on y trouve aussi"), ("takes_complaints", "digital_mediation")),
        (
            _("Comment s’y adresser"),
            ("phone", "email", "contact", "reached_by", "reach_modes", "reach_link", "reach_note"),
        ),
    ]

    TEXTS = ("name", "description", "audience_note", "conditions", "cost_note", "reach_note")

    @property
    def parts(self):
        return [(heading, [self[name] for name in names]) for heading, names in self.PARTS]

    def clean_others(self):
        place, found, unread = TerritoryField(label=""), [], []
        for line in filter(None, (line.strip() for line in self.cleaned_data["others"].splitlines())):
            try:
                found.append(place.clean(line))
            except forms.ValidationError as problem:
                unread += problem.messages
        if unread:
            raise forms.ValidationError(unread)
        return found

    def clean(self):
        values = super().clean()
        self.check_point()
        if hides_address(values.get("kind", ""), values.get("address_hidden", False)):
            self.secret_told(*(values.get(name) or "" for name in self.TEXTS))
            self.forget_address()
        commune, served = values.get("commune"), values.get("served") or []
        if not served and not values.get("others") and "others" not in self.errors:
            self.add_error("served", _("Dites quel territoire le service dessert : sa commune au moins."))
        elif commune:
            around = {place.kind: place for place in around_of(commune, served)}
            if missing := [str(SERVED_LABELS[kind]) for kind in served if kind not in around]:
                self.add_error(
                    "served", _("%(commune)s n’en a pas : %(missing)s.")
                    % {"commune": commune.name, "missing": ", ".join(missing)},
                )  # fmt: skip
            values["zones"] = list(
                {place.pk: place for place in (*around.values(), *values.get("others", ()))}.values()
            )
        return values

    def told(self):
        return Told(**{n: v for n, v in self.cleaned_data.items() if n not in ("seen", "served", "others")})


def around_of(commune, kinds):
    """The commune and what it lies in, of these kinds, the largest part of it first."""
    places = Territory.objects.visible_to(None).existing()
    return places.filter(kind__in=kinds, contents__contained=commune).order_by("-weight", "pk")


def values_of(service):
    """What the form shows of a service: the territories around its commune as boxes, the others as lines."""
    apart = ("seen", "served", "others", "closures", "owner_name")
    values = {name: getattr(service, name) for name in ServiceForm.base_fields if name not in apart}
    zones = list(service.zones.order_by("-weight", "pk"))
    around = {place.pk: place.kind for place in around_of(service.commune, SERVED)}
    values["served"] = [around[place.pk] for place in zones if place.pk in around]
    values["others"] = "\n".join(place.choice for place in zones if place.pk not in around)
    owner_name = service.owner.name if service.owner else ""
    return values | {"seen": service.edit, "closures": closures_of(service), "owner_name": owner_name}


class ServiceFilters(forms.Form):
    """Filters in the address. What is not understood is left out, but for a place: the field says what is wrong."""

    STATES = [
        ("", _("Ouverts")), ("confirm", _("À confirmer")), ("reported", _("Signalés")), ("closed", _("Fermés")),
        ("all", _("Tous")),
    ]  # fmt: skip

    q = forms.CharField(label=_("Mots"), required=False, max_length=100, help_text=_("Nom, structure, nature."))
    where = TerritoryField(label=_("Pour les habitants de"), required=False, help_text=_("Vide : toute la France."))
    kind = forms.ChoiceField(label=_("Nature"), required=False, choices=lambda: [("", _("Toutes")), *kind_choices()])
    need = forms.ChoiceField(
        label=_("Victimes de"), required=False, choices=lambda: [("", _("Tout")), *closed_list("needs").items()]
    )
    audience = forms.ChoiceField(
        label=_("Public"), required=False, choices=lambda: [("", _("Tous")), *closed_list("publics").items()]
    )
    state = forms.ChoiceField(label=_("État"), required=False, choices=STATES)

    def narrow(self, services, today):
        if not self.is_valid() and "where" in self.errors:
            return services.none()  # all of France instead of the place meant would mislead
        chosen, services = self.cleaned_data, services.filter(merged_into=None)
        if chosen.get("q"):
            services = services.matching(chosen["q"])
        if chosen.get("where"):
            services = services.near(chosen["where"])
        if chosen.get("kind"):
            services = services.filter(kind=chosen["kind"])
        if chosen.get("need"):
            services = services.filter(needs__contains=[chosen["need"]])
        if chosen.get("audience"):
            # What is for everybody is for them too.
            services = services.filter(audiences__overlap=[chosen["audience"], "tous-publics"])
        match chosen.get("state"):
            case "closed":
                return services.filter(closed_on__lte=today)
            case "all":
                return services
            case "confirm":
                return all_to_confirm(services, today)
            case "reported":
                return services.open(today).reported()
        return services.open(today)
