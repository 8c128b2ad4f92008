//! The first look at the XML of a workbook: everything that could exhaust memory is refused before it is parsed.

/// The most text of one cell or one string, in bytes.
const TEXT_MAX: usize = 4 << 20;
/// The longest tag or comment, in bytes.
const MARKUP_MAX: usize = 1 << 20;
/// How deep elements nest; Excel stays below 30.
const DEPTH_MAX: usize = 128;
/// The most strings that cells share, and the most bytes of a part that holds them.
const STRINGS_MAX: usize = 1_000_000;
const STRINGS_SIZE_MAX: usize = 48 << 20;
/// The most bytes of a part that lists sheets, styles or references.
const LIST_SIZE_MAX: usize = 16 << 20;
/// The most bytes of any part.
const PART_MAX: usize = 768 << 20;
const PART_TOO_LARGE: Excess = "has a sheet larger than 768 MiB";
/// The most merged ranges of a sheet.
const MERGES_MAX: usize = 50_000;
/// No element that counts has a longer name.
const NAME_MAX: usize = 16;

/// What is too much, as the end of a sentence about the workbook.
pub(crate) type Excess = &'static str;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Text,
    /// Between `<` and the first letters that tell what it is.
    Opening,
    /// The name of an element, its attributes, an attribute's value.
    Name,
    Attributes,
    Quoted(u8),
    Comment,
    Instruction,
    Cdata,
}

/// Looks at one part of a workbook, byte by byte, and holds nothing but counts.
#[derive(Debug)]
pub(crate) struct Scan {
    within: Within,
    /// The last bytes of the markup at hand, newest last.
    tail: [u8; 8],
    name: Vec<u8>,
    markup: usize,
    text: usize,
    total: usize,
    depth: usize,
    strings: usize,
    merges: usize,
    lists: bool,
}

impl Scan {
    pub(crate) fn new() -> Self {
        Self {
            within: Within::Text,
            tail: [0; 8],
            name: Vec::with_capacity(NAME_MAX),
            markup: 0,
            text: 0,
            total: 0,
            depth: 0,
            strings: 0,
            merges: 0,
            lists: false,
        }
    }

    /// Whether a part that says it is so long may be read at all.
    pub(crate) fn fits(declared: u64) -> Result<(), Excess> {
        if usize::try_from(declared).is_ok_and(|size| size <= PART_MAX) { Ok(()) } else { Err(PART_TOO_LARGE) }
    }

    pub(crate) fn look(&mut self, bytes: &[u8]) -> Result<(), Excess> {
        bytes.iter().try_for_each(|byte| self.step(*byte))
    }

    fn step(&mut self, byte: u8) -> Result<(), Excess> {
        self.total += 1;
        if byte == 0 {
            return Err("holds text that is not UTF-8");
        }
        if self.total > PART_MAX {
            return Err(PART_TOO_LARGE);
        }
        if self.within == Within::Text {
            if byte == b'<' {
                (self.within, self.markup, self.tail) = (Within::Opening, 0, [0; 8]);
                self.name.clear();
                return Ok(());
            }
            return self.read_text();
        }
        self.markup += 1;
        self.tail.rotate_left(1);
        if let Some(last) = self.tail.last_mut() {
            *last = byte;
        }
        if self.within == Within::Cdata {
            self.read_text()?;
        } else if self.markup > MARKUP_MAX {
            return Err("holds a tag longer than 1 MiB");
        }
        match self.within {
            Within::Opening => return self.open(byte),
            Within::Name => return self.read_name(byte),
            Within::Attributes => return self.read_attributes(byte),
            Within::Quoted(quote) if byte == quote => self.within = Within::Attributes,
            Within::Comment => self.until(b"-->"),
            Within::Instruction => self.until(b"?>"),
            Within::Cdata => self.until(b"]]>"),
            Within::Quoted(_) | Within::Text => {}
        }
        Ok(())
    }

    fn read_text(&mut self) -> Result<(), Excess> {
        self.text += 1;
        if self.text > TEXT_MAX { Err("holds a cell longer than 4 MiB") } else { Ok(()) }
    }

    fn until(&mut self, end: &[u8]) {
        // `<!-->` is no whole comment yet.
        if self.tail.ends_with(end) && self.markup > end.len() + 1 {
            self.within = Within::Text;
        }
    }

    fn open(&mut self, byte: u8) -> Result<(), Excess> {
        match self.markup {
            1 if byte == b'?' => self.within = Within::Instruction,
            1 if byte == b'!' => {}
            1 => {
                self.within = Within::Name;
                return self.read_name(byte);
            }
            3 if self.tail.ends_with(b"!--") => self.within = Within::Comment,
            8 if self.tail == *b"![CDATA[" => self.within = Within::Cdata,
            2.. if !b"!--".starts_with(self.begun()) && !b"![CDATA[".starts_with(self.begun()) => {
                return Err("declares a document type, which no spreadsheet does");
            }
            _ => {}
        }
        Ok(())
    }

