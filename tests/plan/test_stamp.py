"""The stamp in a function's comment."""

from hypothesis import given
from hypothesis import strategies as st

from snowbuild.plan import Stamp, read_stamp

projects = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)


@given(projects, st.integers(1, 10**9), st.text("0123456789abcdef", min_size=16, max_size=16), st.none() | st.text())
def test_reads_what_it_writes(project: str, deployment: int, definition: str, text: str | None) -> None:
    stamp = Stamp(project=project, deployment=deployment, definition=definition)
    assert read_stamp(stamp.comment(text)) == stamp


def test_other_comments_have_none() -> None:
    assert read_stamp("") is None
    assert read_stamp("user-defined function") is None
    assert read_stamp("[snowbuild forecast deployment x definition 0]") is None


def test_the_last_stamp_counts() -> None:
    first = Stamp(project="a", deployment=1, definition="1" * 16)
    second = Stamp(project="b", deployment=2, definition="2" * 16)
    assert read_stamp(second.comment(first.comment("text"))) == second
