"""One kind of each sort, as small as they come: what CONTRIBUTING says is tried with them, in a copy of the package."""
