#!/bin/sh
# 数据库容器首次启动时执行一次：建立角色、扩展和业务库。口令由 bootstrap.sql 从环境变量读取。
set -eu

: "${RELIEF_OWNER_PASSWORD:?}" "${RELIEF_APP_PASSWORD:?}"
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --file /relief-sql/bootstrap.sql
