"""Setting up the demonstration: the same services a person uses, called by named demo users."""
