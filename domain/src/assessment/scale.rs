//! A scale: the symbols a result can be, from the worst to the best, and how a number becomes one of them.

use num_traits::Zero;
use serde::{Deserialize, Serialize};

use super::exact::{Decimal, Exact, hundredths, whole};
use crate::error::Flaw;
use crate::types::Names;

/// The symbols of results and the rules of their borders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scale {
    /// From the worst to the best; two at least.
    pub symbols: Vec<Symbol>,
    pub direction: Direction,
    /// The worst symbol that passes.
    pub pass: String,
    /// From which percent each symbol is given, the worst one from 0; empty where nothing is counted in percent.
    #[serde(default)]
    pub bands: Vec<Band>,
    /// The finest step of a number that may stand where a symbol stands: with 0.5, «4.5» is a number between «4» and «5».
    pub step: Decimal,
    /// How a mean of numbers becomes a symbol.
    pub rounding: Rounding,
    /// Texts that stand for no result at all, for example «н/а»; whatever else is no number makes a mean unknown.
    #[serde(default)]
    pub no_value: Vec<String>,
}

/// One result there can be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Symbol {
    pub symbol: String,
    /// What it counts in a mean.
    pub number: Decimal,
    /// What families read where the symbol is a word; each of these texts is read as the symbol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Names>,
}

/// From this percent on the symbol is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub from: Decimal,
    pub symbol: String,
}

/// Whether a greater number is better (`up`: 5 is best) or worse (`down`: 1 is best).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    Up,
    Down,
}

/// `half-up`: the nearest one, a half goes to the better side. `none`: the best one that was wholly reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    HalfUp,
    None,
}

/// What a text on a scale is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    Number(Exact),
    NoValue,
    Unknown,
}

/// The most symbols, bands or texts without a value; 0 to 100 % are 101.
const MOST: usize = 200;

impl Symbol {
    /// Whether `text` is this symbol, as it is or in words.
    pub fn is(&self, text: &str) -> bool {
        let same = |own: &str| own == text || own.to_lowercase() == text.to_lowercase();
        same(&self.symbol) || self.names.iter().flat_map(|names| names.0.values()).any(|name| same(name))
    }
}

impl Scale {
    /// The symbol a text stands for.
    pub fn find(&self, text: &str) -> Option<&Symbol> {
        let text = text.trim();
        self.symbols.iter().find(|symbol| symbol.is(text))
    }

    /// The number behind a text: a symbol's, or a number of the scale's step between the worst and the best.
    pub fn read(&self, text: &str) -> Reading {
        let text = text.trim();
        if let Some(symbol) = self.find(text) {
            return Reading::Number(symbol.number.exact());
        }
        if self.no_value.iter().any(|none| none.to_lowercase() == text.to_lowercase()) {
            return Reading::NoValue;
        }
        match super::decimal(text) {
            Some(number) if self.holds(number) => Reading::Number(hundredths(number)),
            _ => Reading::Unknown,
        }
    }

    /// Whether this number of hundredths may stand on the scale.
    pub fn holds(&self, number: i64) -> bool {
        let ends = [self.symbols.first(), self.symbols.last()].map(|end| end.map_or(0, |symbol| symbol.number.0));
        let [low, high] = [ends[0].min(ends[1]), ends[0].max(ends[1])];
        (low..=high).contains(&number) && number.checked_rem(self.step.0) == Some(0)
    }

    /// The symbol given at a percent.
    pub fn at_percent(&self, percent: &Exact) -> Option<&Symbol> {
        let band = self.bands.iter().rev().find(|band| band.from.exact() <= *percent)?;
        self.symbols.iter().find(|symbol| symbol.symbol == band.symbol)
    }

    /// The symbol of a mean of numbers.
    pub fn nearest(&self, mean: &Exact) -> Option<&Symbol> {
        let merit = self.merit(mean);
        let reached = (1..self.symbols.len()).rev().find(|place| self.border(*place).is_some_and(|at| at <= merit));
        self.symbols.get(reached.unwrap_or(0))
    }