    /// The markup so far, while it is not longer than the tail.
    fn begun(&self) -> &[u8] {
        let from = self.tail.len().saturating_sub(self.markup);
        self.tail.get(from..).unwrap_or_default()
    }

    fn read_name(&mut self, byte: u8) -> Result<(), Excess> {
        match byte {
            b'>' => self.end_tag(),
            b' ' | b'\t' | b'\r' | b'\n' => {
                self.within = Within::Attributes;
                Ok(())
            }
            // The prefix of a namespace says nothing.
            b':' => {
                self.name.clear();
                Ok(())
            }
            b'/' if self.markup == 1 => {
                self.depth = self.depth.saturating_sub(1);
                self.within = Within::Attributes;
                Ok(())
            }
            _ => {
                if self.name.len() < NAME_MAX && byte != b'/' {
                    self.name.push(byte);
                }
                Ok(())
            }
        }
    }

    fn read_attributes(&mut self, byte: u8) -> Result<(), Excess> {
        match byte {
            b'>' => return self.end_tag(),
            b'"' | b'\'' => self.within = Within::Quoted(byte),
            _ => {}
        }
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), Excess> {
        self.within = Within::Text;
        if self.name.is_empty() {
            return Ok(());
        }
        if !self.tail.ends_with(b"/>") {
            self.depth += 1;
        }
        match self.name.as_slice() {
            b"c" | b"row" => self.text = 0,
            b"si" => (self.text, self.strings) = (0, self.strings + 1),
            b"mergeCell" => self.merges += 1,
            b"sheet" | b"definedName" | b"Relationship" | b"numFmt" | b"xf" => self.lists = true,
            _ => {}
        }
        if self.depth > DEPTH_MAX {
            Err("nests its elements deeper than any spreadsheet does")
        } else if self.strings > STRINGS_MAX || self.strings > 0 && self.total > STRINGS_SIZE_MAX {
            Err("holds more different texts than one import takes")
        } else if self.merges > MERGES_MAX {
            Err("has a sheet with more than 50,000 merged ranges")
        } else if self.lists && self.total > LIST_SIZE_MAX {
            Err("lists more sheets, styles or references than any school has")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(text: &[u8]) -> Result<(), Excess> {
        let whole = Scan::new().look(text);
        let mut by_bytes = Scan::new();
        let apart = text.chunks(3).try_for_each(|bytes| by_bytes.look(bytes));
        assert_eq!(whole, apart);
        whole
    }

    #[test]
    fn an_ordinary_part_passes() {
        let part = br#"<?xml version="1.0"?><!-- a > b --><x:worksheet a="1>2"><sheetData><row r="1"><c r="A1" t='s'><v>0</v></c>
            <c r="B1"/></row></sheetData><a><![CDATA[<b>]]></a></x:worksheet>"#;
        let mut scan = Scan::new();
        scan.look(part).unwrap();
        assert_eq!((scan.depth, scan.within), (0, Within::Text));
    }

    #[test]
    fn entities_and_endless_things_are_refused() {
        let bomb = b"<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\">]><sst/>";
        assert!(scanned(bomb).unwrap_err().contains("document type"));
        assert!(scanned(&b"<a>".repeat(DEPTH_MAX + 1)).unwrap_err().contains("deeper"));
        assert!(scanned(&b"<a></a>".repeat(1000)).is_ok());
        let long = |inside: &[u8]| [b"<c>".as_slice(), inside].concat();
        assert!(scanned(&long(&vec![b'x'; TEXT_MAX])).is_ok());
        assert!(scanned(&long(&vec![b'x'; TEXT_MAX + 1])).unwrap_err().contains("4 MiB"));
        let runs = b"<r><t>xxxxxxxxxxxxxxxx</t></r>".repeat(TEXT_MAX / 16 + 1);
        assert!(scanned(&long(&runs)).unwrap_err().contains("4 MiB"));
        assert!(scanned(&[b"<a b=\"".as_slice(), &vec![b'>'; MARKUP_MAX + 1]].concat()).unwrap_err().contains("tag"));
        assert!(scanned(&b"<mergeCell ref=\"A1:B2\"/>".repeat(MERGES_MAX + 1)).unwrap_err().contains("merged"));
    }

    #[test]
    fn many_strings_are_refused() {
        let mut scan = Scan::new();
        let chunk = b"<si/>".repeat(10_000);
        let told = (0..=STRINGS_MAX / 10_000).try_for_each(|_| scan.look(&chunk));
        assert!(told.unwrap_err().contains("different texts"));
    }
}
