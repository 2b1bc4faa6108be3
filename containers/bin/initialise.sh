#!/bin/sh
# Brings Airflow's database, the users of its UI and the stores up to this image's version; does nothing where they are.
# Safe to repeat.
set -eu

airflow db migrate
ui-accounts
hotline migrate
