"""Words as they stand on a page, whatever format brings them: their order, their confidence, the text they make."""
