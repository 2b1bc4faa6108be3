-- Takes 0010_standard_data.up.sql back.

DROP TABLE hotline.standard_data;
