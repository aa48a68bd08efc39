"""Expressions: what each gives, what is refused, and that neither time nor the stack can be exhausted."""

from __future__ import annotations

import math
import warnings
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steps import grows_linearly, steps

from cnnspec.language.expressions import ExpressionError, Value, evaluate, make_divisible, substitute, to_text

SCOPE: Final[dict[str, Value]] = {"f": 16, "n": 2, "wide": True, "ratio": 0.5, "word": "same", "no": False, "in.c": 3}
"""What every expression of this module may name."""

VALUES: Final = (
    ("4*f", 64),
    ("f + n", 18),
    ("f - n - 1", 13),
    ("f/n", 8.0),
    ("7/2", 3.5),
    ("7//2", 3),
    ("-7//2", -4),
    ("f % 5", 1),
    ("7.5 % 2", 1.5),
    ("2**10", 1024),
    ("2**-1", 0.5),
    ("2**3**2", 512),
    ("-2**2", -4),
    ("(1 + 2)*3", 9),
    ("1 + 2*3", 7),
    ("+f", 16),
    ("-f", -16),
    ("--f", 16),
    ("f*ratio", 8.0),
    ("1e-3", 0.001),
    ("1.5e2", 150.0),
    (" f ", 16),
    ("in.c", 3),
    ("in.c*2 + in.c", 9),
    ("f == 16", True),
    ("f != 16", False),
    ("f < 16", False),
    ("f <= 16", True),
    ("f > 3", True),
    ("f >= 17", False),
    ("1 < n < f", True),
    ("1 < f < n", False),
    ("word == 'same'", True),
    ('word != "same"', False),
    ("word == 3", False),
    ("wide", True),
    ("not wide", False),
    ("wide and f > 3", True),
    ("wide and f > 30", False),
    ("no or f > 3", True),
    ("no or n > 3", False),
    ("true", True),
    ("false", False),
    ("not true", False),
    ("no and 1/0", False),
    ("wide or 1/0", True),
    ("f if wide else n", 16),
    ("f if no else n", 2),
    ("1 if f > 20 else 2 if f > 10 else 3", 2),
    ("f if wide else 1/0", 16),
    ("'same' if wide else 'valid'", "same"),
    ("min(f, 3, n)", 2),
    ("max(f, 3, n)", 16),
    ("int(2.9)", 2),
    ("int(-2.9)", -2),
    ("round(2.5)", 2),
    ("round(3.5)", 4),
    ("round(2.345, 1)", 2.3),
    ("ceil(2.1)", 3),
    ("ceil(-2.1)", -2),
    ("floor(2.9)", 2),
    ("floor(-2.1)", -3),
    ("abs(-3)", 3),
    ("abs(n - f)", 14),
    ("make_divisible(f*1.4)", 24),
    ("make_divisible(10, 4)", 12),
    ("max(min(f, 8), 4)", 8),
    ("10**12", 1_000_000_000_000),
    ("-10**12", -1_000_000_000_000),
    ("(" * 60 + "1" + ")" * 60, 1),
    ("+".join(["1"] * 200), 200),
)

