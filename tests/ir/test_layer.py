"""The roles of kinds: what drawings, homework and training ask for, so that none of them lists kinds."""

from __future__ import annotations

from typing import Final

import cnnspec.layers  # noqa: F401 - registers the kinds
from cnnspec.ir.layer import KINDS
from cnnspec.ir.role import Role

FUNCTIONS: Final = (
    "relu relu6 leaky_relu prelu elu softmax activation selu gelu silu hard_silu sigmoid hard_sigmoid tanh softplus "
    "softsign mish exponential linear identity"
)
MEMBERS: Final = {
    Role.CONVOLUTION: "conv dwconv sepconv upconv",
    Role.POOL: "maxpool avgpool gap gmp",
    Role.DENSE: "dense",
    Role.ACTIVATION: FUNCTIONS,
    Role.NORM: "bn ln gn normalize rescale layerscale",
    Role.JOIN: "add subtract average maximum minimum multiply concat",
    Role.MOVE: "flatten reshape permute",
    Role.BORDER: "pad crop",
    Role.RESIZE: "upsample",
    Role.NOISE: "dropout spatial_dropout",
    Role.SEQUENCE: "lstm gru rnn",
}


def test_every_kind_has_its_role() -> None:
    """No kind is without one, and none has changed its role."""
    expected = {kind: role for role, kinds in MEMBERS.items() for kind in kinds.split()}
    assert {kind: cls.role for kind, cls in KINDS.items()} == expected


def test_what_takes_several_inputs_is_a_join() -> None:
    """The role and the wiring agree."""
    assert {kind for kind, cls in KINDS.items() if cls.joins} == {*MEMBERS[Role.JOIN].split()}
