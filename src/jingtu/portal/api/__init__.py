"""The API: thin doors in front of the same services and queries that the pages use."""
