//! The first look at a file's bytes: everything that could exhaust memory or shift lines is refused before CSV is parsed.

use std::io::{self, Chain, Cursor, Read};

use crate::report::Refusal;

/// The longest cell, in bytes.
const CELL_MAX: usize = 1 << 20;
/// The longest row, in bytes: many long cells are as heavy as one endless cell.
const ROW_MAX: usize = 4 << 20;
/// The most columns of a row.
const COLUMNS_MAX: usize = 200;
/// How much is looked at in one go.
const CHUNK: usize = 64 << 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    CellStart,
    Bare,
    Quoted,
    /// A quote inside a quoted cell: the next byte tells an escaped quote from the end.
    QuoteSeen,
}

/// A reader that passes a CSV file on with its byte-order mark gone, its line ends (outside quotes) all LF and its last
/// line ended, and that fails with a [`Refusal`] on an unclosed quote, a cell over 1 MiB, a row over 4 MiB or more than
/// 200 columns.
pub(crate) struct Guard<R> {
    inner: Chain<Cursor<Vec<u8>>, R>,
    file: String,
    separator: u8,
    raw: Vec<u8>,
    within: Within,
    after_cr: bool,
    ended: bool,
    cell: usize,
    row: usize,
    columns: usize,
    line: u64,
    quote_line: u64,
}

impl<R: Read> Guard<R> {
    /// Looks at the first bytes for a byte-order mark.
    pub(crate) fn new(inner: R, file: &str) -> io::Result<Self> {
        Self::separated(inner, file, b',')
    }

    /// The same of a file with another sign between its cells.
    pub(crate) fn separated(mut inner: R, file: &str, separator: u8) -> io::Result<Self> {
        let mut head = Vec::with_capacity(3);
        inner.by_ref().take(3).read_to_end(&mut head)?;
        if head == b"\xef\xbb\xbf" {
            head.clear();
        }
        Ok(Self {
            inner: Cursor::new(head).chain(inner),
            file: file.to_owned(),
            separator,
            raw: vec![0; CHUNK],
            within: Within::CellStart,
            after_cr: false,
            ended: true,
            cell: 0,
            row: 0,
            columns: 1,
            line: 1,
            quote_line: 1,
        })
    }

    fn refuse<T>(&self, line: u64, what: &str) -> io::Result<T> {
        let sentence = format!("{}, line {line}: {what}.", self.file);
        Err(io::Error::other(Refusal::new(sentence)))
    }

    /// What to pass on for one byte, if anything.
    fn step(&mut self, byte: u8) -> io::Result<Option<u8>> {
        let half_of_crlf = self.after_cr && byte == b'\n';
        self.after_cr = false;
        if half_of_crlf {
            return Ok(None);
        }
        if self.within == Within::Quoted {
            if byte == b'"' {
                self.within = Within::QuoteSeen;
            } else if byte == b'\n' {
                self.line += 1;
            }
            return self.grow().map(|()| Some(byte));
        }
        match byte {
            b'\r' | b'\n' => {
                self.after_cr = byte == b'\r';
                self.end_row();
                Ok(Some(b'\n'))
            }
            _ if byte == self.separator => self.next_cell().map(|()| Some(byte)),
            _ => {
                self.enter(byte);
                self.grow().map(|()| Some(byte))
            }
        }
    }

    fn enter(&mut self, byte: u8) {
        self.within = match (self.within, byte) {
            (Within::CellStart, b'"') => {
                self.quote_line = self.line;
                Within::Quoted
            }
            (Within::QuoteSeen, b'"') => Within::Quoted,
            _ => Within::Bare,
        };
    }

    fn grow(&mut self) -> io::Result<()> {
        self.ended = false;
        self.cell += 1;
        self.row += 1;
        if self.cell <= CELL_MAX && self.row <= ROW_MAX {
            return Ok(());
        }
        if self.within == Within::Quoted || self.within == Within::QuoteSeen {
            let what =
                "a quoted cell that begins here is longer than 1 MiB or its quote is never closed; close the quote";
            return self.refuse(self.quote_line, what);
        }
        self.refuse(self.line, "a cell is longer than 1 MiB or the row longer than 4 MiB; shorten it")
    }