REFUSED: Final = (
    ("", "E111"),
    ("   ", "E111"),
    ("2*", "E111"),
    ("a b", "E111"),
    ("f = 3", "E111"),
    ("f; n", "E111"),
    ("f\nn", "E111"),
    ("0777", "E111"),
    ("f(3)", "E111"),
    ("sqrt(4)", "E111"),
    ("eval('1')", "E111"),
    ("__import__('os')", "E111"),
    ("().__class__", "E111"),
    ("f.real", "E113"),
    ("in.c.real", "E111"),
    ("[1]", "E111"),
    ("(1, 2)", "E111"),
    ("{}", "E111"),
    ("f[0]", "E111"),
    ("None", "E111"),
    ("...", "E111"),
    ("1j", "E111"),
    ("b'x'", "E111"),
    ("f'{n}'", "E111"),
    ("lambda: 1", "E111"),
    ("(x := 3)", "E111"),
    ("[x for x in n]", "E111"),
    ("f << 2", "E111"),
    ("f & n", "E111"),
    ("f @ n", "E111"),
    ("~f", "E111"),
    ("f is n", "E111"),
    ("f in n", "E111"),
    ("word + 1", "E111"),
    ("'a'*3", "E111"),
    ("word < 3", "E111"),
    ("min()", "E111"),
    ("min(3)", "E111"),
    ("min(*f)", "E111"),
    ("int('3')", "E111"),
    ("1/0", "E111"),
    ("1//0", "E111"),
    ("1 % 0", "E111"),
    ("0**-1", "E111"),
    ("make_divisible(8, 0)", "E111"),
    ("10**12 + 1", "E111"),
    ("10**13 - 10**13", "E111"),
    ("10**6*10**7/10**7", "E111"),
    ("9**9**9", "E111"),
    ("9**64", "E111"),
    ("2**65", "E111"),
    ("1e400", "E111"),
    ("1e400 - 1e400", "E111"),
    ("width", "E113"),
    ("F", "E113"),
    ("in.h", "E113"),
    ("block.c", "E113"),
    ("__builtins__", "E113"),
    ("1" * 501, "E111"),
    ("(" * 240 + "1" + ")" * 240, "E111"),
    ("(" * 10_000 + "1" + ")" * 10_000, "E111"),
    ("\0", "E111"),
)

BROKEN: Final = {
    "-" * 490 + "1": "RecursionError in _walk: bound the depth of the tree, or catch it in evaluate",
    "~" * 490 + "1": "RecursionError in ast.unparse: bound the depth of the tree, or catch it in evaluate",
    "1" + "0" * 400: "OverflowError: isfinite() of an integer with more than 308 digits",
    "(-8)**0.5": "TypeError: a power may be complex",
    "(-8)**0.5 > 1": "TypeError: a power may be complex",
    "max(1, 2, key=3)": "keyword arguments are silently ignored",
    "f if word else n": "a word counts as true, so that `wide: no` under `params` is true",
    "word and f": "a word counts as true, so that `wide: no` under `params` is true",
    "not word": "a word counts as true, so that `wide: no` under `params` is true",
}
"""Expressions that should be refused with E111 and are not, with what happens."""


def name(text: str) -> str:
    """Return a short name for a test of an expression."""
    return repr(text if len(text) <= 40 else f"{text[:20]}…{len(text)}").strip("'\"")


def outcome(text: str) -> Value | ExpressionError:
    """Return the value of an expression, or why it is refused."""
    try:
        return evaluate(text, SCOPE)
    except ExpressionError as error:
        return error


@pytest.mark.parametrize(("text", "value"), [pytest.param(*row, id=name(row[0])) for row in VALUES])
def test_an_expression_has_a_value(text: str, value: Value) -> None:
    """The value is the literal one, and of its type."""
    result = evaluate(text, SCOPE)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(pytest.param(*row, id=name(row[0])) for row in REFUSED),
        *(pytest.param(text, "E111", id=name(text)) for text, reason in BROKEN.items()),
    ],
)
def test_an_expression_is_refused(text: str, code: str) -> None:
    """Whatever is no expression of the language is refused, with a message of one line."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, SCOPE)
    assert caught.value.code == code
    assert caught.value.message
    assert not caught.value.message.endswith(".")


@pytest.mark.parametrize("piece", ["(", "-", "~", "not ", "1+", "9**", "max(", "1<", "'a'", "1 if 1 else ", "in."])
def test_a_longer_expression_takes_steps_in_proportion(piece: str) -> None:
    """Neither a deep expression nor a long one takes more steps than its length lets expect."""
    assert grows_linearly(
        lambda count: steps("cnnspec.language.expressions", "evaluate", piece * count + "1", SCOPE), 10
    )


@pytest.mark.parametrize(
    ("text", "message", "step"),
    [
        ("widht", "unknown variable `widht`", "did you mean `width`?"),
        ("sqrt(4)", "unknown function `sqrt`", "known are abs, ceil, floor, int, make_divisible, max, min, round"),
        ("width + 'a'", "`'a'` is the word `a`, not a number", ""),
        ("9**9**9", "`9 ** 9 ** 9` is too large to compute", ""),
        ("1/0", "`1 / 0` has no finite value", ""),
        ("10**12*2", "the value of an expression may not exceed 10^12", ""),
        ("2*", "`2*` is not an expression", ""),
    ],
)
def test_a_refusal_says_what_is_wrong(text: str, message: str, step: str) -> None:
    """The message quotes the part that is wrong, and the step helps."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, {"width": 8})
    assert (caught.value.message, caught.value.step) == (message, step)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("${\x1b[31m}"),
        pytest.param("${a\nb}"),
    ],
    ids=["escape", "line end"],
)
def test_a_refusal_is_one_printable_line(text: str) -> None:
    """What a quoted scalar of YAML can hold does not reach the terminal."""
    with pytest.raises(ExpressionError) as caught:
        substitute(text, SCOPE)
    assert caught.value.message.isprintable()


