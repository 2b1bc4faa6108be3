"""One script a migration; the file name is the revision with a `v` before it, so that it is a module name."""
