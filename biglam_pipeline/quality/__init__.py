"""What is measured of a text, without judging it."""
