DROP TABLE hotline.unknown_code;
DROP TABLE hotline.code_delivery;
