"""Which value goes where: paths, values and steps of sources.yaml, and what rows are joined with."""
