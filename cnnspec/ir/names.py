"""Names that a spec may give to layers, blocks and inputs."""

from __future__ import annotations

import re
from typing import Final

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
NAME_RULE: Final = "a name begins with a letter and holds letters, digits, `_` and `-`, at most 64 of them"
