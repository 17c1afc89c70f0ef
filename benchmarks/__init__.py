"""Measurements of Jingtu, as ratios within one run. ``python -m benchmarks --help`` lists the parts."""
