CREATE TABLE hotline.call_log (
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
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id),
    UNIQUE (callid)
);

COMMENT ON TABLE hotline.call_log IS '话务日志（4.2.3(1)）：每个主键的当前内容';
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

CREATE INDEX call_log_written_at ON hotline.call_log (written_at);

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
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.call_log_history IS '话务日志（4.2.3(1)）：被替换的内容';
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
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id),
    UNIQUE (recordid)
);

COMMENT ON TABLE hotline.recording_log IS '录音日志（4.2.3(2)）：每个主键的当前内容';
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

CREATE INDEX recording_log_written_at ON hotline.recording_log (written_at);

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
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.recording_log_history IS '录音日志（4.2.3(2)）：被替换的内容';
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
    row_id bigint NOT NULL,
    signid text,
    seatno text,
    seatname text,
    begintime timestamptz,
    endtime timestamptz,
    sourcearea text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id),
    UNIQUE (signid)
);

COMMENT ON TABLE hotline.seat_login_log IS '坐席工作日志（4.2.3(3)）：每个主键的当前内容';
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

CREATE INDEX seat_login_log_written_at ON hotline.seat_login_log (written_at);

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
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.seat_login_log_history IS '坐席工作日志（4.2.3(3)）：被替换的内容';
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
    row_id bigint NOT NULL,
    id text,
    callid text,
    satisfaction text,
    opttime timestamptz,
    sourcearea text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id),
    UNIQUE (id)
);

COMMENT ON TABLE hotline.satisfaction_log IS '话务满意度（4.2.3(4)）：每个主键的当前内容';
COMMENT ON COLUMN hotline.satisfaction_log.row_id IS '本地行号';
COMMENT ON COLUMN hotline.satisfaction_log.id IS '录音数据ID: 区域编码+呼叫流水号 Sourcearea+callid';
COMMENT ON COLUMN hotline.satisfaction_log.callid IS '呼叫流水号（话务唯一识别码） 6位受理地行政区划代码+通讯呼叫流水号 sourcearea+通讯平台生成的呼叫流水号';
COMMENT ON COLUMN hotline.satisfaction_log.satisfaction IS '满意度编码： 1：非常满意 2：一般满意 3：不满意';
COMMENT ON COLUMN hotline.satisfaction_log.opttime IS '操作时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.satisfaction_log.sourcearea IS '所属地区行政区划代码 按全国12315平台标准';
COMMENT ON COLUMN hotline.satisfaction_log.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.satisfaction_log.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.satisfaction_log.loaded_at IS '载入本地库的时间';

CREATE INDEX satisfaction_log_written_at ON hotline.satisfaction_log (written_at);

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
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.satisfaction_log_history IS '话务满意度（4.2.3(4)）：被替换的内容';
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

CREATE TABLE hotline.complaint_order (
    row_id bigint NOT NULL,
    regino text,
    reginfotype text,
    appltype text,
    workerno text,
    complacontent text,
    actoperplace text,
    disputetime timestamptz,
    applcontent text,
    receivemode text,
    regunitcode text,
    accepregname text,
    registime timestamptz,
    telnumber text,
    recordname text,
    salesway text,
    goodsname text,
    brandname text,
    electricname text,
    orderno text,
    consumamount numeric(18, 6),
    invopart text,
    induscatgri text,
    entitytype text,
    invoptaddr text,
    invoptcontact text,
    invopttel text,
    creditcode text,
    proname text,
    proaddr text,
    protel text,
    prosex text,
    proagegroup text,
    procertype text,
    procerno text,
    providertype text,
    pronationality text,
    profolk text,
    properide text,
    proemail text,
    zipcode text,
    othercontact text,
    goodsobtype text,
    incidentadd text,
    channel text,
    channeldetails text,
    electric text,
    complaint text,
    goodsobtypename text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id),
    UNIQUE (regino)
);

