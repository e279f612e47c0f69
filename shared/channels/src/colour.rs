//! The colours of stages, the same in mails and on the page.

use posthorn_domain::stage::Colour;

/// Amber: laid over the stage's colour while something is late or wrong.
pub const TROUBLE: &str = "#b45309";

/// A stage's colour as CSS; white text on it, and it on white, has a contrast
/// of at least 4.5 : 1.
pub const fn hex(colour: Colour) -> &'static str {
    match colour {
        Colour::Grey => "#5b6470",
        Colour::Blue => "#1d5fbf",
        Colour::Green => "#1a7f4b",
        Colour::Orange => "#b45309",
        Colour::Teal => "#0f766e",
        Colour::DarkGrey => "#4b5563",
        Colour::Purple => "#6d3fc0",
    }
}
