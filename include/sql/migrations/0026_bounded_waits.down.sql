DROP INDEX hotline.collection_window_asked;
DROP INDEX hotline.collection_window_visited;
