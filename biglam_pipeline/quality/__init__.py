"""What is measured of a text or a picture, without judging it."""
