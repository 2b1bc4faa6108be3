DROP TABLE hotline.consultation_order_history;
DROP TABLE hotline.consultation_order;
DROP TABLE hotline.report_order_history;
DROP TABLE hotline.report_order;
DROP TABLE hotline.complaint_order_history;
DROP TABLE hotline.complaint_order;
