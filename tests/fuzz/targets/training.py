"""What a training reads: data files, pictures, the folder of a run, checkpoints, weights, and what a sweep varies."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from cnnspec.errors import CnnspecError
from cnnspec.training.data.files import FaultError
from tests.fuzz.mutation import archives, octets, opcodes, texts, trees
from tests.fuzz.neighbours import names_in
from tests.fuzz.target import Target, promise


def read_idx(content: bytes, folder: Path) -> Hashable:
    """Read images and labels in the idx format, packed or not."""
    from cnnspec.training.data.formats.idx import declared_count, read_idx

    path = folder / "images-idx3-ubyte"
    path.write_bytes(content)
    rank = 1 if content[3:4] == b"\x01" else 3
    declared_count(path, rank)
    found = read_idx(path, rank)
    return found.ndim, found.size > 0


@cache
def idx() -> tuple[bytes, ...]:
    """Return files in the idx format."""
    original = names_in("training/small_originals.py")
    found = [original["idx"](array[..., :4] if array.ndim > 1 else array) for array in original["arrays"]()[:2]]
    return (*found, *(gzip.compress(each) for each in found))


def change_idx(random: Random, content: bytes, other: bytes) -> bytes:
    """Return a file with other bytes, inside its packing or outside."""
    if content[:2] == b"\x1f\x8b" and random.random() < 0.6:
        try:
            return gzip.compress(octets.mutate(random, gzip.decompress(content), other), 1)
        except (OSError, EOFError, ValueError):
            pass
        except Exception:
            return octets.mutate(random, content, other)
    return octets.mutate(random, content, other)


def read_npz(content: bytes, folder: Path) -> Hashable:
    """Read a data set in an .npz file."""
    from cnnspec.training.data.formats.npz import load_npz

    path = folder / "data.npz"
    path.write_bytes(content)
    found = load_npz(path, "data", None, 1)
    return found.train.x.shape[1:], found.train.x.dtype.str, found.whole


@cache
def npz() -> tuple[bytes, ...]:
    """Return data sets in .npz files."""
    import numpy as np

    x, y, more, labels = names_in("training/small_originals.py")["arrays"]()
    found = []
    for kind in ("u1", "f4", "i2", "?"):
        for files in (
            {"x": x[:, :6, :6].astype(kind), "y": y},
            {
                "x_train": x[:, :6, :6].astype(kind),
                "y_train": y,
                "x_test": more[:, :6, :6].astype(kind),
                "y_test": labels,
            },
            {"x": x[:, :6].reshape(6, -1).astype(kind), "y": y.reshape(-1, 1)},
        ):
            file = io.BytesIO()
            (np.savez if kind == "u1" else np.savez_compressed)(file, **files)
            found.append(file.getvalue())
    return tuple(found)


def change_npy(random: Random, content: bytes, other: bytes) -> bytes:
    """Return an array with another header that is as long as it says, or with other bytes."""
    if content[:6] == b"\x93NUMPY" and random.random() < 0.6:
        size = int.from_bytes(content[8:10], "little")
        header = texts.mutator(lambda: NPY)(random, content[10 : 10 + size].rstrip(), b"{'descr': '|O', 'shape': (2,)}")
        header = header.ljust(size, b" ")
        return content[:8] + len(header).to_bytes(4, "little")[:2] + header + content[10 + size :]
    return octets.mutate(random, content, other)


NPY: Final = texts.words_of("descr fortran_order shape True False O i8 f8 U5 S5 M8 b1 V8 c16 f2 x_train __import__")


def read_batch(content: bytes, _: Path) -> Hashable:
    """Read a batch of CIFAR and the names of classes."""
    from cnnspec.training.data.formats.cifar import read_batch, read_names

    try:
        found = read_batch(content, "labels")
    except FaultError:
        return read_names(content, "label_names")[:2]
    return found.x.shape


@cache
def batches() -> tuple[bytes, ...]:
    """Return batches of CIFAR."""
    import numpy as np

    python2 = names_in("training/small_originals.py")["python2"]
    x = np.zeros((2, 3072), np.uint8)
    ours = {b"data": x, b"labels": [0, 1], b"filenames": [b"a.png", b"b.png"]}
    own = [pickle.dumps(ours, protocol) for protocol in (0, 1, 2, 3, 4, 5)]
    names = pickle.dumps({b"label_names": [b"cat", b"dog"], b"num_vis": 3072}, 2)
    return (python2(x, [0, 1]), *own, names)


def read_tar(content: bytes, folder: Path) -> Hashable:
    """Read members of an archive of CIFAR."""
    from cnnspec.training.data.formats.cifar import read_members

    path = folder / "cifar.tar.gz"
    path.write_bytes(content)
    return tuple(sorted(read_members(path, ["data_batch_1", "batches.meta"])))


@cache
def tars() -> tuple[bytes, ...]:
    """Return archives with two members, of every form."""
    found = []
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=form) as archive:
            for name in (
                "cifar/" + "long" * 40 * (form != tarfile.USTAR_FORMAT) + "/data_batch_1",
                "cifar/batches.meta",
            ):
                member = tarfile.TarInfo(name)
                member.size = 600
                archive.addfile(member, io.BytesIO(b"x" * 600))
        found.append(file.getvalue())
    return (*found, gzip.compress(found[0]))


def read_picture(content: bytes, folder: Path) -> Hashable:
    """Read a picture."""
    from cnnspec.training.data.images import ImageFaultError, read_image

    path = folder / "a.png"
    path.write_bytes(content)
    try:
        found, note = read_image(path, (8, 8, 3))
    except ImageFaultError as error:
        return str(error)[:30]
    promise(found.shape == (8, 8, 3), "a picture of another shape")
    return bool(note)


@cache
def pictures() -> tuple[bytes, ...]:
    """Return pictures of several formats and modes."""
    from PIL import Image

    found = []
    for mode in ("RGB", "L", "1", "P", "RGBA", "I;16", "CMYK"):
        for form in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"):
            file = io.BytesIO()
            try:
                Image.new(mode, (9, 7)).save(file, form)
            except (OSError, ValueError, KeyError):
                continue
            found.append(file.getvalue())
    return tuple(found)


def open_run(content: bytes, folder: Path) -> Hashable:
    """Open the folder of a run whose configuration, state and test are the parts of a JSON."""
    from cnnspec.training.overview.reading import read_all
    from cnnspec.training.runs.opening import open_run

    run = folder / "run"
    run.mkdir(exist_ok=True)
    parts = content.split(BETWEEN)
    for at, name in enumerate(("config.json", "state.json", "summary.json")):
        (run / name).write_bytes(parts[at] if at < len(parts) else b"")
    (run / "spec.yaml").write_text(SPEC, encoding="utf-8")
    known = read_all([run])
    found = open_run(run)
    if known.faults:
        raise CnnspecError(known.faults)
    return len(found.classes), found.settings.optimizer, len(known.runs[0].history)


BETWEEN: Final = b"\n\n"
SPEC: Final = """\
name: tiny
input: {_in: 8x8x1}
params: {filters: 4}
layers:
  - conv: $filters 3x3 relu
  - flatten
  - dense: 4 softmax
