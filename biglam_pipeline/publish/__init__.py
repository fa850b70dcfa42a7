"""Stage 4: the card, the draft of a commit, and the only door to the Hub."""
