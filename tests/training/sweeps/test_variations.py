"""What a sweep varies, and which trainings that makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from steps import grows_linearly, steps

from cnnspec.errors import UsageError
from cnnspec.training.sweeps.formats import k8s, lines, slurm
from cnnspec.training.sweeps.trials import trials
from cnnspec.training.sweeps.variations import Variation, demand_few, read_params, read_settings


def faults(error: pytest.ExceptionInfo[UsageError]) -> list[tuple[str, str]]:
    """Return codes and messages."""
    return [(fault.code, fault.message) for fault in error.value.diagnostics]


def test_values_are_read_as_their_settings_are() -> None:
    """Numbers in any spelling, integers between two, words with commas between semicolons."""
    found = read_settings(["learning-rate=1e-3,0.01", "augment=none;crop,flip", "mixed_precision=yes,no"], "0..2,7")
    assert found == [
        Variation("learning_rate", ("0.001", "0.01")),
        Variation("augment", ("none", "crop,flip")),
        Variation("mixed_precision", ("true", "false")),
        Variation("seed", ("0", "1", "2", "7")),
    ]
    assert read_params(["width=0.5,1", "f=8"]) == [
        Variation("width", ("0.5", "1"), is_param=True),
        Variation("f", ("8",), is_param=True),
    ]


@pytest.mark.parametrize(
    ("vary", "seeds", "step"),
    [
        ("lr=1e-3,1e-2", None, "did you mean `learning_rate`?"),
        ("optimizer=adm,sgd", None, "did you mean `adam`?"),
        ("loss=bce,mse", None, "did you mean `binary_crossentropy`?"),
        ("batch_size=16-64", None, "write `16..64`"),
        ("epochs=1,2", "0-4", "write `0..4`"),
    ],
)
def test_words_and_ranges_of_other_programs(vary: str, seeds: str | None, step: str) -> None:
    """Each is answered with what to write."""
    with pytest.raises(UsageError) as error:
        read_settings([vary], seeds)
    assert error.value.diagnostics[0].help == step


def test_all_that_is_wrong_is_told_at_once() -> None:
    """A name that does not exist, one that changes nothing, a value that is none, one that comes twice."""
    with pytest.raises(UsageError) as error:
        read_settings(["learnig_rate=1,2", "width=1,2", "offline=true,false", "epochs=0", "epochs=1", "x"], "1,1,4..2")
    assert faults(error) == [
        ("E703", "there is no setting `learnig_rate` to vary"),
        ("E703", "there is no setting `width` to vary"),
        ("E703", "`offline` cannot be varied: it changes nothing that is computed"),
        ("E703", "`epochs` must be a positive integer, not `0`"),
        ("E703", "`x` is not NAME=VALUE,VALUE"),
        ("E703", "`4..2` is an empty range"),
        ("E703", "`seed` is to be `1` twice: that is the same training"),
        ("E702", "`epochs` is varied twice"),
    ]
    assert error.value.diagnostics[0].help == "did you mean `learning_rate`?"
    assert error.value.diagnostics[1].help == "a parameter of the spec is varied by `-p width=1,2`"


def test_the_number_of_trainings_has_limits() -> None:
    """One is no sweep, and nobody wants a billion."""
    for varied, seeds in (([], "3"), (["epochs=1..1000"], "0..1000"), ([], "0..9999999")):
        with pytest.raises(UsageError):
            demand_few(read_settings(varied, seeds))


def test_each_training_is_a_command_in_a_folder_of_its_own() -> None:
    """The last name varies fastest; what has one value is no part of the folder's name."""
    variations = [*read_params(["width=0.5,1", "f=8"]), *read_settings([], "0,1")]
    found = list(trials("net.yaml", variations, {"epochs": 2}, {"epochs": 2, "resize": True}, ["8x8x1"], Path("s")))
    assert [trial.folder.name for trial in found] == [
        "width=0.5,seed=0",
        "width=0.5,seed=1",
        "width=1,seed=0",
        "width=1,seed=1",
    ]
    assert found[0].given == {"epochs": 2, "seed": 0}
    assert " ".join(found[3].command) == (
        "train net.yaml --resume auto --run-dir s/width=1,seed=1 --epochs 2 --resize --seed 1"
        " --input 8x8x1 --param width=1 --param f=8"
    )


def test_no_more_values_are_looked_at_than_a_sweep_may_have() -> None:
    """Ranges of ranges, and values each of which would be compared with all others."""

    def counted(count: int) -> int:
        return steps("cnnspec.training.sweeps.variations", "read_params", [f"f={','.join(map(str, range(count)))}"])

    assert grows_linearly(counted, 100)
    for text in ("seed=0..9999999999", f"batch_size={','.join(['1..9999'] * 200)}"):
        with pytest.raises(UsageError, match="has more than 10,000 values"):
            read_settings([text], None)


def test_values_that_are_empty_are_one_fault() -> None:
    """153,000 of them were as many faults, and 700 MB; more words than values may be are not gone through."""
    with pytest.raises(UsageError) as failed:
        read_params(["f=1" + ";" * 20_000])
    assert [fault.message for fault in failed.value.diagnostics] == [
        "`1;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;…` has an empty value",
        "`1;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;…` has more than 10,000 values",
    ]
    with pytest.raises(UsageError) as failed:
        read_params([f"f={','.join(['4..0'] * 20_000)}"])
    assert len(failed.value.diagnostics) == 1


def test_a_sweep_is_printed_for_who_runs_it() -> None:
    """A line, a case of an array, or a pod of an indexed job for each; words are quoted for the shell."""
    commands = [("train", "my net.yaml", "--seed", seed) for seed in ("0", "$(rm)")]
    assert lines.render("net", commands, None) == (
        "cnnspec train 'my net.yaml' --seed 0\ncnnspec train 'my net.yaml' --seed '$(rm)'\n"
    )
    script = slurm.render("net", commands, 1)
    assert "#SBATCH --array=0-1%1\n" in script
    assert "1) exec cnnspec train 'my net.yaml' --seed '$(rm)' ;;\n" in script
    job = k8s.render("My_Net", commands, None)
    assert "name: sweep-my-net\n" in job
    assert "completions: 2\n  parallelism: 2\n  completionMode: Indexed\n" in job
    assert "--seed '$$(rm)'" in job
