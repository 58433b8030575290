"""Why a pull can stop before the folder is up to date; each reason has an exit code of its own.

Stopped
├── NotReached    3  the service does not answer, or not now: the next run goes on
├── NotLetIn      4  the service refuses what is asked: somebody has to change something
├── FolderBroken  5  the folder cannot be used as it is
└── AtWork        6  another pull is at work in the folder
"""

from typing import ClassVar


class Stopped(Exception):
    """A pull has stopped; the message says why, and what to do."""

    code: ClassVar[int]


class NotReached(Stopped):
    """The service does not answer, or not now."""

    code = 3


class NotLetIn(Stopped):
    """The service refuses what is asked."""

    code = 4


class FolderBroken(Stopped):
    """The folder is not as the last pull left it, or cannot be written to."""

    code = 5


class AtWork(Stopped):
    """Another pull is at work in the folder."""

    code = 6
