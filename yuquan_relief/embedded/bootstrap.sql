-- 建库脚本：由数据库超级用户在新集簇上执行一次，可重复执行。
-- 内嵌数据库与 docker-compose 共用本文件：psql --no-psqlrc -v ON_ERROR_STOP=1 -d postgres -f bootstrap.sql
-- 口令取自环境变量，不出现在命令行；内嵌数据库只开本机套接字，不设口令。
\getenv owner_password RELIEF_OWNER_PASSWORD
\getenv app_password RELIEF_APP_PASSWORD

SELECT format('CREATE ROLE %I', name)
  FROM unnest(ARRAY['relief_owner', 'relief_app']) AS wanted(name)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name)
\gexec

-- The owner migrates and clones test databases; the application's role owns nothing and creates nothing.
ALTER ROLE relief_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE relief_app LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- Our statements are short: compiling them costs more than it saves.
ALTER ROLE relief_owner SET jit = off;
ALTER ROLE relief_app SET jit = off;

\if :{?owner_password}
ALTER ROLE relief_owner PASSWORD :'owner_password';
\endif
\if :{?app_password}
ALTER ROLE relief_app PASSWORD :'app_password';
\endif

-- Databases created later copy template1, and with it the extensions and the grants.
\connect template1
\ir extensions.sql
\ir grants.sql

SELECT 'CREATE DATABASE relief OWNER relief_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'relief')
\gexec
REVOKE TEMPORARY ON DATABASE relief FROM PUBLIC;

\connect relief
\ir extensions.sql
\ir grants.sql
