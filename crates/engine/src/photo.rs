//! A photo as it is kept: decoded, turned upright, without anything a camera wrote beside the picture, bounded, and
//! encoded anew as JPEG. The same bytes in give the same bytes out.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::jpeg::JpegEncoder;
use image::error::ImageError;
use image::imageops::FilterType;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder as _, ImageEncoder as _, ImageFormat, ImageReader, Limits,
    RgbImage,
};
use model::{Code, Fault, Text};

use crate::picture_file::is_whole;

/// The media type of every photo that is kept.
pub(crate) const MEDIA_TYPE: &str = "image/jpeg";
/// The long side of a photo, at most.
const LONG_SIDE: u32 = 2560;
/// The long side of a thumbnail, at most.
const THUMB_SIDE: u32 = 320;
/// More pixels than this are not decoded: about what the greatest cameras of telephones make.
const MAX_PIXELS: u64 = 50_000_000;
/// Neither side may be longer.
const MAX_SIDE: u32 = 20_000;
/// What a decoder may ask for.
const MAX_MEMORY: u64 = 256 << 20;
/// Of 100; a thumbnail needs less.
const QUALITY: u8 = 85;
const THUMB_QUALITY: u8 = 78;

/// A photo that can be kept.
#[derive(Debug)]
pub(crate) struct Picture {
    /// JPEG.
    pub(crate) bytes: Vec<u8>,
    /// Pixels.
    pub(crate) width: u32,
    /// Pixels.
    pub(crate) height: u32,
}

/// Makes a photo of what was sent.
///
/// # Errors
/// `invalid-image` for bytes that are no whole JPEG, PNG or WebP, `too-large` for a picture that would not fit.
pub(crate) fn keep(sent: &[u8]) -> Result<Picture, Fault> {
    careful(|| {
        let format = image::guess_format(sent).map_err(|_| invalid())?;
        if !is_whole(format, sent) {
            return Err(invalid());
        }
        encode(&bounded(decode(format, sent)?, LONG_SIDE), QUALITY)
    })
}

/// A small copy of a photo that is kept.
pub(crate) fn thumbnail(kept: &[u8]) -> Result<Vec<u8>, Fault> {
    careful(|| Ok(encode(&bounded(decode(ImageFormat::Jpeg, kept)?, THUMB_SIDE), THUMB_QUALITY)?.bytes))
}

/// Decoders read what strangers made: a panic in one says only that the picture cannot be read.
fn careful<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(invalid()))
}

/// The picture, upright, in three colours.
fn decode(format: ImageFormat, bytes: &[u8]) -> Result<RgbImage, Fault> {
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    // The header tells the size: what would not fit is refused before anything is unpacked.
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_MEMORY {
        return Err(too_large());
    }
    let orientation = decoder.orientation().map_err(refusal)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    picture.apply_orientation(orientation);
    Ok(opaque(picture))
}

/// Transparent parts show white.
fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let mut picture = picture.into_rgba8();
    let (width, height) = picture.dimensions();
    for pixel in picture.pixels_mut() {
        let [r, g, b, a] = pixel.0.map(u32::from);
        let over = |c: u32| ((c * a + 255 * (255 - a) + 127) / 255) as u8;
        pixel.0 = [over(r), over(g), over(b), 255];
    }
    let colours = picture.pixels().flat_map(|p| [p.0[0], p.0[1], p.0[2]]).collect();
    RgbImage::from_raw(width, height, colours).unwrap_or_default()
}

/// The picture, its long side at most `longest`.
fn bounded(picture: RgbImage, longest: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let side = width.max(height);
    if side <= longest {
        return picture;
    }
    let part = |n: u32, of: u32| {
        let scaled = (u64::from(n) * u64::from(of) + u64::from(side) / 2) / u64::from(side);
        (scaled as u32).max(1)
    };
    // First coarsely to twice the size, which needs little memory, then finely.
    let twice = longest.saturating_mul(2);
    let near = if side > twice {
        image::imageops::thumbnail(&picture, part(width, twice), part(height, twice))
    } else {
        picture
    };
    image::imageops::resize(&near, part(width, longest), part(height, longest), FilterType::Triangle)
}

