//! Letters: the Kazakh alphabetical order, and look-alikes of other alphabets, computed here because no two databases agree.

use unicode_normalization::UnicodeNormalization;

/// The Kazakh Cyrillic alphabet in its order; Russian letters have their places in it.
const ALPHABET: &str = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя";

/// Latin letters people type for Cyrillic ones, in capitals.
const LOOK_ALIKES: &[(char, char)] = &[
    ('A', 'А'),
    ('B', 'В'),
    ('C', 'С'),
    ('E', 'Е'),
    ('H', 'Н'),
    ('I', 'І'),
    ('K', 'К'),
    ('M', 'М'),
    ('O', 'О'),
    ('P', 'Р'),
    ('T', 'Т'),
    ('X', 'Х'),
    ('Y', 'У'),
    ('Ə', 'Ә'),
    ('Ө', 'Ө'),
];

/// The form class names are compared in: NFC, capitals, no spaces or quotes, look-alikes folded. "7 A" and «7А» are one class.
pub fn match_key(name: &str) -> String {
    let kept = name.nfc().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase);
    kept.map(|c| LOOK_ALIKES.iter().find(|(latin, _)| *latin == c).map_or(c, |(_, cyrillic)| *cyrillic)).collect()
}

/// A key whose byte order is the Kazakh alphabetical order; numbers in a name sort by value.
pub fn sort_key(name: &str) -> String {
    let mut key = String::new();
    let mut digits = String::new();
    for c in name.nfc().flat_map(char::to_lowercase) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        flush(&mut key, &mut digits);
        match ALPHABET.chars().position(|letter| letter == c) {
            // The private-use area sorts after Latin and keeps the alphabet's order.
            Some(place) => key.extend(u32::try_from(place).ok().and_then(|place| char::from_u32(0xE000 + place))),
            None => key.push(c),
        }
    }
    flush(&mut key, &mut digits);
    key
}

fn flush(key: &mut String, digits: &mut String) {
    if !digits.is_empty() {
        key.extend(std::iter::repeat_n('0', 6_usize.saturating_sub(digits.len())));
        key.push_str(digits);
        digits.clear();
    }
}

/// Whether a character cannot be seen, or turns the text around it: nobody has one in a name, and a login with one looks
/// like another login.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_told_from_letters() {
        assert!("\n\u{7f}\u{202e}\u{2066}\u{200b}\u{feff}".chars().all(is_hidden));
        assert!(!"Ғалия О’Нил-Әсем محمد".chars().any(is_hidden));
    }

    #[test]
    fn a_class_is_the_same_in_latin_and_cyrillic_capitals() {
        assert_eq!(match_key("7 A"), match_key("7А"));
        assert_eq!(match_key("10 «Ə»"), match_key("10ә"));
        assert_ne!(match_key("7 А"), match_key("7 Ә"));
    }

    #[test]
    fn classes_sort_by_level_and_then_by_the_kazakh_alphabet() {
        let mut classes = vec!["10 А", "7 Б", "7 Ә", "7 А", "11 Ғ", "7 Г"];
        classes.sort_by_key(|name| sort_key(name));
        assert_eq!(classes, ["7 А", "7 Ә", "7 Б", "7 Г", "10 А", "11 Ғ"]);
        let mut names = vec!["Құралай", "Инна", "Камила", "Ірина", "Әсел", "Аян"];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["Аян", "Әсел", "Инна", "Камила", "Құралай", "Ірина"]);
    }
}
