"""The shelves, and the only door to the disk."""
