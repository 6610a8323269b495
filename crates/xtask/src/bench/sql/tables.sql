CREATE EXTENSION postgis;
CREATE UNLOGGED TABLE loaded (
    id text, category text, category_raw text, occurred_from text, occurred_to text, date_precision text,
    reported_on text, found_by text, severity text, address text, outcome text, outcome_raw text, summary text,
    entity text, source text, source_date text, accuracy_m text, quality text, location_quality text, photos text,
    lon double precision, lat double precision
);
