//! What a command prints on standard output, where a reader who has seen enough is no failure.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stdout};

use interchange::report::{Refusal, Report};

/// Prints text as it is. `apta school list | head -1` closes the pipe after its line: the rest is dropped quietly.
pub fn text(text: impl Display) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints a line.
pub fn line(text: impl Display) -> anyhow::Result<()> {
    self::text(format_args!("{text}\n"))
}

/// Prints a report for a program or for a person.
pub fn report(report: &Report, json: bool) -> anyhow::Result<()> {
    if json { line(report.json()?) } else { text(report.table()) }
}

/// Where JSON is asked for, a failure is printed as the report of something refused; standard error names it in any case.
pub fn told<T>(done: anyhow::Result<T>, json: bool) -> anyhow::Result<T> {
    if let (Err(error), true) = (&done, json) {
        line(Report::refused(&Refusal::new(format!("{error:#}"))).json()?)?;
    }
    done
}
