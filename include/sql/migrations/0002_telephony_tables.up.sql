CREATE TABLE hotline.call_log (
    row_id bigint PRIMARY KEY,
    callid text UNIQUE,
    callno text,
    sourcearea text,
    calltime timestamptz,
    skilltime timestamptz,
    seattime timestamptz,
    ringtime timestamptz,
    calltype text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE hotline.call_log IS '话务日志上报模块（4.2.3(1)）：每个主键的当前内容';
COMMENT ON COLUMN hotline.call_log.row_id IS '本地行号';
COMMENT ON COLUMN hotline.call_log.callid IS '呼叫流水号（话务唯一识别码） 6位受理地行政区划代码+通讯呼叫流水号 sourcearea+通讯平台生成的呼叫流水号';
COMMENT ON COLUMN hotline.call_log.callno IS '来电号码';
COMMENT ON COLUMN hotline.call_log.sourcearea IS '受理地行政区划代码 按全国12315平台标准';
COMMENT ON COLUMN hotline.call_log.calltime IS '呼叫时间: YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.call_log.skilltime IS '进队列时间: YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.call_log.seattime IS '进座席时间: YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.call_log.ringtime IS '振铃时间: YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.call_log.calltype IS '呼叫类型: 1 成功,2 呼出';
COMMENT ON COLUMN hotline.call_log.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.call_log.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.call_log.loaded_at IS '载入本地库的时间';

CREATE TABLE hotline.call_log_history (
    row_id bigint NOT NULL,
    callid text,
    callno text,
    sourcearea text,
    calltime timestamptz,
    skilltime timestamptz,
    seattime timestamptz,
    ringtime timestamptz,
    calltype text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.call_log_history IS '话务日志上报模块（4.2.3(1)）：被替换的内容';
COMMENT ON COLUMN hotline.call_log_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.call_log_history.callid IS '呼叫流水号（话务唯一识别码） 6位受理地行政区划代码+通讯呼叫流水号 sourcearea+通讯平台生成的呼叫流水号';
COMMENT ON COLUMN hotline.call_log_history.callno IS '来电号码';
COMMENT ON COLUMN hotline.call_log_history.sourcearea IS '受理地行政区划代码 按全国12315平台标准';
COMMENT ON COLUMN hotline.call_log_history.calltime IS '呼叫时间: YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.call_log_history.skilltime IS '进队列时间: YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.call_log_history.seattime IS '进座席时间: YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.call_log_history.ringtime IS '振铃时间: YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.call_log_history.calltype IS '呼叫类型: 1 成功,2 呼出';
COMMENT ON COLUMN hotline.call_log_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.call_log_history.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.call_log_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.call_log_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.recording_log (
    row_id bigint PRIMARY KEY,
    recordid text UNIQUE,
    callid text,
    recordname text,
    recordpath text,
    begintime timestamptz,
    endtime timestamptz,
    sourcearea text,
    calltype text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE hotline.recording_log IS '录音日志上报模块（4.2.3(2)）：每个主键的当前内容';
COMMENT ON COLUMN hotline.recording_log.row_id IS '本地行号';
COMMENT ON COLUMN hotline.recording_log.recordid IS '录音数据ID: 区域编码+呼叫类型+呼叫流水号 Sourcearea+calltype +callid';
COMMENT ON COLUMN hotline.recording_log.callid IS '呼叫流水号（话务唯一识别码） 6位受理地行政区划代码+通讯呼叫流水号 sourcearea+通讯平台生成的呼叫流水号';
COMMENT ON COLUMN hotline.recording_log.recordname IS '录音文件名';
COMMENT ON COLUMN hotline.recording_log.recordpath IS '录音全地址： 供总局直接调听使用';
COMMENT ON COLUMN hotline.recording_log.begintime IS '录音开始时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.recording_log.endtime IS '录音结束时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.recording_log.sourcearea IS '录音所属地区行政区划代码 按全国12315平台标准';
COMMENT ON COLUMN hotline.recording_log.calltype IS '呼叫类型： 1 成功,2 呼出';
COMMENT ON COLUMN hotline.recording_log.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.recording_log.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.recording_log.loaded_at IS '载入本地库的时间';

CREATE TABLE hotline.recording_log_history (
    row_id bigint NOT NULL,
    recordid text,
    callid text,
    recordname text,
    recordpath text,
    begintime timestamptz,
    endtime timestamptz,
    sourcearea text,
    calltype text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.recording_log_history IS '录音日志上报模块（4.2.3(2)）：被替换的内容';
COMMENT ON COLUMN hotline.recording_log_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.recording_log_history.recordid IS '录音数据ID: 区域编码+呼叫类型+呼叫流水号 Sourcearea+calltype +callid';
COMMENT ON COLUMN hotline.recording_log_history.callid IS '呼叫流水号（话务唯一识别码） 6位受理地行政区划代码+通讯呼叫流水号 sourcearea+通讯平台生成的呼叫流水号';
COMMENT ON COLUMN hotline.recording_log_history.recordname IS '录音文件名';
COMMENT ON COLUMN hotline.recording_log_history.recordpath IS '录音全地址： 供总局直接调听使用';
COMMENT ON COLUMN hotline.recording_log_history.begintime IS '录音开始时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.recording_log_history.endtime IS '录音结束时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.recording_log_history.sourcearea IS '录音所属地区行政区划代码 按全国12315平台标准';
COMMENT ON COLUMN hotline.recording_log_history.calltype IS '呼叫类型： 1 成功,2 呼出';
COMMENT ON COLUMN hotline.recording_log_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.recording_log_history.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.recording_log_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.recording_log_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.seat_login_log (
    row_id bigint PRIMARY KEY,
    signid text UNIQUE,
    seatno text,
    seatname text,
    begintime timestamptz,
    endtime timestamptz,
    sourcearea text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE hotline.seat_login_log IS '坐席工作日志上报模块（4.2.3(3)）：每个主键的当前内容';
COMMENT ON COLUMN hotline.seat_login_log.row_id IS '本地行号';
COMMENT ON COLUMN hotline.seat_login_log.signid IS '坐席签入数据主键： 所属区域编码+坐席工号+签入时间 sourcearea+seatno + begintime';
COMMENT ON COLUMN hotline.seat_login_log.seatno IS '坐席工号';
COMMENT ON COLUMN hotline.seat_login_log.seatname IS '坐席名称';
COMMENT ON COLUMN hotline.seat_login_log.begintime IS '签入时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.seat_login_log.endtime IS '签出时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.seat_login_log.sourcearea IS '所属地区行政区划代码 按全国12315平台标准';
COMMENT ON COLUMN hotline.seat_login_log.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.seat_login_log.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.seat_login_log.loaded_at IS '载入本地库的时间';

CREATE TABLE hotline.seat_login_log_history (
    row_id bigint NOT NULL,
    signid text,
    seatno text,
    seatname text,
    begintime timestamptz,
    endtime timestamptz,
    sourcearea text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.seat_login_log_history IS '坐席工作日志上报模块（4.2.3(3)）：被替换的内容';
COMMENT ON COLUMN hotline.seat_login_log_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.seat_login_log_history.signid IS '坐席签入数据主键： 所属区域编码+坐席工号+签入时间 sourcearea+seatno + begintime';
COMMENT ON COLUMN hotline.seat_login_log_history.seatno IS '坐席工号';
COMMENT ON COLUMN hotline.seat_login_log_history.seatname IS '坐席名称';
COMMENT ON COLUMN hotline.seat_login_log_history.begintime IS '签入时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.seat_login_log_history.endtime IS '签出时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.seat_login_log_history.sourcearea IS '所属地区行政区划代码 按全国12315平台标准';
COMMENT ON COLUMN hotline.seat_login_log_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.seat_login_log_history.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.seat_login_log_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.seat_login_log_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.satisfaction_log (
    row_id bigint PRIMARY KEY,
    id text UNIQUE,
    callid text,
    satisfaction text,
    opttime timestamptz,
    sourcearea text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE hotline.satisfaction_log IS '话务满意度上报模块（4.2.3(4)）：每个主键的当前内容';
COMMENT ON COLUMN hotline.satisfaction_log.row_id IS '本地行号';
COMMENT ON COLUMN hotline.satisfaction_log.id IS '录音数据ID: 区域编码+呼叫流水号 Sourcearea+callid';
COMMENT ON COLUMN hotline.satisfaction_log.callid IS '呼叫流水号（话务唯一识别码） 6位受理地行政区划代码+通讯呼叫流水号 sourcearea+通讯平台生成的呼叫流水号';
COMMENT ON COLUMN hotline.satisfaction_log.satisfaction IS '满意度编码： 1：非常满意 2：一般满意 3：不满意';
COMMENT ON COLUMN hotline.satisfaction_log.opttime IS '操作时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.satisfaction_log.sourcearea IS '所属地区行政区划代码 按全国12315平台标准';
COMMENT ON COLUMN hotline.satisfaction_log.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.satisfaction_log.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.satisfaction_log.loaded_at IS '载入本地库的时间';

CREATE TABLE hotline.satisfaction_log_history (
    row_id bigint NOT NULL,
    id text,
    callid text,
    satisfaction text,
    opttime timestamptz,
    sourcearea text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.satisfaction_log_history IS '话务满意度上报模块（4.2.3(4)）：被替换的内容';
COMMENT ON COLUMN hotline.satisfaction_log_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.satisfaction_log_history.id IS '录音数据ID: 区域编码+呼叫流水号 Sourcearea+callid';
COMMENT ON COLUMN hotline.satisfaction_log_history.callid IS '呼叫流水号（话务唯一识别码） 6位受理地行政区划代码+通讯呼叫流水号 sourcearea+通讯平台生成的呼叫流水号';
COMMENT ON COLUMN hotline.satisfaction_log_history.satisfaction IS '满意度编码： 1：非常满意 2：一般满意 3：不满意';
COMMENT ON COLUMN hotline.satisfaction_log_history.opttime IS '操作时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.satisfaction_log_history.sourcearea IS '所属地区行政区划代码 按全国12315平台标准';
COMMENT ON COLUMN hotline.satisfaction_log_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.satisfaction_log_history.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.satisfaction_log_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.satisfaction_log_history.replaced_at IS '被新内容替换的时间';
