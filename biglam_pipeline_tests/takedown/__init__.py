"""Tests of takedowns below the stages: the ledger, and packing archives again."""
