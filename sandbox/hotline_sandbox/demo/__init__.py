"""The main job on a machine of its own: a private PostgreSQL, the sandbox platform and Airflow, by one command."""
