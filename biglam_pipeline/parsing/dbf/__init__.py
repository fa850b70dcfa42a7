"""What do tables of dBASE, Clipper and FoxPro hold? Records of fixed width, and memos in a file beside them."""
