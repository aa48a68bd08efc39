"""`cnnspec train`: from a spec to a trained network in a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics
from cnnspec.cli.settings import read_options, takes_settings
from cnnspec.errors import UsageError, shorten

DEFAULT: Final = "lenet5"
AUTO: Final = "auto"
EXAMPLES = """Examples:

cnnspec train

cnnspec train digits-cnn

cnnspec train digits-cnn --validation-split 0.2 --live

cnnspec train lenet5 --data-dir ~/data --schedule cosine --augment crop

cnnspec train net.yaml --data photos/ --resize --validation-split 0.2 --patience 5

cnnspec train lenet5 --dry-run

cnnspec train runs/lenet5/1 --resume

cnnspec train few.yaml --init base=runs/base/1

cnnspec train few.yaml --init few/1 --unfreeze base --learning-rate 1e-5

cnnspec train lenet5 --workers 2 --resume auto

srun -n 4 cnnspec train lenet5 --batch-size 256 --resume auto
"""


@takes_settings
def train(
    spec: Annotated[
        str, typer.Argument(metavar="[SPEC|RUN]", help="A spec, or with `--resume` a run folder.", show_default=True)
    ] = DEFAULT,
    run_dir: Annotated[Path, typer.Option(metavar="DIR", help="Folder for run folders.")] = Path("runs"),
    mode: Annotated[str, typer.Argument(metavar="[auto]", hidden=True)] = "",
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with the run folder, or with the newest run of the spec; "
            "`--resume auto` begins one where there is none.",
        ),
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Draw the learning curves in the terminal, epoch by epoch.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, train nothing.")] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Train with N processes on this machine, who share each batch."),
    ] = None,
    wait: Annotated[
        int, typer.Option(min=1, metavar="SECONDS", help="How long workers wait for each other before they begin.")
    ] = 300,
    input: opt.Input = [],
    param: opt.Param = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
    **given: Any,
) -> None:
    """Train a network; settings come from the `train` section of the spec, and options win over it.

    Everything that can be known to go wrong is checked before TensorFlow starts. Every training gets a folder of its
    own, `runs/NAME/N`, with the spec, checkpoints, history and pictures. Ctrl-C ends the epoch; `--resume` goes on.
    Where `TF_CONFIG` or `srun` names several workers, they train together.
    """
    with diagnostics(error_format):
        import os

        from cnnspec.keras.requirement import MODULES, require

        require(["numpy"] if dry_run else MODULES)  # before what imports it
        from cnnspec.cli.training import Request, follow_chief, lead_workers, train_network
        from cnnspec.training.workers.surroundings import find_cluster

        spec, auto = _auto(spec, mode, resume=resume)
        overrides = opt.overrides(input, param)
        request = Request(
            spec, read_options(given), overrides, run_dir, resume, auto, dry_run, wait, error_format, live
        )
        cluster = find_cluster(workers, os.environ)
        if cluster is None or dry_run:
            code = train_network(request, cluster, None)
        elif cluster.index:
            code = follow_chief(request, cluster)
        else:
            code = lead_workers(request, cluster)
        if code:
            raise typer.Exit(code)


def _auto(spec: str, mode: str, *, resume: bool) -> tuple[str, bool]:
    """Return the spec, and whether the word `auto` stands behind it or before it, as in `--resume auto`."""
    words = [word for word in (spec, mode) if word]
    if not mode and not (resume and spec == AUTO):
        return spec, False
    if not resume or AUTO not in words:
        raise UsageError.one("E702", f"one network is trained at a time, and `{shorten(mode)}` is a second word")
    words.remove(AUTO)
    return words[0] if words else DEFAULT, True
