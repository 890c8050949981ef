"""What an account lists, and what has changed since."""

from __future__ import annotations

from snowbuild.channel import ChannelBuild, ChannelRelease, make_channel
from snowbuild.channel.listing import Listed, NameChange, changes, channel_of
from snowbuild.runtime import Architecture

X86 = Architecture.X86_64


def test_rows_become_versions_with_their_pythons() -> None:
    rows = [
        Listed(name="numpy", version="1.26.4", python="3.11"),
        Listed(name="numpy", version="1.26.4", python="3.10"),
        Listed(name="numpy", version="1.26.4", python="3.10"),
        Listed(name="pip", version="24.0"),
    ]

    assert channel_of("x", rows).releases == (
        ChannelRelease(
            name="numpy", version="1.26.4", builds=(ChannelBuild(python="3.10"), ChannelBuild(python="3.11"))
        ),
        ChannelRelease(name="pip", version="24.0"),
    )
    assert channel_of("x", reversed(rows)) == channel_of("x", rows)


def test_what_is_known_is_narrowed_to_what_is_listed() -> None:
    known = [
        ChannelRelease(
            name="a",
            version="1",
            builds=(ChannelBuild(python="3.9"), ChannelBuild(python="3.10", architecture=X86)),
            requires=("six",),
        ),
        ChannelRelease(name="b", version="1", builds=(ChannelBuild(architecture=X86),), requires=()),
        ChannelRelease(name="not-listed", version="1", requires=()),
    ]
    rows = [
        Listed(name="a", version="1", python="3.10"),
        Listed(name="a", version="1", python="3.11"),
        Listed(name="a", version="2", python="3.11"),
        Listed(name="b", version="1"),
        Listed(name="libc", version="1"),
    ]

    assert channel_of("x", rows, known, others={"libc"}).releases == (
        ChannelRelease(
            name="a",
            version="1",
            builds=(ChannelBuild(python="3.10", architecture=X86), ChannelBuild(python="3.11")),
            requires=("six",),
        ),
        ChannelRelease(name="a", version="2", builds=(ChannelBuild(python="3.11"),)),
        ChannelRelease(name="b", version="1", builds=(ChannelBuild(architecture=X86),), requires=()),
    )


def test_changes() -> None:
    def channel(**versions: tuple[ChannelRelease, ...] | tuple[str, ...]) -> list[ChannelRelease]:
        return [
            v if isinstance(v, ChannelRelease) else ChannelRelease(name=name, version=v)
            for name, found in versions.items()
            for v in found
        ]

    before = make_channel(
        "x", channel(gone=("1",), same=("1",), numpy=("1.9", "1.10"), other=("1",)), date="2026-01-01"
    )
    after = make_channel(
        "y",
        channel(
            same=("1",),
            numpy=("1.10", "2.0", "1.11"),
            new=("1",),
            other=(ChannelRelease(name="other", version="1", requires=()),),
        ),
    )

    assert changes(before, after) == (
        NameChange(name="gone", removed=("1",), is_gone=True),
        NameChange(name="new", added=("1",), is_new=True),
        NameChange(name="numpy", added=("1.11", "2.0"), removed=("1.9",)),
        NameChange(name="other", altered=("1",)),
    )
    assert changes(after, after) == ()
