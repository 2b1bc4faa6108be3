-- Which records are of one person: keys beside the numbers, written by triggers, so that no writer can forget them.

ALTER TABLE hotline.call_log ADD COLUMN person_key text;
COMMENT ON COLUMN hotline.call_log.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
ALTER TABLE hotline.call_log_history ADD COLUMN person_key text;
COMMENT ON COLUMN hotline.call_log_history.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';

ALTER TABLE hotline.complaint_order ADD COLUMN person_key text;
ALTER TABLE hotline.complaint_order ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.complaint_order.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.complaint_order.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';
ALTER TABLE hotline.complaint_order_history ADD COLUMN person_key text;
ALTER TABLE hotline.complaint_order_history ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.complaint_order_history.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.complaint_order_history.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';

ALTER TABLE hotline.report_order ADD COLUMN person_key text;
ALTER TABLE hotline.report_order ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.report_order.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.report_order.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';
ALTER TABLE hotline.report_order_history ADD COLUMN person_key text;
ALTER TABLE hotline.report_order_history ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.report_order_history.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.report_order_history.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';

ALTER TABLE hotline.consultation_order ADD COLUMN person_key text;
ALTER TABLE hotline.consultation_order ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.consultation_order.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.consultation_order.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';
ALTER TABLE hotline.consultation_order_history ADD COLUMN person_key text;
ALTER TABLE hotline.consultation_order_history ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.consultation_order_history.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.consultation_order_history.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';

ALTER TABLE hotline.complaint_case ADD COLUMN person_key text;
ALTER TABLE hotline.complaint_case ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.complaint_case.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.complaint_case.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';
ALTER TABLE hotline.complaint_case_history ADD COLUMN person_key text;
ALTER TABLE hotline.complaint_case_history ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.complaint_case_history.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.complaint_case_history.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';

ALTER TABLE hotline.report_case ADD COLUMN person_key text;
ALTER TABLE hotline.report_case ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.report_case.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.report_case.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';
ALTER TABLE hotline.report_case_history ADD COLUMN person_key text;
ALTER TABLE hotline.report_case_history ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.report_case_history.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.report_case_history.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';

ALTER TABLE hotline.consultation_case ADD COLUMN person_key text;
ALTER TABLE hotline.consultation_case ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.consultation_case.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.consultation_case.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';
ALTER TABLE hotline.consultation_case_history ADD COLUMN person_key text;
ALTER TABLE hotline.consultation_case_history ADD COLUMN identity_key text;
COMMENT ON COLUMN hotline.consultation_case_history.person_key IS '同一电话的散列键：不能还原为号码，可在话务与工单之间关联';
COMMENT ON COLUMN hotline.consultation_case_history.identity_key IS '同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人';

CREATE FUNCTION hotline.keep_keys_of_call_log() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    inside bytea;
    outside bytea;
BEGIN
    SELECT s.inner_pad, s.outer_pad INTO STRICT inside, outside FROM hotline.person_secret AS s;
    new.person_key := coalesce(hotline.hmac_sha256(hotline.normal_phone(new.callno), inside, outside), new.person_key);
    RETURN new;
END
$$;

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.call_log
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_call_log();

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.call_log_history
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_call_log();

CREATE FUNCTION hotline.keep_keys_of_complaint_order() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    inside bytea;
    outside bytea;
BEGIN
    SELECT s.inner_pad, s.outer_pad INTO STRICT inside, outside FROM hotline.person_secret AS s;
    new.person_key := coalesce(hotline.hmac_sha256(coalesce(hotline.normal_phone(new.telnumber), hotline.normal_phone(new.protel)), inside, outside), new.person_key);
    new.identity_key := coalesce(hotline.hmac_sha256(hotline.normal_identity(new.procerno), inside, outside), new.identity_key);
    RETURN new;
END
$$;

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.complaint_order
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_complaint_order();

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.complaint_order_history
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_complaint_order();

CREATE FUNCTION hotline.keep_keys_of_report_order() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    inside bytea;
    outside bytea;
BEGIN
    SELECT s.inner_pad, s.outer_pad INTO STRICT inside, outside FROM hotline.person_secret AS s;
    new.person_key := coalesce(hotline.hmac_sha256(coalesce(hotline.normal_phone(new.telnumber), hotline.normal_phone(new.protel)), inside, outside), new.person_key);
    new.identity_key := coalesce(hotline.hmac_sha256(hotline.normal_identity(new.procerno), inside, outside), new.identity_key);
    RETURN new;
