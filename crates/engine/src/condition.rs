//! One parameter's condition on one field: values, ranges, parts of texts, null or not, and the clock of a day or an
//! instant. What a parameter is about is found here too, for filters and for counting by.

use jiff::Timestamp;
use model::{
    Clock, Code, Compare, Fault, FieldType, Filter, LayerDef, Role, Span, Text, Value, fold, parse_span,
};

use crate::view::visible_fields;

/// What a parameter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A field, by its index.
    Field(usize),
    /// What the clock shows at a field: `found_at.hour`.
    Clock(usize, Clock),
}

/// The longest part of a text that can be asked for, in characters.
const MAX_PART: usize = 200;

/// The field or clock that `name` means to this role; cold fields are not in memory and cannot be asked for.
pub(crate) fn subject(def: &LayerDef, role: Role, name: &str) -> Option<Subject> {
    let field =
        |name: &str| visible_fields(def, role).find(|&i| def.fields[i].name == name && !def.fields[i].cold);
    // A field's own name may end like a clock's.
    if let Some(index) = field(name) {
        return Some(Subject::Field(index));
    }
    let (name, part) = name.rsplit_once('.')?;
    let clock = Clock::ALL.into_iter().find(|c| c.name() == part)?;
    field(name).filter(|&i| clock.fits(def.fields[i].kind)).map(|i| Subject::Clock(i, clock))
}

pub(crate) fn invalid(name: &str, vi: impl Into<String>, en: impl Into<String>) -> Fault {
    Fault::parameter(Code::InvalidParameter, name, Text::new(vi, en))
}

/// Reads the condition that parameter `name` puts on its subject.
pub(crate) fn read(def: &LayerDef, subject: Subject, name: &str, text: &str) -> Result<Filter, Fault> {
    match subject {
        Subject::Clock(field, clock) => read_clock(field, clock, name, text),
        // A text may hold a comma; the other types cannot, so there it separates alternatives.
        Subject::Field(field) if def.fields[field].kind == FieldType::Text => {
            alternative(def, field, name, text)
        }
        Subject::Field(field) => {
            let mut values = Vec::new();
            let mut others = Vec::new();
            for word in text.split(',') {
                match alternative(def, field, name, word)? {
                    Filter::Compare(_, Compare::Eq, value) => values.push(value),
                    other => others.push(other),
                }
            }
            if let Ok([one]) = <[Value; 1]>::try_from(values.clone()) {
                others.push(Filter::Compare(field, Compare::Eq, one));
            } else if !values.is_empty() {
                others.push(Filter::In(field, values));
            }
            Ok(if others.len() == 1 { others.remove(0) } else { Filter::Or(others) })
        }
    }
}

fn read_clock(field: usize, clock: Clock, name: &str, text: &str) -> Result<Filter, Fault> {
    let (first, last) = clock.range();
    let mut wanted = 0u32;
    for word in text.split(',') {
        let digits = !word.is_empty() && word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit());
        let number = digits.then(|| word.parse::<u32>().ok()).flatten();
        let number = number.filter(|n| (first..=last).contains(n)).ok_or_else(|| {
            invalid(
                name,
                format!("{name} gồm các số từ {first} đến {last}, cách nhau bằng dấu phẩy"),
                format!("{name} is numbers from {first} to {last}, separated by commas"),
            )
        })?;
        wanted |= 1 << number;
    }
    Ok(Filter::Clock(field, clock, wanted))
}

fn alternative(def: &LayerDef, index: usize, name: &str, text: &str) -> Result<Filter, Fault> {
    let kind = def.fields[index].kind;
    match (text, kind) {
        ("null:", _) => Ok(Filter::IsNull(index)),
        ("any:", _) => Ok(known(index)),
        (_, FieldType::Text) if text.starts_with('~') => part(index, name, &text[1..]),
        (_, FieldType::Date | FieldType::DateTime) if text.contains('/') => days(index, kind, name, text),
        // A day is all its moments.
        (_, FieldType::DateTime) if text.trim().len() == 10 => days(index, kind, name, text.trim()),
        (_, FieldType::Integer | FieldType::Number) => match text.split_once("..") {
            Some((low, high)) => numbers(index, name, low, high),
            None => Ok(Filter::Compare(index, Compare::Eq, value(def, index, name, text)?)),
        },
        _ => Ok(Filter::Compare(index, Compare::Eq, value(def, index, name, text)?)),
    }
}

