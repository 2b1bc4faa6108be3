CREATE TABLE hotline.case_feedback (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    region text,
    feetime timestamptz,
    feedbackname text,
    feedbacktel text,
    feedbackarea text,
    feedbackcontent text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.case_feedback IS '12345 登记单反馈（4.2.5(3)）：每个工单的当前内容';
COMMENT ON COLUMN hotline.case_feedback.row_id IS '本地行号';
COMMENT ON COLUMN hotline.case_feedback.region IS '业务编号';
COMMENT ON COLUMN hotline.case_feedback.feetime IS '反馈时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.case_feedback.feedbackname IS '反馈人名称';
COMMENT ON COLUMN hotline.case_feedback.feedbacktel IS '反馈人电话';
COMMENT ON COLUMN hotline.case_feedback.feedbackarea IS '反馈人机构名称';
COMMENT ON COLUMN hotline.case_feedback.feedbackcontent IS '反馈内容';
COMMENT ON COLUMN hotline.case_feedback.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.case_feedback.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.case_feedback.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.case_feedback.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.case_feedback.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.case_feedback.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.case_feedback.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.case_feedback.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX case_feedback_content ON hotline.case_feedback (region, content_hash);
CREATE INDEX case_feedback_loaded_at ON hotline.case_feedback (loaded_at);
CREATE INDEX case_feedback_window ON hotline.case_feedback (window_begin);

CREATE TABLE hotline.case_feedback_history (
    row_id bigint NOT NULL,
    region text,
    feetime timestamptz,
    feedbackname text,
    feedbacktel text,
    feedbackarea text,
    feedbackcontent text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.case_feedback_history IS '12345 登记单反馈（4.2.5(3)）：被替换的内容';
COMMENT ON COLUMN hotline.case_feedback_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.case_feedback_history.region IS '业务编号';
COMMENT ON COLUMN hotline.case_feedback_history.feetime IS '反馈时间： YYYYMMDDhhmmss';
COMMENT ON COLUMN hotline.case_feedback_history.feedbackname IS '反馈人名称';
COMMENT ON COLUMN hotline.case_feedback_history.feedbacktel IS '反馈人电话';
COMMENT ON COLUMN hotline.case_feedback_history.feedbackarea IS '反馈人机构名称';
COMMENT ON COLUMN hotline.case_feedback_history.feedbackcontent IS '反馈内容';
COMMENT ON COLUMN hotline.case_feedback_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.case_feedback_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.case_feedback_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.case_feedback_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.case_feedback_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.case_feedback_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.case_feedback_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.case_feedback_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.case_feedback_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.case_feedback_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.complaint_case (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    regino text,
    reginfotype text,
    registime timestamptz,
    accepregname text,
    workerno text,
    proname text,
    prosex text,
    proaddr text,
    protel text,
    procertype text,
    procerno text,
    invopart text,
    invopttel text,
    invoptaddr text,
    entitytype text,
    induscatgri text,
    creditcode text,
    goodsobtype text,
    goodsname text,
    brandname text,
    salesway text,
    consumamount text,
    disputetime timestamptz,
    orderno text,
    appltype text,
    complacontent text,
    applcontent text,
    incidentadd text,
    channel text,
    channeldetails text,
    electric text,
    complaint text,
    electricname text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.complaint_case IS '平台投诉单（4.8.2.1.5.1）：每个工单的当前内容';
COMMENT ON COLUMN hotline.complaint_case.row_id IS '本地行号';
COMMENT ON COLUMN hotline.complaint_case.regino IS '业务编号 要求详见附录';
COMMENT ON COLUMN hotline.complaint_case.reginfotype IS ':投诉';
COMMENT ON COLUMN hotline.complaint_case.registime IS '登记时间';
COMMENT ON COLUMN hotline.complaint_case.accepregname IS '登记人名称';
COMMENT ON COLUMN hotline.complaint_case.workerno IS '登记工号';
COMMENT ON COLUMN hotline.complaint_case.proname IS '提供方姓名';
COMMENT ON COLUMN hotline.complaint_case.prosex IS '性别 详见附录';
COMMENT ON COLUMN hotline.complaint_case.proaddr IS '提供方地址';
COMMENT ON COLUMN hotline.complaint_case.protel IS '提供方联系电话';
COMMENT ON COLUMN hotline.complaint_case.procertype IS '提供方证件类型';
COMMENT ON COLUMN hotline.complaint_case.procerno IS '提供方证件号码';
COMMENT ON COLUMN hotline.complaint_case.invopart IS '涉及主体名称';
COMMENT ON COLUMN hotline.complaint_case.invopttel IS '涉及主体电话';
COMMENT ON COLUMN hotline.complaint_case.invoptaddr IS '涉及主体地址';
COMMENT ON COLUMN hotline.complaint_case.entitytype IS '涉及主体市场主体类型 详见附录';
COMMENT ON COLUMN hotline.complaint_case.induscatgri IS '涉及主体行业分类 详见全国12315平台标准';
COMMENT ON COLUMN hotline.complaint_case.creditcode IS '社会信用代码';
COMMENT ON COLUMN hotline.complaint_case.goodsobtype IS '商品/服务类型 详见全国12315平台标准';
COMMENT ON COLUMN hotline.complaint_case.goodsname IS '商品名称';
COMMENT ON COLUMN hotline.complaint_case.brandname IS '品牌名称';
COMMENT ON COLUMN hotline.complaint_case.salesway IS '销售方式 详见全国12315平台标准';
COMMENT ON COLUMN hotline.complaint_case.consumamount IS '消费金额';
COMMENT ON COLUMN hotline.complaint_case.disputetime IS '争议发生时间';
COMMENT ON COLUMN hotline.complaint_case.orderno IS '订单号';
COMMENT ON COLUMN hotline.complaint_case.appltype IS '投诉问题类别 详见全国12315平台标准';
COMMENT ON COLUMN hotline.complaint_case.complacontent IS '投诉内容';
COMMENT ON COLUMN hotline.complaint_case.applcontent IS '诉求内容 详见全国12315平台标准';
COMMENT ON COLUMN hotline.complaint_case.incidentadd IS '事发地（省）';
COMMENT ON COLUMN hotline.complaint_case.channel IS '具体渠道';
COMMENT ON COLUMN hotline.complaint_case.channeldetails IS '具体渠道详情';
COMMENT ON COLUMN hotline.complaint_case.electric IS '电商平台编码';
COMMENT ON COLUMN hotline.complaint_case.complaint IS '投诉对象目标';
COMMENT ON COLUMN hotline.complaint_case.electricname IS '电商平台名称';
COMMENT ON COLUMN hotline.complaint_case.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.complaint_case.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.complaint_case.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.complaint_case.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.complaint_case.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.complaint_case.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.complaint_case.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.complaint_case.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX complaint_case_name ON hotline.complaint_case (regino);
CREATE INDEX complaint_case_loaded_at ON hotline.complaint_case (loaded_at);
CREATE INDEX complaint_case_registime ON hotline.complaint_case (registime);
CREATE INDEX complaint_case_window ON hotline.complaint_case (window_begin);

CREATE TABLE hotline.complaint_case_history (
    row_id bigint NOT NULL,
    regino text,
    reginfotype text,
    registime timestamptz,
    accepregname text,
    workerno text,
    proname text,
    prosex text,
    proaddr text,
    protel text,
    procertype text,
    procerno text,
    invopart text,
    invopttel text,
    invoptaddr text,
    entitytype text,
    induscatgri text,
    creditcode text,
    goodsobtype text,
    goodsname text,
    brandname text,
    salesway text,
    consumamount text,
    disputetime timestamptz,
    orderno text,
    appltype text,
    complacontent text,
    applcontent text,
    incidentadd text,
    channel text,
    channeldetails text,
    electric text,
    complaint text,
    electricname text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.complaint_case_history IS '平台投诉单（4.8.2.1.5.1）：被替换的内容';
COMMENT ON COLUMN hotline.complaint_case_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.complaint_case_history.regino IS '业务编号 要求详见附录';
COMMENT ON COLUMN hotline.complaint_case_history.reginfotype IS ':投诉';
COMMENT ON COLUMN hotline.complaint_case_history.registime IS '登记时间';
COMMENT ON COLUMN hotline.complaint_case_history.accepregname IS '登记人名称';
COMMENT ON COLUMN hotline.complaint_case_history.workerno IS '登记工号';
COMMENT ON COLUMN hotline.complaint_case_history.proname IS '提供方姓名';
COMMENT ON COLUMN hotline.complaint_case_history.prosex IS '性别 详见附录';
COMMENT ON COLUMN hotline.complaint_case_history.proaddr IS '提供方地址';
COMMENT ON COLUMN hotline.complaint_case_history.protel IS '提供方联系电话';
COMMENT ON COLUMN hotline.complaint_case_history.procertype IS '提供方证件类型';
COMMENT ON COLUMN hotline.complaint_case_history.procerno IS '提供方证件号码';
COMMENT ON COLUMN hotline.complaint_case_history.invopart IS '涉及主体名称';
COMMENT ON COLUMN hotline.complaint_case_history.invopttel IS '涉及主体电话';
COMMENT ON COLUMN hotline.complaint_case_history.invoptaddr IS '涉及主体地址';
COMMENT ON COLUMN hotline.complaint_case_history.entitytype IS '涉及主体市场主体类型 详见附录';
COMMENT ON COLUMN hotline.complaint_case_history.induscatgri IS '涉及主体行业分类 详见全国12315平台标准';
COMMENT ON COLUMN hotline.complaint_case_history.creditcode IS '社会信用代码';
COMMENT ON COLUMN hotline.complaint_case_history.goodsobtype IS '商品/服务类型 详见全国12315平台标准';
COMMENT ON COLUMN hotline.complaint_case_history.goodsname IS '商品名称';
COMMENT ON COLUMN hotline.complaint_case_history.brandname IS '品牌名称';
COMMENT ON COLUMN hotline.complaint_case_history.salesway IS '销售方式 详见全国12315平台标准';
COMMENT ON COLUMN hotline.complaint_case_history.consumamount IS '消费金额';
COMMENT ON COLUMN hotline.complaint_case_history.disputetime IS '争议发生时间';
COMMENT ON COLUMN hotline.complaint_case_history.orderno IS '订单号';
COMMENT ON COLUMN hotline.complaint_case_history.appltype IS '投诉问题类别 详见全国12315平台标准';
COMMENT ON COLUMN hotline.complaint_case_history.complacontent IS '投诉内容';
COMMENT ON COLUMN hotline.complaint_case_history.applcontent IS '诉求内容 详见全国12315平台标准';
COMMENT ON COLUMN hotline.complaint_case_history.incidentadd IS '事发地（省）';
COMMENT ON COLUMN hotline.complaint_case_history.channel IS '具体渠道';
COMMENT ON COLUMN hotline.complaint_case_history.channeldetails IS '具体渠道详情';
COMMENT ON COLUMN hotline.complaint_case_history.electric IS '电商平台编码';
COMMENT ON COLUMN hotline.complaint_case_history.complaint IS '投诉对象目标';
COMMENT ON COLUMN hotline.complaint_case_history.electricname IS '电商平台名称';
COMMENT ON COLUMN hotline.complaint_case_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.complaint_case_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.complaint_case_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.complaint_case_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.complaint_case_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.complaint_case_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.complaint_case_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.complaint_case_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.complaint_case_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.complaint_case_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.report_case (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    regino text,
    reginfotype text,
    registime timestamptz,
    accepregname text,
    workerno text,
    proname text,
    prosex text,
    proaddr text,
    protel text,
    procertype text,
    procerno text,
    invopart text,
    invopttel text,
    invoptaddr text,
    entitytype text,
    induscatgri text,
    creditcode text,
    goodsobtype text,
    goodsname text,
    brandname text,
    salesway text,
    consumamount text,
    orderno text,
    appltype text,
    complacontent text,
    electric text,
    complaint text,
    channel text,
    channeldetails text,
    electricname text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.report_case IS '平台举报单（4.8.2.1.5.2）：每个工单的当前内容';
COMMENT ON COLUMN hotline.report_case.row_id IS '本地行号';
COMMENT ON COLUMN hotline.report_case.regino IS '业务编号 要求详见附录';
COMMENT ON COLUMN hotline.report_case.reginfotype IS '2:举报';
COMMENT ON COLUMN hotline.report_case.registime IS '登记时间';
COMMENT ON COLUMN hotline.report_case.accepregname IS '登记人名称';
COMMENT ON COLUMN hotline.report_case.workerno IS '登记工号';
COMMENT ON COLUMN hotline.report_case.proname IS '提供方姓名';
COMMENT ON COLUMN hotline.report_case.prosex IS '性别 详见附录';
COMMENT ON COLUMN hotline.report_case.proaddr IS '提供方地址';
COMMENT ON COLUMN hotline.report_case.protel IS '提供方联系电话';
COMMENT ON COLUMN hotline.report_case.procertype IS '提供方证件类型';
COMMENT ON COLUMN hotline.report_case.procerno IS '提供方证件号码';
COMMENT ON COLUMN hotline.report_case.invopart IS '涉及主体名称';
COMMENT ON COLUMN hotline.report_case.invopttel IS '涉及主体电话';
COMMENT ON COLUMN hotline.report_case.invoptaddr IS '涉及主体地址';
COMMENT ON COLUMN hotline.report_case.entitytype IS '涉及主体市场主体类型 详见附录';
COMMENT ON COLUMN hotline.report_case.induscatgri IS '涉及主体行业分类 详见全国 12315 平台标准';
COMMENT ON COLUMN hotline.report_case.creditcode IS '社会信用代码';
COMMENT ON COLUMN hotline.report_case.goodsobtype IS '商品/服务类型 详见全国 12315 平台标准';
COMMENT ON COLUMN hotline.report_case.goodsname IS '商品名称';
COMMENT ON COLUMN hotline.report_case.brandname IS '品牌名称';
COMMENT ON COLUMN hotline.report_case.salesway IS '销售方式 详见全国 12315 平台标准';
COMMENT ON COLUMN hotline.report_case.consumamount IS '消费金额';
COMMENT ON COLUMN hotline.report_case.orderno IS '订单号';
COMMENT ON COLUMN hotline.report_case.appltype IS '举报问题类别 详见全国 12315 平台标准';
COMMENT ON COLUMN hotline.report_case.complacontent IS '举报内容';
COMMENT ON COLUMN hotline.report_case.electric IS '电商平台';
COMMENT ON COLUMN hotline.report_case.complaint IS '举报对象目标';
COMMENT ON COLUMN hotline.report_case.channel IS '具体渠道';
COMMENT ON COLUMN hotline.report_case.channeldetails IS '具体渠道详情';
COMMENT ON COLUMN hotline.report_case.electricname IS '电商平台名称';
COMMENT ON COLUMN hotline.report_case.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.report_case.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.report_case.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.report_case.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.report_case.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.report_case.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.report_case.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.report_case.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX report_case_name ON hotline.report_case (regino);
CREATE INDEX report_case_loaded_at ON hotline.report_case (loaded_at);
CREATE INDEX report_case_registime ON hotline.report_case (registime);
CREATE INDEX report_case_window ON hotline.report_case (window_begin);

CREATE TABLE hotline.report_case_history (
    row_id bigint NOT NULL,
    regino text,
    reginfotype text,
    registime timestamptz,
    accepregname text,
    workerno text,
    proname text,
    prosex text,
    proaddr text,
    protel text,
    procertype text,
    procerno text,
    invopart text,
    invopttel text,
    invoptaddr text,
    entitytype text,
    induscatgri text,
    creditcode text,
    goodsobtype text,
    goodsname text,
    brandname text,
    salesway text,
    consumamount text,
    orderno text,
    appltype text,
    complacontent text,
    electric text,
    complaint text,
    channel text,
    channeldetails text,
    electricname text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.report_case_history IS '平台举报单（4.8.2.1.5.2）：被替换的内容';
COMMENT ON COLUMN hotline.report_case_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.report_case_history.regino IS '业务编号 要求详见附录';
COMMENT ON COLUMN hotline.report_case_history.reginfotype IS '2:举报';
COMMENT ON COLUMN hotline.report_case_history.registime IS '登记时间';
COMMENT ON COLUMN hotline.report_case_history.accepregname IS '登记人名称';
COMMENT ON COLUMN hotline.report_case_history.workerno IS '登记工号';
COMMENT ON COLUMN hotline.report_case_history.proname IS '提供方姓名';
COMMENT ON COLUMN hotline.report_case_history.prosex IS '性别 详见附录';
COMMENT ON COLUMN hotline.report_case_history.proaddr IS '提供方地址';
COMMENT ON COLUMN hotline.report_case_history.protel IS '提供方联系电话';
COMMENT ON COLUMN hotline.report_case_history.procertype IS '提供方证件类型';
COMMENT ON COLUMN hotline.report_case_history.procerno IS '提供方证件号码';
COMMENT ON COLUMN hotline.report_case_history.invopart IS '涉及主体名称';
COMMENT ON COLUMN hotline.report_case_history.invopttel IS '涉及主体电话';
COMMENT ON COLUMN hotline.report_case_history.invoptaddr IS '涉及主体地址';
COMMENT ON COLUMN hotline.report_case_history.entitytype IS '涉及主体市场主体类型 详见附录';
COMMENT ON COLUMN hotline.report_case_history.induscatgri IS '涉及主体行业分类 详见全国 12315 平台标准';
COMMENT ON COLUMN hotline.report_case_history.creditcode IS '社会信用代码';
COMMENT ON COLUMN hotline.report_case_history.goodsobtype IS '商品/服务类型 详见全国 12315 平台标准';
COMMENT ON COLUMN hotline.report_case_history.goodsname IS '商品名称';
COMMENT ON COLUMN hotline.report_case_history.brandname IS '品牌名称';
COMMENT ON COLUMN hotline.report_case_history.salesway IS '销售方式 详见全国 12315 平台标准';
COMMENT ON COLUMN hotline.report_case_history.consumamount IS '消费金额';
COMMENT ON COLUMN hotline.report_case_history.orderno IS '订单号';
COMMENT ON COLUMN hotline.report_case_history.appltype IS '举报问题类别 详见全国 12315 平台标准';
COMMENT ON COLUMN hotline.report_case_history.complacontent IS '举报内容';
COMMENT ON COLUMN hotline.report_case_history.electric IS '电商平台';
COMMENT ON COLUMN hotline.report_case_history.complaint IS '举报对象目标';
COMMENT ON COLUMN hotline.report_case_history.channel IS '具体渠道';
COMMENT ON COLUMN hotline.report_case_history.channeldetails IS '具体渠道详情';
COMMENT ON COLUMN hotline.report_case_history.electricname IS '电商平台名称';
COMMENT ON COLUMN hotline.report_case_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.report_case_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.report_case_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.report_case_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.report_case_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.report_case_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.report_case_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.report_case_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.report_case_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.report_case_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.consultation_case (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    regino text,
    reginfotype text,
    registime timestamptz,
    accepregname text,
    workerno text,
    proname text,
    prosex text,
    proaddr text,
    protel text,
    procertype text,
    procerno text,
    consulrange text,
    keywordname text,
    complacontent text,
    replyonsite text,
    replycontent text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.consultation_case IS '平台咨询单（4.8.2.1.5.3）：每个工单的当前内容';
COMMENT ON COLUMN hotline.consultation_case.row_id IS '本地行号';
COMMENT ON COLUMN hotline.consultation_case.regino IS '登记编号 要求详见附录';
COMMENT ON COLUMN hotline.consultation_case.reginfotype IS '3:咨询';
COMMENT ON COLUMN hotline.consultation_case.registime IS '登记时间';
COMMENT ON COLUMN hotline.consultation_case.accepregname IS '登记人名称';
COMMENT ON COLUMN hotline.consultation_case.workerno IS '登记工号';
COMMENT ON COLUMN hotline.consultation_case.proname IS '提供方姓名';
COMMENT ON COLUMN hotline.consultation_case.prosex IS '性别 详见附录';
COMMENT ON COLUMN hotline.consultation_case.proaddr IS '提供方地址';
COMMENT ON COLUMN hotline.consultation_case.protel IS '提供方联系电话';
COMMENT ON COLUMN hotline.consultation_case.procertype IS '提供方证件类型 详见附录';
COMMENT ON COLUMN hotline.consultation_case.procerno IS '提供方证件号码';
COMMENT ON COLUMN hotline.consultation_case.consulrange IS '咨询范围 详见全国 12315 平台标准';
COMMENT ON COLUMN hotline.consultation_case.keywordname IS '关键字名称';
COMMENT ON COLUMN hotline.consultation_case.complacontent IS '咨询内容';
COMMENT ON COLUMN hotline.consultation_case.replyonsite IS '是否现场答复 1 是 0 否';
COMMENT ON COLUMN hotline.consultation_case.replycontent IS '答复内容现场答复为必填';
COMMENT ON COLUMN hotline.consultation_case.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.consultation_case.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.consultation_case.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.consultation_case.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.consultation_case.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.consultation_case.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.consultation_case.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.consultation_case.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX consultation_case_name ON hotline.consultation_case (regino);
CREATE INDEX consultation_case_loaded_at ON hotline.consultation_case (loaded_at);
CREATE INDEX consultation_case_registime ON hotline.consultation_case (registime);
CREATE INDEX consultation_case_window ON hotline.consultation_case (window_begin);

CREATE TABLE hotline.consultation_case_history (
    row_id bigint NOT NULL,
    regino text,
    reginfotype text,
    registime timestamptz,
    accepregname text,
    workerno text,
    proname text,
    prosex text,
    proaddr text,
    protel text,
    procertype text,
    procerno text,
    consulrange text,
    keywordname text,
    complacontent text,
    replyonsite text,
    replycontent text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.consultation_case_history IS '平台咨询单（4.8.2.1.5.3）：被替换的内容';
COMMENT ON COLUMN hotline.consultation_case_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.consultation_case_history.regino IS '登记编号 要求详见附录';
COMMENT ON COLUMN hotline.consultation_case_history.reginfotype IS '3:咨询';
COMMENT ON COLUMN hotline.consultation_case_history.registime IS '登记时间';
COMMENT ON COLUMN hotline.consultation_case_history.accepregname IS '登记人名称';
COMMENT ON COLUMN hotline.consultation_case_history.workerno IS '登记工号';
COMMENT ON COLUMN hotline.consultation_case_history.proname IS '提供方姓名';
COMMENT ON COLUMN hotline.consultation_case_history.prosex IS '性别 详见附录';
COMMENT ON COLUMN hotline.consultation_case_history.proaddr IS '提供方地址';
COMMENT ON COLUMN hotline.consultation_case_history.protel IS '提供方联系电话';
COMMENT ON COLUMN hotline.consultation_case_history.procertype IS '提供方证件类型 详见附录';
COMMENT ON COLUMN hotline.consultation_case_history.procerno IS '提供方证件号码';
COMMENT ON COLUMN hotline.consultation_case_history.consulrange IS '咨询范围 详见全国 12315 平台标准';
COMMENT ON COLUMN hotline.consultation_case_history.keywordname IS '关键字名称';
COMMENT ON COLUMN hotline.consultation_case_history.complacontent IS '咨询内容';
COMMENT ON COLUMN hotline.consultation_case_history.replyonsite IS '是否现场答复 1 是 0 否';
COMMENT ON COLUMN hotline.consultation_case_history.replycontent IS '答复内容现场答复为必填';
COMMENT ON COLUMN hotline.consultation_case_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.consultation_case_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.consultation_case_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.consultation_case_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.consultation_case_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.consultation_case_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.consultation_case_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.consultation_case_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.consultation_case_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.consultation_case_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.returned_case (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    odrno text,
    handdept text,
    agent text,
    dealresult text,
    updatetime timestamptz,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.returned_case IS '审核退回的工单（4.8.2.1.5.4）：每个工单的当前内容';
COMMENT ON COLUMN hotline.returned_case.row_id IS '本地行号';
COMMENT ON COLUMN hotline.returned_case.odrno IS '工单编号';
COMMENT ON COLUMN hotline.returned_case.handdept IS '办理机构';
COMMENT ON COLUMN hotline.returned_case.agent IS '经办人';
COMMENT ON COLUMN hotline.returned_case.dealresult IS '退回原因';
COMMENT ON COLUMN hotline.returned_case.updatetime IS '退回日期';
COMMENT ON COLUMN hotline.returned_case.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.returned_case.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.returned_case.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.returned_case.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.returned_case.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.returned_case.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.returned_case.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.returned_case.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX returned_case_name ON hotline.returned_case (odrno);
CREATE INDEX returned_case_loaded_at ON hotline.returned_case (loaded_at);
CREATE INDEX returned_case_window ON hotline.returned_case (window_begin);

CREATE TABLE hotline.returned_case_history (
    row_id bigint NOT NULL,
    odrno text,
    handdept text,
    agent text,
    dealresult text,
    updatetime timestamptz,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.returned_case_history IS '审核退回的工单（4.8.2.1.5.4）：被替换的内容';
COMMENT ON COLUMN hotline.returned_case_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.returned_case_history.odrno IS '工单编号';
COMMENT ON COLUMN hotline.returned_case_history.handdept IS '办理机构';
COMMENT ON COLUMN hotline.returned_case_history.agent IS '经办人';
COMMENT ON COLUMN hotline.returned_case_history.dealresult IS '退回原因';
COMMENT ON COLUMN hotline.returned_case_history.updatetime IS '退回日期';
COMMENT ON COLUMN hotline.returned_case_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.returned_case_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.returned_case_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.returned_case_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.returned_case_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.returned_case_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.returned_case_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.returned_case_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.returned_case_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.returned_case_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.case_routing (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    id text,
    bh text,
    fltype text,
    flfqr text,
    zcdate timestamptz,
    ccdate timestamptz,
    pcdate timestamptz,
    deadline date,
    jsdept text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.case_routing IS '工单流转（4.8.2.1.6.1）：每个工单的当前内容';
COMMENT ON COLUMN hotline.case_routing.row_id IS '本地行号';
COMMENT ON COLUMN hotline.case_routing.id IS 'Id';
COMMENT ON COLUMN hotline.case_routing.bh IS '工单编号';
COMMENT ON COLUMN hotline.case_routing.fltype IS '分流去向';
COMMENT ON COLUMN hotline.case_routing.flfqr IS '分流登记人';
COMMENT ON COLUMN hotline.case_routing.zcdate IS '分流时间';
COMMENT ON COLUMN hotline.case_routing.ccdate IS '初查时间';
COMMENT ON COLUMN hotline.case_routing.pcdate IS '排查时间';
COMMENT ON COLUMN hotline.case_routing.deadline IS '办理期限';
COMMENT ON COLUMN hotline.case_routing.jsdept IS '接收部门';
COMMENT ON COLUMN hotline.case_routing.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.case_routing.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.case_routing.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.case_routing.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.case_routing.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.case_routing.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.case_routing.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.case_routing.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX case_routing_content ON hotline.case_routing (bh, content_hash);
CREATE INDEX case_routing_loaded_at ON hotline.case_routing (loaded_at);
CREATE INDEX case_routing_window ON hotline.case_routing (window_begin);

CREATE TABLE hotline.case_routing_history (
    row_id bigint NOT NULL,
    id text,
    bh text,
    fltype text,
    flfqr text,
    zcdate timestamptz,
    ccdate timestamptz,
    pcdate timestamptz,
    deadline date,
    jsdept text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.case_routing_history IS '工单流转（4.8.2.1.6.1）：被替换的内容';
COMMENT ON COLUMN hotline.case_routing_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.case_routing_history.id IS 'Id';
COMMENT ON COLUMN hotline.case_routing_history.bh IS '工单编号';
COMMENT ON COLUMN hotline.case_routing_history.fltype IS '分流去向';
COMMENT ON COLUMN hotline.case_routing_history.flfqr IS '分流登记人';
COMMENT ON COLUMN hotline.case_routing_history.zcdate IS '分流时间';
COMMENT ON COLUMN hotline.case_routing_history.ccdate IS '初查时间';
COMMENT ON COLUMN hotline.case_routing_history.pcdate IS '排查时间';
COMMENT ON COLUMN hotline.case_routing_history.deadline IS '办理期限';
COMMENT ON COLUMN hotline.case_routing_history.jsdept IS '接收部门';
COMMENT ON COLUMN hotline.case_routing_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.case_routing_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.case_routing_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.case_routing_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.case_routing_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.case_routing_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.case_routing_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.case_routing_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.case_routing_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.case_routing_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.complaint_handling (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    id text,
    bh text,
    slflag text,
    fqdept text,
    fqr text,
    remark text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.complaint_handling IS '投诉办理过程（4.8.2.1.6.2）：每个工单的当前内容';
COMMENT ON COLUMN hotline.complaint_handling.row_id IS '本地行号';
COMMENT ON COLUMN hotline.complaint_handling.id IS 'id';
COMMENT ON COLUMN hotline.complaint_handling.bh IS '工单编号';
COMMENT ON COLUMN hotline.complaint_handling.slflag IS '受理投诉类型';
COMMENT ON COLUMN hotline.complaint_handling.fqdept IS '办理部门';
COMMENT ON COLUMN hotline.complaint_handling.fqr IS '经办人';
COMMENT ON COLUMN hotline.complaint_handling.remark IS '处理结果';
COMMENT ON COLUMN hotline.complaint_handling.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.complaint_handling.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.complaint_handling.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.complaint_handling.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.complaint_handling.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.complaint_handling.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.complaint_handling.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.complaint_handling.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX complaint_handling_content ON hotline.complaint_handling (bh, content_hash);
CREATE INDEX complaint_handling_loaded_at ON hotline.complaint_handling (loaded_at);
CREATE INDEX complaint_handling_window ON hotline.complaint_handling (window_begin);

CREATE TABLE hotline.complaint_handling_history (
    row_id bigint NOT NULL,
    id text,
    bh text,
    slflag text,
    fqdept text,
    fqr text,
    remark text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.complaint_handling_history IS '投诉办理过程（4.8.2.1.6.2）：被替换的内容';
COMMENT ON COLUMN hotline.complaint_handling_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.complaint_handling_history.id IS 'id';
COMMENT ON COLUMN hotline.complaint_handling_history.bh IS '工单编号';
COMMENT ON COLUMN hotline.complaint_handling_history.slflag IS '受理投诉类型';
COMMENT ON COLUMN hotline.complaint_handling_history.fqdept IS '办理部门';
COMMENT ON COLUMN hotline.complaint_handling_history.fqr IS '经办人';
COMMENT ON COLUMN hotline.complaint_handling_history.remark IS '处理结果';
COMMENT ON COLUMN hotline.complaint_handling_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.complaint_handling_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.complaint_handling_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.complaint_handling_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.complaint_handling_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.complaint_handling_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.complaint_handling_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.complaint_handling_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.complaint_handling_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.complaint_handling_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.report_handling (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    id text,
    bh text,
    slflag text,
    fqdept text,
    fqr text,
    remark text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.report_handling IS '举报办理过程（4.8.2.1.6.3）：每个工单的当前内容';
COMMENT ON COLUMN hotline.report_handling.row_id IS '本地行号';
COMMENT ON COLUMN hotline.report_handling.id IS 'id';
COMMENT ON COLUMN hotline.report_handling.bh IS '工单编号';
COMMENT ON COLUMN hotline.report_handling.slflag IS '受理举报类型';
COMMENT ON COLUMN hotline.report_handling.fqdept IS '办理部门';
COMMENT ON COLUMN hotline.report_handling.fqr IS '经办人';
COMMENT ON COLUMN hotline.report_handling.remark IS '处理结果';
COMMENT ON COLUMN hotline.report_handling.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.report_handling.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.report_handling.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.report_handling.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.report_handling.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.report_handling.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.report_handling.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.report_handling.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX report_handling_content ON hotline.report_handling (bh, content_hash);
CREATE INDEX report_handling_loaded_at ON hotline.report_handling (loaded_at);
CREATE INDEX report_handling_window ON hotline.report_handling (window_begin);

CREATE TABLE hotline.report_handling_history (
    row_id bigint NOT NULL,
    id text,
    bh text,
    slflag text,
    fqdept text,
    fqr text,
    remark text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.report_handling_history IS '举报办理过程（4.8.2.1.6.3）：被替换的内容';
COMMENT ON COLUMN hotline.report_handling_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.report_handling_history.id IS 'id';
COMMENT ON COLUMN hotline.report_handling_history.bh IS '工单编号';
COMMENT ON COLUMN hotline.report_handling_history.slflag IS '受理举报类型';
COMMENT ON COLUMN hotline.report_handling_history.fqdept IS '办理部门';
COMMENT ON COLUMN hotline.report_handling_history.fqr IS '经办人';
COMMENT ON COLUMN hotline.report_handling_history.remark IS '处理结果';
COMMENT ON COLUMN hotline.report_handling_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.report_handling_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.report_handling_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.report_handling_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.report_handling_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.report_handling_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.report_handling_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.report_handling_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.report_handling_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.report_handling_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.case_extension (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    orderid text,
    sqrbh text,
    sqr text,
    sqrdept text,
    sqrunit text,
    spdate timestamptz,
    sqrmobile text,
    olddeadline date,
    yqdate date,
    gxdate date,
    sqdate date,
    result text,
    state text,
    reason text,
    suggestion text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.case_extension IS '工单延期（4.8.2.1.6.4）：每个工单的当前内容';
COMMENT ON COLUMN hotline.case_extension.row_id IS '本地行号';
COMMENT ON COLUMN hotline.case_extension.orderid IS '业务表主键';
COMMENT ON COLUMN hotline.case_extension.sqrbh IS '申请人';
COMMENT ON COLUMN hotline.case_extension.sqr IS '申请人名称';
COMMENT ON COLUMN hotline.case_extension.sqrdept IS '申请人部门名称';
COMMENT ON COLUMN hotline.case_extension.sqrunit IS '申请人机构名称';
COMMENT ON COLUMN hotline.case_extension.spdate IS '申请通过时间';
COMMENT ON COLUMN hotline.case_extension.sqrmobile IS '申请人电话';
COMMENT ON COLUMN hotline.case_extension.olddeadline IS '原办理期限';
COMMENT ON COLUMN hotline.case_extension.yqdate IS '延期时间';
COMMENT ON COLUMN hotline.case_extension.gxdate IS '更新时间';
COMMENT ON COLUMN hotline.case_extension.sqdate IS '申请时间';
COMMENT ON COLUMN hotline.case_extension.result IS '审批结果';
COMMENT ON COLUMN hotline.case_extension.state IS '审批状态';
COMMENT ON COLUMN hotline.case_extension.reason IS '退回原因';
COMMENT ON COLUMN hotline.case_extension.suggestion IS '审批意见';
COMMENT ON COLUMN hotline.case_extension.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.case_extension.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.case_extension.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.case_extension.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.case_extension.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.case_extension.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.case_extension.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.case_extension.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX case_extension_name ON hotline.case_extension (orderid, sqrbh, sqdate, yqdate);
CREATE INDEX case_extension_loaded_at ON hotline.case_extension (loaded_at);
CREATE INDEX case_extension_window ON hotline.case_extension (window_begin);

CREATE TABLE hotline.case_extension_history (
    row_id bigint NOT NULL,
    orderid text,
    sqrbh text,
    sqr text,
    sqrdept text,
    sqrunit text,
    spdate timestamptz,
    sqrmobile text,
    olddeadline date,
    yqdate date,
    gxdate date,
    sqdate date,
    result text,
    state text,
    reason text,
    suggestion text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.case_extension_history IS '工单延期（4.8.2.1.6.4）：被替换的内容';
COMMENT ON COLUMN hotline.case_extension_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.case_extension_history.orderid IS '业务表主键';
COMMENT ON COLUMN hotline.case_extension_history.sqrbh IS '申请人';
COMMENT ON COLUMN hotline.case_extension_history.sqr IS '申请人名称';
COMMENT ON COLUMN hotline.case_extension_history.sqrdept IS '申请人部门名称';
COMMENT ON COLUMN hotline.case_extension_history.sqrunit IS '申请人机构名称';
COMMENT ON COLUMN hotline.case_extension_history.spdate IS '申请通过时间';
COMMENT ON COLUMN hotline.case_extension_history.sqrmobile IS '申请人电话';
COMMENT ON COLUMN hotline.case_extension_history.olddeadline IS '原办理期限';
COMMENT ON COLUMN hotline.case_extension_history.yqdate IS '延期时间';
COMMENT ON COLUMN hotline.case_extension_history.gxdate IS '更新时间';
COMMENT ON COLUMN hotline.case_extension_history.sqdate IS '申请时间';
COMMENT ON COLUMN hotline.case_extension_history.result IS '审批结果';
COMMENT ON COLUMN hotline.case_extension_history.state IS '审批状态';
COMMENT ON COLUMN hotline.case_extension_history.reason IS '退回原因';
COMMENT ON COLUMN hotline.case_extension_history.suggestion IS '审批意见';
COMMENT ON COLUMN hotline.case_extension_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.case_extension_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.case_extension_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.case_extension_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.case_extension_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.case_extension_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.case_extension_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.case_extension_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.case_extension_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.case_extension_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.case_urge (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    id text,
    cbunit text,
    cbdept text,
    cbr text,
    cbdate timestamptz,
    cbmemo text,
    bdbdept text,
    jsr text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.case_urge IS '工单催办（4.8.2.1.6.5）：每个工单的当前内容';
COMMENT ON COLUMN hotline.case_urge.row_id IS '本地行号';
COMMENT ON COLUMN hotline.case_urge.id IS '工单 ID';
COMMENT ON COLUMN hotline.case_urge.cbunit IS '催办机构';
COMMENT ON COLUMN hotline.case_urge.cbdept IS '催办部门';
COMMENT ON COLUMN hotline.case_urge.cbr IS '催办人';
COMMENT ON COLUMN hotline.case_urge.cbdate IS '催办日期';
COMMENT ON COLUMN hotline.case_urge.cbmemo IS '催办附言';
COMMENT ON COLUMN hotline.case_urge.bdbdept IS '被催办部门';
COMMENT ON COLUMN hotline.case_urge.jsr IS '接收人';
COMMENT ON COLUMN hotline.case_urge.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.case_urge.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.case_urge.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.case_urge.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.case_urge.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.case_urge.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.case_urge.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.case_urge.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX case_urge_content ON hotline.case_urge (id, content_hash);
CREATE INDEX case_urge_loaded_at ON hotline.case_urge (loaded_at);
CREATE INDEX case_urge_window ON hotline.case_urge (window_begin);

CREATE TABLE hotline.case_urge_history (
    row_id bigint NOT NULL,
    id text,
    cbunit text,
    cbdept text,
    cbr text,
    cbdate timestamptz,
    cbmemo text,
    bdbdept text,
    jsr text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.case_urge_history IS '工单催办（4.8.2.1.6.5）：被替换的内容';
COMMENT ON COLUMN hotline.case_urge_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.case_urge_history.id IS '工单 ID';
COMMENT ON COLUMN hotline.case_urge_history.cbunit IS '催办机构';
COMMENT ON COLUMN hotline.case_urge_history.cbdept IS '催办部门';
COMMENT ON COLUMN hotline.case_urge_history.cbr IS '催办人';
COMMENT ON COLUMN hotline.case_urge_history.cbdate IS '催办日期';
COMMENT ON COLUMN hotline.case_urge_history.cbmemo IS '催办附言';
COMMENT ON COLUMN hotline.case_urge_history.bdbdept IS '被催办部门';
COMMENT ON COLUMN hotline.case_urge_history.jsr IS '接收人';
COMMENT ON COLUMN hotline.case_urge_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.case_urge_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.case_urge_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.case_urge_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.case_urge_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.case_urge_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.case_urge_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.case_urge_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.case_urge_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.case_urge_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.complaint_feedback (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    odrno text,
    accepttype text,
    handdept text,
    agent text,
    agenttel text,
    dealresult text,
    feedbackregister text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.complaint_feedback IS '投诉反馈（4.8.2.1.7.3.1）：每个工单的当前内容';
COMMENT ON COLUMN hotline.complaint_feedback.row_id IS '本地行号';
COMMENT ON COLUMN hotline.complaint_feedback.odrno IS '工单编号';
COMMENT ON COLUMN hotline.complaint_feedback.accepttype IS '受理类型';
COMMENT ON COLUMN hotline.complaint_feedback.handdept IS '办理部门';
COMMENT ON COLUMN hotline.complaint_feedback.agent IS '经办人';
COMMENT ON COLUMN hotline.complaint_feedback.agenttel IS '经办人电话';
COMMENT ON COLUMN hotline.complaint_feedback.dealresult IS '处理结果';
COMMENT ON COLUMN hotline.complaint_feedback.feedbackregister IS '反馈登记人';
COMMENT ON COLUMN hotline.complaint_feedback.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.complaint_feedback.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.complaint_feedback.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.complaint_feedback.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.complaint_feedback.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.complaint_feedback.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.complaint_feedback.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.complaint_feedback.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX complaint_feedback_content ON hotline.complaint_feedback (odrno, content_hash);
CREATE INDEX complaint_feedback_loaded_at ON hotline.complaint_feedback (loaded_at);
CREATE INDEX complaint_feedback_window ON hotline.complaint_feedback (window_begin);

CREATE TABLE hotline.complaint_feedback_history (
    row_id bigint NOT NULL,
    odrno text,
    accepttype text,
    handdept text,
    agent text,
    agenttel text,
    dealresult text,
    feedbackregister text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.complaint_feedback_history IS '投诉反馈（4.8.2.1.7.3.1）：被替换的内容';
COMMENT ON COLUMN hotline.complaint_feedback_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.complaint_feedback_history.odrno IS '工单编号';
COMMENT ON COLUMN hotline.complaint_feedback_history.accepttype IS '受理类型';
COMMENT ON COLUMN hotline.complaint_feedback_history.handdept IS '办理部门';
COMMENT ON COLUMN hotline.complaint_feedback_history.agent IS '经办人';
COMMENT ON COLUMN hotline.complaint_feedback_history.agenttel IS '经办人电话';
COMMENT ON COLUMN hotline.complaint_feedback_history.dealresult IS '处理结果';
COMMENT ON COLUMN hotline.complaint_feedback_history.feedbackregister IS '反馈登记人';
COMMENT ON COLUMN hotline.complaint_feedback_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.complaint_feedback_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.complaint_feedback_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.complaint_feedback_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.complaint_feedback_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.complaint_feedback_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.complaint_feedback_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.complaint_feedback_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.complaint_feedback_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.complaint_feedback_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.report_feedback (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    odrno text,
    investresult text,
    handdept text,
    agent text,
    agenttel text,
    dealresult text,
    feedbackregister text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.report_feedback IS '举报反馈（4.8.2.1.7.3.2）：每个工单的当前内容';
COMMENT ON COLUMN hotline.report_feedback.row_id IS '本地行号';
COMMENT ON COLUMN hotline.report_feedback.odrno IS '工单编号';
COMMENT ON COLUMN hotline.report_feedback.investresult IS '调查处理结果';
COMMENT ON COLUMN hotline.report_feedback.handdept IS '办理部门';
COMMENT ON COLUMN hotline.report_feedback.agent IS '经办人';
COMMENT ON COLUMN hotline.report_feedback.agenttel IS '经办人电话';
COMMENT ON COLUMN hotline.report_feedback.dealresult IS '处理结果';
COMMENT ON COLUMN hotline.report_feedback.feedbackregister IS '反馈登记人';
COMMENT ON COLUMN hotline.report_feedback.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.report_feedback.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.report_feedback.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.report_feedback.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.report_feedback.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.report_feedback.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.report_feedback.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.report_feedback.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX report_feedback_content ON hotline.report_feedback (odrno, content_hash);
CREATE INDEX report_feedback_loaded_at ON hotline.report_feedback (loaded_at);
CREATE INDEX report_feedback_window ON hotline.report_feedback (window_begin);

CREATE TABLE hotline.report_feedback_history (
    row_id bigint NOT NULL,
    odrno text,
    investresult text,
    handdept text,
    agent text,
    agenttel text,
    dealresult text,
    feedbackregister text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.report_feedback_history IS '举报反馈（4.8.2.1.7.3.2）：被替换的内容';
COMMENT ON COLUMN hotline.report_feedback_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.report_feedback_history.odrno IS '工单编号';
COMMENT ON COLUMN hotline.report_feedback_history.investresult IS '调查处理结果';
COMMENT ON COLUMN hotline.report_feedback_history.handdept IS '办理部门';
COMMENT ON COLUMN hotline.report_feedback_history.agent IS '经办人';
COMMENT ON COLUMN hotline.report_feedback_history.agenttel IS '经办人电话';
COMMENT ON COLUMN hotline.report_feedback_history.dealresult IS '处理结果';
COMMENT ON COLUMN hotline.report_feedback_history.feedbackregister IS '反馈登记人';
COMMENT ON COLUMN hotline.report_feedback_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.report_feedback_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.report_feedback_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.report_feedback_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.report_feedback_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.report_feedback_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.report_feedback_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.report_feedback_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.report_feedback_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.report_feedback_history.replaced_at IS '被新内容替换的时间';

CREATE TABLE hotline.consultation_feedback (
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    odrno text,
    consultrange text,
    dealresult text,
    handdept text,
    agent text,
    agenttel text,
    flags text[] DEFAULT '{}' NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.consultation_feedback IS '咨询反馈（4.8.2.1.7.3.3）：每个工单的当前内容';
COMMENT ON COLUMN hotline.consultation_feedback.row_id IS '本地行号';
COMMENT ON COLUMN hotline.consultation_feedback.odrno IS '工单编号';
COMMENT ON COLUMN hotline.consultation_feedback.consultrange IS '咨询范围';
COMMENT ON COLUMN hotline.consultation_feedback.dealresult IS '答复内容';
COMMENT ON COLUMN hotline.consultation_feedback.handdept IS '具体办理部门';
COMMENT ON COLUMN hotline.consultation_feedback.agent IS '经办人姓名';
COMMENT ON COLUMN hotline.consultation_feedback.agenttel IS '经办人电话';
COMMENT ON COLUMN hotline.consultation_feedback.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.consultation_feedback.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.consultation_feedback.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.consultation_feedback.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.consultation_feedback.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.consultation_feedback.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.consultation_feedback.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.consultation_feedback.loaded_at IS '载入本地库的时间';

CREATE UNIQUE INDEX consultation_feedback_content ON hotline.consultation_feedback (odrno, content_hash);
CREATE INDEX consultation_feedback_loaded_at ON hotline.consultation_feedback (loaded_at);
CREATE INDEX consultation_feedback_window ON hotline.consultation_feedback (window_begin);

CREATE TABLE hotline.consultation_feedback_history (
    row_id bigint NOT NULL,
    odrno text,
    consultrange text,
    dealresult text,
    handdept text,
    agent text,
    agenttel text,
    flags text[] NOT NULL,
    content_hash bytea NOT NULL,
    source text NOT NULL,
    requested_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    missing_since timestamptz,
    loaded_at timestamptz NOT NULL,
    replaced_by timestamptz NOT NULL,
    replaced_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (row_id, replaced_at)
);

COMMENT ON TABLE hotline.consultation_feedback_history IS '咨询反馈（4.8.2.1.7.3.3）：被替换的内容';
COMMENT ON COLUMN hotline.consultation_feedback_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.consultation_feedback_history.odrno IS '工单编号';
COMMENT ON COLUMN hotline.consultation_feedback_history.consultrange IS '咨询范围';
COMMENT ON COLUMN hotline.consultation_feedback_history.dealresult IS '答复内容';
COMMENT ON COLUMN hotline.consultation_feedback_history.handdept IS '具体办理部门';
COMMENT ON COLUMN hotline.consultation_feedback_history.agent IS '经办人姓名';
COMMENT ON COLUMN hotline.consultation_feedback_history.agenttel IS '经办人电话';
COMMENT ON COLUMN hotline.consultation_feedback_history.flags IS '照常入库的疑点：字段:疑点';
COMMENT ON COLUMN hotline.consultation_feedback_history.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.consultation_feedback_history.source IS '来自哪个接口';
COMMENT ON COLUMN hotline.consultation_feedback_history.requested_at IS '取得该内容的查询时间';
COMMENT ON COLUMN hotline.consultation_feedback_history.window_begin IS '该工单登记时间的下界；未按登记时间查询的为空';
COMMENT ON COLUMN hotline.consultation_feedback_history.window_end IS '该工单登记时间的上界';
COMMENT ON COLUMN hotline.consultation_feedback_history.missing_since IS '完整应答中不再出现的时间；只标记，不删除';
COMMENT ON COLUMN hotline.consultation_feedback_history.loaded_at IS '载入本地库的时间';
COMMENT ON COLUMN hotline.consultation_feedback_history.replaced_by IS '替换它的查询时间';
COMMENT ON COLUMN hotline.consultation_feedback_history.replaced_at IS '被新内容替换的时间';
