//! Whether a picture's file is there to its end. Decoders fill what is missing with grey and say nothing; a photo is
//! evidence, so a file that was cut off is refused.

use image::ImageFormat;

/// Whether the file reaches the end its format announces. What stands behind that end is no part of the picture.
pub(crate) fn is_whole(format: ImageFormat, bytes: &[u8]) -> bool {
    match format {
        ImageFormat::Jpeg => jpeg(bytes).is_some(),
        ImageFormat::Png => png(bytes).is_some(),
        ImageFormat::WebP => webp(bytes).is_some(),
        _ => false,
    }
}

/// Walks the markers up to the end of the image. The end marker of a thumbnail lies inside a segment and is stepped over.
fn jpeg(bytes: &[u8]) -> Option<()> {
    const START_OF_SCAN: u8 = 0xda;
    const END: u8 = 0xd9;
    let mut at = 2;
    loop {
        // Fill bytes may stand before a marker.
        while *bytes.get(at)? != 0xff || matches!(bytes.get(at + 1)?, 0x00 | 0xff) {
            at += 1;
        }
        let marker = *bytes.get(at + 1)?;
        at += 2;
        match marker {
            END => return Some(()),
            0x01 | 0xd0..=0xd8 => {}
            _ => {
                let length = bytes.get(at..at + 2)?;
                at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
            }
        }
        if marker == START_OF_SCAN {
            // Within a scan 0xff is followed by zero, or by a restart that belongs to it.
            while *bytes.get(at)? != 0xff || matches!(bytes.get(at + 1)?, 0x00 | 0xd0..=0xd7) {
                at += 1;
            }
        }
    }
}

/// Walks the chunks up to `IEND`.
fn png(bytes: &[u8]) -> Option<()> {
    let mut at = 8;
    loop {
        let head = bytes.get(at..at + 8)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        // Length, name, data, checksum.
        at = at.checked_add(length)?.checked_add(12)?;
        bytes.get(at - 1)?;
        if &head[4..] == b"IEND" {
            return Some(());
        }
    }
}

/// A RIFF file tells its own length.
fn webp(bytes: &[u8]) -> Option<()> {
    let length = bytes.get(4..8)?;
    let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
    bytes.get(length.checked_add(7)?).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jpeg_ends_after_its_scans_not_within_a_segment() {
        // SOI, APP1 of 8 bytes that holds an end marker, SOS of 2 bytes, a scan with a stuffed 0xff and a restart, EOI.
        let whole = [
            &[0xff, 0xd8, 0xff, 0xe1, 0x00, 0x06, 0xff, 0xd9, 0x00, 0x00][..],
            &[0xff, 0xda, 0x00, 0x02, 0x11, 0xff, 0x00, 0x22, 0xff, 0xd0, 0x33],
            &[0xff, 0xd9],
        ]
        .concat();
        assert!(is_whole(ImageFormat::Jpeg, &whole));
        for cut in 0..whole.len() {
            assert!(!is_whole(ImageFormat::Jpeg, &whole[..cut]), "{cut}");
        }
        assert!(is_whole(ImageFormat::Jpeg, &[whole, vec![7; 9]].concat()));
    }

    #[test]
    fn chunks_and_lengths_end_where_they_say() {
        let png =
            [&b"\x89PNG\r\n\x1a\n"[..], &[0, 0, 0, 1], b"IDATx", &[0; 4], &[0; 4], b"IEND", &[0; 4]].concat();
        let webp = [&b"RIFF"[..], &[5, 0, 0, 0], b"WEBPx"].concat();
        for (format, whole) in [(ImageFormat::Png, png), (ImageFormat::WebP, webp)] {
            assert!(is_whole(format, &whole));
            for cut in 0..whole.len() {
                assert!(!is_whole(format, &whole[..cut]), "{format:?} {cut}");
            }
        }
        // A length beyond all memory ends the walk.
        assert!(!is_whole(ImageFormat::Png, &[&b"\x89PNG\r\n\x1a\n"[..], &[0xff; 8]].concat()));
    }
}
