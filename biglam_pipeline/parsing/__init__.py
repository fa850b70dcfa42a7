"""How foreign bytes are read: XML with counted repairs, gzip, archives; one reader each, below the stages."""
