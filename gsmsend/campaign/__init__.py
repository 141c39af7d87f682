"""Recipients from files: encodings, columns, numbers, and what is refused with its row and reason."""
