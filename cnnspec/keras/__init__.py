"""The only place where a deep-learning framework is imported, and only inside functions."""

from cnnspec.keras.build import build, framework
from cnnspec.keras.requirement import require

__all__ = ["build", "framework", "require"]
