#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| causeway_connectors::fuzzing::run("webex_html", data));
