"""The pages (页面) where people look things up and decide (specification 4.3, 4.4, 4.8.1.1).

Server-rendered, whole without script, free of Airflow: `app.make_pages` is given who may do what, and a store.
"""
