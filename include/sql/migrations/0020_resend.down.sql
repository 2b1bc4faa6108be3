ALTER TABLE hotline.delivery DROP COLUMN resend, DROP COLUMN resend_asked_at;
