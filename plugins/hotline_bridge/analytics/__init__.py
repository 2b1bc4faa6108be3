"""What analysts read, kept true and carried out of the store."""
