"""The sandbox: a real HTTP server that plays the national 12315 platform and enforces the contract.

It imports nothing of `hotline_bridge.platform_client`: what the client signs and what the server checks are written
apart, so that one error cannot hide in both.
"""