COMMENT ON TABLE hotline.complaint_order IS '投诉工单（4.8.2.1.4.1）：每个主键的当前内容';
COMMENT ON COLUMN hotline.complaint_order.row_id IS '本地行号';
COMMENT ON COLUMN hotline.complaint_order.regino IS '工单编号';
COMMENT ON COLUMN hotline.complaint_order.reginfotype IS '信息类别';
COMMENT ON COLUMN hotline.complaint_order.appltype IS '投诉问题类别';
COMMENT ON COLUMN hotline.complaint_order.workerno IS '坐席工号';
COMMENT ON COLUMN hotline.complaint_order.complacontent IS '投诉内容';
COMMENT ON COLUMN hotline.complaint_order.actoperplace IS '实际经营地';
COMMENT ON COLUMN hotline.complaint_order.disputetime IS '争议发生时间';
COMMENT ON COLUMN hotline.complaint_order.applcontent IS '诉求内容';
COMMENT ON COLUMN hotline.complaint_order.receivemode IS '接收方式';
COMMENT ON COLUMN hotline.complaint_order.regunitcode IS '登记机构编号';
COMMENT ON COLUMN hotline.complaint_order.accepregname IS '受理登记人姓名';
COMMENT ON COLUMN hotline.complaint_order.registime IS '登记时间';
COMMENT ON COLUMN hotline.complaint_order.telnumber IS '来电号码';
COMMENT ON COLUMN hotline.complaint_order.recordname IS '录音文件名';
COMMENT ON COLUMN hotline.complaint_order.salesway IS '销售方式';
COMMENT ON COLUMN hotline.complaint_order.goodsname IS '商品名称';
COMMENT ON COLUMN hotline.complaint_order.brandname IS '品牌名称';
COMMENT ON COLUMN hotline.complaint_order.electricname IS '电商平台';
COMMENT ON COLUMN hotline.complaint_order.orderno IS '订单号';
COMMENT ON COLUMN hotline.complaint_order.consumamount IS '消费金额';
COMMENT ON COLUMN hotline.complaint_order.invopart IS '涉及主体';
COMMENT ON COLUMN hotline.complaint_order.induscatgri IS '所在行业类别';
COMMENT ON COLUMN hotline.complaint_order.entitytype IS '市场主体类型';
COMMENT ON COLUMN hotline.complaint_order.invoptaddr IS '涉及主体地址';
COMMENT ON COLUMN hotline.complaint_order.invoptcontact IS '涉及主体联系人';
COMMENT ON COLUMN hotline.complaint_order.invopttel IS '涉及主体联系电话';
COMMENT ON COLUMN hotline.complaint_order.creditcode IS '统一社会信用代码';
COMMENT ON COLUMN hotline.complaint_order.proname IS '提供方姓名';
COMMENT ON COLUMN hotline.complaint_order.proaddr IS '提供方地址';
COMMENT ON COLUMN hotline.complaint_order.protel IS '提供方联系电话';
COMMENT ON COLUMN hotline.complaint_order.prosex IS '提供方性别';
COMMENT ON COLUMN hotline.complaint_order.proagegroup IS '提供方年龄段';
COMMENT ON COLUMN hotline.complaint_order.procertype IS '证件类型';
COMMENT ON COLUMN hotline.complaint_order.procerno IS '证件号码';
COMMENT ON COLUMN hotline.complaint_order.providertype IS '提供方类型';
COMMENT ON COLUMN hotline.complaint_order.pronationality IS '国籍';
COMMENT ON COLUMN hotline.complaint_order.profolk IS '民族';
COMMENT ON COLUMN hotline.complaint_order.properide IS '身份';
COMMENT ON COLUMN hotline.complaint_order.proemail IS '电子邮箱';
COMMENT ON COLUMN hotline.complaint_order.zipcode IS '邮政编码';
COMMENT ON COLUMN hotline.complaint_order.othercontact IS '其他联系方式';
COMMENT ON COLUMN hotline.complaint_order.goodsobtype IS '商品/服务类型';
COMMENT ON COLUMN hotline.complaint_order.incidentadd IS '事发地（省）';
COMMENT ON COLUMN hotline.complaint_order.channel IS '具体渠道';
COMMENT ON COLUMN hotline.complaint_order.channeldetails IS '具体渠道详情';
COMMENT ON COLUMN hotline.complaint_order.electric IS '电商平台编码';
COMMENT ON COLUMN hotline.complaint_order.complaint IS '投诉对象目标';
COMMENT ON COLUMN hotline.complaint_order.goodsobtypename IS '商品/服务类型名称';
COMMENT ON COLUMN hotline.complaint_order.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.complaint_order.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.complaint_order.loaded_at IS '载入本地库的时间';

