"""How workers meet before the first step: who is missing is named, and what differs is said. No framework is needed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.errors import CnnspecError, Diagnostic
from cnnspec.training.workers.agreement import facts_of
from cnnspec.training.workers.chief import Chief, Terms
from cnnspec.training.workers.cluster import Address, Cluster
from cnnspec.training.workers.follower import Follower
from cnnspec.training.workers.lines import Line, ready

FACTS: Final = {"workers": 2, "network": "net with 2 layers and 650 parameters", "learning_rate": 0.01}
DATA: Final = {"name": "mine", "training": 80, "shape": [8, 8, 1], "crc32": {"training": [1, 2], "test": [3, 4]}}
SETTINGS: Final = {"data": "mine"}
STATE: Final = {"epoch": 3}


def free_addresses(count: int) -> tuple[Address, ...]:
    """Return addresses of this machine at which nobody listens."""
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as first,
        closing(socket.create_server(("127.0.0.1", 0))) as last,
    ):
        return tuple(Address("127.0.0.1", one.getsockname()[1]) for one in (first, last)[:count])


@contextmanager
def following(cluster: Cluster, does: Callable[[Follower], Any], seconds: float = 10) -> Iterator[list[Any]]:
    """Let the second worker do something in a thread; what comes of it, or its error, stands in the list at the end."""
    found: list[Any] = []

    def run() -> None:
        try:
            with Follower(Cluster(cluster.addresses, 1), seconds, found.append, found.append) as crew:
                found.append(does(crew))
        except CnnspecError as error:
            found.append(error.diagnostics)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield found
    finally:
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def cluster() -> Cluster:
    """Return two workers on this machine, as TF_CONFIG names them."""
    return Cluster(free_addresses(2), 0)


def lead(cluster: Cluster, seconds: float = 10, notes: list[str] | None = None) -> None:
    """Gather the workers as their chief, and leave."""
    notes = [] if notes is None else notes
    with Chief(cluster, seconds, notes.append, lambda _: None) as crew:
        crew.gather(Terms(FACTS, SETTINGS, DATA, STATE))


def failing(cluster: Cluster, seconds: float = 10) -> Diagnostic:
    """Gather the workers, and return what goes wrong."""
    with pytest.raises(CnnspecError) as caught:
        lead(cluster, seconds)
    (fault,) = caught.value.diagnostics
    return fault


def test_two_workers_meet_and_begin(cluster: Cluster) -> None:
    """The one that follows learns settings and state; strangers at the door are nobody's trouble."""

    def follow(crew: Follower) -> Any:
        for word in (
            b"GET / HTTP/1.0\r\n\r\n",
            b'{"worker": 1, "token": "no"}\n',
            b'{"worker": 7}\n',
            b"[]\n",
            b"\xff\n",
        ):
            while True:
                try:
                    stranger = socket.create_connection(cluster.chief)
                    break
                except ConnectionRefusedError:
                    time.sleep(0.05)
            stranger.sendall(word)
            stranger.close()
        return crew.join(FACTS), crew.begin(DATA | {"files": ["elsewhere"]}), crew.wait_for_end()

    with following(cluster, follow) as found:
        lead(cluster)
    assert found == [(SETTINGS, STATE, None)]


@pytest.mark.parametrize(
    ("facts", "data", "notes"),
    [
        (
            {"learning_rate": 0.1, "network": "tiny"},
            {},
            (
                "`network` is tiny there, and net with 2 layers and 650 parameters for the chief",
                "`learning_rate` is 0.1 there, and 0.01 for the chief",
            ),
        ),
        ({"momentum": 0.5}, {}, ("`momentum` is 0.5 there, and not given for the chief",)),
        ({}, {"training": 79, "crc32": {}}, ("`training` is 79 there, and 80 for the chief",)),
        ({}, {"crc32": {"training": [1, 9], "test": [3, 4]}}, ("its images or labels are others, though as many",)),
    ],
)
def test_what_differs_is_said_on_both_sides(
    cluster: Cluster, facts: dict[str, Any], data: dict[str, Any], notes: tuple[str, ...]
) -> None:
    """Before the first step, and everything at once."""
    with following(cluster, lambda crew: (crew.join(FACTS | facts), crew.begin(DATA | data))) as found:
        fault = failing(cluster)
    who = f"worker 1 ({cluster.addresses[1]})"
    assert (fault.code, fault.message) == ("E533", f"{who} would train something else than the chief")
    assert fault.notes == notes
    ((told,),) = found
    assert told == fault._replace(notes=(*notes, f"this was said by the chief ({cluster.chief})"))


