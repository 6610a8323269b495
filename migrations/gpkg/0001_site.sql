-- The container: GeoPackage 1.3. Layer tables are made by the store from the layer definitions.

pragma application_id = 1196444487; -- "GPKG"
pragma user_version = 10300;

create table gpkg_spatial_ref_sys (
    srs_name TEXT not null,
    srs_id INTEGER not null primary key,
    organization TEXT not null,
    organization_coordsys_id INTEGER not null,
    definition TEXT not null,
    description TEXT
);

insert into gpkg_spatial_ref_sys values
    ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
    ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
    (
        'WGS 84', 4326, 'EPSG', 4326,
        'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]',
        'longitude/latitude in decimal degrees on the WGS 84 ellipsoid'
    );

create table gpkg_contents (
    table_name TEXT not null primary key,
    data_type TEXT not null,
    identifier TEXT unique,
    description TEXT default '',
    last_change DATETIME not null default (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE,
    min_y DOUBLE,
    max_x DOUBLE,
    max_y DOUBLE,
    srs_id INTEGER,
    constraint fk_gc_r_srs_id foreign key (srs_id) references gpkg_spatial_ref_sys (srs_id)
);

create table gpkg_geometry_columns (
    table_name TEXT not null,
    column_name TEXT not null,
    geometry_type_name TEXT not null,
    srs_id INTEGER not null,
    z TINYINT not null,
    m TINYINT not null,
    constraint pk_geom_cols primary key (table_name, column_name),
    constraint uk_gc_table_name unique (table_name),
    constraint fk_gc_tn foreign key (table_name) references gpkg_contents (table_name),
    constraint fk_gc_srs foreign key (srs_id) references gpkg_spatial_ref_sys (srs_id)
);

create table gpkg_extensions (
    table_name TEXT,
    column_name TEXT,
    extension_name TEXT not null,
    definition TEXT not null,
    scope TEXT not null,
    constraint ge_tce unique (table_name, column_name, extension_name)
);

insert into gpkg_extensions values
    ('gpkg_data_columns', null, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write'),
    ('gpkg_data_column_constraints', null, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write');

create table gpkg_data_columns (
    table_name TEXT not null,
    column_name TEXT not null,
    name TEXT,
    title TEXT,
    description TEXT,
    mime_type TEXT,
    constraint_name TEXT,
    constraint pk_gdc primary key (table_name, column_name),
    constraint gdc_tn unique (table_name, name)
);

create table gpkg_data_column_constraints (
    constraint_name TEXT not null,
    constraint_type TEXT not null,
    value TEXT,
    min NUMERIC,
    min_is_inclusive BOOLEAN,
    max NUMERIC,
    max_is_inclusive BOOLEAN,
    description TEXT,
    constraint gdcc_ntv unique (constraint_name, constraint_type, value)
);

-- The system tables. They stay out of gpkg_contents: other programs see layers only.

create table site (
    one INTEGER not null,
    id BLOB not null,
    key BLOB not null,
    title_vi TEXT not null,
    title_en TEXT not null,
    demo INTEGER not null,
    as_of TEXT,
    constraint site_pkey primary key (one),
    constraint site_one check (one = 1),
    constraint site_id check (length(id) = 16 and length(key) = 16),
    constraint site_demo check (demo in (0, 1))
) strict;

create trigger site_demo_stays before update on site
when old.demo = 1 and new.demo <> 1
begin
    select raise(abort, 'the demo mark cannot be cleared');
end;

-- Replacing deletes without firing triggers of deletion.
create trigger site_is_one before insert on site
when (select count(*) from site) > 0
begin
    select raise(abort, 'the site cannot be replaced');
end;

create trigger site_stays before delete on site
begin
    select raise(abort, 'the site cannot be removed');
end;

create table layers (
    fid INTEGER primary key autoincrement,
    id TEXT not null,
    seq INTEGER not null,
    name TEXT not null,
    definition TEXT not null,
    hash TEXT not null,
    constraint layers_id_key unique (id),
    constraint layers_name_key unique (name)
) strict;

-- The log. Texts and hashes are kept byte for byte (strict tables convert nothing).

create table commits (
    seq INTEGER not null,
    at TEXT not null,
    actor TEXT not null,
    reason TEXT,
    batch TEXT,
    idempotency_key TEXT,
    fingerprint TEXT,
    prev BLOB not null,
    hash BLOB not null,
    constraint commits_pkey primary key (seq)
) strict;

create unique index commits_idempotency on commits (actor, idempotency_key) where idempotency_key is not null;

create table changes (
    seq INTEGER not null,
    n INTEGER not null,
    layer TEXT not null,
    fid INTEGER not null,
    id TEXT not null,
    op TEXT not null,
    fields TEXT not null,
    before TEXT,
    after TEXT,
    salt BLOB,
    payload_hash BLOB not null,
    constraint changes_pkey primary key (seq, n),
    constraint changes_commit foreign key (seq) references commits (seq)
) strict;

-- All changes of one feature, in order.
create index changes_feature on changes (layer, id, seq, n);

-- Changes after a feature's first: all that a start has to read of the log.
create index changes_later on changes (layer, fid, seq, fields)
where not (op in ('create', 'import') and fields = '["*"]');

create table attachments (
    sha256 TEXT not null,
    media_type TEXT not null,
    bytes INTEGER not null,
    content BLOB not null,
    seq INTEGER not null,
    constraint attachments_pkey primary key (sha256)
) strict;