fn known(index: usize) -> Filter {
    Filter::Not(Box::new(Filter::IsNull(index)))
}

fn value(def: &LayerDef, index: usize, name: &str, word: &str) -> Result<Value, Fault> {
    let field = &def.fields[index];
    let value = field.kind.value_from_text(word).map_err(|f| invalid(name, f.detail.vi, f.detail.en))?;
    if value.is_null() {
        return Err(invalid(name, "Thiếu giá trị", "a value is missing"));
    }
    if let Value::Text(code) = &value
        && field.kind == FieldType::Code
        && field.code(code).is_none()
    {
        return Err(invalid(
            name,
            format!("Mã “{code}” không có trong danh mục"),
            format!("“{code}” is not one of the codes"),
        ));
    }
    Ok(value)
}

fn part(index: usize, name: &str, text: &str) -> Result<Filter, Fault> {
    if text.chars().count() > MAX_PART {
        return Err(invalid(
            name,
            format!("Phần chữ dài quá {MAX_PART} ký tự"),
            format!("the part is longer than {MAX_PART} characters"),
        ));
    }
    let folded = fold(text.trim());
    if folded.is_empty() {
        return Err(invalid(name, "Thiếu chữ cần tìm sau dấu “~”", "a text is missing after “~”"));
    }
    Ok(Filter::Holds(index, folded))
}

/// Both of two bounds, each of which may be open.
fn bounds(index: usize, low: Option<Filter>, high: Option<Filter>) -> Filter {
    match (low, high) {
        (Some(low), Some(high)) => low.and(high),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => known(index),
    }
}

fn numbers(index: usize, name: &str, low: &str, high: &str) -> Result<Filter, Fault> {
    let bad = || {
        invalid(
            name,
            "Khoảng số viết là a..b, a.. hoặc ..b, với a không lớn hơn b",
            "a range of numbers is a..b, a.. or ..b, with a not greater than b",
        )
    };
    let bound = |word: &str| {
        if word.is_empty() {
            return Ok(None);
        }
        let whole = FieldType::Integer.value_from_text(word);
        whole.or_else(|_| FieldType::Number.value_from_text(word)).map(Some).map_err(|_| bad())
    };
    let (low, high) = (bound(low)?, bound(high)?);
    let backwards = match (&low, &high) {
        (Some(a), Some(b)) => a.borrow().compare(b.borrow()).is_none_or(std::cmp::Ordering::is_gt),
        (None, None) => true,
        _ => false,
    };
    if backwards {
        return Err(bad());
    }
    let low = low.map(|v| Filter::Compare(index, Compare::Ge, v));
    Ok(bounds(index, low, high.map(|v| Filter::Compare(index, Compare::Le, v))))
}

fn days(index: usize, kind: FieldType, name: &str, text: &str) -> Result<Filter, Fault> {
    let Span { from, to } = parse_span(text).ok_or_else(|| {
        invalid(
            name,
            "Khoảng ngày viết là a/b, a/.. hoặc ../b, với a không muộn hơn b",
            "a range of days is a/b, a/.. or ../b, with a not later than b",
        )
    })?;
    // The days or moments at both ends are meant too; for moments the first second after is the bound.
    let moment = |second: i64| Timestamp::from_second(second).ok().map(Value::Time);
    let (low, high, upper) = match kind {
        FieldType::Date => {
            let day = |second: i64| Some(Value::Date(model::day_of(second)));
            (
                (from != i64::MIN).then(|| day(from)).flatten(),
                (to != i64::MAX).then(|| day(to - 1)).flatten(),
                Compare::Le,
            )
        }
        _ => (moment(from), moment(to), Compare::Lt),
    };
    let low = low.map(|v| Filter::Compare(index, Compare::Ge, v));
    Ok(bounds(index, low, high.map(|v| Filter::Compare(index, upper, v))))
}
