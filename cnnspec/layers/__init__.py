"""One file per kind or close family of kinds; importing this package registers them all."""

from importlib import import_module

from cnnspec.registry import modules_in

for _name in modules_in("layers"):
    import_module(f"{__name__}.{_name}")
