"""Results back to 12345 (结果回写): what the bridge writes into the docking store (specification 4.1.2 and 4.2)."""
