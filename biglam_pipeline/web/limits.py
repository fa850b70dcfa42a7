"""How long, how much and how often: every number that the door to the network keeps to."""

from dataclasses import dataclass

from biglam_pipeline.parsing import gzip

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults suit libraries and archives, whose servers are slow and shared."""

    connect_seconds: float = 30.0
    read_seconds: float = 300.0
    """Silence between two blocks, and what one block may take. Full-text servers think for minutes before the first."""
    head_seconds: float = 300.0
    """From the request to the end of the answer's head, however many lines and interim answers come on the way."""
    hops: int = 5
    """Redirects in a row."""
    tries: int = 3
    """Requests for one answer where the server fails without saying when to come back."""
    asked_tries: int = 5
    """Requests for one answer where the server says each time when to come back."""
    retry_seconds: float = 60.0
    """How much Retry-After is sat out inside one `get`; what is longer goes back to the scheduler."""
    backoff_seconds: float = 5.0
    """The first wait that no server prescribed; doubled at each further one."""
    kept_bytes: int = 32 * MB
    """Bodies up to here stay in memory, larger ones go to a file."""
    mark_bytes: int = 64 * MB
    """Of a file that is so large, what came is kept beyond the run, sure to every so many bytes."""
    total_bytes: int = 1_000_000 * MB
    """Of one answer."""
    visit_seconds: float = 72 * 3600.0
    """Of one visit to a source: a million records at a hundred a page, if the server thinks 26 seconds about each."""
    visit_bytes: int = 1_000_000 * MB
    """What comes in one visit, attempts that were cut off included: all answers together."""
    visit_answers: int = 1_000_000
    """Requests of one visit: ten times the pages that one list may have, or the addresses that an entry may name."""
    inflation_ratio: int = gzip.MAX_RATIO
    """Bytes out for a byte in, of a compressed transfer that is larger than `inflation_from_bytes`."""
    inflation_from_bytes: int = gzip.FREE_BYTES
    drip_bytes_per_second: float = 1024.0
    drip_window_seconds: float = 60.0
    """A body that came slower than `drip_bytes_per_second` over this long is given up and asked for again."""
    pause_least_seconds: float = 0.5
    pause_most_seconds: float = 30.0
    """Between two requests to one host: as long as the last answer took, within these."""
    failures_in_a_row: int = 5
    """So many requests for data that came to nothing (5xx, no connection, no answer in time, a wall, a refusal), and a
    host is left alone by all runs of this machine."""
    rest_seconds: float = 300.0
    """For so long at first; doubled by each request that tries it and fails, too."""
    rest_most_seconds: float = 6 * 3600.0
    turn_seconds: float = 600.0
    """How long to wait while another process talks to the same host; BIGLAM_WAIT_SECONDS."""
    progress_seconds: float = 5.0
