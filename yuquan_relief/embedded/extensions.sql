-- 超级用户在每个模板库、业务库内执行。
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- pg_trgm sees Chinese only where LC_CTYPE is a UTF-8 one; with plain C every name gives no trigram at all.
DO $$
BEGIN
    IF show_trgm('张三丰') = '{}' THEN
        RAISE EXCEPTION '数据库的 LC_CTYPE 不支持中文检索，请以 --locale=C.UTF-8 重新初始化';
    END IF;
END
$$;