    fn next_cell(&mut self) -> io::Result<()> {
        self.within = Within::CellStart;
        self.ended = false;
        self.cell = 0;
        self.row += 1;
        self.columns += 1;
        if self.columns > COLUMNS_MAX {
            return self.refuse(self.line, "the row has more than 200 columns; leave out those that are not read");
        }
        Ok(())
    }

    fn end_row(&mut self) {
        self.within = Within::CellStart;
        self.ended = true;
        self.cell = 0;
        self.row = 0;
        self.columns = 1;
        self.line += 1;
    }

    /// Ends the last line, so that the line a row begins on can be counted back from the line it ends on.
    fn finish(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.within == Within::Quoted {
            return self.refuse(self.quote_line, "a quoted cell that begins here never ends; close the quote");
        }
        if self.ended {
            return Ok(0);
        }
        self.end_row();
        Ok(out.first_mut().map_or(0, |slot| {
            *slot = b'\n';
            1
        }))
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let mut raw = std::mem::take(&mut self.raw);
            let room = out.len().min(raw.len());
            let got = self.inner.read(raw.get_mut(..room).unwrap_or_default());
            let passed = got.and_then(|count| {
                if count == 0 {
                    return self.finish(out).map(|last| (last, true));
                }
                let mut slots = out.iter_mut();
                let mut passed = 0;
                for &byte in raw.iter().take(count) {
                    if let Some(keep) = self.step(byte)?
                        && let Some(slot) = slots.next()
                    {
                        *slot = keep;
                        passed += 1;
                    }
                }
                Ok((passed, false))
            });
            self.raw = raw;
            match passed? {
                // A chunk may hold nothing but the second half of a line end; zero would mean the end of the file.
                (0, false) => {}
                (count, _) => return Ok(count),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn pass(bytes: &[u8]) -> Result<String, String> {
        let mut text = String::new();
        let mut guard = Guard::new(bytes, "users.csv").unwrap();
        match guard.read_to_string(&mut text) {
            Ok(_) => Ok(text),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn line_ends_become_one_kind_and_the_mark_is_gone() {
        assert_eq!(pass(b"\xef\xbb\xbfa,b\r\n1,2\r3,4\n5,6").unwrap(), "a,b\n1,2\n3,4\n5,6\n");
        assert_eq!(pass(b"a\n\"x\r\ny\"\r\n").unwrap(), "a\n\"x\r\ny\"\n");
        assert_eq!(pass(b"").unwrap(), "");
        assert_eq!(pass(b"\xef\xbb\xbf").unwrap(), "");
    }

    #[test]
    fn an_unclosed_quote_is_refused_with_the_line_it_opens_on() {
        let told = pass(b"a,b\n1,2\n3,\"four\n5,6\n").unwrap_err();
        assert_eq!(told, "users.csv, line 3: a quoted cell that begins here never ends; close the quote.");
        assert!(pass(b"a\n\"say \"\"hi\"\"\"\n").is_ok());
        assert!(pass(b"a\n5\" pipe\n").is_ok());
    }

    #[test]
    fn endless_cells_rows_and_columns_are_refused() {
        let long = |length: usize| [b"a\n".as_slice(), &vec![b'x'; length]].concat();
        assert!(pass(&long(CELL_MAX)).is_ok());
        assert!(pass(&long(CELL_MAX + 1)).unwrap_err().contains("1 MiB"));
        assert!(pass(&[b"a\n\"".as_slice(), &vec![b'x'; CELL_MAX + 1]].concat()).unwrap_err().contains("line 2"));
        assert!(pass(&[b','; COLUMNS_MAX - 1]).is_ok());
        assert!(pass(&[b','; COLUMNS_MAX]).unwrap_err().contains("200 columns"));
        let row = [vec![b'x'; 1 << 20], vec![b',']].concat().repeat(5);
        assert!(pass(&row).unwrap_err().contains("4 MiB"));
    }
}
