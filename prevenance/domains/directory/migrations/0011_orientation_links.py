"""Orientations by a link that expires, the links themselves by their digest, and the answers of services."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_delegations"),
        ("directory", "0010_devices_and_circuits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OrientationLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        editable=False, max_length=7, unique=True, verbose_name="code remis à la personne"
                    ),
                ),
                ("need", models.CharField(blank=True, max_length=30, verbose_name="victime de")),
                ("audience", models.CharField(blank=True, max_length=60, verbose_name="public")),
                ("wish", models.CharField(max_length=20, verbose_name="délai souhaité")),
                (
                    "assessment",
                    models.BooleanField(default=False, verbose_name="pour l’évaluation personnalisée de ses besoins"),
                ),
                ("assessed_on", models.DateField(blank=True, null=True, verbose_name="évaluation faite le")),
                ("mailed", models.BooleanField(default=False, verbose_name="envoyée par courriel")),
                ("mailed_at", models.DateTimeField(blank=True, null=True, verbose_name="courriel parti le")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "Sans réponse"),
                            ("accepted", "Acceptée"),
                            ("waiting", "En attente"),
                            ("refused", "Refusée"),
                        ],
                        default="sent",
                        max_length=10,
                        verbose_name="réponse",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="faite le"),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expire le")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="première réponse le")),
                ("reminded_on", models.DateField(blank=True, null=True, verbose_name="service relancé le")),
                ("told_on", models.DateField(blank=True, null=True, verbose_name="silence signalé le")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="retirée le")),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="organisme",
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.scope",
                        verbose_name="périmètre",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="orientée par",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orientations",
                        to="directory.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "orientation par un lien",
                "verbose_name_plural": "orientations par un lien",
                "ordering": ["-made_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="OrientationKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True, verbose_name="empreinte du lien")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="fait le"),
                ),
                (
                    "orientation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="keys",
                        to="directory.orientationlink",
                        verbose_name="orientation",
                    ),
                ),
            ],
            options={
                "verbose_name": "lien d’une orientation",
                "verbose_name_plural": "liens d’une orientation",
            },
        ),
        migrations.CreateModel(
            name="OrientationAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("accepted", "Nous recevrons la personne"),
                            ("waiting", "Il faut attendre"),
                            ("refused", "Nous ne pouvons pas la recevoir"),
                            ("assessed", "L’évaluation personnalisée a eu lieu"),
                        ],
                        max_length=10,
                        verbose_name="réponse",
                    ),
                ),
                ("day", models.DateField(blank=True, null=True, verbose_name="date")),
                ("wait", models.CharField(blank=True, max_length=20, verbose_name="attente")),
                ("reason", models.CharField(blank=True, max_length=20, verbose_name="motif")),
                (
                    "answered_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="répondu le"),
                ),
                (
                    "orientation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="directory.orientationlink",
                        verbose_name="orientation",
                    ),
                ),
            ],
            options={
                "verbose_name": "réponse à une orientation",
                "verbose_name_plural": "réponses à une orientation",
                "ordering": ["-answered_at", "-id"],
            },
        ),
        migrations.AddIndex(
            model_name="orientationlink",
            index=models.Index(fields=["scope", "sender", "-made_at", "-id"], name="orientation_of_sender"),
        ),
        migrations.AddIndex(
            model_name="orientationlink",
            index=models.Index(fields=["scope", "organisation", "-made_at", "-id"], name="orientation_of_organisation"),
        ),
        migrations.AddIndex(
            model_name="orientationlink",
            index=models.Index(fields=["service", "answered_at"], name="orientation_of_service"),
        ),
        migrations.AddIndex(
            model_name="orientationlink",
            index=models.Index(fields=["expires_at"], name="orientation_end"),
        ),
        migrations.AddConstraint(
            model_name="orientationlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[A-Z]{3}-[0-9]{3}$")), name="orientation_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="orientationlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("made_at"))), name="orientation_ends_after_it_begins"
            ),
        ),
        migrations.AddConstraint(
            model_name="orientationlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("state", "sent")),
                    models.Q(models.Q(("state", "sent"), _negated=True), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="orientation_answered_once_it_is",
            ),
        ),
        migrations.AddConstraint(
            model_name="orientationlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("assessed_on", None), ("assessment", True), _connector="OR"),
                name="orientation_assessed_when_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="orientationanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer__in", ["accepted", "assessed"]), ("day__isnull", False), ("reason", ""), ("wait", "")
                    ),
                    models.Q(
                        ("answer", "waiting"), ("day", None), ("reason", ""), models.Q(("wait", ""), _negated=True)
                    ),
                    models.Q(
                        ("answer", "refused"), ("day", None), ("wait", ""), models.Q(("reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="orientation_answer_whole",
            ),
        ),
    ]
