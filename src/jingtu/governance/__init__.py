"""What people owe, and what follows."""
