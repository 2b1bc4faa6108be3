"""Speaks to the national 12315 platform: signing, requests, answers, the client. Free of Airflow."""
