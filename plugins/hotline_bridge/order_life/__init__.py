"""The life of an order (工单全过程) in one place: taken, reported, received, routed, handled, answered, published."""
