"""A record becomes a row: the canonical columns filled, its rights named, and what is decided by measured."""
