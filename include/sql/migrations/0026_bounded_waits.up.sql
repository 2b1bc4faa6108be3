-- Windows whose times lie ahead of the clock, as it was set back, are found without reading all windows.

CREATE INDEX collection_window_visited ON hotline.collection_window (interface, visited_at);
CREATE INDEX collection_window_asked ON hotline.collection_window (interface, due_at) WHERE due_because <> 'age';
