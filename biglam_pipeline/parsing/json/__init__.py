"""JSON as others write it: read strictly, and cut into records without holding more than one of them."""
