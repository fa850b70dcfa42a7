"""Digitised print as libraries deliver it: what an issue is made of, in METS or DIDL, and ALTO with its words."""
