"""Pages of meetings: parse, ask one service or query, draw."""
