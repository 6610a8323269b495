//! Reads one cell as a value of one field.

use jiff::Timestamp;
use jiff::civil::Date;
use model::{
    Code, DatePrecision, Fault, FieldDef, FieldMapping, FieldType, Text, Value, day_end, day_start, nfc,
};
use serde_json::Value as Json;
use store::format::{Cell, unguard};

/// A value, and what a span of time gives besides.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Reading {
    /// The value.
    pub(crate) value: Value,
    /// The last day of the span the value stands for.
    pub(crate) last: Option<Date>,
    /// The name of the precision.
    pub(crate) precision: Option<&'static str>,
}

impl From<Value> for Reading {
    fn from(value: Value) -> Self {
        Reading { value, ..Reading::default() }
    }
}

/// The text of a cell; nested JSON as compact JSON.
pub(crate) fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(s) | Cell::Json(Json::String(s)) => s.clone(),
        Cell::Json(json) => json.to_string(),
    }
}

/// Reads `cell` into `field`. `own`: it was written by us, and is taken as it stands.
pub(crate) fn read(
    field: &FieldDef,
    rules: &FieldMapping,
    cell: Option<&Cell>,
    own: bool,
) -> Result<Reading, Fault> {
    let place = |f: Fault| Fault { place: field.name.clone(), ..f };
    let reading = if rules.codes.is_some() || rules.otherwise.is_some() {
        coded(field, rules, cell)?.into()
    } else {
        match (cell, rules.date) {
            (None, _) => Reading::default(),
            (Some(cell), Some(precision)) => dated(field, precision, text(cell).trim()).map_err(place)?,
            (Some(cell), None) => plain(field, cell, own).map_err(place)?.into(),
        }
    };
    let reading = Reading { value: multiplied(reading.value, rules.factor), ..reading };
    field.check(&reading.value)?;
    Ok(reading)
}

fn coded(field: &FieldDef, rules: &FieldMapping, cell: Option<&Cell>) -> Result<Value, Fault> {
    let word = cell.map(text).unwrap_or_default();
    let word = nfc(word.trim());
    let listed = match &rules.codes {
        Some(codes) => codes.get(&word),
        None => field.code(&word).map(|c| &c.code),
    };
    match listed.or(rules.otherwise.as_ref()) {
        Some(code) if code.is_empty() => Ok(Value::Null),
        Some(code) => Ok(Value::text(code)),
        None if word.is_empty() => Ok(Value::Null),
        None => {
            // Enough to find it in the file; a sentence that strayed into the column is not repeated whole.
            let shown: String = word.chars().take(60).collect();
            Err(Fault::at(
                Code::UnknownCode,
                field.name.clone(),
                Text::new(
                    format!("{}: không có mã cho “{shown}”", field.title.vi),
                    format!("{}: there is no code for “{shown}”", field.title.en),
                ),
            ))
        }
    }
}

fn plain(field: &FieldDef, cell: &Cell, own: bool) -> Result<Value, Fault> {
    let kind = field.kind;
    let wordy = matches!(kind, FieldType::Text | FieldType::Code | FieldType::Ref);
    match cell {
        Cell::Text(s) if own && wordy => Ok(Value::text(&nfc(&unguard(s)))),
        Cell::Text(s) => kind.value_from_text(s),
        Cell::Json(Json::String(_)) if own => kind.value_from_json(&json_of(cell)),
        Cell::Json(Json::String(s)) => kind.value_from_text(s),
        Cell::Json(_) if wordy => kind.value_from_text(&text(cell)),
        Cell::Json(Json::Bool(_) | Json::Number(_)) if kind == FieldType::Boolean => {
            kind.value_from_text(&text(cell))
        }
        Cell::Json(json) => kind.value_from_json(json),
    }
}

fn json_of(cell: &Cell) -> Json {
    match cell {
        Cell::Text(s) => Json::String(s.clone()),
        Cell::Json(json) => json.clone(),
    }
}

fn dated(field: &FieldDef, precision: DatePrecision, text: &str) -> Result<Reading, Fault> {
    if text.is_empty() {
        return Ok(Reading::default());
    }
    let bad = |vi: &str, en: &str| Fault::at(Code::InvalidValue, "", Text::new(vi, en));
    match precision {
        DatePrecision::DateTime => {
            let value = field.kind.value_from_text(text)?;
            Ok(Reading { value, last: None, precision: Some("minute") })
        }
        DatePrecision::Day => {
            let day = text
                .get(..10)
                .filter(|_| matches!(text.as_bytes().get(10), None | Some(b'T' | b't' | b' ')))
                .and_then(|d| d.parse::<Date>().ok())
                .ok_or_else(|| {
                    bad("Giá trị phải là một ngày YYYY-MM-DD", "the value must be a day YYYY-MM-DD")
                })?;
            Ok(Reading { value: start_of(field, day), last: Some(day), precision: Some("day") })
        }
        DatePrecision::Month => {
            let first =
                (text.len() == 7).then(|| format!("{text}-01").parse::<Date>().ok()).flatten().ok_or_else(
                    || bad("Giá trị phải là một tháng YYYY-MM", "the value must be a month YYYY-MM"),
                )?;
            let last = first.last_of_month();
            Ok(Reading { value: start_of(field, first), last: Some(last), precision: Some("month") })
        }
    }
}

