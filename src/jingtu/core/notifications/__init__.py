"""Notices to people inside the system: a code with parameters, put into words in the reader's language."""
