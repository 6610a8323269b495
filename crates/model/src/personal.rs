//! What counts as personal data: places, never persons. Text that looks like a citizen's number, a telephone
//! number or a vehicle plate is refused, and so are columns named after such things. Whole tokens only, so that
//! coordinates, hashes and file numbers with long runs of digits pass.

use crate::fold;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PersonalData {
    /// A citizen's identity number.
    CitizenId,
    /// A telephone number.
    Phone,
    /// A vehicle plate.
    Plate,
    /// A column for such data.
    Header,
}

impl PersonalData {
    /// Its name in Vietnamese and English.
    pub fn title(self) -> crate::Text {
        match self {
            PersonalData::CitizenId => crate::Text::new("số căn cước", "citizen id"),
            PersonalData::Phone => crate::Text::new("số điện thoại", "telephone number"),
            PersonalData::Plate => crate::Text::new("biển số xe", "vehicle plate"),
            PersonalData::Header => crate::Text::new("cột dữ liệu cá nhân", "column of personal data"),
        }
    }
}

/// The first personal datum in a text, if any.
pub fn personal_value(text: &str) -> Option<PersonalData> {
    let whole = |c: char| !(c.is_alphanumeric() || matches!(c, '+' | '.' | '-' | '_'));
    text.split(whole)
        .find_map(|token| token_kind(token.trim_matches(['.', '-', '_'])))
        .or_else(|| spaced(text))
}

/// Whether a column's name announces personal data.
pub fn personal_header(name: &str) -> Option<PersonalData> {
    const WORDS: [&str; 14] = [
        "ho ten",
        "ho va ten",
        "cccd",
        "cmnd",
        "so can cuoc",
        "can cuoc cong dan",
        "sdt",
        "so dien thoai",
        "dien thoai",
        "ngay sinh",
        "bien so",
        "bien kiem soat",
        "phone",
        "date of birth",
    ];
    let folded = fold(name).replace(['_', '-', '.', '/'], " ");
    let padded = format!(" {} ", folded.split_whitespace().collect::<Vec<_>>().join(" "));
    WORDS.iter().any(|w| padded.contains(&format!(" {w} "))).then_some(PersonalData::Header)
}

fn token_kind(token: &str) -> Option<PersonalData> {
    let digits: String = token.chars().filter(char::is_ascii_digit).collect();
    let only = |separators: &[char]| {
        token.chars().all(|c| c.is_ascii_digit() || separators.contains(&c)) && !token.is_empty()
    };
    if token.len() == 12 && only(&[]) && is_citizen_id(&digits) {
        return Some(PersonalData::CitizenId);
    }
    // A telephone number may be grouped by dots or hyphens; a decimal number has one dot and no group of two to
    // four digits on both sides of several.
    let grouped = token.matches(['.', '-']).count() >= 2;
    let plain = only(&[]);
    if (plain || (grouped && only(&['.', '-']))) && is_phone(&digits) {
        return Some(PersonalData::Phone);
    }
    if let Some(rest) = token.strip_prefix("+84") {
        let rest: String = rest.chars().filter(|c| !matches!(c, '.' | '-')).collect();
        if rest.len() == 9 && rest.bytes().all(|b| b.is_ascii_digit()) {
            return Some(PersonalData::Phone);
        }
    }
    is_plate(token).then_some(PersonalData::Plate)
}

/// Numbers grouped by spaces: "0912 345 678", "+84 912 345 678".
fn spaced(text: &str) -> Option<PersonalData> {
    let tokens: Vec<&str> =
        text.split_whitespace().map(|t| t.trim_matches([',', ';', ':', '(', ')', '.'])).collect();
    for start in 0..tokens.len() {
        let mut joined = String::new();
        for (n, token) in tokens[start..].iter().take(5).enumerate() {
            let digits = token.strip_prefix('+').filter(|_| n == 0).unwrap_or(token);
            if !(2..=4).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
                break;
            }
            joined.push_str(token);
            let next_is_number = tokens
                .get(start + n + 1)
                .is_some_and(|t| (2..=4).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit()));
            let before_is_number = start > 0 && tokens[start - 1].bytes().all(|b| b.is_ascii_digit());
            if n == 0 || next_is_number || before_is_number {
                continue;
            }
            let phone = joined.strip_prefix("+84").map_or_else(|| is_phone(&joined), |r| r.len() == 9);
            if phone {
                return Some(PersonalData::Phone);
            }
            if joined.len() == 12 && is_citizen_id(&joined) {
                return Some(PersonalData::CitizenId);
            }
        }
    }
    None
}

