"""How many files the server may have open: Streamlit holds three for each session, also for those that left."""

import sys
from contextlib import suppress

ENOUGH = 65_536


def allow_many() -> None:
    """As many as the system lets this process have, up to `ENOUGH`: the usual 1,024 end with the 250th session."""
    if sys.platform == "win32":
        return  # which counts no files
    import resource

    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if most == resource.RLIM_INFINITY else min(most, ENOUGH)
    if usual != resource.RLIM_INFINITY and usual < wanted:
        with suppress(OSError, ValueError):  # some systems take less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
