"""A small made-up institution that speaks the real protocols on loopback, for `make run` and for tests."""
