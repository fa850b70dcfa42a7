"""What is a part of the dataset called? A slug of the value that `map: {config: ...}` gives."""

import hashlib
import re
import unicodedata

UNKNOWN = "unknown"
"""Where the rows go whose value is empty."""
LONGEST = 64

_OTHER = re.compile(r"[^a-z0-9_]+")


def config_slug(text: str) -> str:
    """`[a-z0-9_-]{1,64}`: `sr-Latn` -> `sr-latn`, `Popular Press` -> `popular-press`, nothing -> `unknown`.

    A text that has nothing of that alphabet, such as a title in Cyrillic, becomes a digest: two of them stay two parts.
    """
    letters = unicodedata.normalize("NFKD", text).casefold()
    slug = _OTHER.sub("-", "".join(char for char in letters if not unicodedata.combining(char)))[:LONGEST].strip("-")
    if slug or not text.strip():
        return slug or UNKNOWN
    return f"x-{hashlib.sha256(text.strip().encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