train: {data: "synthetic:40", epochs: 2, loss: sparse_categorical_crossentropy, metrics: [accuracy]}
"""
ROW: Final = {"epoch": 1, "loss": 0.5, "accuracy": 0.25, "learning_rate": 0.001, "seconds": 0.5}
STATE: Final = {"cnnspec": 1, "epoch": 2, "status": "finished", "best_epoch": 1, "best_value": 0.5}


@cache
def runs() -> tuple[bytes, ...]:
    """Return the configuration of a run with its state and its test."""
    import tempfile

    from cnnspec.networks import loads
    from cnnspec.training.plan import make_plan
    from cnnspec.training.runs.run import create
    from cnnspec.training.settings import merge

    graph = loads(SPEC)
    state = STATE | {"history": [ROW, ROW | {"epoch": 2}], "seeds": [[1, 2]]}
    test = json.dumps({"test": {"accuracy": 0.5, "loss": 1.5}}).encode()
    found = []
    for options in ({}, {"optimizer": "sgd", "momentum": 0.9, "validation_split": 0.1, "patience": 2}):
        plan = make_plan(graph, merge({"data": "synthetic:40", "epochs": 2}, options))
        with tempfile.TemporaryDirectory() as name:
            run = create(Path(name), graph, plan.settings, plan.dataset)
            config = json.dumps(json.loads((run.folder / "config.json").read_bytes())).encode()
        found.append(BETWEEN.join((config, json.dumps(state).encode(), test)))
    return tuple(found)


def change_run(random: Random, content: bytes, other: bytes) -> bytes:
    """Return the files of a run of which one is another."""
    parts, others = content.split(BETWEEN), other.split(BETWEEN)
    at = random.choice((0, 0, 1, 1, 2)) % len(parts)
    parts[at] = trees.mutator(lambda: SETTINGS)(random, parts[at], others[at % len(others)]).replace(BETWEEN, b" ")
    return BETWEEN.join(parts)


SETTINGS: Final = texts.words_of(
    "adam sgd rmsprop adamw cosine constant none auto on off mse mae accuracy binary_crossentropy mnist cifar10"
    " synthetic running finished stopped epochs batch_size learning_rate seed devices workers precision jit"
)


def inspect(content: bytes, folder: Path) -> Hashable:
    """Look at a checkpoint: the state in it, and whether its configuration is that of the network."""
    from cnnspec.networks import loads
    from cnnspec.training.runs import checkpoint

    path = folder / "best.keras"
    path.write_bytes(content)
    state = checkpoint.read_state(path)
    checkpoint.inspect(loads(SPEC), path)
    return state.epoch


@cache
def checkpoints() -> tuple[bytes, ...]:
    """Return archives such as `train` writes, without weights."""
    state = STATE | {"history": [ROW, ROW | {"epoch": 2}], "seeds": [[1, 2]]}
    names = ("input", "in", "conv1", "flatten1", "dense1")
    layers = [{"module": "keras.layers", "class_name": "Layer", "config": {"name": name}} for name in names]
    config = {"module": "keras", "class_name": "Functional", "config": {"name": "tiny", "layers": layers}}
    members = [("config.json", config, 0), ("cnnspec.json", state, 0)]
    entries = [(name, json.dumps(value).encode(), method) for name, value, method in members]
    return (archives.pack([*entries, ("model.weights.h5", weights()[1], 0)]),)


def take(content: bytes, folder: Path) -> Hashable:
    """Look at the weights in a file of Keras, as `train --init` does."""
    from cnnspec.training.transfer.stored import opened, read

    path = folder / "weights.h5"
    path.write_bytes(content)
    with opened(path) as layers:
        for layer in layers.values():
            shapes = layer.shapes()
            arrays = [array for name, array in layer.arrays.items() if len(shapes[name]) < 3]
            for array in arrays:
                if array.size < 100_000:
                    read(array)
        return len(layers), sum(len(layer.arrays) for layer in layers.values())


@cache
def weights() -> tuple[bytes, ...]:
    """Return weights in the forms of Keras 2 and 3."""
    import h5py
    import numpy as np

    found = []
    for new in (False, True):
        file = io.BytesIO()
        with h5py.File(file, "w") as archive:
            if new:
                part = archive.create_group("layers/dense/vars")
                part.attrs["name"] = "dense"
                part["0"], part["1"] = np.ones((3, 2), "f4"), np.ones(2, "f4")
            else:
                archive.attrs["layer_names"] = [b"dense"]
                part = archive.create_group("dense")
                part.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
                part["dense/kernel:0"], part["dense/bias:0"] = np.ones((3, 2), "f4"), np.ones(2, "f4")
        found.append(file.getvalue())
    return (*found, archives.pack([("config.json", b"{}", 0), ("model.weights.h5", found[1], 0)]))


def vary(content: bytes, _: Path) -> Hashable:
    """Read what a sweep varies, as the command line gives it."""
    from cnnspec.training.sweeps.variations import demand_few, read_params, read_settings

    text = content.decode("utf-8", "surrogateescape")
    first, _sign, second = text.partition("\n")
    found = [*read_settings([first], None), *read_params([second or "width=0.5,1"])]
    demand_few(found)
    return tuple(each.name for each in found)


VARIED: Final = (
    *("learning_rate=1e-3,1e-2", "seed=0..4", "batch_size=16;32", "optimizer=adam,sgd", "augment=crop,mirror;none"),
    *("epochs=1,2\nwidth=0.5,1", "weight_decay=0,1e-4\nfilters=8,16;32", "deterministic=true,false", "patience=1..9"),
)


TARGETS = [
    Target("idx", idx, change_idx, read_idx, needs=("numpy",)),
    Target("npz", npz, archives.mutator(change_npy), read_npz, needs=("numpy",)),
    Target("cifar-batch", batches, opcodes.mutate, read_batch, (FaultError,), needs=("numpy",)),
    Target("cifar-tar", tars, octets.mutate, read_tar, needs=("numpy",)),
    Target("picture", pictures, octets.mutate, read_picture, needs=("PIL",)),
    Target("run-folder", runs, change_run, open_run, needs=("numpy",)),
    Target(
        "checkpoint",
        checkpoints,
        archives.mutator(trees.mutator(lambda: SETTINGS)),
        inspect,
        needs=("h5py",),
        spawns=True,
    ),
    Target("weights-h5", weights, octets.mutate, take, needs=("h5py",), spawns=True),
    Target("sweep", lambda: [text.encode() for text in VARIED], texts.mutator(lambda: SETTINGS), vary),
]
