//! A folder of CSV files as a OneRoster bundle, its gradebook included.

#![no_main]

use interchange::oneroster;
use interchange::report::Refusal;
use interchange_fuzz::{folder, pieces, well_told};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let home = folder(&pieces(input));
    let Some(bundle) = well_told(oneroster::read(home.path())) else { return };
    let (mut works, mut scores) = (0, 0);
    well_told(bundle.line_items(|_| {
        works += 1;
        Ok::<_, Refusal>(())
    }));
    well_told(bundle.results(|_| {
        scores += 1;
        Ok::<_, Refusal>(())
    }));
    let kept = |file| bundle.count(file).map_or(0, |count| count.kept);
    assert_eq!((works, scores), (kept(oneroster::File::LineItems), kept(oneroster::File::Results)));
    well_told(oneroster::choose(&bundle, "School"));
});
