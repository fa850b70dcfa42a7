"""`python -m biglam_pipeline.localhub`: serve one state folder from the command line."""

import argparse
import os
import sys
from pathlib import Path

from biglam_pipeline.localhub.hub import PART_BYTES
from biglam_pipeline.localhub.serving import HOST, IDLE_MINUTES, PORT, serve
from biglam_pipeline.localhub.state import StateBusy


def main() -> int:
    """Read the arguments and serve; 2 where the folder or the address cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m biglam_pipeline.localhub", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder that holds the repositories")
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=int(os.environ.get("BIGLAM_HUB_PORT") or PORT))
    parser.add_argument("--idle-minutes", type=float, default=IDLE_MINUTES, help="0 runs until it is stopped")
    parser.add_argument("--keep-for", type=int, metavar="PID", help="do not end while this process lives")
    parser.add_argument("--allow-remote", action="store_true", help="accept a host other than loopback")
    parser.add_argument("--auth", metavar="TOKEN", help="ask for this token on writes and private reads")
    parser.add_argument("--part-bytes", type=int, default=PART_BYTES, help="size of the parts of a large LFS upload")
    given = parser.parse_args()
    try:
        serve(
            given.state,
            host=given.host,
            port=given.port,
            idle_minutes=given.idle_minutes or None,
            keep_for=given.keep_for,
            allow_remote=given.allow_remote,
            auth=given.auth,
            part_bytes=given.part_bytes,
        )
    except (StateBusy, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201  this is the command line's own voice
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
