"""Tests of the gate's checks."""