CREATE INDEX complaint_order_registime ON hotline.complaint_order (registime);
CREATE INDEX complaint_order_written_at ON hotline.complaint_order (written_at);

CREATE TABLE hotline.complaint_order_history (
    row_id bigint NOT NULL,
    regino text,
    reginfotype text,
    appltype text,
    workerno text,
    complacontent text,
    actoperplace text,
    disputetime timestamptz,
    applcontent text,
    receivemode text,
    regunitcode text,
    accepregname text,
    registime timestamptz,
    telnumber text,
    recordname text,
    salesway text,
    goodsname text,
    brandname text,
    electricname text,
    orderno text,
    consumamount numeric(18, 6),
    invopart text,
    induscatgri text,
    entitytype text,
    invoptaddr text,
    invoptcontact text,
    invopttel text,
    creditcode text,
    proname text,
    proaddr text,
    protel text,
    prosex text,
    proagegroup text,
    procertype text,
    procerno text,
    providertype text,
    pronationality text,
    profolk text,
    properide text,
    proemail text,
    zipcode text,
    othercontact text,
    goodsobtype text,
    incidentadd text,
    channel text,
    channeldetails text,
    electric text,
    complaint text,
    goodsobtypename text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.complaint_order_history IS '投诉工单（4.8.2.1.4.1）：被替换的内容';
COMMENT ON COLUMN hotline.complaint_order_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.complaint_order_history.regino IS '工单编号';
COMMENT ON COLUMN hotline.complaint_order_history.reginfotype IS '信息类别';
COMMENT ON COLUMN hotline.complaint_order_history.appltype IS '投诉问题类别';
COMMENT ON COLUMN hotline.complaint_order_history.workerno IS '坐席工号';
COMMENT ON COLUMN hotline.complaint_order_history.complacontent IS '投诉内容';
COMMENT ON COLUMN hotline.complaint_order_history.actoperplace IS '实际经营地';
COMMENT ON COLUMN hotline.complaint_order_history.disputetime IS '争议发生时间';
COMMENT ON COLUMN hotline.complaint_order_history.applcontent IS '诉求内容';
COMMENT ON COLUMN hotline.complaint_order_history.receivemode IS '接收方式';
COMMENT ON COLUMN hotline.complaint_order_history.regunitcode IS '登记机构编号';
COMMENT ON COLUMN hotline.complaint_order_history.accepregname IS '受理登记人姓名';
COMMENT ON COLUMN hotline.complaint_order_history.registime IS '登记时间';
COMMENT ON COLUMN hotline.complaint_order_history.telnumber IS '来电号码';
COMMENT ON COLUMN hotline.complaint_order_history.recordname IS '录音文件名';
COMMENT ON COLUMN hotline.complaint_order_history.salesway IS '销售方式';
COMMENT ON COLUMN hotline.complaint_order_history.goodsname IS '商品名称';
COMMENT ON COLUMN hotline.complaint_order_history.brandname IS '品牌名称';
COMMENT ON COLUMN hotline.complaint_order_history.electricname IS '电商平台';
COMMENT ON COLUMN hotline.complaint_order_history.orderno IS '订单号';
COMMENT ON COLUMN hotline.complaint_order_history.consumamount IS '消费金额';
COMMENT ON COLUMN hotline.complaint_order_history.invopart IS '涉及主体';
COMMENT ON COLUMN hotline.complaint_order_history.induscatgri IS '所在行业类别';
COMMENT ON COLUMN hotline.complaint_order_history.entitytype IS '市场主体类型';
COMMENT ON COLUMN hotline.complaint_order_history.invoptaddr IS '涉及主体地址';
COMMENT ON COLUMN hotline.complaint_order_history.invoptcontact IS '涉及主体联系人';
COMMENT ON COLUMN hotline.complaint_order_history.invopttel IS '涉及主体联系电话';
COMMENT ON COLUMN hotline.complaint_order_history.creditcode IS '统一社会信用代码';
COMMENT ON COLUMN hotline.complaint_order_history.proname IS '提供方姓名';
COMMENT ON COLUMN hotline.complaint_order_history.proaddr IS '提供方地址';
COMMENT ON COLUMN hotline.complaint_order_history.protel IS '提供方联系电话';
COMMENT ON COLUMN hotline.complaint_order_history.prosex IS '提供方性别';
COMMENT ON COLUMN hotline.complaint_order_history.proagegroup IS '提供方年龄段';
COMMENT ON COLUMN hotline.complaint_order_history.procertype IS '证件类型';
COMMENT ON COLUMN hotline.complaint_order_history.procerno IS '证件号码';
COMMENT ON COLUMN hotline.complaint_order_history.providertype IS '提供方类型';
COMMENT ON COLUMN hotline.complaint_order_history.pronationality IS '国籍';
COMMENT ON COLUMN hotline.complaint_order_history.profolk IS '民族';
COMMENT ON COLUMN hotline.complaint_order_history.properide IS '身份';
COMMENT ON COLUMN hotline.complaint_order_history.proemail IS '电子邮箱';
COMMENT ON COLUMN hotline.complaint_order_history.zipcode IS '邮政编码';
COMMENT ON COLUMN hotline.complaint_order_history.othercontact IS '其他联系方式';
COMMENT ON COLUMN hotline.complaint_order_history.goodsobtype IS '商品/服务类型';
COMMENT ON COLUMN hotline.complaint_order_history.incidentadd IS '事发地（省）';
COMMENT ON COLUMN hotline.complaint_order_history.channel IS '具体渠道';
COMMENT ON COLUMN hotline.complaint_order_history.channeldetails IS '具体渠道详情';
COMMENT ON COLUMN hotline.complaint_order_history.electric IS '电商平台编码';
COMMENT ON COLUMN hotline.complaint_order_history.complaint IS '投诉对象目标';
COMMENT ON COLUMN hotline.complaint_order_history.goodsobtypename IS '商品/服务类型名称';
COMMENT ON COLUMN hotline.complaint_order_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.complaint_order_history.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.complaint_order_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.complaint_order_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.report_order (
    row_id bigint NOT NULL,
    regino text,
    reginfotype text,
    appltype text,
    workerno text,
    complacontent text,
    receivemode text,
    regunitcode text,
    accepregname text,
    registime timestamptz,
    telnumber text,
    recordname text,
    salesway text,
    electricname text,
    goodsname text,
    brandname text,
    orderno text,
    consumamount numeric(18, 6),
    invopart text,
    induscatgri text,
    entitytype text,
    invoptaddr text,
    invoptcontact text,
    invopttel text,
    creditcode text,
    proname text,
    proaddr text,
    protel text,
    prosex text,
    proagegroup text,
    procertype text,
    procerno text,
    providertype text,
    pronationality text,
    profolk text,
    properide text,
    proemail text,
    zipcode text,
    othercontact text,
    electric text,
    complaint text,
    channel text,
    channeldetails text,
    goodsobtype text,
    goodsobtypename text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id),
    UNIQUE (regino)
);

