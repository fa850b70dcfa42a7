"""PDF, read in a process of its own: the library is C++, the files are anybody's, and neither may end a run."""
