"""Invented but realistic telephony logs of Shaoguan's 12345 hotline, for the demo, the tests and the benchmark.

`world` invents what happened, `dirt` knows what goes wrong with a row and what must become of it, `mix` makes the exact
shares of both, `load` writes the result into the docking store and says what the bridge has to make of it.

The other side is `case_world`: the orders of a city as the national platform shows them over months; `world_file`
writes them for the sandbox.
"""
