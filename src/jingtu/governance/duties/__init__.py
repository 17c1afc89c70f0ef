"""The chain of responsibility: bodies, plans, letters, meetings, supervision, duty reports."""
