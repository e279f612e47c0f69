//! The colours of stages, the same in mails and on the page.

use posthorn_domain::stage::StageColour;

/// Amber: laid over the stage's colour while something is late or wrong.
pub const TROUBLE: &str = "#b45309";

/// A stage's colour as CSS; white text on it, and it on white, has a contrast
/// of at least 4.5 : 1.
pub const fn to_hex(colour: StageColour) -> &'static str {
    match colour {
        StageColour::Grey => "#5b6470",
        StageColour::Blue => "#1d5fbf",
        StageColour::Green => "#1a7f4b",
        StageColour::Orange => "#b45309",
        StageColour::Teal => "#0f766e",
        StageColour::DarkGrey => "#4b5563",
        StageColour::Purple => "#6d3fc0",
    }
}

/// The same on a dark ground, where the usual ones are hard to see.
pub fn hex_in_the_dark(hex: &str) -> &'static str {
    match hex {
        "#1d5fbf" => "#7fb0ff",
        "#1a7f4b" => "#56c98d",
        TROUBLE => "#f2a65a",
        "#0f766e" => "#4fc8bc",
        "#4b5563" => "#aab3bf",
        "#6d3fc0" => "#b79cf5",
        _ => "#9aa4b1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colours by WCAG 2.
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |hex: &str| {
            let channel = |at: usize| {
                let value = u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
                let value = f64::from(value) / 255.0;
                if value <= 0.04045 {
                    value / 12.92
                } else {
                    ((value + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn a_bar_is_seen_in_the_light_and_in_the_dark() {
        for colour in StageColour::ALL {
            let light = to_hex(*colour);
            assert!(contrast(light, "#ffffff") >= 4.5, "{colour}");
            assert!(contrast(light, "#dfe3e8") >= 3.0, "{colour}");
            let dark = hex_in_the_dark(light);
            for ground in ["#22252b", "#3a3f47"] {
                let contrast = contrast(dark, ground);
                assert!(contrast >= 3.0, "{colour} on {ground}: {contrast}");
            }
        }
    }
}