def test_reading_an_expression_prints_no_warning() -> None:
    """Python's own remarks about an expression are nobody's business."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome("1if n > 1 else 2")
    assert caught == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$f", 16),
        ("${4*f}", 64),
        ("$in.c", 3),
        ("$ratio", 0.5),
        ("$wide", True),
        ("$word", "same"),
        ("${f}x${f}", "16x16"),
        ("$f/$n", "16/2"),
        ("3x3/$n", "3x3/2"),
        ("stage$n", "stage2"),
        ("stage${n + 1}_a", "stage3_a"),
        ("a${f/2}b", "a8b"),
        ("a${ratio}b", "a0.5b"),
        ("${wide}-${no}", "true-false"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_a_text_is_filled_in(text: str, value: Value) -> None:
    """A text that is one expression keeps the type of the value; elsewhere the value is written out."""
    result = substitute(text, SCOPE)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize("text", ["$", "a$", "$1", "${", "${f", "${f}$", "$ f", "${a{b}c}", "$$f", "${}"])
def test_a_stray_dollar_is_refused(text: str) -> None:
    """A dollar begins an expression or nothing."""
    with pytest.raises(ExpressionError) as caught:
        substitute(text, SCOPE)
    assert caught.value.code == "E111"


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (16, "16"), (16.0, "16"), (0.5, "0.5"), (-3, "-3"), ("word", "word")],
)
def test_a_value_is_written_as_in_a_spec(value: Value, text: str) -> None:
    """Truth values are lower case, and a whole number has no fraction."""
    assert to_text(value) == text


@pytest.mark.parametrize(
    ("value", "divisor", "expected"),
    [
        (1, 8, 8),
        (8, 8, 8),
        (11, 8, 16),
        (12, 8, 16),
        (16.8, 8, 16),
        (19.2, 8, 24),
        (22.4, 8, 24),
        (24 * 1.4, 8, 32),
        (32 * 0.35, 8, 16),
        (16 * 0.35, 8, 8),
        (24 * 0.35, 8, 8),
        (32 * 0.75, 8, 24),
        (1280 * 1.4, 8, 1792),
        (320 * 1.3, 8, 416),
        (96 * 0.35, 8, 32),
        (160 * 0.35, 8, 56),
        (10, 4, 12),
        (9, 4, 12),
        (5, 1, 5),
        (5.4, 1, 5),
        (1, 16, 16),
    ],
)
def test_make_divisible_is_the_rule_of_the_mobilenet_papers(value: float, divisor: int, expected: int) -> None:
    """The nearest multiple, but not less than 90 % of the value (`_make_divisible` of keras.applications)."""
    assert make_divisible(value, divisor) == expected


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(st.floats(1, 10_000), st.integers(1, 64))
def test_make_divisible_gives_a_near_multiple(value: float, divisor: int) -> None:
    """Whatever the value, the result is a multiple, loses at most a tenth and gains at most a divisor."""
    result = make_divisible(value, divisor)
    assert result % divisor == 0
    assert 0.9 * value <= result <= value + divisor


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.text(st.sampled_from("0123456789.+-*/%()<>=, fnratiowed'"), max_size=40))
def test_any_text_has_a_bounded_value_or_is_refused(text: str) -> None:
    """No text raises anything else, and no number exceeds 10^12."""
    result = outcome(text)
    if isinstance(result, ExpressionError):
        assert result.code in ("E111", "E113")
    else:
        assert isinstance(result, str) or (math.isfinite(result) and abs(result) <= 10**12)