COMMENT ON TABLE hotline.report_order IS '举报工单（4.8.2.1.4.2）：每个主键的当前内容';
COMMENT ON COLUMN hotline.report_order.row_id IS '本地行号';
COMMENT ON COLUMN hotline.report_order.regino IS '工单编号';
COMMENT ON COLUMN hotline.report_order.reginfotype IS '信息类别';
COMMENT ON COLUMN hotline.report_order.appltype IS '举报问题类别';
COMMENT ON COLUMN hotline.report_order.workerno IS '坐席工号';
COMMENT ON COLUMN hotline.report_order.complacontent IS '举报内容';
COMMENT ON COLUMN hotline.report_order.receivemode IS '接收方式';
COMMENT ON COLUMN hotline.report_order.regunitcode IS '登记部门';
COMMENT ON COLUMN hotline.report_order.accepregname IS '受理登记人';
COMMENT ON COLUMN hotline.report_order.registime IS '登记时间';
COMMENT ON COLUMN hotline.report_order.telnumber IS '来电号码';
COMMENT ON COLUMN hotline.report_order.recordname IS '录音文件名';
COMMENT ON COLUMN hotline.report_order.salesway IS '销售方式';
COMMENT ON COLUMN hotline.report_order.electricname IS '电商平台';
COMMENT ON COLUMN hotline.report_order.goodsname IS '商品名称';
COMMENT ON COLUMN hotline.report_order.brandname IS '品牌名称';
COMMENT ON COLUMN hotline.report_order.orderno IS '订单号';
COMMENT ON COLUMN hotline.report_order.consumamount IS '消费金额';
COMMENT ON COLUMN hotline.report_order.invopart IS '涉及主体';
COMMENT ON COLUMN hotline.report_order.induscatgri IS '所在行业类别';
COMMENT ON COLUMN hotline.report_order.entitytype IS '市场主体类型';
COMMENT ON COLUMN hotline.report_order.invoptaddr IS '涉及主体地址';
COMMENT ON COLUMN hotline.report_order.invoptcontact IS '联系人';
COMMENT ON COLUMN hotline.report_order.invopttel IS '联系电话';
COMMENT ON COLUMN hotline.report_order.creditcode IS '统一社会信用代码';
COMMENT ON COLUMN hotline.report_order.proname IS '姓名';
COMMENT ON COLUMN hotline.report_order.proaddr IS '地址';
COMMENT ON COLUMN hotline.report_order.protel IS '联系电话';
COMMENT ON COLUMN hotline.report_order.prosex IS '性别';
COMMENT ON COLUMN hotline.report_order.proagegroup IS '年龄段';
COMMENT ON COLUMN hotline.report_order.procertype IS '证件类型';
COMMENT ON COLUMN hotline.report_order.procerno IS '证件号码';
COMMENT ON COLUMN hotline.report_order.providertype IS '提供方类型';
COMMENT ON COLUMN hotline.report_order.pronationality IS '国籍';
COMMENT ON COLUMN hotline.report_order.profolk IS '民族';
COMMENT ON COLUMN hotline.report_order.properide IS '身份';
COMMENT ON COLUMN hotline.report_order.proemail IS '电子邮箱';
COMMENT ON COLUMN hotline.report_order.zipcode IS '邮政编码';
COMMENT ON COLUMN hotline.report_order.othercontact IS '其他联系方式';
COMMENT ON COLUMN hotline.report_order.electric IS '电商平台';
COMMENT ON COLUMN hotline.report_order.complaint IS '举报对象目标';
COMMENT ON COLUMN hotline.report_order.channel IS '具体渠道';
COMMENT ON COLUMN hotline.report_order.channeldetails IS '具体渠道详情';
COMMENT ON COLUMN hotline.report_order.goodsobtype IS '商品/服务类型';
COMMENT ON COLUMN hotline.report_order.goodsobtypename IS '商品/服务类型名称';
COMMENT ON COLUMN hotline.report_order.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.report_order.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.report_order.loaded_at IS '载入本地库的时间';

