"""What the tests against PyTorch share: the module, or a word on its absence."""

from __future__ import annotations

from typing import Any

import pytest

MISSING = 'PyTorch is missing, so nothing was compared with it: pip install "cnnspec[torch]"'


@pytest.fixture(scope="session")
def torch() -> Any:
    """Return the module `torch`; skip, and say so, where PyTorch is missing."""
    return pytest.importorskip("torch", reason=MISSING)
