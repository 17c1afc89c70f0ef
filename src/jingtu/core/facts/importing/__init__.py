"""From an uploaded table to checked facts: read the sheet, resolve and check every row, mark what is wrong.

Knows nothing of requests and writes nothing: services decide what becomes of the outcome.
"""
