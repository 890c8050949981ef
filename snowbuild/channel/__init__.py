"""What Snowflake's Anaconda channel offers: channel.json, an account's listing, conda's repodata."""

from snowbuild.channel.file import dump_channel, load_channel, make_channel, save_channel
from snowbuild.channel.values import Channel, ChannelBuild, ChannelRelease

__all__ = [
    "Channel",
    "ChannelBuild",
    "ChannelRelease",
    "dump_channel",
    "load_channel",
    "make_channel",
    "save_channel",
]
