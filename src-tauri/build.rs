fn main() {
    // A missing bundle breaks compiling; the real one is made by `npm run build` in ui/.
    if !std::path::Path::new("ui/dist").exists() {
        std::fs::create_dir_all("ui/dist").expect("ui/dist can be created");
        std::fs::write(
            "ui/dist/index.html",
            "<!doctype html><title>Causeway</title>",
        )
        .expect("ui/dist/index.html can be written");
    }
    let attributes =
        tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*");
    tauri_build::try_build(attributes).expect("tauri.conf.json is valid");
}
