"""What follows when duties are not met: measures and listings, proposed by rule, decided by a person."""
