"""Where a process is told of its fellow workers: TF_CONFIG, SLURM, or the chief that has started it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cnnspec.errors import CnnspecError, UsageError, shorten
from cnnspec.training.runs.untrusted import demand
from cnnspec.training.workers.cluster import MOST_WORKERS, Address, Cluster, ill_named, read_address

TF_CONFIG: Final = "TF_CONFIG"
"""TensorFlow's own variable, which Kubeflow, Vertex AI and others set."""
LAUNCHED: Final = "CNNSPEC_WORKER"
"""What a chief tells a worker that it starts."""
SLURM: Final = {name: f"SLURM_{name}" for name in ("PROCID", "STEP_NUM_TASKS", "STEP_NODELIST", "STEP_TASKS_PER_NODE")}
"""What `srun` tells every task; only in its steps are there as many processes as tasks."""
FIRST_PORT: Final = 12_000
PORTS: Final = 20_000
"""Ports for jobs of SLURM: below those that Linux gives away by itself, others for every job."""
MOST_TEXT: Final = 1_000_000
LEADERS: Final = ("chief", "master")
EXAMPLE: Final = (
    'expected: {"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}, '
    "where `index` differs between the workers"
)


def find_cluster(workers: int | None, environment: Mapping[str, str]) -> Cluster | None:
    """Return the workers of this training, None where this process trains alone.

    `workers` are those that a user wants on this machine; 1 means alone, whatever the environment says. Raises
    CnnspecError where the environment is wrong.
    """
    if LAUNCHED in environment:
        return _read_launched(environment[LAUNCHED])
    if workers == 1:
        return None
    source, found = _surrounding(environment)
    if workers is None or found is None:
        return found if workers is None else _on_this_machine(workers)
    message = f"`{source}` names {found.size} workers, and `--workers {workers}` would start others on this machine"
    raise UsageError.one("E702", message, help="leave out `--workers`")


def _surrounding(environment: Mapping[str, str]) -> tuple[str, Cluster | None]:
    if environment.get(TF_CONFIG, "").strip():
        return TF_CONFIG, read_tf_config(environment[TF_CONFIG])
    if all(name in environment for name in SLURM.values()):
        return "srun", read_slurm(environment)
    return "", None


def _on_this_machine(workers: int) -> Cluster:
    if workers > MOST_WORKERS:
        raise UsageError.one("E703", f"`--workers` must be at most {MOST_WORKERS:,}, not `{workers}`")
    return Cluster((Address("127.0.0.1", 0),) * workers, 0, launched=True)


def describe_worker(cluster: Cluster, index: int) -> str:
    """Return what a chief tells a worker that it starts."""
    return json.dumps({"chief": str(cluster.chief), "index": index, "of": cluster.size, "token": cluster.token})


def _read_launched(text: str) -> Cluster:
    try:
        told = json.loads(text)
        chief, index, size, token = read_address(told["chief"]), told["index"], told["of"], told["token"]
        demand(0 < index < size <= MOST_WORKERS and isinstance(token, str), "it is none")
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise ill_named(LAUNCHED, "it is what a chief tells the workers that it starts, and nobody else") from None
    return Cluster((chief, *[Address(chief.host, 0)] * (size - 1)), index, launched=True, token=token)


def read_tf_config(text: str) -> Cluster | None:
    """Return the cluster that TF_CONFIG describes, None for a single process; raise CnnspecError where it is wrong."""
    if len(text) > MOST_TEXT:
        raise _wrong_config(f"it has more than {MOST_TEXT:,} characters")
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong_config(f"it is no JSON: {shorten(error, 80)}") from None
    if config == {}:
        return None
    if not isinstance(config, dict) or not isinstance(config.get("cluster"), dict):
        raise _wrong_config("it has no `cluster`")
    jobs = {str(job): list(_addresses(str(job), listed)) for job, listed in config["cluster"].items()}
    if jobs.get("ps"):
        raise _wrong_config(
            "it has parameter servers (`ps`), which train asynchronously: workers here take every step together"
        )
    leaders = [job for job in LEADERS if jobs.get(job)]
    if sum(len(jobs[job]) for job in leaders) > 1:
        raise _wrong_config("it has more than one chief")
    order = [*leaders, *(["worker"] if jobs.get("worker") else [])]
    addresses = [address for job in order for address in jobs[job]]
    index = _place(config.get("task"), jobs, order)
    return _cluster(TF_CONFIG, addresses, index) if len(addresses) > 1 else None


def _addresses(job: str, listed: Any) -> Iterator[Address]:
    """Read the addresses of a job: a list of them, or a mapping from their numbers."""
    if isinstance(listed, dict):
        listed = [listed[key] for key in sorted(listed, key=lambda key: (len(str(key)), str(key)))]
    if not isinstance(listed, list):
        raise _wrong_config(f"`{shorten(job)}` of its cluster is no list of addresses")
    if len(listed) > MOST_WORKERS:
        raise _wrong_config(f"`{shorten(job)}` of its cluster has more than {MOST_WORKERS:,} addresses")
    for text in listed:
        try:
            yield read_address(str(text))
        except ValueError:
            raise _wrong_config(f"`{shorten(text)}` is no address: a host, a colon and a port") from None