END
$$;

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.report_order
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_report_order();

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.report_order_history
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_report_order();

CREATE FUNCTION hotline.keep_keys_of_consultation_order() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    inside bytea;
    outside bytea;
BEGIN
    SELECT s.inner_pad, s.outer_pad INTO STRICT inside, outside FROM hotline.person_secret AS s;
    new.person_key := coalesce(hotline.hmac_sha256(coalesce(hotline.normal_phone(new.telnumber), hotline.normal_phone(new.protel)), inside, outside), new.person_key);
    new.identity_key := coalesce(hotline.hmac_sha256(hotline.normal_identity(new.procerno), inside, outside), new.identity_key);
    RETURN new;
END
$$;

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.consultation_order
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_consultation_order();

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.consultation_order_history
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_consultation_order();

CREATE FUNCTION hotline.keep_keys_of_complaint_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    inside bytea;
    outside bytea;
BEGIN
    SELECT s.inner_pad, s.outer_pad INTO STRICT inside, outside FROM hotline.person_secret AS s;
    new.person_key := coalesce(hotline.hmac_sha256(hotline.normal_phone(new.protel), inside, outside), new.person_key);
    new.identity_key := coalesce(hotline.hmac_sha256(hotline.normal_identity(new.procerno), inside, outside), new.identity_key);
    RETURN new;
END
$$;

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.complaint_case
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_complaint_case();

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.complaint_case_history
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_complaint_case();

CREATE FUNCTION hotline.keep_keys_of_report_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    inside bytea;
    outside bytea;
BEGIN
    SELECT s.inner_pad, s.outer_pad INTO STRICT inside, outside FROM hotline.person_secret AS s;
    new.person_key := coalesce(hotline.hmac_sha256(hotline.normal_phone(new.protel), inside, outside), new.person_key);
    new.identity_key := coalesce(hotline.hmac_sha256(hotline.normal_identity(new.procerno), inside, outside), new.identity_key);
    RETURN new;
END
$$;

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.report_case
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_report_case();

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.report_case_history
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_report_case();

CREATE FUNCTION hotline.keep_keys_of_consultation_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    inside bytea;
    outside bytea;
BEGIN
    SELECT s.inner_pad, s.outer_pad INTO STRICT inside, outside FROM hotline.person_secret AS s;
    new.person_key := coalesce(hotline.hmac_sha256(hotline.normal_phone(new.protel), inside, outside), new.person_key);
    new.identity_key := coalesce(hotline.hmac_sha256(hotline.normal_identity(new.procerno), inside, outside), new.identity_key);
    RETURN new;
END
$$;

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.consultation_case
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_consultation_case();

CREATE TRIGGER keep_person_keys BEFORE INSERT OR UPDATE ON hotline.consultation_case_history
FOR EACH ROW EXECUTE FUNCTION hotline.keep_keys_of_consultation_case();

-- Rows that were stored before: the trigger writes their keys, and nothing of them is published anew for it.
ALTER TABLE hotline.complaint_case DISABLE TRIGGER note_updated;
ALTER TABLE hotline.report_case DISABLE TRIGGER note_updated;
UPDATE hotline.call_log SET callno = callno;
UPDATE hotline.call_log_history SET callno = callno;
UPDATE hotline.complaint_order SET telnumber = telnumber;
UPDATE hotline.complaint_order_history SET telnumber = telnumber;
UPDATE hotline.report_order SET telnumber = telnumber;
UPDATE hotline.report_order_history SET telnumber = telnumber;
UPDATE hotline.consultation_order SET telnumber = telnumber;
UPDATE hotline.consultation_order_history SET telnumber = telnumber;
UPDATE hotline.complaint_case SET protel = protel;
UPDATE hotline.complaint_case_history SET protel = protel;
UPDATE hotline.report_case SET protel = protel;
UPDATE hotline.report_case_history SET protel = protel;
UPDATE hotline.consultation_case SET protel = protel;
UPDATE hotline.consultation_case_history SET protel = protel;
ALTER TABLE hotline.complaint_case ENABLE TRIGGER note_updated;
ALTER TABLE hotline.report_case ENABLE TRIGGER note_updated;
