"""A structure of the world's town and a service of it; what fills in addresses of the directory."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from prevenance.domains.directory.models import Exchange
from prevenance.domains.directory.rules.exchanges import place_of
from tests.factories import coordinator_of
from tests.factories.directory import ServiceFactory, StructureFactory


class DirectoryWorld:
    def __init__(self, council, town):
        self.structure = StructureFactory(commune=town)
        self.service = ServiceFactory(structure=self.structure)
        self.second = StructureFactory(commune=town)
        self.service_second = ServiceFactory(structure=self.structure)
        by = coordinator_of(council)
        # A file to take, asked for by whoever coordinates the council: others do not see it.
        self.exchange = Exchange.objects.create(
            direction="out", state="done", finished_at=timezone.now(), requested_by=by.person, mandate_id=by.mandate_id
        )
        default_storage.save(place_of(self.exchange), ContentFile(b"zip"))

    def value(self, name, argument):
        """Argument `argument` of address `name` of the directory."""
        if argument == "key":
            return self.service.key
        rows = "service" if name.startswith("directory:services_") else "structure"
        row = {"first": rows, "second": "service_second" if rows == "service" else "second"}.get(argument, argument)
        return getattr(self, row).pk
