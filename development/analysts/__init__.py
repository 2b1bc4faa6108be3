"""Writes the pages for analysts that come out of a database: the dictionary, and the questions with their answers."""
