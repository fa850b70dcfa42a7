"""What do the fields of PICA+ say in columns? Titles and authorities, what in them is not public, and rights."""
