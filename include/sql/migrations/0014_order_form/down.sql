DROP TABLE hotline.form_launch;
