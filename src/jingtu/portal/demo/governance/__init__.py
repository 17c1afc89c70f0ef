"""The responsibility chain of the demonstration, one module an app."""
