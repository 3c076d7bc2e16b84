"""A council, those who hold a plan there, and the plan in preparation."""

import pytest

from tests.factories import CouncilFactory, actor, coordinator_of
from tests.factories.strategy import PlanFactory


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def lead(council):
    return coordinator_of(council)


@pytest.fixture
def mayor(council):
    return actor("mayor", council.scope.holder)


@pytest.fixture
def plan(council):
    return PlanFactory(council=council, scope=council.scope.holder, territory=council.territory, title="L’essentiel")
