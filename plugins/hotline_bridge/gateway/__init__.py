"""What 12345 calls on us: its feedback (4.2.5), after a check of each call (4.2.2). Free of Airflow."""
