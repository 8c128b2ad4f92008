//! `apta template`: the workbook a school fills in.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use domain::types::{Language, Word};
use interchange::workbook;

use super::output;

#[derive(Args)]
pub struct Template {
    /// The language of headings, instructions and drop-down lists.
    #[arg(long, value_enum)]
    lang: Tongue,
    /// Write this file; by default apta-kk.xlsx, apta-ru.xlsx or apta-en.xlsx. A file that is there stays as it is.
    #[arg(long, value_name = "FILE.xlsx")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Tongue {
    Kk,
    Ru,
    En,
}

impl Template {
    pub fn run(self) -> anyhow::Result<()> {
        let language = match self.lang {
            Tongue::Kk => Language::Kk,
            Tongue::Ru => Language::Ru,
            Tongue::En => Language::En,
        };
        let path = self.out.unwrap_or_else(|| format!("apta-{}.xlsx", language.as_str()).into());
        let bytes = workbook::template(language).context("the template cannot be made")?;
        let written = File::create_new(&path).and_then(|mut file| file.write_all(&bytes));
        written.with_context(|| format!("{} cannot be written", path.display()))?;
        output::line(path.display())
    }
}
