DROP FUNCTION hotline.kept_content;
DROP INDEX hotline.order_fact_company_name;