CREATE INDEX report_order_registime ON hotline.report_order (registime);
CREATE INDEX report_order_written_at ON hotline.report_order (written_at);

CREATE TABLE hotline.report_order_history (
    row_id bigint NOT NULL,
    regino text,
    reginfotype text,
    appltype text,
    workerno text,
    complacontent text,
    receivemode text,
    regunitcode text,
    accepregname text,
    registime timestamptz,
    telnumber text,
    recordname text,
    salesway text,
    electricname text,
    goodsname text,
    brandname text,
    orderno text,
    consumamount numeric(18, 6),
    invopart text,
    induscatgri text,
    entitytype text,
    invoptaddr text,
    invoptcontact text,
    invopttel text,
    creditcode text,
    proname text,
    proaddr text,
    protel text,
    prosex text,
    proagegroup text,
    procertype text,
    procerno text,
    providertype text,
    pronationality text,
    profolk text,
    properide text,
    proemail text,
    zipcode text,
    othercontact text,
    electric text,
    complaint text,
    channel text,
    channeldetails text,
    goodsobtype text,
    goodsobtypename text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.report_order_history IS '举报工单（4.8.2.1.4.2）：被替换的内容';
COMMENT ON COLUMN hotline.report_order_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.report_order_history.regino IS '工单编号';
COMMENT ON COLUMN hotline.report_order_history.reginfotype IS '信息类别';
COMMENT ON COLUMN hotline.report_order_history.appltype IS '举报问题类别';
COMMENT ON COLUMN hotline.report_order_history.workerno IS '坐席工号';
COMMENT ON COLUMN hotline.report_order_history.complacontent IS '举报内容';
COMMENT ON COLUMN hotline.report_order_history.receivemode IS '接收方式';
COMMENT ON COLUMN hotline.report_order_history.regunitcode IS '登记部门';
COMMENT ON COLUMN hotline.report_order_history.accepregname IS '受理登记人';
COMMENT ON COLUMN hotline.report_order_history.registime IS '登记时间';
COMMENT ON COLUMN hotline.report_order_history.telnumber IS '来电号码';
COMMENT ON COLUMN hotline.report_order_history.recordname IS '录音文件名';
COMMENT ON COLUMN hotline.report_order_history.salesway IS '销售方式';
COMMENT ON COLUMN hotline.report_order_history.electricname IS '电商平台';
COMMENT ON COLUMN hotline.report_order_history.goodsname IS '商品名称';
COMMENT ON COLUMN hotline.report_order_history.brandname IS '品牌名称';
COMMENT ON COLUMN hotline.report_order_history.orderno IS '订单号';
COMMENT ON COLUMN hotline.report_order_history.consumamount IS '消费金额';
COMMENT ON COLUMN hotline.report_order_history.invopart IS '涉及主体';
COMMENT ON COLUMN hotline.report_order_history.induscatgri IS '所在行业类别';
COMMENT ON COLUMN hotline.report_order_history.entitytype IS '市场主体类型';
COMMENT ON COLUMN hotline.report_order_history.invoptaddr IS '涉及主体地址';
COMMENT ON COLUMN hotline.report_order_history.invoptcontact IS '联系人';
COMMENT ON COLUMN hotline.report_order_history.invopttel IS '联系电话';
COMMENT ON COLUMN hotline.report_order_history.creditcode IS '统一社会信用代码';
COMMENT ON COLUMN hotline.report_order_history.proname IS '姓名';
COMMENT ON COLUMN hotline.report_order_history.proaddr IS '地址';
COMMENT ON COLUMN hotline.report_order_history.protel IS '联系电话';
COMMENT ON COLUMN hotline.report_order_history.prosex IS '性别';
COMMENT ON COLUMN hotline.report_order_history.proagegroup IS '年龄段';
COMMENT ON COLUMN hotline.report_order_history.procertype IS '证件类型';
COMMENT ON COLUMN hotline.report_order_history.procerno IS '证件号码';
COMMENT ON COLUMN hotline.report_order_history.providertype IS '提供方类型';
COMMENT ON COLUMN hotline.report_order_history.pronationality IS '国籍';
COMMENT ON COLUMN hotline.report_order_history.profolk IS '民族';
COMMENT ON COLUMN hotline.report_order_history.properide IS '身份';
COMMENT ON COLUMN hotline.report_order_history.proemail IS '电子邮箱';
COMMENT ON COLUMN hotline.report_order_history.zipcode IS '邮政编码';
COMMENT ON COLUMN hotline.report_order_history.othercontact IS '其他联系方式';
COMMENT ON COLUMN hotline.report_order_history.electric IS '电商平台';
COMMENT ON COLUMN hotline.report_order_history.complaint IS '举报对象目标';
COMMENT ON COLUMN hotline.report_order_history.channel IS '具体渠道';
COMMENT ON COLUMN hotline.report_order_history.channeldetails IS '具体渠道详情';
COMMENT ON COLUMN hotline.report_order_history.goodsobtype IS '商品/服务类型';
COMMENT ON COLUMN hotline.report_order_history.goodsobtypename IS '商品/服务类型名称';
COMMENT ON COLUMN hotline.report_order_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.report_order_history.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.report_order_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.report_order_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.consultation_order (
    row_id bigint NOT NULL,
    regino text,
    reginfotype text,
    workerno text,
    complacontent text,
    receivemode text,
    regunitcode text,
    accepregname text,
    registime timestamptz,
    telnumber text,
    recordname text,
    proname text,
    proaddr text,
    protel text,
    prosex text,
    proagegroup text,
    procertype text,
    procerno text,
    providertype text,
    pronationality text,
    profolk text,
    properide text,
    proemail text,
    zipcode text,
    othercontact text,
    consulrange text,
    replyonsite text,
    replycontent text,
    consulrangename text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id),
    UNIQUE (regino)
);

