"""What runs in a process of its own, under an interpreter that has python-gammu. Nothing here is imported."""
