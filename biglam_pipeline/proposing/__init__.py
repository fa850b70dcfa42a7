"""A first draft of an entry: an address is looked at in a few pages, fields are counted, a `map` is proposed."""
