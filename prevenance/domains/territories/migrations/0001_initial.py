import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        django.contrib.postgres.operations.TrigramExtension(),
        migrations.CreateModel(
            name="Territory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("commune", "Commune"),
                            ("ept", "Établissement public territorial"),
                            ("epci", "Intercommunalité"),
                            ("departement", "Département"),
                            ("region", "Région"),
                            ("nation", "Nation"),
                        ],
                        max_length=12,
                        verbose_name="nature",
                    ),
                ),
                ("code", models.CharField(max_length=9, verbose_name="code officiel")),
                ("name", models.CharField(max_length=200, verbose_name="nom")),
                ("sort_name", models.CharField(max_length=200, verbose_name="clé de tri")),
                ("search_name", models.CharField(max_length=250, verbose_name="clé de recherche")),
                ("weight", models.PositiveIntegerField(default=0, verbose_name="poids dans les résultats")),
                (
                    "zone",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("metro", "France métropolitaine"),
                            ("drom", "Département ou région d’outre-mer"),
                            ("com", "Collectivité d’outre-mer"),
                        ],
                        max_length=5,
                        verbose_name="zone",
                    ),
                ),
                ("siren", models.CharField(blank=True, max_length=9, verbose_name="SIREN")),
                (
                    "legal_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("CC", "Communauté de communes"),
                            ("CA", "Communauté d’agglomération"),
                            ("CU", "Communauté urbaine"),
                            ("METRO", "Métropole"),
                            ("MET69", "Métropole de Lyon, collectivité à statut particulier"),
                            ("EPT", "Établissement public territorial du Grand Paris"),
                        ],
                        max_length=5,
                        verbose_name="forme juridique",
                    ),
                ),
                ("longitude", models.FloatField(blank=True, null=True, verbose_name="longitude")),
                ("latitude", models.FloatField(blank=True, null=True, verbose_name="latitude")),
                (
                    "point_kind",
                    models.CharField(
                        blank=True,
                        choices=[("town hall", "mairie"), ("inside", "point à l’intérieur du territoire")],
                        max_length=9,
                        verbose_name="nature du point",
                    ),
                ),
                ("since", models.DateField(blank=True, null=True, verbose_name="existe depuis")),
                ("until", models.DateField(blank=True, null=True, verbose_name="a cessé d’exister le")),
            ],
            options={
                "verbose_name": "territoire",
                "verbose_name_plural": "territoires",
                "indexes": [
                    models.Index(fields=["kind", "sort_name", "code"], name="territory_order"),
                    models.Index(fields=["code"], name="territory_code", opclasses=["varchar_pattern_ops"]),
                    models.Index(
                        fields=["search_name"], name="territory_name_start", opclasses=["varchar_pattern_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["search_name"], name="territory_name_words", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("kind", "code"), name="territory_kind_code")],
            },
        ),
        migrations.CreateModel(
            name="Containment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "container", "contained", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "container",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contents",
                        to="territories.territory",
                        verbose_name="contenant",
                    ),
                ),
                (
                    "contained",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="containers",
                        to="territories.territory",
                        verbose_name="contenu",
                    ),
                ),
                ("direct", models.BooleanField(verbose_name="lien direct")),
                ("partial", models.BooleanField(verbose_name="en partie seulement")),
            ],
            options={
                "verbose_name": "appartenance",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="PopulationSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "definition",
                    models.CharField(
                        choices=[
                            ("total", "Population totale"),
                            ("municipal", "Population municipale"),
                            ("unspecified", "Population de définition non précisée"),
                        ],
                        max_length=11,
                        verbose_name="définition",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="millésime")),
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                ("note", models.TextField(blank=True, verbose_name="remarque")),
                ("source", models.TextField(verbose_name="source")),
            ],
            options={
                "verbose_name": "série de population",
                "verbose_name_plural": "séries de population",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("definition", "year"), name="population_series", nulls_distinct=False
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Population",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "territory", "series", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="populations",
                        to="territories.territory",
                        verbose_name="territoire",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territories.populationseries",
                        verbose_name="série",
                    ),
                ),
                ("value", models.PositiveIntegerField(verbose_name="habitants")),
                ("missing", models.PositiveIntegerField(default=0, verbose_name="communes sans chiffre")),
            ],
            options={
                "verbose_name": "population",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="PostalCode",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "code", "territory", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(max_length=5, verbose_name="code postal")),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="postal_codes",
                        to="territories.territory",
                        verbose_name="territoire",
                    ),
                ),
            ],
            options={
                "verbose_name": "code postal",
                "indexes": [models.Index(fields=["code"], name="postal_code", opclasses=["varchar_pattern_ops"])],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="FormerCode",
            fields=[
                ("code", models.CharField(max_length=5, primary_key=True, serialize=False, verbose_name="ancien code")),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_codes",
                        to="territories.territory",
                        verbose_name="territoire",
                    ),
                ),
            ],
            options={
                "verbose_name": "ancien code",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Contour",
            fields=[
                (
                    "territory",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="contour",
                        serialize=False,
                        to="territories.territory",
                        verbose_name="territoire",
                    ),
                ),
                ("geometry", models.TextField(verbose_name="géométrie")),
                ("west", models.FloatField(verbose_name="ouest")),
                ("south", models.FloatField(verbose_name="sud")),
                ("east", models.FloatField(verbose_name="est")),
                ("north", models.FloatField(verbose_name="nord")),
            ],
            options={
                "verbose_name": "contour",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="PriorityNeighbourhood",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=9, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="nom")),
                ("vintage", models.PositiveSmallIntegerField(verbose_name="millésime")),
            ],
            options={
                "verbose_name": "quartier prioritaire",
                "verbose_name_plural": "quartiers prioritaires",
                "constraints": [models.UniqueConstraint(fields=("code", "vintage"), name="neighbourhood_code_vintage")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="NeighbourhoodCommune",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "neighbourhood", "commune", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "neighbourhood",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territories.priorityneighbourhood",
                        verbose_name="quartier",
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territories.territory",
                        verbose_name="commune",
                    ),
                ),
            ],
            options={
                "verbose_name": "commune d’un quartier prioritaire",
                "verbose_name_plural": "communes des quartiers prioritaires",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.AddField(
            model_name="priorityneighbourhood",
            name="communes",
            field=models.ManyToManyField(
                related_name="priority_neighbourhoods",
                through="territories.NeighbourhoodCommune",
                to="territories.territory",
                verbose_name="communes",
            ),
        ),
        migrations.CreateModel(
            name="ReferenceImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("territories", "Territoires du code officiel géographique"),
                            ("neighbourhoods", "Quartiers prioritaires de la politique de la ville"),
                        ],
                        max_length=14,
                        verbose_name="liste",
                    ),
                ),
                ("vintage", models.PositiveSmallIntegerField(verbose_name="millésime")),
                ("zones", models.CharField(blank=True, max_length=20, verbose_name="zones couvertes")),
                ("source", models.TextField(verbose_name="source")),
                ("licence", models.TextField(verbose_name="licence")),
                ("digest", models.CharField(max_length=64, verbose_name="empreinte SHA-256 du fichier")),
                ("rows", models.PositiveIntegerField(verbose_name="lignes")),
                ("imported_at", models.DateTimeField(verbose_name="chargée le")),
            ],
            options={
                "verbose_name": "liste de référence chargée",
                "verbose_name_plural": "listes de référence chargées",
                "constraints": [models.UniqueConstraint(fields=("kind", "vintage"), name="reference_import_vintage")],
                "indexes": [],
            },
        ),
    ]
