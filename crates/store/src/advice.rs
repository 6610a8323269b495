//! What somebody can do about a failure of the store, in both languages.

use model::Text;

use crate::{Place, StoreError};

impl StoreError {
    /// What to do about it, where there is something to do.
    pub fn advice(&self) -> Option<Text> {
        let (vi, en) = match self {
            StoreError::Server { what: "PostGIS", .. } => (
                "Cài PostGIS mới hơn trên máy chủ, rồi chạy: alter extension postgis update",
                "install a newer PostGIS on the server, then run: alter extension postgis update",
            ),
            StoreError::Server { what: "PostgreSQL", .. } => (
                "Nâng cấp máy chủ PostgreSQL, hoặc chuyển địa bàn sang một máy chủ mới hơn",
                "upgrade the PostgreSQL server, or move the site to a newer one",
            ),
            StoreError::Server { .. } => (
                "Tạo cơ sở dữ liệu mới với mã hóa cần có: create database … encoding 'UTF8' template template0",
                "make a new database with the encoding needed: create database … encoding 'UTF8' template template0",
            ),
            StoreError::NoPostgis { .. } => (
                "Người quản trị cơ sở dữ liệu chạy một lần trong đó: create extension postgis",
                "let the administrator of the database run in it, once: create extension postgis",
            ),
            StoreError::NoRights(_) => (
                "Kết nối bằng chủ của lược đồ, hoặc xin cấp quyền theo migrations/postgis/roles.sql",
                "connect as the owner of the schema, or ask for the rights of migrations/postgis/roles.sql",
            ),
            StoreError::Lost(_) | StoreError::Unreachable { .. } => (
                "Kiểm tra máy chủ PostgreSQL có chạy, địa chỉ, tên và mật khẩu (PGPASSWORD hoặc ~/.pgpass); sẽ tự kết nối lại",
                "look whether PostgreSQL runs, and at address, name and password (PGPASSWORD or ~/.pgpass); a server that runs tries again by itself",
            ),
            StoreError::CommitUnknown(_) => (
                "Xem lại thay đổi đã được ghi chưa trước khi gửi lại, hoặc gửi lại với cùng Idempotency-Key",
                "look whether the change was made before sending it again, or send it under the same Idempotency-Key",
            ),
            StoreError::DiskFull(_) => (
                "Giải phóng ổ đĩa của máy chủ cơ sở dữ liệu; chưa có gì bị thay đổi, đọc vẫn được",
                "free space on the database server's disk; nothing was changed, and reading goes on",
            ),
            StoreError::NoFileCopy => (
                "Sao lưu bằng pg_dump (chỉ lược đồ này: pg_dump -n) hoặc pg_basebackup với lưu trữ WAL",
                "copy it with pg_dump (this schema alone: pg_dump -n) or pg_basebackup with an archive of the WAL",
            ),
            StoreError::Busy { place: Place::Database(_) } => (
                "Một tiến trình khác giữ lượt ghi quá lâu; tìm nó trong pg_stat_activity",
                "another process keeps the turn to write for too long; look for it in pg_stat_activity",
            ),
            _ => return None,
        };
        Some(Text::new(vi, en))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_server_comes_with_what_to_do() {
        let place: Place = Place::parse("postgresql://u:s3cret@h/d").unwrap();
        for error in [
            StoreError::Server { what: "PostgreSQL", found: "14.1".to_owned(), needed: "15 or newer" },
            StoreError::Server { what: "PostGIS", found: "3.2".to_owned(), needed: "3.3 or newer" },
            StoreError::NoPostgis { place: place.clone() },
            StoreError::NoRights("x".to_owned()),
            StoreError::Lost("x".to_owned()),
            StoreError::Unreachable { place, cause: "x".to_owned() },
            StoreError::CommitUnknown("x".to_owned()),
            StoreError::DiskFull("x".to_owned()),
            StoreError::NoFileCopy,
        ] {
            let advice = error.advice().unwrap();
            assert!(!advice.vi.is_empty() && !advice.en.is_empty() && advice.vi != advice.en);
            assert!(!error.to_string().contains("s3cret"));
        }
        assert_eq!(StoreError::Closed.advice(), None);
    }

    /// Codes as PostgreSQL sends them are sorted in `error.rs`; here only that nothing of a file's is taken for them.
    #[test]
    fn a_file_that_is_held_has_no_advice_of_a_server() {
        assert_eq!(StoreError::Busy { place: Place::File("a.gpkg".into()) }.advice(), None);
    }
}
