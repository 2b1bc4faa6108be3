"""`make containers`: the images and the compose file, built and run on an engine, and everything removed again."""