fn encode(picture: &RgbImage, quality: u8) -> Result<Picture, Fault> {
    let (width, height) = picture.dimensions();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8)
        .map_err(refusal)?;
    Ok(Picture { bytes, width, height })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn refusal(error: ImageError) -> Fault {
    if matches!(error, ImageError::Limits(_)) { too_large() } else { invalid() }
}

fn invalid() -> Fault {
    Fault::at(
        Code::InvalidImage,
        "",
        Text::new(
            "Không đọc được ảnh: cần một tệp JPEG, PNG hoặc WebP nguyên vẹn",
            "the picture cannot be read: a whole JPEG, PNG or WebP file is needed",
        ),
    )
}

fn too_large() -> Fault {
    let most = MAX_PIXELS / 1_000_000;
    Fault::at(
        Code::TooLarge,
        "",
        Text::new(
            format!("Ảnh quá lớn: nhiều nhất {most} triệu điểm ảnh, mỗi cạnh {MAX_SIDE}"),
            format!("the picture is too large: at most {most} megapixels, {MAX_SIDE} on a side"),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, Rgba, RgbaImage};

    fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn the_same_bytes_in_give_the_same_bytes_out() {
        let sent = png(RgbImage::from_fn(700, 30, |x, y| Rgb([x as u8, y as u8, (x * y) as u8])));
        let once = keep(&sent).unwrap();
        assert_eq!(once.bytes, keep(&sent).unwrap().bytes);
        assert_eq!((once.width, once.height), (700, 30));
        // A thumbnail keeps the proportions, and the short side at least one pixel.
        let thumb = image::load_from_memory(&thumbnail(&once.bytes).unwrap()).unwrap();
        assert_eq!((thumb.width(), thumb.height()), (320, 14));
        assert_eq!(bounded(RgbImage::new(9000, 3), 320).dimensions(), (320, 1));
        assert_eq!(bounded(RgbImage::new(3, 9000), 2560).dimensions(), (1, 2560));
    }

    #[test]
    fn what_is_transparent_shows_white() {
        let sent = RgbaImage::from_fn(32, 32, |x, _| Rgba([0, 0, 0, if x < 16 { 0 } else { 255 }]));
        let kept = image::load_from_memory(&keep(&png(sent)).unwrap().bytes).unwrap().into_rgb8();
        assert!(
            kept.get_pixel(4, 16).0.iter().all(|c| *c > 245)
                && kept.get_pixel(27, 16).0.iter().all(|c| *c < 10)
        );
    }

    #[test]
    fn grey_and_deep_pictures_are_read() {
        let grey = image::GrayImage::from_pixel(20, 20, image::Luma([77]));
        let deep = image::ImageBuffer::from_pixel(20, 20, Rgb([77u16 * 257; 3]));
        for sent in [png(grey), png(DynamicImage::ImageRgb16(deep))] {
            let kept = image::load_from_memory(&keep(&sent).unwrap().bytes).unwrap().into_rgb8();
            assert!(kept.get_pixel(9, 9).0.iter().all(|c| c.abs_diff(77) < 4));
        }
    }

    #[test]
    fn no_bytes_stop_the_process() {
        let whole = keep(&png(RgbImage::from_pixel(64, 64, Rgb([1, 2, 3])))).unwrap().bytes;
        // A fixed walk over the file, one byte changed at a time.
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= (at as u8).wrapping_mul(31) | 1;
            if let Err(fault) = keep(&bytes) {
                assert!(matches!(fault.code, Code::InvalidImage | Code::TooLarge), "{at}: {fault}");
            }
        }
    }
}
