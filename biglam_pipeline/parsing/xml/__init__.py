"""One strict reader of XML for every stage: counted repairs, linear time, bounded memory, records one at a time."""
