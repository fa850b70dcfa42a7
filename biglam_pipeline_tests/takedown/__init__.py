"""Tests of takedowns: the ledger, and packing archives again."""