fn is_citizen_id(digits: &str) -> bool {
    digits.len() == 12 && digits[..3].parse::<u16>().is_ok_and(|province| (1..=96).contains(&province))
}

fn is_phone(digits: &str) -> bool {
    let b = digits.as_bytes();
    b.len() == 10 && b[0] == b'0' && matches!(b[1], b'3' | b'5' | b'7' | b'8' | b'9')
}

/// `26A-123.45`, `26A1-2345`, `26B12345`: province 11–99, one or two letters or a letter and a digit, 4–5 digits.
fn is_plate(token: &str) -> bool {
    let compact: Vec<u8> = token.bytes().filter(|b| !matches!(b, b'-' | b'.')).collect();
    let separated = token.contains('-') || token.contains('.');
    let number = |b: &[u8]| (4..=5).contains(&b.len()) && b.iter().all(u8::is_ascii_digit);
    if compact.len() < 7
        || !compact[..2].iter().all(u8::is_ascii_digit)
        || compact[0] == b'0'
        || !compact[2].is_ascii_uppercase()
    {
        return false;
    }
    if token.is_empty() || !token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') {
        return false;
    }
    let rest = &compact[3..];
    number(rest) && (separated || rest.len() == 5)
        || (separated
            && rest.len() > 4
            && rest[0].is_ascii_alphanumeric()
            && !rest[0].is_ascii_lowercase()
            && number(&rest[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_identifies_a_person() {
        for (text, kind) in [
            ("gặp ông 014203001234 tại nhà", PersonalData::CitizenId),
            ("CCCD: 014203001234.", PersonalData::CitizenId),
            ("liên hệ 0912345678", PersonalData::Phone),
            ("0912.345.678", PersonalData::Phone),
            ("gọi 0912 345 678 nhé", PersonalData::Phone),
            ("+84912345678", PersonalData::Phone),
            ("+84 912 345 678", PersonalData::Phone),
            ("xe 26A-123.45 đỗ sai", PersonalData::Plate),
            ("26B1-23456", PersonalData::Plate),
            ("29A12345", PersonalData::Plate),
        ] {
            assert_eq!(personal_value(text), Some(kind), "{text}");
        }
    }

    #[test]
    fn lets_numbers_of_things_pass() {
        for text in [
            "4a14d4745da0a2219ecf913fdc28a0c84ae8408954cac6a0bf7cc46767bb7d26",
            "-113.93417287574859",
            "51.12736095642616",
            "104.0018901275",
            "0.912345678",
            "BP2013-09623",
            "E01000916",
            "On or near B500",
            "Quyết định 1681/NQ-UBTVQH15",
            "1.250.000.000 đ",
            "SFD,FIREPLACE,GARAGE,DECK,PORCH,",
            "2024-09-11T00:00:00.000",
            "998203001234",
            "01926f3e-7b2a-7c3d-9e4f-0912345678ab",
            "từ 2019 2020 2021",
        ] {
            assert_eq!(personal_value(text), None, "{text}");
        }
    }

    #[test]
    fn reads_headers() {
        for name in ["Họ tên", "Họ và tên", "CCCD", "So_CMND", "SĐT", "Ngày sinh", "Biển số xe", "phone"]
        {
            assert!(personal_header(name).is_some(), "{name}");
        }
        for name in ["Crime ID", "permitnum", "Tên đường", "name", "Số quyết định", "nameEn", "Ngày ban hành"]
        {
            assert!(personal_header(name).is_none(), "{name}");
        }
    }
}
