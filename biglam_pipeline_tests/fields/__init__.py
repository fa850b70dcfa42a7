"""Tests of the fields room."""
