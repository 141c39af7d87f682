"""What keeps an operation's files and secrets to their owner. Below all that makes files; pure of settings."""

from gsmsend.guarding.environment import take
from gsmsend.guarding.files import appended, make_folder, private, replaced, written
from gsmsend.guarding.folders import check_file, check_folder, check_operation
from gsmsend.guarding.places import state_folder

__all__ = [
    "appended",
    "check_file",
    "check_folder",
    "check_operation",
    "make_folder",
    "private",
    "replaced",
    "state_folder",
    "take",
    "written",
]
