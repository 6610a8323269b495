//! Pictures as cameras and strangers make them, put together byte by byte where an encoder would not write them.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

/// Stands among the metadata of a picture and nowhere else.
pub(crate) const MARKER: &[u8] = b"MAKER-NOTE-So-nha-12-duong-Mau";

/// Four fields of one colour each: red, green, blue, white, from the upper left as one reads.
pub(crate) fn four_fields(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([220, 20, 20]),
        (false, true) => Rgb([20, 200, 20]),
        (true, false) => Rgb([20, 20, 220]),
        (false, false) => Rgb([240, 240, 240]),
    })
}

/// A picture in a format.
pub(crate) fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG that differs by `n`.
pub(crate) fn jpeg(n: u8) -> Vec<u8> {
    encoded(&RgbImage::from_pixel(40, 24, Rgb([n, 128, 255 - n])), ImageFormat::Jpeg)
}

/// The JPEG with an EXIF segment behind its first marker: an orientation, a maker's note, a place.
pub(crate) fn with_exif(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    // TIFF, little-endian; offsets count from here.
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let mut out = Vec::new();
        out.extend(tag.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend(value.to_le_bytes());
        out
    };
    let marker = MARKER.len() as u32;
    // Three entries of twelve bytes, their number before and the next directory behind: 8 + 2 + 36 + 4 = 50.
    tiff.extend(3u16.to_le_bytes());
    tiff.extend(entry(0x010e, 2, marker, 50));
    tiff.extend(entry(0x0112, 3, 1, orientation.into()));
    tiff.extend(entry(0x8825, 4, 1, 50 + marker));
    tiff.extend(0u32.to_le_bytes());
    tiff.extend(MARKER);
    // The directory of the place: N 21° 23' 0".
    let rationals = 50 + marker + 2 + 24 + 4;
    tiff.extend(2u16.to_le_bytes());
    tiff.extend(entry(1, 2, 2, u32::from(b'N')));
    tiff.extend(entry(2, 5, 3, rationals));
    tiff.extend(0u32.to_le_bytes());
    for n in [21u32, 1, 23, 1, 0, 1] {
        tiff.extend(n.to_le_bytes());
    }
    let mut out = jpeg[..2].to_vec();
    out.extend([0xff, 0xe1]);
    out.extend((tiff.len() as u16 + 8).to_be_bytes());
    out.extend(b"Exif\0\0");
    out.extend(tiff);
    out.extend(&jpeg[2..]);
    out
}

/// A few bytes of PNG that say they are a picture of `width` × `height`.
pub(crate) fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut png = encoded(&RgbImage::from_pixel(1, 1, Rgb([9, 9, 9])), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, b| (0..8).fold(sum ^ u32::from(*b), step))
}

/// Whether `part` stands in `whole`.
pub(crate) fn holds(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|w| w == part)
}
