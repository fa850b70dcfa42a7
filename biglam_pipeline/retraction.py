"""The way back: takes a record out of shards, slices, raw objects, the repository and, if asked, its history."""
