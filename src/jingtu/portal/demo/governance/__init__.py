"""The responsibility chain of the demonstration, one module an app."""
"""The stories of governance in the fictional city."""
