"""Jingtu (净土): drug-governance work entered once; everything else derived, explained, reproducible."""

__version__ = "0.1.0"
