#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| causeway_desktop::fuzzing::deep_link(data));
