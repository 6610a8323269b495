//! Problem codes: the one list of them, each with a title in Vietnamese and English, and [`Fault`], a
//! problem with its place.

use serde::Serialize;

use crate::Text;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $code:literal $vi:literal $en:literal;)*) => {
        /// A stable, kebab-case name of what went wrong. Interfaces carry it unchanged.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// A title in both languages.
            pub fn title(self) -> Text {
                match self { $(Code::$name => Text::new($vi, $en),)* }
            }
        }
    };
}

codes! {
    /// No such layer, or not for this reader.
    UnknownLayer "unknown-layer" "Không có lớp này" "No such layer";
    /// No such feature, or not for this reader.
    UnknownFeature "unknown-feature" "Không có đối tượng này" "No such feature";
    /// No such path.
    UnknownPath "unknown-path" "Không có địa chỉ này" "No such path";
    /// A query parameter that the resource does not have.
    UnknownParameter "unknown-parameter" "Tham số không được biết" "Unknown parameter";
    /// A parameter with a value that cannot be read.
    InvalidParameter "invalid-parameter" "Giá trị tham số không hợp lệ" "Invalid parameter value";
    /// A field that the layer does not have.
    UnknownField "unknown-field" "Trường không được biết" "Unknown field";
    /// The request body is not JSON.
    InvalidJson "invalid-json" "Nội dung không phải JSON hợp lệ" "The body is not valid JSON";
    /// A JSON object names a key twice.
    DuplicateKey "duplicate-key" "Khóa bị lặp" "Duplicate key";
    /// Nested deeper than is read.
    TooDeep "too-deep" "Lồng nhau quá sâu" "Nested too deeply";
    /// A geometry that is not one, or not valid.
    InvalidGeometry "invalid-geometry" "Hình học không hợp lệ" "Invalid geometry";
    /// A value of the wrong type or outside its range.
    InvalidValue "invalid-value" "Giá trị không hợp lệ" "Invalid value";
    /// A code that the field does not list.
    UnknownCode "unknown-code" "Mã không có trong danh mục" "Code not in the list";
    /// A required field is empty.
    Required "required" "Thiếu giá trị bắt buộc" "A required value is missing";
    /// The field cannot be written.
    ReadOnly "read-only" "Không được sửa" "Read-only";
    /// A photo that was not uploaded, or not for this reader.
    UnknownAttachment "unknown-attachment" "Không có ảnh này" "No such photo";
    /// Bytes that are no whole picture of a kind that is read.
    InvalidImage "invalid-image" "Ảnh không đọc được" "The picture cannot be read";
    /// Text that looks like personal data.
    PersonData "person-data" "Có dữ liệu cá nhân" "Personal data found";
    /// The state cannot follow the present one.
    TransitionNotAllowed "transition-not-allowed" "Không được chuyển sang trạng thái này" "Transition not allowed";
    /// Two versions of one entity would be valid at once.
    ValidityOverlap "validity-overlap" "Thời gian hiệu lực chồng lấn" "Validity overlaps";
    /// The feature changed since it was read.
    StaleVersion "stale-version" "Bản ghi đã được người khác sửa" "The feature has changed since it was read";
    /// An unconditional change is refused.
    VersionRequired "version-required" "Cần If-Match" "If-Match is required";
    /// The key was used for another request.
    IdempotencyKeyReused "idempotency-key-reused" "Khóa Idempotency-Key đã dùng cho yêu cầu khác" "Idempotency-Key was used for another request";
    /// What would be undone was changed again since.
    RevertConflict "revert-conflict" "Không hoàn tác được: đã có sửa đổi sau đó" "Cannot revert: changed again since";
    /// There is nothing to undo.
    NothingToRevert "nothing-to-revert" "Không có gì để hoàn tác" "Nothing to revert";
    /// No such saved view, or not for this reader; or several of one name.
    UnknownView "unknown-view" "Không có góc nhìn này" "No such saved view";
    /// No basemap of this name is served.
    UnknownBasemap "unknown-basemap" "Không có bản đồ nền này" "No such basemap";
    /// Nothing with a place answers the question.
    NothingSelected "nothing-selected" "Không có đối tượng nào có vị trí được chọn" "Nothing with a location is selected";
    /// No such import, or not for this reader.
    UnknownBatch "unknown-batch" "Không có lượt nhập này" "No such import";
    /// Records of the import were changed after it.
    ChangedSince "changed-since" "Không hoàn tác được lượt nhập: có bản ghi đã được sửa sau đó" "The import cannot be undone: records were changed after it";
    /// The import was undone before.
    AlreadyUndone "already-undone" "Lượt nhập này đã được hoàn tác" "The import was undone before";
    /// The reader may see but not change this.
    Forbidden "forbidden" "Không được phép" "Not allowed";
    /// A request from a foreign page.
    ForeignOrigin "foreign-origin" "Yêu cầu từ trang khác bị từ chối" "Request from a foreign origin refused";
    /// A host name that is not ours.
    UnknownHost "unknown-host" "Tên máy chủ không được biết" "Unknown host";
    /// More than is taken.
    TooLarge "too-large" "Quá lớn" "Too large";
    /// The body's type is not read here.
    UnsupportedMediaType "unsupported-media-type" "Kiểu nội dung không được hỗ trợ" "Unsupported media type";
    /// None of the wanted types can be made.
    NotAcceptable "not-acceptable" "Không có định dạng được yêu cầu" "No acceptable representation";
    /// The method is not offered here.
    MethodNotAllowed "method-not-allowed" "Phương thức không được hỗ trợ" "Method not allowed";
    /// Tile numbers outside the grid.
    OutOfRange "out-of-range" "Ngoài phạm vi" "Out of range";
    /// A coordinate reference system that is not known.
    UnknownCrs "unknown-crs" "Hệ tọa độ không được biết" "Unknown coordinate reference system";
    /// A file that cannot be read as its format.
    InvalidFile "invalid-file" "Tệp không đọc được" "The file cannot be read";
    /// No mapping fits the file.
    UnknownMapping "unknown-mapping" "Không có bảng ánh xạ phù hợp" "No mapping fits";
    /// Too much work at once, try again.
    Busy "busy" "Máy chủ đang bận" "Busy";
    /// Another server of the site showed the reader more than this one knows yet, try again.
    Behind "behind" "Máy chủ này chưa theo kịp thay đổi vừa thấy" "This server has not caught up with what was seen";
    /// The store cannot be written now.
    StoreUnavailable "store-unavailable" "Kho dữ liệu tạm thời không ghi được" "The store cannot be written";
    /// A fault of ours.
    Internal "internal" "Lỗi hệ thống" "Internal error";
}

/// A problem, where it is, and a sentence about it in both languages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} at {}: {}", code.as_str(), place, detail.en)]
pub struct Fault {
    /// What.
    pub code: Code,
    /// Where: a JSON pointer (`/properties/state`), `?parameter`, a field's name, or empty.
    pub place: String,
    /// A sentence.
    pub detail: Text,
}

impl Fault {
    /// A fault at a JSON pointer or field.
    pub fn at(code: Code, place: impl Into<String>, detail: Text) -> Self {
        Fault { code, place: place.into(), detail }
    }

    /// A fault in a query parameter.
    pub fn parameter(code: Code, name: &str, detail: Text) -> Self {
        Fault { code, place: format!("?{name}"), detail }
    }

    /// A fault without a place; its detail is the code's title.
    pub fn of(code: Code) -> Self {
        Fault { code, place: String::new(), detail: code.title() }
    }

    /// The same fault with its place below `prefix`.
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        self.place.insert_str(0, prefix);
        self
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_kebab_case_unique_and_titled() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            let s = code.as_str();
            assert!(s.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{s}");
            assert!(seen.insert(s), "{s} stands twice");
            assert!(!code.title().vi.is_empty() && !code.title().en.is_empty());
        }
    }
}
