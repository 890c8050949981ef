"""Module names are plain, unique, and hide nothing."""

from __future__ import annotations

import keyword
import sys

from hypothesis import given
from hypothesis import strategies as st

from snowbuild.digest import sha256_bytes
from snowbuild.render.names import STANDARD_LIBRARY, module_names

ANY = st.text(min_size=1, max_size=8) | st.sampled_from(
    ["json", "Json", "predict", '"predict"', "pandas", "mine", "class"]
)


def test_plain_names_stay() -> None:
    functions, handlers = module_names(["predict_expense", "PREDICT_2"], ["src/mine.py"], ["pandas"])
    assert functions == {"predict_expense": "predict_expense", "PREDICT_2": "predict_2"}
    assert handlers == {"src/mine.py": "mine"}


def test_names_that_would_hide_something_carry_a_digest() -> None:
    functions, handlers = module_names(
        ["json", "pandas", "typing_extensions", "sklearn", "snowbuild_loader", "class", "mine", '"Größe"'],
        ["src/mine.py", "src/numpy.py", "src/my-model.py"],
        ["pandas", "typing-extensions", "numpy"],
    )
    assert functions == {
        "json": "m_json_02bd175f3297",
        "pandas": "m_pandas_ae4863bdae02",
        "typing_extensions": "m_typing_extensions_" + digest("typing_extensions"),
        "sklearn": "m_sklearn_" + digest("sklearn"),
        "snowbuild_loader": "m_snowbuild_loader_" + digest("snowbuild_loader"),
        "class": "m_class_" + digest("class"),
        "mine": "m_mine_" + digest("mine"),
        '"Größe"': "m_gr_e_" + digest('"Größe"'),
    }
    assert handlers == {
        "src/mine.py": "mine",
        "src/numpy.py": "m_numpy_" + digest("src/numpy.py"),
        "src/my-model.py": "m_my_model_" + digest("src/my-model.py"),
    }


def digest(key: str) -> str:
    """What a name is told by when it cannot be plain."""
    return sha256_bytes(key.encode())[:12]


def test_files_of_one_name_are_told_apart() -> None:
    _, handlers = module_names([], ["a/mine.py", "b/mine.py"], [])
    assert sorted(handlers) == ["a/mine.py", "b/mine.py"]
    assert len(set(handlers.values())) == 2


def test_the_whole_standard_library_of_this_python_is_known() -> None:
    public = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    assert public <= set(STANDARD_LIBRARY.split())


@given(st.sets(ANY, max_size=6), st.sets(ANY.map(lambda name: f"src/{name}.py"), max_size=4))
def test_names_are_identifiers_and_differ_where_case_is_ignored(functions: set[str], paths: set[str]) -> None:
    of_functions, of_handlers = module_names(sorted(functions), sorted(paths), ["pandas", "autogluon-core"])
    names = [*of_functions.values(), *of_handlers.values()]
    assert set(of_functions) == functions
    assert set(of_handlers) == paths
    assert len({name.lower() for name in names}) == len(names)
    assert all(name.isascii() and name.isidentifier() and not keyword.iskeyword(name) for name in names)
    assert not set(names) & {*STANDARD_LIBRARY.split(), "pandas", "autogluon_core", "autogluon", "snowbuild_loader"}
