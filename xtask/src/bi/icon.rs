//! The connector's icon: a table with a lightning bolt, drawn at each size.

use anyhow::Result;

/// The sizes that Power BI shows.
pub const SIZES: [u32; 7] = [16, 20, 24, 32, 40, 48, 64];

/// The icon as a PNG of that many pixels in both directions.
pub fn png(size: u32) -> Result<Vec<u8>> {
    let mut pixels = Vec::new();
    for y in 0..size {
        for x in 0..size {
            pixels.extend(pixel(x, y, size));
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size, size);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

/// A pixel's colour: the mean of a grid of points in it, so that edges are smooth.
fn pixel(x: u32, y: u32, size: u32) -> [u8; 4] {
    let mut sums = [0_u32; 4];
    for point in 0..POINTS * POINTS {
        let at = |pixel: u32, point: u32| {
            f64::from(pixel * POINTS * 2 + point * 2 + 1) / f64::from(size * POINTS * 2)
        };
        let colour = colour(at(x, point % POINTS), at(y, point / POINTS));
        let opaque = u32::from(colour[3]);
        for (sum, part) in sums.iter_mut().zip(colour) {
            *sum += u32::from(part) * opaque / 255;
        }
    }
    let [red, green, blue, opaque] = sums;
    // The colours were weighted by their opacity, which is all or nothing.
    let mean = |sum: u32| u8::try_from(sum * 255 / opaque.max(1)).unwrap_or(u8::MAX);
    let alpha = u8::try_from(opaque * 255 / (255 * POINTS * POINTS)).unwrap_or(u8::MAX);
    [mean(red), mean(green), mean(blue), alpha]
}

/// The colour of a point; the icon is one unit wide and high.
fn colour(x: f64, y: f64) -> [u8; 4] {
    if inside(x, y, &BOLT) {
        return GOLD;
    }
    if !(0.06..0.94).contains(&x) || !(0.12..0.88).contains(&y) {
        return NOTHING;
    }
    let is_line = [0.35, 0.65].iter().any(|line| (x - line).abs() < 0.02)
        || [0.34, 0.52, 0.70]
            .iter()
            .any(|line| (y - line).abs() < 0.02);
    match (y < 0.34, is_line) {
        (true, _) => NAVY,
        (false, true) => NAVY,
        (false, false) => PALE,
    }
}

/// Whether a point is in the polygon: a line from it to the right crosses its edges an odd number of times.
fn inside(x: f64, y: f64, polygon: &[(f64, f64)]) -> bool {
    let mut is_inside = false;
    let ends = polygon.iter().skip(1).chain(polygon.first());
    for (from, to) in polygon.iter().zip(ends) {
        if (from.1 > y) != (to.1 > y) {
            let crossing = from.0 + (y - from.1) / (to.1 - from.1) * (to.0 - from.0);
            is_inside ^= x < crossing;
        }
    }
    is_inside
}

const POINTS: u32 = 4;
const NOTHING: [u8; 4] = [0; 4];
const NAVY: [u8; 4] = [0x1f, 0x3a, 0x5f, 0xff];
const PALE: [u8; 4] = [0xe8, 0xee, 0xf5, 0xff];
const GOLD: [u8; 4] = [0xf2, 0xa9, 0x00, 0xff];
const BOLT: [(f64, f64); 6] = [
    (0.62, 0.16),
    (0.36, 0.58),
    (0.52, 0.58),
    (0.44, 0.94),
    (0.78, 0.46),
    (0.60, 0.46),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_has_its_size_and_smooth_edges() {
        for size in SIZES {
            let bytes = png(size).unwrap();
            let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes))
                .read_info()
                .unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut pixels).unwrap();
            assert_eq!((info.width, info.height), (size, size));
            assert_eq!(pixels.get(3), Some(&0), "the corner is empty");
            let middle = ((size / 2) * size + size / 2) as usize * 4;
            assert_eq!(pixels.get(middle..middle + 4), Some(&GOLD[..]));
        }
    }
}
