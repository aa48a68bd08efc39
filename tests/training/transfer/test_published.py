"""Keras' published weights: which layer is which, found by what they are and how they are connected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnnspec
from cnnspec.errors import CnnspecError

pytestmark = [pytest.mark.keras]


def taken(spec: str | Path, part: str) -> tuple[Any, str]:
    """Return a model with what is in Keras' cache, and what was told; nothing is downloaded."""
    from cnnspec.keras import build
    from cnnspec.training.settings import completed
    from cnnspec.training.transfer.taking import initialize

    graph, lines = cnnspec.load(spec), list[str]()
    model = build(graph)
    init = f"{part}=imagenet" if part else "imagenet"
    initialize(model, graph, completed({"data": "digits", "init": (init,), "offline": True}), lines.append)
    return model, lines[0]


def test_weights_of_a_network_inside_the_spec(keras: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in Keras' cache, made here: what comes out of the base is what Keras' own network gives."""
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    theirs = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(160, 160, 3))
    rng = np.random.default_rng(0)
    for weight in theirs.weights:
        if weight.path.endswith(("gamma", "moving_variance")):
            weight.assign(rng.uniform(0.8, 1.2, weight.shape))
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_160_no_top.h5"
    theirs.save(tmp_path / "w.h5")
    (tmp_path / "w.h5").rename(tmp_path / "models" / name)
    model, line = taken("transfer-mobilenetv2", "mobilenetv2")
    assert line == "weights   104 layers of mobilenetv2 from keras.applications.MobileNetV2, trained on ImageNet"
    x = rng.uniform(-1, 1, (1, 160, 160, 3)).astype(np.float32)
    ours = keras.Model(model.get_layer("mobilenetv2.conv1").input, model.get_layer("mobilenetv2.relu62").output)
    assert np.allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), atol=1e-5)
    (tmp_path / "models" / name).write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(CnnspecError) as error:
        taken("transfer-mobilenetv2", "")
    fault = error.value.diagnostics[0]
    assert fault.message == "Keras' published weights of `MobileNetV2` cannot be read"
    assert fault.help == (
        f"delete `{tmp_path / 'models' / name}`, which may be half of a download, and run again without `--offline`"
    )
    (tmp_path / "models" / name).unlink()
    with pytest.raises(CnnspecError) as error:
        taken("transfer-mobilenetv2", "")
    assert error.value.diagnostics[0].help == f"put the file into {tmp_path / 'models'}, or leave out `--offline`"


@pytest.mark.usefixtures("keras")
def test_what_does_not_fit_is_refused_with_both_shapes(tmp_path: Path) -> None:
    """A network that is none of Keras', and one of its name with another layer."""
    other = tmp_path / "vgg16.yaml"
    text = cnnspec.load("vgg16").source.text
    other.write_text(text.replace("input: 224x224x3", "input: 224x224x1"), encoding="utf-8")
    with pytest.raises(CnnspecError) as error:
        taken(other, "")
    (fault,) = error.value.diagnostics
    assert fault.message == "Keras' published weights do not fit `vgg16`"
    assert "(3, 3, 1, 64)" in fault.notes[0]
    assert "(3, 3, 3, 64)" in fault.notes[0]
    with pytest.raises(CnnspecError) as error:
        taken("digits-cnn", "")
    assert error.value.diagnostics[0].message == "Keras publishes no weights of `digits-cnn`"
