"""What do MARC's fields say in columns? MARC 21 and UNIMARC, what in them is not public, and how headings are put."""
