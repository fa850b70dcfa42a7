"""What must hold of every kind in a closed list."""
