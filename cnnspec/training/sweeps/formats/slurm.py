"""A sweep as a job array of SLURM: `cnnspec sweep … --print slurm | sbatch`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import join

from cnnspec.training.runs.folders import folder_name


def render(name: str, commands: Sequence[Sequence[str]], jobs: int | None) -> str:
    """Return the script of an array with a task for each training; `jobs` is how many run at once."""
    at_once = f"%{jobs}" if jobs else ""
    head = [
        "#!/bin/bash",
        f"#SBATCH --job-name=sweep-{folder_name(name)}",
        f"#SBATCH --array=0-{len(commands) - 1}{at_once}",
        f"#SBATCH --output=sweep-{folder_name(name)}-%A_%a.log",
        "#SBATCH --requeue",
        "",
    ]
    return "\n".join([*head, *cases("SLURM_ARRAY_TASK_ID", commands)]) + "\n"


def cases(variable: str, commands: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a shell script that runs the training whose number a variable holds."""
    yield f'case "${variable}" in'
    for number, words in enumerate(commands):
        yield f"{number}) exec {join(['cnnspec', *words])} ;;"
    yield "*) exit 2 ;;"
    yield "esac"
