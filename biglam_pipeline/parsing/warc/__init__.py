"""Web archives: records cut from the file, and what a server answered inside of one."""