    /// Whether a number is a pass.
    pub fn passes(&self, number: &Exact) -> bool {
        let pass = self.symbols.iter().find(|symbol| symbol.symbol == self.pass);
        pass.is_some_and(|pass| self.merit(&pass.number.exact()) <= self.merit(number))
    }

    /// The number, turned so that more is better.
    fn merit(&self, number: &Exact) -> Exact {
        match self.direction {
            Direction::Up => number.clone(),
            Direction::Down => -number,
        }
    }

    /// From which merit on the symbol at `place` is given.
    fn border(&self, place: usize) -> Option<Exact> {
        let at = |place: usize| self.symbols.get(place).map(|symbol| self.merit(&symbol.number.exact()));
        match self.rounding {
            Rounding::None => at(place),
            Rounding::HalfUp => Some((at(place)? + at(place.checked_sub(1)?)?) / whole(2)),
        }
    }

    /// What is wrong with the scale, with pointers from the scheme.
    pub(super) fn flaws(&self) -> Vec<Flaw> {
        if [self.symbols.len(), self.bands.len(), self.no_value.len()].into_iter().any(|length| length > MOST) {
            return vec![Flaw::new("/scale", "too-many", "A scale has 200 symbols at most.")];
        }
        let mut flaws = Vec::new();
        let mut wrong = |pointer: String, code, detail: String| flaws.push(Flaw::new(pointer, code, detail));
        if self.symbols.len() < 2 {
            wrong("/scale/symbols".to_owned(), "too-few", "A scale has two symbols at least.".to_owned());
        }
        for (place, pair) in self.symbols.windows(2).enumerate() {
            let [worse, better] = pair else { continue };
            let pointer = format!("/scale/symbols/{}/number", place + 1);
            if self.merit(&better.number.exact()) <= self.merit(&worse.number.exact()) {
                let detail = "Symbols stand from the worst to the best, each with a better number than the one before.";
                wrong(pointer, "order", detail.to_owned());
            }
        }
        for (place, symbol) in self.symbols.iter().enumerate() {
            let texts = || symbol.names.iter().flat_map(|names| names.0.values()).chain([&symbol.symbol]);
            if texts().any(|text| text.trim().is_empty()) {
                wrong(format!("/scale/symbols/{place}/symbol"), "required", "A symbol is not empty.".to_owned());
            }
            let others = self.symbols.iter().skip(place + 1);
            if others.clone().any(|other| texts().any(|text| other.is(text)))
                || self.no_value.iter().any(|none| symbol.is(none))
            {
                let detail = format!("{:?} stands for two things.", symbol.symbol);
                wrong(format!("/scale/symbols/{place}/symbol"), "duplicate", detail);
            }
        }
        if !self.symbols.iter().any(|symbol| symbol.symbol == self.pass) {
            wrong("/scale/pass".to_owned(), "unknown-reference", format!("{:?} is no symbol of the scale.", self.pass));
        }
        if self.step.exact().is_zero() {
            wrong("/scale/step".to_owned(), "range", "A step is more than 0.".to_owned());
        }
        flaws.extend(self.flaws_of_bands());
        flaws
    }

    fn flaws_of_bands(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let place_of = |text: &str| self.symbols.iter().position(|symbol| symbol.symbol == text);
        for (place, band) in self.bands.iter().enumerate() {
            let before = place.checked_sub(1).and_then(|before| self.bands.get(before));
            let Some(of) = place_of(&band.symbol) else {
                let detail = format!("{:?} is no symbol of the scale.", band.symbol);
                flaws.push(Flaw::new(format!("/scale/bands/{place}/symbol"), "unknown-reference", detail));
                continue;
            };
            let rises = before.is_none_or(|before| before.from < band.from && place_of(&before.symbol) < Some(of));
            let starts = before.is_some() || (band.from == Decimal(0) && of == 0);
            if !rises || !starts || band.from > Decimal::whole(100) {
                let detail = "Bands begin with the worst symbol at 0 and rise with the symbols, to 100 at most.";
                flaws.push(Flaw::new(format!("/scale/bands/{place}/from"), "order", detail));
            }
        }
        flaws
    }
}