def test_networks_are_told_apart_by_their_layers() -> None:
    """As many layers and parameters, and another order; a comment, a place and where to look for data do not matter."""
    layers = ["conv: 4 3x3 same", "relu", "sigmoid", "flatten", "dense: 2 softmax"]
    texts = ["\n".join(["input: 8x8x1", "layers:", *(f"  - {layer}" for layer in order)]) for order in (layers, layers)]
    texts[1] = texts[1].replace("relu", "x").replace("sigmoid", "relu").replace("x\n", "sigmoid\n", 1)
    texts.append("# a comment\n" + texts[0])
    one, other, again = (facts_of(cnnspec.loads(text), {"data_dir": text}, 2) for text in texts)
    assert one == again
    assert {name for name in one if one[name] != other[name]} == {"nodes"}


def test_who_does_not_come_is_named(cluster: Cluster) -> None:
    """With its number and its address."""
    notes: list[str] = []
    begin = time.monotonic()
    with pytest.raises(CnnspecError) as caught:
        lead(cluster, 0.5, notes)
    assert time.monotonic() - begin < 3
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.help) == ("E532", "`--wait SECONDS` waits longer")
    assert fault.message == f"1 of 2 workers did not come within 0.5 s: worker 1 ({cluster.addresses[1]})"


def test_a_chief_that_does_not_answer(cluster: Cluster) -> None:
    """Nobody listens there, or the name is unknown."""
    for addresses in (cluster.addresses, (Address("no-such-host.invalid", 1), cluster.addresses[1])):
        with following(Cluster(addresses, 0), lambda crew: crew.join(FACTS), 0.5) as found:
            pass
        ((fault,),) = found
        assert (fault.code, fault.message) == ("E532", f"the chief ({addresses[0]}) does not answer, for 0.5 s")
        assert fault.notes


def test_ports_that_are_taken(cluster: Cluster) -> None:
    """By another program: said at once, by the chief and by one that follows it."""
    for index, kind in enumerate((Chief, Follower)):
        address = cluster.addresses[index]
        with closing(socket.create_server(address)), pytest.raises(CnnspecError) as caught:
            kind(Cluster(cluster.addresses, index), 5, print, print)
        (fault,) = caught.value.diagnostics
        assert (fault.code, fault.message) == ("E535", f"{address} cannot be used on this machine")
        assert fault.notes == ("address already in use",)


def test_what_goes_wrong_at_a_worker_is_said_by_the_chief(cluster: Cluster) -> None:
    """As data that are not there."""

    def follow(crew: Follower) -> None:
        crew.join(FACTS)
        raise CnnspecError.one("E512", "there is no file `x.npz`", notes=("looked for: x.npz",), help="look again")

    with following(cluster, follow):
        fault = failing(cluster)
    said = f"this was said by worker 1 ({cluster.addresses[1]})"
    assert fault == Diagnostic("E512", "there is no file `x.npz`", notes=("looked for: x.npz", said), help="look again")


def test_a_worker_that_does_not_get_so_far_says_so(cluster: Cluster) -> None:
    """As one that finds no spec."""

    def follow(_: Follower) -> None:
        time.sleep(0.5)
        raise CnnspecError.one("E601", "no file is named `net.yaml`")

    with following(cluster, follow):
        fault = failing(cluster)
    assert (fault.code, fault.notes) == ("E601", (f"this was said by worker 1 ({cluster.addresses[1]})",))


