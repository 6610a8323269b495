-- Roles of least privilege for a site, run once by its owner (the role that made the schema, with the right to make roles):
--
--     psql "$DATABASE_URL" -v schema=diaban -f migrations/postgis/roles.sql
--
-- `<schema>_app` is what servers and imports run as: it writes the log and the layers, and cannot change what is logged
-- (only blank it, for an erasure) nor make tables: layers are defined by the owner. `<schema>_read` reads layers and log,
-- for QGIS and reports; the site's secret and the photos stay closed to it. Give either to a login:
--
--     grant diaban_app to my_server;

\set app :schema _app
\set read :schema _read

select format('create role %I nologin', name) from (values (:'app'), (:'read')) as roles (name)
where not exists (select from pg_roles where rolname = name) \gexec

grant usage on schema :"schema" to :"app", :"read";

-- Layers, those that are and those that come.
grant select, insert, update, delete on all tables in schema :"schema" to :"app";
grant select on all tables in schema :"schema" to :"read";
alter default privileges in schema :"schema" grant select, insert, update, delete on tables to :"app";
alter default privileges in schema :"schema" grant select on tables to :"read";

set search_path to :"schema";
revoke all on site, layers, head, row_numbers, commits, changes, attachments, _sqlx_migrations from :"app", :"read";
grant select on site, layers, head, row_numbers, commits, changes, attachments, _sqlx_migrations to :"app";
grant update (seq, hash) on head to :"app";
grant update (last) on row_numbers to :"app";
grant insert on commits, changes to :"app";
grant update (before, after, salt) on changes to :"app";
grant insert, delete, update (seq) on attachments to :"app";
grant select on layers, commits, changes to :"read";
