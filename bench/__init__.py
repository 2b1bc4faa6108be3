"""What is measured by hand: the speed of the bridge beside others, and its behaviour on a real day's input."""
