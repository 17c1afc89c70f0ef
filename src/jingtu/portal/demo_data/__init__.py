"""Data for the demonstration: real published figures and a fictional city's synthetic reports.

:mod:`.real_figures` reads the published figures and the reviewed mapping of each of their rows;
:mod:`.city` invents fifteen months of reports for the fictional city. Neither knows a web framework.
"""
