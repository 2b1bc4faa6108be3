"""What is done with personal data by hand: a person's data are erased, the key of hashes is changed."""
