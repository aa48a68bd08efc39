"""Slips of spelling: a word that is written nearly as another one, and no word that means something else."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from itertools import islice
from typing import Final

ARGUMENTS: Final[Mapping[str, str]] = {
    "filters": "nb_filter nb_filters num_filters n_filters out_planes output_channels channels num_output maps",
    "units": "nb_units n_units neurons nodes num_units num_output out_dim outputs hidden hidden_units output_dim "
    "out n_out out_units n size num_neurons number classes num_classes n_classes",
    "kernel": "filter_size size ksize kernel_shape window window_size filter_shape filter_length nb_row",
    "pool": "pool_length ksize kernel_shape window window_size size",
    "stride": "subsample subsample_length step steps strides",
    "padding": "border_mode pads margin pad_mode auto_pad border",
    "dilation": "atrous_rate dilations rate holes",
    "groups": "group num_group cardinality n_groups",
    "bias": "has_bias with_bias bias_term",
    "activation": "act activation_fn nonlinearity act_fn activation_function transfer",
    "rate": "p prob ratio drop drop_rate dropout_rate dropout_ratio",
    "slope": "alpha leak leakiness",
    "eps": "variance_epsilon",
    "size": "scale factor scale_factor",
    "init": "kernel_init initializer weight_init weights_initializer weight_filler",
    "l2": "weight_decay regularizer weight_regularizer decay W_regularizer",
    "bn": "batch_norm batchnorm batch_normalization use_bn with_bn has_bn batchnormalization use_batch_norm",
    "heads": "n_heads nhead num_head",
}
"""Our arguments, each with the words that other programs have for it."""
LONGEST: Final = 64
MOST: Final = 600
"""Words that a slip is looked for in."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word with the fewest slips, an empty text where all are another word.

    A slip is a letter too many, too few, or another one, or two letters changed about. A word of four letters may
    have one, one of six two; one of three may lack a letter between its first and its last.

    >>> nearest("covn", ["conv", "dense"]), nearest("dot", ["dropout"]), nearest("flaten", ["flatten"])
    ('conv', '', 'flatten')
    >>> nearest("cnv", ["conv"]), nearest("tan", ["tanh"])
    ('conv', '')
    """
    most = 1 if len(word) < 6 else 2
    if len(word) < 4:
        known = (other for other in known if _lacks_one_inside(word, other))
    if len(word) > LONGEST:
        return ""
    found = min(islice(known, MOST), key=lambda other: slips(word, other, most), default="")
    return found if slips(word, found, most) <= most else ""


def _lacks_one_inside(word: str, other: str) -> bool:
    """Tell whether a word of three letters is another one without one of its inner letters."""
    return len(word) == 3 and word in (other[:1] + other[2:], other[:2] + other[3:])


def slips(word: str, other: str, most: int) -> int:
    """Return the number of slips between two words (Damerau, 1964), or more than `most` where there are more.

    >>> slips("covn", "conv", 2), slips("softmin", "softmax", 2), slips("dot", "dropout", 1)
    (1, 2, 2)
    """
    letters, theirs = {*word}, {*other}
    if max(abs(len(word) - len(other)), len(letters - theirs), len(theirs - letters)) > most:
        return most + 1  # a slip brings in one letter at most, and takes away one
    beyond = most + 1
    older: list[int] = []
    above = [min(j, beyond) for j in range(len(other) + 1)]
    for i, letter in enumerate(word, 1):
        row = [beyond] * (len(other) + 1)  # what lies further from the diagonal than `most` has more slips
        if i <= most:
            row[0] = i
        for j in range(max(1, i - most), min(len(other), i + most) + 1):
            same = letter == other[j - 1]
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (not same))
            if older and j > 1 and letter == other[j - 2] and word[i - 2] == other[j - 1]:
                cost = min(cost, older[j - 2] + 1)
            row[j] = cost
        if min(row) > most and min(above) > most:
            return beyond
        older, above = above, row
    return min(above[-1], beyond)


def argument_meant(word: str, fields: Container[str]) -> str:
    """Return the argument, of those that a kind has, for which other programs have a word.

    >>> argument_meant("nb_filter", ["filters", "kernel"]), argument_meant("rate", ["filters", "dilation"])
    ('filters', 'dilation')
    """
    return next((name for name, words in ARGUMENTS.items() if name in fields and word in words.split()), "")
