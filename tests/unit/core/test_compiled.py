"""Compiled functions answer what they would answer as Python, wherever their code can be kept."""

from types import FunctionType

from bawwab.core.compiled import compiled


def doubled(number: int) -> int:
    return 2 * number


def test_a_compiled_function_answers_the_same() -> None:
    assert compiled("intp(intp)")(doubled)(21) == doubled(21)


def test_where_no_code_can_be_kept_it_compiles_all_the_same() -> None:
    homeless = FunctionType(doubled.__code__.replace(co_filename="nowhere"), {}, "homeless")
    assert compiled("intp(intp)")(homeless)(21) == doubled(21)
