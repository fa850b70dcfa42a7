"""Near-duplicates: texts and pictures that are the same but for noise, found by fingerprint and then verified."""
