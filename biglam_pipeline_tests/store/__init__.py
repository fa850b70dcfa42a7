"""Tests of the shelves."""