def _place(task: Any, jobs: Mapping[str, list[Address]], order: list[str]) -> int:
    """Return which of the workers, counted over all jobs that train, a task is."""
    if not isinstance(task, dict):
        raise _wrong_config("it has no `task`")
    kind, index = task.get("type"), task.get("index", 0)
    if kind == "evaluator":
        raise _wrong_config("this process is an evaluator, and there is nothing to do for one: the chief tests")
    if kind not in order:
        raise _wrong_config(f"the type of its task is `{shorten(kind)}`, and its cluster has {_listed(order)}")
    if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) < 6:
        index = int(index)
    count = len(jobs[kind])
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < count:
        raise _wrong_config(f"the index of its task is `{shorten(index)}`, and there are {count} `{kind}`, from 0")
    return sum(len(jobs[job]) for job in order[: order.index(kind)]) + index


def _listed(order: list[str]) -> str:
    return " and ".join(f"`{job}`" for job in order) or "no `worker`"


def _wrong_config(fact: str) -> CnnspecError:
    return ill_named(TF_CONFIG, fact, EXAMPLE)


def _cluster(source: str, addresses: list[Address], index: int) -> Cluster:
    twice = next((address for place, address in enumerate(addresses) if address in addresses[:place]), None)
    if twice is not None:
        raise ill_named(source, f"two workers have the address {twice}", *([EXAMPLE] if source == TF_CONFIG else []))
    return Cluster(tuple(addresses), index)


def read_slurm(environment: Mapping[str, str]) -> Cluster | None:
    """Return the tasks of a step of SLURM, None for a single task; raise CnnspecError where they make no sense.

    Nodes and tasks per node are those of `srun` (see its manual, OUTPUT ENVIRONMENT VARIABLES); with the usual block
    distribution tasks are numbered along the nodes.
    """
    try:
        rank, count = int(environment[SLURM["PROCID"]]), int(environment[SLURM["STEP_NUM_TASKS"]])
        nodes = list(expand_nodes(environment[SLURM["STEP_NODELIST"]]))
        tasks = list(expand_counts(environment[SLURM["STEP_TASKS_PER_NODE"]]))
        job, step = (int(environment.get(f"SLURM_{name}", "0") or 0) for name in ("JOB_ID", "STEP_ID"))
    except ValueError as error:
        raise ill_named("srun", f"its variables cannot be read: {shorten(error, 80)}") from None
    if len(nodes) != len(tasks) or sum(tasks) != count or not 0 <= rank < count <= MOST_WORKERS:
        fact = f"it speaks of {count} tasks, of {sum(tasks)} on {len(tasks)} nodes, and names {len(nodes)} nodes"
        raise ill_named("srun", fact, "several programs in one step cannot train together")
    port = FIRST_PORT + (job + 7 * step) % PORTS
    addresses = [Address(node, port + task) for node, own in zip(nodes, tasks, strict=True) for task in range(own)]
    here = environment.get("SLURMD_NODENAME", "")
    if here and here != addresses[rank].host:
        fact = f"task {rank} runs on `{shorten(here)}` and would be on `{addresses[rank].host}` if tasks were in order"
        raise ill_named("srun", fact, "`srun --distribution=block` numbers them along the nodes")
    return _cluster("srun", addresses, rank) if count > 1 else None


def expand_nodes(text: str) -> Iterator[str]:
    """Yield the nodes of a list as SLURM writes it; raise ValueError where it is none.

    >>> list(expand_nodes("n[08-10,12],gpu3"))
    ['n08', 'n09', 'n10', 'n12', 'gpu3']
    """
    if len(text) > MOST_TEXT or not re.fullmatch(r"[\w.-]*(\[[\d,-]+\][\w.-]*)?(,[\w.-]*(\[[\d,-]+\][\w.-]*)?)*", text):
        raise ValueError(text)
    for before, ranges, behind in re.findall(r"([\w.-]+|(?=\[))(?:\[([\d,-]+)\]([\w.-]*))?", text):
        for part in ranges.split(",") if ranges else [None]:
            if part is None:
                yield before
                continue
            first, _, last = part.partition("-")
            if int(last or first) - int(first) >= MOST_WORKERS:
                raise ValueError(text)
            yield from (
                f"{before}{number:0{len(first)}}{behind}" for number in range(int(first), int(last or first) + 1)
            )


def expand_counts(text: str) -> Iterator[int]:
    """Yield the tasks of every node as SLURM writes them; raise ValueError where they are none.

    >>> list(expand_counts("2(x3),1"))
    [2, 2, 2, 1]
    """
    if not re.fullmatch(r"\d{1,6}(\(x\d{1,6}\))?(,\d{1,6}(\(x\d{1,6}\))?)*", text) or len(text) > MOST_TEXT:
        raise ValueError(text)
    for count, times in re.findall(r"(\d+)(?:\(x(\d+)\))?", text):
        if int(times or 1) > MOST_WORKERS:
            raise ValueError(text)
        yield from [int(count)] * int(times or 1)
