//! Check digits: what a carrier computes from a number's other characters.

/// How a check digit comes about.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// There is none.
    None,
    /// The character at `at` follows from those of `from..at`, counted from 0.
    Digit {
        /// First character of the body.
        from: usize,
        /// The check digit, right behind the body.
        at: usize,
        /// The rule.
        rule: Rule,
    },
}

/// The rules by which carriers compute a check digit.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// The digit that lifts a weighted sum to the next ten. A letter counts as
    /// its ASCII code less three, modulo ten.
    Mod10 {
        /// Weight of the body's first, third, … character.
        odd: u32,
        /// Weight of the body's second, fourth, … character.
        even: u32,
        /// What characters that are left away on the label add to the sum.
        plus: u32,
    },
    /// The weighted sum modulo eleven, and of that the last digit. The weights
    /// are repeated.
    Mod11Mod10(&'static [u32]),
    /// The postal one: weights 8 6 4 2 3 5 9 7, what is missing to eleven, with
    /// 0 for ten and 5 for eleven (UPU S10).
    S10,
    /// The body as one number, modulo seven.
    Mod7,
    /// The one of payment cards (ISO/IEC 7812-1).
    Luhn,
    /// The hybrid one over digits and capital letters (ISO/IEC 7064, MOD 37,36).
    Mod37Mod36,
}

impl Check {
    /// Whether the check digit of `text` agrees; none if there is none.
    pub(super) fn check_digit_agrees(self, text: &[u8]) -> Option<bool> {
        match self {
            Self::None => None,
            Self::Digit { from, at, rule } => {
                let (body, stated) = (text.get(from..at)?, *text.get(at)?);
                Some(rule.check_character(body) == stated)
            }
        }
    }
}

impl Rule {
    /// The check character of `body`.
    pub fn check_character(self, body: &[u8]) -> u8 {
        match self {
            Self::Mod10 { odd, even, plus } => {
                let pairs = body.chunks(2);
                let sum = pairs.fold(plus, |sum, pair| {
                    let second = pair.get(1).map_or(0, |byte| byte_value(*byte) * even);
                    sum + byte_value(pair[0]) * odd + second
                });
                digit_byte((10 - sum % 10) % 10)
            }
            Self::Mod11Mod10(weights) => {
                let sum = weighted_sum(body, weights.iter().copied().cycle());
                digit_byte(sum % 11 % 10)
            }
            Self::S10 => {
                let sum = weighted_sum(body, [8, 6, 4, 2, 3, 5, 9, 7]);
                digit_byte(match 11 - sum % 11 {
                    10 => 0,
                    11 => 5,
                    rest => rest,
                })
            }
            Self::Mod7 => digit_byte(
                body.iter()
                    .fold(0, |rest, byte| (rest * 10 + byte_value(*byte)) % 7),
            ),
            Self::Luhn => {
                let digits = body.iter().rev().enumerate();
                let sum: u32 = digits
                    .map(|(index, byte)| match (index % 2, byte_value(*byte)) {
                        (0, value) if value > 4 => value * 2 - 9,
                        (0, value) => value * 2,
                        (_, value) => value,
                    })
                    .sum();
                digit_byte((10 - sum % 10) % 10)
            }
            Self::Mod37Mod36 => {
                let product = body.iter().fold(36, |product, byte| {
                    let sum = (product + byte_place(*byte)) % 36;
                    (if sum == 0 { 36 } else { sum }) * 2 % 37
                });
                character((37 - product) % 36)
            }
        }
    }
}

fn weighted_sum(body: &[u8], weights: impl IntoIterator<Item = u32>) -> u32 {
    let pairs = body.iter().zip(weights);
    pairs.map(|(byte, weight)| byte_value(*byte) * weight).sum()
}

fn byte_value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte - 3) % 10,
    }
}

/// The place of a character among the digits and then the letters.
fn byte_place(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte.saturating_sub(b'A')) + 10,
    }
}

fn digit_byte(value: u32) -> u8 {
    b'0' + u8::try_from(value % 10).unwrap_or_default()
}

fn character(place: u32) -> u8 {
    match u8::try_from(place).unwrap_or_default() {
        place @ 0..=9 => b'0' + place,
        place => b'A' + place - 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: Rule, body: &str, expected: u8) {
        assert_eq!(
            char::from(rule.check_character(body.as_bytes())),
            char::from(expected),
            "{body}"
        );
    }

    #[test]
    fn each_rule_gives_the_character_that_its_standard_gives() {
        // The example of UPU S10, and the two remainders that are no digit.
        check(Rule::S10, "47312482", b'9');
        check(Rule::S10, "12345678", b'5');
        check(Rule::S10, "00000000", b'5');
        // The example of the GS1 General Specifications for an SSCC.
        check(
            Rule::Mod10 {
                odd: 3,
                even: 1,
                plus: 0,
            },
            "10614141123456789",
            b'7',
        );
        check(Rule::Luhn, "7992739871", b'3');
        // The example of DPD's Shipment Label Specification.
        check(Rule::Mod37Mod36, "008182709980000020033350276", b'C');
        check(Rule::Mod7, "331881002", b'5');
        check(Rule::Mod11Mod10(&[3, 1, 7]), "98657878885", b'5');
    }

    #[test]
    fn a_body_of_anything_gives_a_character() {
        for rule in [
            Rule::S10,
            Rule::Mod7,
            Rule::Luhn,
            Rule::Mod37Mod36,
            Rule::Mod10 {
                odd: 1,
                even: 2,
                plus: 4,
            },
            Rule::Mod11Mod10(&[3, 1, 7]),
        ] {
            for body in ["", "Z", "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ"] {
                assert!(
                    rule.check_character(body.as_bytes())
                        .is_ascii_alphanumeric()
                );
            }
        }
    }
}
