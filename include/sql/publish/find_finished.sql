-- Of the orders looked at those that are finished: feedback on them came.

CREATE TEMPORARY TABLE finished ON COMMIT DROP AS
{answers}
