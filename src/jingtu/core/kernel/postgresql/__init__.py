"""Django's PostgreSQL backend that tells every connection who reads (``core.kernel.wall``)."""
