DROP FUNCTION hotline.written_moment(timestamptz, timestamptz);
DROP FUNCTION hotline.is_usable(timestamptz);
