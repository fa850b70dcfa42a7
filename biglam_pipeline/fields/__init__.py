"""What cataloguers write in a field, read with care: dates, languages, names, identifiers."""
