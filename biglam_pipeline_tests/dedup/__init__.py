"""Tests of current rows, duplicates and parts."""
