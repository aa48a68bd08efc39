"""Who trains together, as TF_CONFIG, SLURM and the command line say it."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.errors import CnnspecError, UsageError
from cnnspec.training.workers.cluster import Address, Cluster
from cnnspec.training.workers.surroundings import describe_worker, expand_nodes, find_cluster, read_tf_config

TWO: Final = {"worker": ["a:2222", "b:2222"]}
SLURM: Final = {
    "SLURM_PROCID": "1",
    "SLURM_STEP_NUM_TASKS": "3",
    "SLURM_STEP_NODELIST": "n[01-02]",
    "SLURM_STEP_TASKS_PER_NODE": "2,1",
    "SLURM_JOB_ID": "41",
    "SLURM_STEP_ID": "2",
}


def config(cluster: Any, task: Any) -> str:
    """Return TF_CONFIG with a cluster and a task."""
    return json.dumps({"cluster": cluster, "task": task})


def test_a_worker_of_tf_config() -> None:
    """As TensorFlow's guide to training with several workers writes it."""
    found = read_tf_config(config(TWO, {"type": "worker", "index": 1}))
    assert found == Cluster((Address("a", 2222), Address("b", 2222)), 1)
    assert found.name(0) == "the chief (a:2222)"
    assert found.name(1) == "worker 1 (b:2222)"


def test_a_chief_comes_before_the_workers() -> None:
    """As Kubeflow and Vertex AI name them; an evaluator among them does not train."""
    cluster = {"chief": ["a:1"], "worker": ["b:1", "[::1]:9"], "evaluator": ["e:1"]}
    places = [("chief", 0), ("worker", 0), ("worker", "1")]
    found = [read_tf_config(config(cluster, {"type": kind, "index": index})) for kind, index in places]
    assert [one.index for one in found if one] == [0, 1, 2]
    assert found[0] is not None
    assert list(map(str, found[0].addresses)) == ["a:1", "b:1", "[::1]:9"]


@pytest.mark.parametrize("text", ["{}", config({"worker": ["a:1"]}, {"type": "worker", "index": 0}), ""])
def test_one_process_trains_alone(text: str) -> None:
    """A cluster of one is none."""
    assert find_cluster(None, {"TF_CONFIG": text}) is None


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("{", "it is no JSON: "),
        ("[]", "it has no `cluster`"),
        ('{"cluster": {}}', "it has no `task`"),
        (config(TWO, {"type": "worker", "index": 2}), "the index of its task is `2`, and there are 2 `worker`, from 0"),
        (config(TWO, {"type": "worker", "index": True}), "the index of its task is `True`, and there are 2 `worker`"),
        (config(TWO, {"type": "boss"}), "the type of its task is `boss`, and its cluster has `worker`"),
        (config(TWO, {"type": "evaluator"}), "this process is an evaluator, and there is nothing to do for one"),
        (config({"worker": ["a:1", "a:1"]}, {"type": "worker", "index": 0}), "two workers have the address a:1"),
        (config({"worker": "a:1"}, {"type": "worker"}), "`worker` of its cluster is no list of addresses"),
        (config({"worker": ["a"]}, {"type": "worker"}), "`a` is no address: a host, a colon and a port"),
        (config({"worker": ["a:99999"]}, {"type": "worker"}), "`a:99999` is no address"),
        (config({**TWO, "ps": ["p:1"]}, {"type": "worker"}), "it has parameter servers (`ps`)"),
        (config({"chief": ["a:1", "b:1"]}, {"type": "chief"}), "it has more than one chief"),
    ],
)
def test_a_wrong_tf_config(text: str, fact: str) -> None:
    """What is wrong, and what is expected, before anything else is done."""
    with pytest.raises(CnnspecError) as caught:
        find_cluster(None, {"TF_CONFIG": text})
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.message) == ("E531", "`TF_CONFIG` does not say who trains together")
    assert fault.notes[0].startswith(fact)
    assert fault.notes[1].startswith('expected: {"cluster": {"worker": ["a:2222", "b:2222"]}')


WORDS: Final = st.sampled_from(["cluster", "task", "worker", "chief", "type", "index"])
VALUES: Final = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | WORDS


@pytest.mark.slow
@given(st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner)))
def test_any_tf_config_gives_workers_or_a_diagnostic(value: Any) -> None:
    """Never anything else."""
    try:
        found = find_cluster(None, {"TF_CONFIG": json.dumps(value)})
    except CnnspecError as error:
        found, codes = None, [fault.code for fault in error.diagnostics]
    else:
        codes = ["E531"]
    assert codes == ["E531"]
    assert found is None or found.size > 1


def test_the_tasks_of_a_step_of_slurm() -> None:
    """Two on the first node and one on the second; 12,000 + 41 + 7·2 is the first port of this step."""
    found = find_cluster(None, SLURM)
    assert found is not None
    assert (list(map(str, found.addresses)), found.index) == (["n01:12055", "n01:12056", "n02:12055"], 1)
    assert find_cluster(None, {name: text for name, text in SLURM.items() if name != "SLURM_STEP_NODELIST"}) is None
    assert find_cluster(1, SLURM) is None


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"SLURM_PROCID": "x"}, "its variables cannot be read: "),
        ({"SLURM_STEP_NODELIST": "n[01"}, "its variables cannot be read: n[01"),
        ({"SLURM_STEP_TASKS_PER_NODE": "2(x9999999)"}, "its variables cannot be read: "),
        ({"SLURM_STEP_TASKS_PER_NODE": "2"}, "it speaks of 3 tasks, of 2 on 1 nodes, and names 2 nodes"),
        ({"SLURM_PROCID": "3"}, "it speaks of 3 tasks, of 3 on 2 nodes, and names 2 nodes"),
        ({"SLURMD_NODENAME": "n02"}, "task 1 runs on `n02` and would be on `n01` if tasks were in order"),
    ],
)
def test_variables_of_slurm_that_make_no_sense(change: dict[str, str], fact: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(CnnspecError) as caught:
        find_cluster(None, SLURM | change)
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.message) == ("E531", "`srun` does not say who trains together")
    assert fault.notes[0].startswith(fact)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("n1", ["n1"]),
        ("a-[9-11].x,b", ["a-9.x", "a-10.x", "a-11.x", "b"]),
        ("gpu[1,3-4],cpu[07]", ["gpu1", "gpu3", "gpu4", "cpu07"]),
    ],
)
def test_nodes_of_slurm(text: str, nodes: list[str]) -> None:
    """As `scontrol show hostnames` writes them, one a line."""
    assert list(expand_nodes(text)) == nodes


def test_workers_on_this_machine() -> None:
    """They are told apart from those of an environment, and each is told which one it is."""
    found = find_cluster(3, {})
    assert found is not None
    assert (found.size, found.index, found.launched) == (3, 0, True)
    chief = Cluster((Address("127.0.0.1", 4711), *found.addresses[1:]), 0, launched=True, token="x")  # noqa: S106 - no secret
    third = find_cluster(3, {"CNNSPEC_WORKER": describe_worker(chief, 2), "TF_CONFIG": "nonsense"})
    assert third is not None
    assert (third.index, third.chief, third.token, third.name(2)) == (2, Address("127.0.0.1", 4711), "x", "worker 2")
    with pytest.raises(UsageError, match="`TF_CONFIG` names 2 workers, and `--workers 3` would start others"):
        find_cluster(3, {"TF_CONFIG": config(TWO, {"type": "worker", "index": 0})})
    with pytest.raises(CnnspecError, match="E531"):
        find_cluster(None, {"CNNSPEC_WORKER": "{}"})
