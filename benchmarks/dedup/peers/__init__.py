"""What runs inside the other tools' own environments: nothing here may import this project."""
