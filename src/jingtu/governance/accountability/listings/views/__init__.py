"""Pages of listings: parse, ask one service or query, draw."""
