"""What tests of the two generated pages share."""

from pathlib import Path
from typing import Any

import pytest

from tests.regulation.house import write


@pytest.fixture
def house(tmp_path: Path, settings: Any) -> Path:
    """An empty house with the folder of its pages; the commands read and write there."""
    write(tmp_path, "docs/README.md", "")
    settings.BASE_DIR = tmp_path
    return tmp_path
