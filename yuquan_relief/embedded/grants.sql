-- 在一个库内设定两个角色的权限；由超级用户或 relief_owner 执行，可重复执行。
-- Only DEFAULT privileges: a grant on existing tables would give back what a migration took away from the audit tables.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO relief_app;
ALTER DEFAULT PRIVILEGES FOR ROLE relief_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO relief_app;
ALTER DEFAULT PRIVILEGES FOR ROLE relief_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO relief_app;
ALTER DEFAULT PRIVILEGES FOR ROLE relief_owner IN SCHEMA public
    GRANT EXECUTE ON FUNCTIONS TO relief_app;
