"""Tests of the way to the Hub."""
