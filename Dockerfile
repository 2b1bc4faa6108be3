# The bridge with Airflow, for every service of docker-compose.yaml. See docs/containers.md.
#
# Not apache/airflow: that image holds some hundred packages that nothing here uses, at versions of its own choosing;
# here requirements.txt alone decides, the very versions that the tests ran with, on the tests' Python 3.11.
# The tag is exact. Add the digest of the image that you checked: PYTHON_IMAGE=...:3.11.16-slim-trixie@sha256:...
ARG PYTHON_IMAGE=docker.io/library/python:3.11.16-slim-trixie

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/venv
WORKDIR /opt/hotline-bridge

# A closed network names its index: docker build --secret id=pip_conf,src=pip.conf (it stays out of the image).
COPY requirements.txt ./
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf \
    /opt/venv/bin/pip install --only-binary :all: --require-hashes --requirement requirements.txt \
    && /opt/venv/bin/pip check
COPY containers/slim.sh ./
RUN sh slim.sh /opt/venv

# Editable, and without its code: that lies in plugins/, where Airflow finds it too, and changes without this layer.
COPY pyproject.toml requirements.in LICENSE ./
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf \
    mkdir -p plugins/hotline_bridge \
    && touch README.md plugins/hotline_bridge/__init__.py \
    && /opt/venv/bin/pip install --no-deps --editable . \
    && /opt/venv/bin/pip uninstall --yes pip setuptools

FROM build AS code
COPY plugins ./plugins
RUN /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash plugins

# The base without what no service runs. What a layer takes away stays in the layer below, so all of it is copied once.
FROM ${PYTHON_IMAGE} AS system
RUN pip uninstall --yes --root-user-action ignore setuptools pip \
    && groupadd --gid 50000 airflow \
    && useradd --uid 50000 --gid airflow --home-dir /opt/airflow --no-create-home --shell /usr/sbin/nologin airflow \
    && install -d -o airflow -g airflow -m 0700 /opt/airflow \
    && install -d -o airflow -g airflow -m 0750 /var/log/airflow \
    && install -d -o airflow -g airflow -m 0755 /var/lib/hotline-bridge/reports \
    && ln -s /opt/hotline-bridge/containers/bin/with_secrets.py /usr/local/bin/with-secrets \
    && ln -s /opt/hotline-bridge/containers/bin/healthy.py /usr/local/bin/healthy \
    && ln -s /opt/hotline-bridge/containers/bin/ui_accounts.py /usr/local/bin/ui-accounts \
    && find / -xdev -type f -perm /6000 -exec chmod ug-s {} + \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /usr/share/doc/* /usr/share/man/* /usr/share/locale/* /usr/share/python-wheels \
    && find / -xdev -type d -name ensurepip -exec rm -rf {} +

FROM scratch AS production
COPY --from=system / /
LABEL org.opencontainers.image.title="hotline-bridge" \
      org.opencontainers.image.description="The bridge between a city's 12345 hotline and the national 12315 platform, on Apache Airflow 3" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"

ENV LANG=C.UTF-8 \
    PYTHONUTF8=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/opt/airflow \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW_CONFIG=/opt/hotline-bridge/containers/airflow.cfg \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/hotline-bridge/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/hotline-bridge/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__FAB__CONFIG_FILE=/opt/hotline-bridge/containers/webserver_config.py \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/var/log/airflow \
    AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY=/var/log/airflow/dag_processor \
    GX_ANALYTICS_ENABLED=false \
    HOTLINE_REPORT_DIR=/var/lib/hotline-bridge/reports

# What changes most comes last.
COPY --from=build /opt/venv /opt/venv
COPY containers/airflow.cfg containers/webserver_config.py /opt/hotline-bridge/containers/
COPY containers/bin /opt/hotline-bridge/containers/bin
COPY include /opt/hotline-bridge/include
COPY dags /opt/hotline-bridge/dags
COPY --from=code /opt/hotline-bridge/plugins /opt/hotline-bridge/plugins

USER 50000:50000
WORKDIR /opt/airflow
ENTRYPOINT ["with-secrets"]
CMD ["hotline", "--help"]

# Of the profile `demo` alone: the platform played, and invented rows. Nothing of it is in production.
FROM build AS build-sandbox
COPY requirements-dev.txt ./
COPY sandbox ./sandbox
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf \
    sed -n '/^faker==/,/[^\\]$/p' requirements-dev.txt >/tmp/faker.txt \
    && pip --python /opt/venv/bin/python install --target /opt/sandbox --only-binary :all: --require-hashes --no-deps --requirement /tmp/faker.txt \
    && pip --python /opt/venv/bin/python install --target /opt/sandbox --upgrade --no-deps ./sandbox

FROM production AS sandbox
ENV PYTHONPATH=/opt/sandbox \
    PATH=/opt/sandbox/bin:/opt/venv/bin:/usr/local/bin:/usr/bin:/bin
COPY --from=build-sandbox /opt/sandbox /opt/sandbox

# What `docker build .` makes.
FROM production