COMMENT ON TABLE hotline.consultation_order IS '咨询工单（4.8.2.1.4.3）：每个主键的当前内容';
COMMENT ON COLUMN hotline.consultation_order.row_id IS '本地行号';
COMMENT ON COLUMN hotline.consultation_order.regino IS '工单编号';
COMMENT ON COLUMN hotline.consultation_order.reginfotype IS '信息类别';
COMMENT ON COLUMN hotline.consultation_order.workerno IS '坐席工号';
COMMENT ON COLUMN hotline.consultation_order.complacontent IS '咨询内容';
COMMENT ON COLUMN hotline.consultation_order.receivemode IS '接收方式';
COMMENT ON COLUMN hotline.consultation_order.regunitcode IS '登记部门';
COMMENT ON COLUMN hotline.consultation_order.accepregname IS '受理登记人';
COMMENT ON COLUMN hotline.consultation_order.registime IS '登记时间';
COMMENT ON COLUMN hotline.consultation_order.telnumber IS '来电号码';
COMMENT ON COLUMN hotline.consultation_order.recordname IS '录音文件名';
COMMENT ON COLUMN hotline.consultation_order.proname IS '姓名';
COMMENT ON COLUMN hotline.consultation_order.proaddr IS '地址';
COMMENT ON COLUMN hotline.consultation_order.protel IS '联系电话';
COMMENT ON COLUMN hotline.consultation_order.prosex IS '性别';
COMMENT ON COLUMN hotline.consultation_order.proagegroup IS '年龄段';
COMMENT ON COLUMN hotline.consultation_order.procertype IS '证件类型';
COMMENT ON COLUMN hotline.consultation_order.procerno IS '证件号码';
COMMENT ON COLUMN hotline.consultation_order.providertype IS '提供方类型';
COMMENT ON COLUMN hotline.consultation_order.pronationality IS '国籍';
COMMENT ON COLUMN hotline.consultation_order.profolk IS '民族';
COMMENT ON COLUMN hotline.consultation_order.properide IS '身份';
COMMENT ON COLUMN hotline.consultation_order.proemail IS '电子邮箱';
COMMENT ON COLUMN hotline.consultation_order.zipcode IS '邮政编码';
COMMENT ON COLUMN hotline.consultation_order.othercontact IS '其他联系方式';
COMMENT ON COLUMN hotline.consultation_order.consulrange IS '咨询范围';
COMMENT ON COLUMN hotline.consultation_order.replyonsite IS '是否现场答复 1是 0否';
COMMENT ON COLUMN hotline.consultation_order.replycontent IS '答复内容';
COMMENT ON COLUMN hotline.consultation_order.consulrangename IS '咨询范围名称';
COMMENT ON COLUMN hotline.consultation_order.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.consultation_order.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.consultation_order.loaded_at IS '载入本地库的时间';

