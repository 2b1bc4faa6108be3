"""The migration scripts of schema `hotline`; the SQL they run is in `include/sql/migrations`."""
