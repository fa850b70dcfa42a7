"""Tests of current rows, doubles and parts."""