def test_what_goes_wrong_at_the_chief_is_said_by_all(cluster: Cluster) -> None:
    """Also where it happens before the others have come."""
    with following(cluster, lambda crew: (time.sleep(1), crew.join(FACTS))) as found, pytest.raises(CnnspecError):  # noqa: SIM117
        with Chief(cluster, 5, print, print):
            raise CnnspecError.one("E512", "there is no file `x.npz`")
    ((fault,),) = found
    assert (fault.code, fault.notes) == ("E512", (f"this was said by the chief ({cluster.chief})",))


def test_two_that_say_they_are_the_same(cluster: Cluster) -> None:
    """A wrong index on one of the machines."""

    def follow(crew: Follower) -> Any:
        crew.join(FACTS)
        with closing(Line.to(cluster.chief, 5)) as second:
            second.send({"worker": 1, "token": "", "facts": FACTS})
            ready([second], 5)
            return next(second.read())

    with following(cluster, follow) as found:
        fault = failing(cluster)
    assert (fault.code, fault.message) == (
        "E531",
        f"two processes say that they are worker 1 ({cluster.addresses[1]})",
    )
    assert found[0]["end"][0]["code"] == "E531"


def test_one_that_goes_is_waited_for_again(cluster: Cluster) -> None:
    """A scheduler may start it once more before the others have come."""

    def follow(crew: Follower) -> Any:
        early = Line.to(cluster.chief, 5)
        early.send({"worker": 1, "token": "", "facts": FACTS})
        ready([early], 5)
        early.close()
        time.sleep(0.5)
        return crew.join(FACTS), crew.begin(DATA)

    with Chief(cluster, 10, print, print) as chief, following(cluster, follow) as found:
        chief.gather(Terms(FACTS, SETTINGS, DATA, None))
    assert found == [(SETTINGS, None)]


def test_all_start_tensorflow_before_any_connects(cluster: Cluster) -> None:
    """Who takes longer is waited for; who ends meanwhile is named at once."""

    def follow(crew: Follower) -> str:
        crew.join(FACTS)
        crew.begin(DATA)
        time.sleep(0.5)
        crew.assemble()
        return "assembled"

    with Chief(cluster, 10, print, print) as chief, following(cluster, follow) as found:
        chief.gather(Terms(FACTS, SETTINGS, DATA, None))
        chief.assemble()
    assert found == ["assembled"]
    with (
        Chief(cluster, 10, print, print) as chief,
        following(cluster, lambda crew: (crew.join(FACTS), crew.begin(DATA), crew.rest(), crew.lines.pop(0).close())),
    ):
        chief.gather(Terms(FACTS, SETTINGS, DATA, None))
        with pytest.raises(CnnspecError, match="is gone, and the training cannot go on without it"):
            chief.assemble()


@pytest.mark.parametrize(
    ("word", "why"), [([], ""), ([{"code": "E604", "message": "full", "notes": [], "help": ""}], "full")]
)
def test_who_is_gone_is_known_to_all(cluster: Cluster, word: list[dict[str, Any]], why: str) -> None:
    """Without a word, as after `kill -9`; and with one, as after an error."""

    def follow(crew: Follower) -> None:
        crew.join(FACTS)
        crew.begin(DATA)
        crew.rest()
        if word:
            crew.lines[0].send({"end": word})
        crew.lines.pop(0).close()

    with Chief(cluster, 10, print, print) as chief:
        with following(cluster, follow):
            chief.gather(Terms(FACTS, SETTINGS, DATA, None))
        assert chief._known.wait(5)  # noqa: SLF001 - nobody else waits for that without a framework
        assert chief.lost == (1, why)
        (fault,) = chief.gone("").diagnostics
    assert fault.code == "E534"
    assert fault.message == f"{cluster.name(1)} is gone, and the training cannot go on without it"
    assert fault.notes == ((f"its last word: {why}",) if why else ())
