"""Invented data of the responsibility chain."""
