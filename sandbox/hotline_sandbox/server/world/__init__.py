"""The world behind the sandbox: orders and everything that the national platform shows about them, in time.

An order (`orders`) holds rows of the contract's tables, each shown from one moment to another. A `Feed` keeps the rows
of one table by time of registration, its `Spool` the bytes; the `World` holds all feeds. `queries` and `drains` answer
the interfaces, `admin` and `control` are the two ends of the control API.
"""
