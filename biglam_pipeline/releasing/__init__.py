"""One release of a source: what the Hub holds already, what people wrote there, the commit, and what is remembered."""