fn start_of(field: &FieldDef, day: Date) -> Value {
    if field.kind == FieldType::DateTime {
        Timestamp::from_second(day_start(day)).map_or(Value::Null, Value::Time)
    } else {
        Value::Date(day)
    }
}

/// The end of `day` as a value of `field`: the day itself, or its last second.
pub(crate) fn end_of(field: &FieldDef, day: Date) -> Value {
    if field.kind == FieldType::DateTime {
        Timestamp::from_second(day_end(day) - 1).map_or(Value::Null, Value::Time)
    } else {
        Value::Date(day)
    }
}

fn multiplied(value: Value, factor: Option<f64>) -> Value {
    match (value, factor) {
        (Value::Num(n), Some(factor)) => Value::Num(n * factor),
        (Value::Int(n), Some(factor)) => Value::Int((n as f64 * factor).round() as i64),
        (value, _) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    fn field(kind: FieldType) -> FieldDef {
        let layers = crate::layers::builtin_layers().unwrap();
        let any = layers[0].fields[0].clone();
        FieldDef { name: "f".to_owned(), kind, max_length: Some(20), codes: Vec::new(), ..any }
    }

    fn read_text(kind: FieldType, rules: &FieldMapping, text: &str) -> Result<Reading, Fault> {
        read(&field(kind), rules, Some(&Cell::Text(text.to_owned())), false)
    }

    #[test]
    fn a_month_is_the_span_of_the_month() {
        let rules = FieldMapping { date: Some(DatePrecision::Month), ..FieldMapping::default() };
        let r = read_text(FieldType::DateTime, &rules, "2024-02").unwrap();
        // Midnight at UTC+7 is 17:00 UTC of the day before; 2024 is a leap year.
        assert_eq!(r.value, Value::Time("2024-01-31T17:00:00Z".parse().unwrap()));
        assert_eq!((r.last, r.precision), (Some(date(2024, 2, 29)), Some("month")));
        assert_eq!(
            end_of(&field(FieldType::DateTime), date(2024, 2, 29)),
            Value::Time("2024-02-29T16:59:59Z".parse().unwrap())
        );
        for bad in ["2024-13", "2024-2", "2024-02-01", "24-02"] {
            assert_eq!(read_text(FieldType::DateTime, &rules, bad).unwrap_err().code, Code::InvalidValue);
        }
    }

    #[test]
    fn a_day_is_never_shifted() {
        let rules = FieldMapping { date: Some(DatePrecision::Day), ..FieldMapping::default() };
        for text in ["2013-07-08", "2013-07-08T00:00:00.000", "2013-07-08T23:59:59Z", "2013-07-08 08:00"] {
            let r = read_text(FieldType::Date, &rules, text).unwrap();
            assert_eq!(r.value, Value::Date(date(2013, 7, 8)), "{text}");
        }
        for bad in ["2013-02-30", "08/07/2013", "2013-07-081"] {
            assert_eq!(read_text(FieldType::Date, &rules, bad).unwrap_err().code, Code::InvalidValue);
        }
    }

    #[test]
    fn json_is_read_by_the_fields_type() {
        let plain = FieldMapping::default();
        let json = |kind, j: Json| read(&field(kind), &plain, Some(&Cell::Json(j)), false).map(|r| r.value);
        assert_eq!(json(FieldType::Text, json!(3646)).unwrap(), Value::text("3646"));
        assert_eq!(json(FieldType::Text, json!({"a":1})).unwrap(), Value::text(r#"{"a":1}"#));
        assert_eq!(json(FieldType::Integer, json!("12")).unwrap(), Value::Int(12));
        assert_eq!(json(FieldType::Boolean, json!(1)).unwrap(), Value::Bool(true));
        assert_eq!(json(FieldType::Number, json!("x")).unwrap_err().place, "f");
        assert_eq!(json(FieldType::Text, json!("x".repeat(21))).unwrap_err().code, Code::InvalidValue);
    }

    #[test]
    fn factors_multiply() {
        let rules = FieldMapping { factor: Some(0.5), ..FieldMapping::default() };
        assert_eq!(read_text(FieldType::Number, &rules, "3").unwrap().value, Value::Num(1.5));
        assert_eq!(read_text(FieldType::Integer, &rules, "5").unwrap().value, Value::Int(3));
    }
}
