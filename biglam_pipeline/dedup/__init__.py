"""Stage 3: which row of an id is current, what is withheld, which rows are duplicates, and where each row lies."""
