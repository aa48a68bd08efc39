"""The roles of kinds: what drawings, homework and training ask for, so that none of them lists kinds."""

from __future__ import annotations

from typing import Final

import cnnspec.layers  # noqa: F401 - registers the kinds
from cnnspec.ir.layer import KINDS
from cnnspec.ir.role import Role

FUNCTIONS: Final = (
    "relu relu6 leaky_relu prelu elu softmax activation selu gelu silu hard_silu sigmoid hard_sigmoid tanh softplus "
    "softsign mish exponential linear identity celu squareplus sparse_plus hard_tanh tanh_shrink hard_shrink "
    "soft_shrink sparse_sigmoid log_sigmoid log_softmax sparsemax glu threshold"
)
AUGMENTATIONS: Final = (
    "random_flip random_rotation random_zoom random_translation random_shear random_perspective "
    "random_elastic_transform random_brightness random_contrast random_hue random_saturation random_sharpness "
    "random_color_degeneration random_posterization random_color_jitter random_grayscale random_invert random_erasing "
    "random_gaussian_blur rand_augment aug_mix"
)
NOISES: Final = (
    "dropout spatial_dropout stochastic_depth gaussian_noise gaussian_dropout alpha_dropout activity_regularization "
    "masking"
)
MEMBERS: Final = {
    Role.CONVOLUTION: "conv dwconv sepconv upconv",
    Role.POOL: "maxpool avgpool gap gmp adaptive_avgpool adaptive_maxpool",
    Role.DENSE: "dense",
    Role.ACTIVATION: FUNCTIONS,
    Role.NORM: "bn ln gn normalize rescale layerscale rms_norm unit_norm lrn",
    Role.JOIN: "add subtract average maximum minimum multiply concat dot",
    Role.MOVE: "flatten reshape permute depth_to_space space_to_depth channel_shuffle slice split",
    Role.BORDER: "pad crop centercrop random_crop",
    Role.RESIZE: "upsample resize repeat_vector",
    Role.NOISE: f"{NOISES} {AUGMENTATIONS}",
    Role.SEQUENCE: "lstm gru rnn convlstm embedding attention positions class_token",
    Role.OPAQUE: "opaque",
}


def test_every_kind_has_its_role() -> None:
    """No kind is without one, and none has changed its role."""
    expected = {kind: role for role, kinds in MEMBERS.items() for kind in kinds.split()}
    assert {kind: cls.role for kind, cls in KINDS.items()} == expected


def test_what_takes_several_inputs_is_a_join() -> None:
    """The role and the wiring agree."""
    assert {kind for kind, cls in KINDS.items() if cls.joins} == {*MEMBERS[Role.JOIN].split()}