CREATE INDEX consultation_order_registime ON hotline.consultation_order (registime);
CREATE INDEX consultation_order_written_at ON hotline.consultation_order (written_at);

CREATE TABLE hotline.consultation_order_history (
    row_id bigint NOT NULL,
    regino text,
    reginfotype text,
    workerno text,
    complacontent text,
    receivemode text,
    regunitcode text,
    accepregname text,
    registime timestamptz,
    telnumber text,
    recordname text,
    proname text,
    proaddr text,
    protel text,
    prosex text,
    proagegroup text,
    procertype text,
    procerno text,
    providertype text,
    pronationality text,
    profolk text,
    properide text,
    proemail text,
    zipcode text,
    othercontact text,
    consulrange text,
    replyonsite text,
    replycontent text,
    consulrangename text,
    content_hash bytea,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.consultation_order_history IS '咨询工单（4.8.2.1.4.3）：被替换的内容';
COMMENT ON COLUMN hotline.consultation_order_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.consultation_order_history.regino IS '工单编号';
COMMENT ON COLUMN hotline.consultation_order_history.reginfotype IS '信息类别';
COMMENT ON COLUMN hotline.consultation_order_history.workerno IS '坐席工号';
COMMENT ON COLUMN hotline.consultation_order_history.complacontent IS '咨询内容';
COMMENT ON COLUMN hotline.consultation_order_history.receivemode IS '接收方式';
COMMENT ON COLUMN hotline.consultation_order_history.regunitcode IS '登记部门';
COMMENT ON COLUMN hotline.consultation_order_history.accepregname IS '受理登记人';
COMMENT ON COLUMN hotline.consultation_order_history.registime IS '登记时间';
COMMENT ON COLUMN hotline.consultation_order_history.telnumber IS '来电号码';
COMMENT ON COLUMN hotline.consultation_order_history.recordname IS '录音文件名';
COMMENT ON COLUMN hotline.consultation_order_history.proname IS '姓名';
COMMENT ON COLUMN hotline.consultation_order_history.proaddr IS '地址';
COMMENT ON COLUMN hotline.consultation_order_history.protel IS '联系电话';
COMMENT ON COLUMN hotline.consultation_order_history.prosex IS '性别';
COMMENT ON COLUMN hotline.consultation_order_history.proagegroup IS '年龄段';
COMMENT ON COLUMN hotline.consultation_order_history.procertype IS '证件类型';
COMMENT ON COLUMN hotline.consultation_order_history.procerno IS '证件号码';
COMMENT ON COLUMN hotline.consultation_order_history.providertype IS '提供方类型';
COMMENT ON COLUMN hotline.consultation_order_history.pronationality IS '国籍';
COMMENT ON COLUMN hotline.consultation_order_history.profolk IS '民族';
COMMENT ON COLUMN hotline.consultation_order_history.properide IS '身份';
COMMENT ON COLUMN hotline.consultation_order_history.proemail IS '电子邮箱';
COMMENT ON COLUMN hotline.consultation_order_history.zipcode IS '邮政编码';
COMMENT ON COLUMN hotline.consultation_order_history.othercontact IS '其他联系方式';
COMMENT ON COLUMN hotline.consultation_order_history.consulrange IS '咨询范围';
COMMENT ON COLUMN hotline.consultation_order_history.replyonsite IS '是否现场答复 1是 0否';
COMMENT ON COLUMN hotline.consultation_order_history.replycontent IS '答复内容';
COMMENT ON COLUMN hotline.consultation_order_history.consulrangename IS '咨询范围名称';
COMMENT ON COLUMN hotline.consultation_order_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.consultation_order_history.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.consultation_order_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.consultation_order_history.replaced_at IS '被新内容替换的时间';
