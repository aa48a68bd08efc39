"""The networks of `keras.applications`."""

from __future__ import annotations

from cnnspec.errors import CnnspecError, listing, shorten, suggest
from cnnspec.keras.build import framework


def configuration(name: str) -> bytes:
    """Return the configuration of a network without weights as JSON; raise CnnspecError where there is none."""
    applications = framework().applications
    names = [word for word in dir(applications) if word[:1].isupper() and callable(getattr(applications, word))]
    if name not in names:
        message = f"`keras.applications` has no `{shorten(name)}`"
        raise CnnspecError.one("E601", message, notes=(f"it has {listing(names)}",), help=suggest(name, names))
    return str(getattr(applications, name)(weights=None).to_json()).encode()
