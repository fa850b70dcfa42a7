"""What a rights statement is, how free it leaves a record, and what a source accepts."""
