"""Programs as `torch.export.save` writes them: archives with JSON, and what is said of those that are refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.importing.opening import open_model

MISSING: Final = "PyTorch is missing: what it exports today is NOT imported here"


def packed(document: Any, folder: Path) -> Path:
    """Return an archive with a program."""
    path = folder / "net.pt2"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/models/model.json", document if isinstance(document, str) else json.dumps(document))
    return path


def messages(path: Path, **given: Any) -> list[str]:
    """Return what is said of a file that cannot be imported."""
    with pytest.raises(cnnspec.CnnspecError) as caught:
        open_model(str(path), **given)
    return [f"{fault.code} {fault.message} {' '.join(fault.notes)}".strip() for fault in caught.value.diagnostics]
