"""What the tests of files share."""

from collections.abc import Iterator

import pytest
from loading import Loader


@pytest.fixture(scope="package")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    """What loads files in a process of its own."""
    folder = tmp_path_factory.mktemp("loaded") / "honest"
    folder.mkdir()
    made = Loader(folder)
    yield made
    made.stop()
