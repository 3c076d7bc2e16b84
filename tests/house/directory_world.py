"""A structure of the world's town and a service of it; what fills in addresses of the directory."""

from tests.factories.directory import ServiceFactory, StructureFactory


class DirectoryWorld:
    def __init__(self, town):
        self.structure = StructureFactory(commune=town)
        self.service = ServiceFactory(structure=self.structure)

    def value(self, argument):
        """Argument `argument` of an address of the directory."""
        return {"structure": self.structure.pk, "service": self.service.pk}[argument]
